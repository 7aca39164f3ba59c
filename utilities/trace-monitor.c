/* SPDX-License-Identifier: Apache-2.0 */

/* The command monitor: prints records as they end.
 *
 * A terminal gets no more than people can read, and what it is too slow for is
 * skipped, so that what is on it is what happens now.  Anything else gets all:
 * as long as it takes nothing, nothing is read from the daemon, which keeps
 * the records as long as its history has room, and tells of those that are
 * gone by then. */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "base/json-writer.h"
#include "base/printable.h"
#include "file/follow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-follow.h"
#include "trace-json.h"
#include "trace-output.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-text.h"
#include "util.h"

/* Records a second that people can follow on a terminal. */
#define TERMINAL_RATE 30

/* Over which time a rate is looked at, in ms. */
#define WINDOW 1000

/* Records that are looked at before other work gets its turn. */
#define RECORDS_PER_RUN 2000

/* When it is said that no trace is running, in ms after the start. */
#define HINT_TIME 1000

struct monitor {
    const struct monitor_options *options;
    bool json;
    bool color;
    struct follow *follow;
    struct output out;
    bool in_trace;              /* Has one begun, and not ended? */
    long long int hint;         /* When to say that there is none, LLONG_MAX
                                 * for never; time_msec(). */

    /* The window. */
    uint64_t rate;              /* Records in one, 0 for no limit. */
    long long int window_end;   /* time_msec(). */
    uint64_t n;                 /* Printed in this one. */
    uint64_t n_skipped;         /* Not printed and not told of. */
    uint64_t n_damaged;         /* Records that make no sense, of all. */
};

/* Notes: what is printed beside records. */

/* Appends that 'n' records are missing, an event 'what': before the record
 * 'next', or if that is 0 because they were skipped here. */
static void
put_missing(struct monitor *m, const char *what, uint64_t n, uint64_t next)
{
    struct ds *ds = &m->out.ds;

    if (m->json) {
        ds_put_format(ds, "{\"event\":\"%s\",\"records\":%"PRIu64, what, n);
        if (next) {
            ds_put_format(ds, ",\"next\":%"PRIu64, next);
        }
        ds_put_cstr(ds, "}\n");
    } else if (next) {
        trace_text_put_missed(ds, n);
    } else {
        ds_put_format(ds, "-- %"PRIu64" %s skipped\n", n,
                      n == 1 ? "record was" : "records were");
    }
}

static void
put_skipped(struct monitor *m)
{
    if (m->n_skipped) {
        put_missing(m, "skipped", m->n_skipped, 0);
        m->n_skipped = 0;
    }
}

/* Appends 'before' and the string 'name' of 'json', if it is there. */
static void
put_string(struct ds *ds, const char *before, const struct json *json,
           const char *name)
{
    const struct json *s = trace_json_get(json, name, JSON_STRING);

    if (s) {
        ds_put_cstr(ds, before);
        printable_put_string(ds, json_string(s));
    }
}

/* Appends 'before', the number 'name' of 'json', and 'behind', if it is
 * there. */
static void
put_number(struct ds *ds, const char *before, const struct json *json,
           const char *name, const char *behind)
{
    const struct json *n = trace_json_get(json, name, JSON_INTEGER);

    if (n) {
        ds_put_format(ds, "%s%"PRId64"%s", before, (int64_t) json_integer(n),
                      behind);
    }
}

/* Appends that a trace begins, or has ended, of which 'text' is the first or
 * last line. */
static void
put_bound(struct monitor *m, const char *text, bool begins)
{
    struct ds *ds = &m->out.ds;
    struct json *json;

    if (m->json) {
        ds_put_format(ds, "%s\n", text);
        return;
    }
    json = json_from_string(text);
    if (begins) {
        ds_put_cstr(ds, "-- a trace");
        put_number(ds, " of process ",
                   trace_json_get(json, "target", JSON_OBJECT), "pid", "");
        put_string(ds, ", Open vSwitch ", json, "openvswitch");
        put_string(ds, ", kernel ", json, "kernel");
    } else {
        ds_put_cstr(ds, "-- the trace has ended");
        if (trace_json_get(json, "stopped", JSON_STRING)) {
            put_string(ds, " (", json, "stopped");
            ds_put_char(ds, ')');
        }
        put_number(ds, ": ", json, "delivered", " upcalls recorded");
        put_number(ds, ", ", json, "dropped", " dropped");
    }
    ds_put_char(ds, '\n');
    json_destroy(json);
}

/* Records. */

/* Returns true if the record of 'item' is one that is to be shown. */
static bool
is_chosen(struct monitor *m, const struct follow_item *item,
          const struct record_context *context)
{
    struct upcall u;
    struct pass p;
    char *error = NULL;
    bool ok = (record_is_pass(item->record)
               ? pass_parse(item->record, item->size, &p, &error)
               : upcall_parse(item->record, item->size, &u, &error));

    m->n_damaged += !ok;
    free(error);
    return ok && selection_has(&m->options->selection, item->record,
                               context->ports);
}

static void
put_record(struct monitor *m, const struct follow_item *item,
           const struct record_context *context)
{
    enum trace_text form = (m->options->tree ? TRACE_TEXT_PARAGRAPHS
                            : m->options->events ? TRACE_TEXT_EVENTS
                            : TRACE_TEXT_LINES);
    char *error;

    if (m->json) {
        struct json_writer w;

        json_writer_init(&w, &m->out.ds);
        error = record_show_json(&w, item->record, item->size, item->seq,
                                 context);
        ds_put_cstr(&m->out.ds, error ? "" : "\n");
    } else {
        error = trace_text_put(&m->out.ds, item->record, item->size, form,
                               m->color, context);
    }
    free(error);                /* It was looked at before. */
}

/* Returns true if there is room for one more record. */
static bool
has_room(const struct monitor *m)
{
    return (!m->rate || m->n < m->rate) && !output_is_full(&m->out);
}

static void
take_record(struct monitor *m, const struct follow_item *item)
{
    const struct record_context context = follow_context(m->follow);

    if (!is_chosen(m, item, &context)) {
        return;
    } else if (has_room(m)) {
        put_record(m, item, &context);
        m->n++;
    } else {
        m->n_skipped++;
    }
}

static void
take_item(struct monitor *m, const struct follow_item *item)
{
    switch (item->kind) {
    case FOLLOW_BEGIN:
        put_bound(m, item->text, true);
        m->in_trace = true;
        m->hint = LLONG_MAX;
        break;
    case FOLLOW_RECORD:
        take_record(m, item);
        break;
    case FOLLOW_GAP:
        put_skipped(m);
        put_missing(m, "gap", item->n, item->seq);
        break;
    case FOLLOW_END:
        put_skipped(m);
        put_bound(m, item->text, false);
        m->in_trace = false;
        break;
    }
}

/* Begins another window when it is time for it. */
static void
run_window(struct monitor *m)
{
    long long int now = time_msec();

    if (now >= m->window_end && !output_is_full(&m->out)) {
        put_skipped(m);
        m->n = 0;
        m->window_end = now + WINDOW;
    }
}

/* Returns true if nothing may be read now because standard output is too slow
 * for it. */
static bool
is_held(const struct monitor *m)
{
    return !m->out.is_terminal && output_is_full(&m->out);
}

static void
run_hint(struct monitor *m)
{
    if (time_msec() >= m->hint) {
        m->hint = LLONG_MAX;
        fprintf(stderr, "no trace is running: start one with "
                "\"" PROGRAM_PREFIX "start\"\n");
    }
}

/* Reads some records.  Returns what follow_next() has returned last, 0 or
 * EAGAIN if there may be more. */
static int
run_follow(struct monitor *m)
{
    struct follow_item item;
    int error = 0;

    for (int i = 0; i < RECORDS_PER_RUN && !error && !is_held(m); i++) {
        error = follow_next(m->follow, &item);
        if (!error) {
            take_item(m, &item);
        }
    }
    return error;
}

static void
wait_all(struct monitor *m)
{
    if (!is_held(m)) {
        follow_wait(m->follow);
    }
    output_wait(&m->out);
    signals_wait();
    if (m->n_skipped) {
        poll_timer_wait_until(m->window_end);
    }
    if (m->hint != LLONG_MAX) {
        poll_timer_wait_until(m->hint);
    }
    poll_block();
}

/* Follows until there is a reason not to.  Returns the exit status. */
static int
follow(struct monitor *m)
{
    int error = 0;

    while (!m->out.is_closed && (!error || error == EAGAIN)) {
        error = run_follow(m);
        run_window(m);
        run_hint(m);
        output_run(&m->out);
        if (signals_run()) {
            return signals_status();
        } else if (!m->out.is_closed && (!error || error == EAGAIN)) {
            wait_all(m);
        }
    }
    if (!m->out.is_closed && (error != EOF || m->in_trace)) {
        char *why = follow_why_ended(m->follow, error);

        ovs_error(0, "monitor: %s", why);
        free(why);
        return PROGRAM_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* Prepares 'm' but for its options and follower. */
static void
init(struct monitor *m, const struct program *program)
{
    output_init(&m->out);
    m->color = m->out.is_terminal && !program->no_color;
    m->rate = (m->options->rate != OPTION_UNSET ? m->options->rate
               : m->out.is_terminal && !m->json ? TERMINAL_RATE : 0);
    m->hint = time_msec() + HINT_TIME;
    m->window_end = time_msec() + WINDOW;
}

static int
monitor(const struct program *program, const struct monitor_options *options,
        bool json)
{
    struct monitor m = { .options = options, .json = json };
    char *error = follow_target(program->target, &m.follow);
    int status, written;

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    signals_catch();
    alarm(program->timeout);
    init(&m, program);
    status = follow(&m);
    put_skipped(&m);
    written = output_finish(&m.out);
    if (m.n_damaged) {
        ovs_error(0, "%"PRIu64" records make no sense and were not printed",
                  m.n_damaged);
        status = PROGRAM_FAILURE;
    }
    follow_close(m.follow);
    output_uninit(&m.out);
    return status ? status : written;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct monitor_options *options = call->options;

    if (options->tree + options->events + call->line->json > 1) {
        return xstrdup("--tree, --events and --json exclude each other");
    }
    return NULL;
}

static int
work(const struct program_call *call)
{
    return monitor(call->program, call->options, call->line->json);
}

/* Prints records as they end, until a signal comes, nobody reads standard
 * output any more, or the daemon ends. */
int
monitor_run(const struct program *program, const struct command *command,
            int argc, char *argv[])
{
    struct monitor_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
