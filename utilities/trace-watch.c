/* SPDX-License-Identifier: Apache-2.0 */

/* The command watch: shows what happens, on the whole terminal.
 *
 * The records come from the daemon's socket for followers.  How many the trace
 * itself has dropped is not there before it ends, so that the daemon is asked
 * for it now and then. */

#include <config.h>

#include "trace-watch.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "file/follow.h"
#include "flow/ctl-client.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "store/program-commands.h"
#include "store/selection.h"
#include "timeval.h"
#include "trace-follow.h"
#include "trace-json.h"
#include "trace-output.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-target.h"
#include "util.h"

/* Records that are looked at before other work gets its turn. */
#define RECORDS_PER_RUN 2000

/* How often the daemon is asked for its status, and how long it may take for
 * the answer, in ms. */
#define STATUS_INTERVAL 5000
#define STATUS_TIME 30000

/* How long it may take, without an answer of the daemon, until there has to be
 * a trace, in ms. */
#define TRACE_TIME 60000

/* Columns where there is no terminal. */
#define TEXT_COLS 80

/* What the daemon says. */

static void
take_status(struct watcher *w, const char *text)
{
    struct json *json = json_from_string(text);

    w->knows_none = trace_json_get(json, "running", JSON_FALSE) != NULL;
    if (watch_get_state(w->watch) == WATCH_RUNNING
        && trace_json_number(json, "since_ms") == w->started) {
        watch_set_dropped(w->watch,
                          trace_json_get(json, "records", JSON_OBJECT),
                          trace_json_get(json, "passes", JSON_OBJECT));
    }
    json_destroy(json);
}

/* Asks for the status when it is time for it, once the daemon knows that it is
 * followed, so that a trace that runs then is not missed. */
static void
run_status(struct watcher *w)
{
    static const char *const args[] = { "--json" };
    struct ctl_answer answer;

    if (w->is_asked && ctl_client_run(w->client, &answer)) {
        if (answer.result == CTL_REPLY) {
            take_status(w, answer.text);
        }
        ctl_answer_destroy(&answer);
        w->is_asked = false;
        w->next_status = time_msec() + STATUS_INTERVAL;
    }
    if (!w->is_asked && time_msec() >= w->next_status
        && follow_is_accepted(w->follow)
        && watch_get_state(w->watch) != WATCH_ENDED) {
        ctl_client_request(w->client, COMMAND_PREFIX "status", args, 1,
                           STATUS_TIME);
        w->is_asked = true;
    }
}

/* Following. */

static void
take_begin(struct watcher *w, const char *text)
{
    w->started = trace_json_text_number(text, "started_ms");
    w->next_status = time_msec();
    watch_begin(w->watch, follow_context(w->follow).ports, clock_ns());
}

static void
take_end(struct watcher *w, const char *text)
{
    struct json *json = json_from_string(text);

    watch_set_dropped(w->watch, json,
                      trace_json_get(json, "passes", JSON_OBJECT));
    watch_end(w->watch);
    json_destroy(json);
}

static void
take_record(struct watcher *w, const struct follow_item *item)
{
    const struct selection *selection = &w->options->selection;
    const struct port_map *ports = follow_context(w->follow).ports;
    struct upcall u;
    struct pass p;
    char *error = NULL;
    bool is_pass = record_is_pass(item->record);

    if (!(is_pass ? pass_parse(item->record, item->size, &p, &error)
          : upcall_parse(item->record, item->size, &u, &error))) {
        watch_add_damaged(w->watch);
    } else if (!selection_has(selection, item->record, ports)) {
        /* It is not to be counted. */
    } else if (is_pass) {
        watch_add_pass(w->watch, &p);
    } else {
        watch_add_upcall(w->watch, u.rec);
    }
    free(error);
}

static void
take_item(struct watcher *w, const struct follow_item *item)
{
    switch (item->kind) {
    case FOLLOW_BEGIN:
        take_begin(w, item->text);
        break;
    case FOLLOW_RECORD:
        take_record(w, item);
        break;
    case FOLLOW_GAP:
        watch_add_gap(w->watch, item->n);
        break;
    case FOLLOW_END:
        take_end(w, item->text);
        break;
    }
}

/* Reads some records, and what else the daemon says.  Returns what
 * follow_next() has returned last, 0 or EAGAIN if there may be more. */
int
watcher_run(struct watcher *w)
{
    struct follow_item item;
    int error = 0;

    for (int i = 0; i < RECORDS_PER_RUN && !error; i++) {
        error = follow_next(w->follow, &item);
        if (!error) {
            take_item(w, &item);
        }
    }
    if (!error || error == EAGAIN) {
        run_status(w);
    }
    return error;
}

/* Arranges for the poll loop to wake up when watcher_run() has work. */
void
watcher_wait(struct watcher *w)
{
    follow_wait(w->follow);
    if (w->is_asked) {
        ctl_client_wait(w->client);
    } else if (follow_is_accepted(w->follow)
               && watch_get_state(w->watch) != WATCH_ENDED) {
        poll_timer_wait_until(w->next_status);
    }
}

/* Says why there is nothing more to read, of which watcher_run() has returned
 * 'error'.  Returns the exit status. */
int
watcher_end(struct watcher *w, int error)
{
    char *why;

    if (error == EOF && watch_get_state(w->watch) != WATCH_RUNNING) {
        return EXIT_SUCCESS;
    }
    why = follow_why_ended(w->follow, error);
    ovs_error(0, "watch: %s", why);
    free(why);
    return PROGRAM_FAILURE;
}

/* Makes figures of the interval that ends now. */
void
watcher_take(struct watcher *w)
{
    watch_take(w->watch, clock_ns(), &w->figures);
}

/* One screen, as text. */

static size_t
get_text_cols(void)
{
    struct winsize size;

    return (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col
            ? size.ws_col : TEXT_COLS);
}

/* Prints the figures.  Returns the exit status. */
static int
print_screen(struct watcher *w)
{
    struct watch_screen *s = &w->screen;
    struct ds ds = DS_EMPTY_INITIALIZER;
    int status;

    watch_screen_draw(s, watch_screen_rows(&w->figures), get_text_cols(),
                      &w->figures, &w->look);
    for (size_t row = 0; row < s->n_used; row++) {
        ds_put_buffer(&ds, s->text + row * s->cols, s->cols);
        while (ds_chomp(&ds, ' ')) {
            continue;
        }
        ds_put_char(&ds, '\n');
    }
    status = output_text(ds_cstr(&ds));
    ds_destroy(&ds);
    return status;
}

/* Returns true if there is nothing to print because no trace is running. */
static bool
has_no_trace(struct watcher *w, long long int deadline)
{
    if (watch_get_state(w->watch) != WATCH_NO_TRACE
        || (!w->knows_none && time_msec() < deadline)) {
        return false;
    }
    ovs_error(0, "watch: no trace is running: start one with "
              "\"" PROGRAM_PREFIX "start\"");
    return true;
}

/* Prints the figures of one interval.  Returns the exit status. */
static int
watch_once(struct watcher *w)
{
    long long int deadline = time_msec() + TRACE_TIME;
    long long int end = LLONG_MAX;
    int error = 0;

    while (time_msec() < end && watch_get_state(w->watch) != WATCH_ENDED) {
        error = watcher_run(w);
        if (end == LLONG_MAX && watch_get_state(w->watch) == WATCH_RUNNING) {
            end = time_msec() + w->options->interval * 1000;
        }
        if (signals_run()) {
            return signals_status();
        } else if (error && error != EAGAIN) {
            return watcher_end(w, error);
        } else if (has_no_trace(w, deadline)) {
            return PROGRAM_FAILURE;
        }
        watcher_wait(w);
        signals_wait();
        poll_timer_wait_until(MIN(end, deadline));
        poll_block();
    }
    watcher_take(w);
    return print_screen(w);
}

/* The command. */

#ifndef HAVE_NCURSES
int
watch_live(struct watcher *w OVS_UNUSED)
{
    ovs_error(0, "watch: this program was built without ncurses, which draws "
              "on terminals: --once prints the same as text");
    return PROGRAM_FAILURE;
}
#endif

/* Connects to the daemon.  Returns NULL or an error that the caller frees. */
static char *
connect_to(struct watcher *w, const char *target)
{
    char *error = follow_target(target, &w->follow);
    char *path;

    if (error) {
        return error;
    }
    path = target_ctl_path(target, &error);
    if (path) {
        w->client = ctl_client_create();
        ctl_client_set_path(w->client, path);
    }
    free(path);
    return error;
}

static void
uninit(struct watcher *w)
{
    follow_close(w->follow);
    watch_destroy(w->watch);
    watch_figures_uninit(&w->figures);
    watch_screen_uninit(&w->screen);
    ctl_client_destroy(w->client);
    free(w->interval);
}

static int
watch(const struct program *program, const struct watch_options *options)
{
    struct watcher w = {
        .program = program,
        .options = options,
        .look = { .sort = options->sort,
                  .chosen = !selection_is_all(&options->selection) },
        .interval = xasprintf("%"PRIu64" s", options->interval),
    };
    char *error = connect_to(&w, program->target);
    int status = PROGRAM_FAILURE;

    w.look.interval = w.interval;
    w.watch = watch_create(thread_cpu_read, NULL);
    watch_figures_init(&w.figures);
    watch_screen_init(&w.screen);
    if (error) {
        ovs_error(0, "%s", error);
        free(error);
    } else {
        signals_catch();
        alarm(program->timeout);
        status = options->once ? watch_once(&w) : watch_live(&w);
    }
    uninit(&w);
    return status;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    if (call->line->json) {
        return xstrdup("there is no JSON of what is on the screen: see "
                       "\"" PROGRAM_PREFIX "stats --json\"");
    }
    return NULL;
}

static int
work(const struct program_call *call)
{
    return watch(call->program, call->options);
}

/* Shows what happens until the user quits, a signal comes, or the daemon
 * ends. */
int
watch_run(const struct program *program, const struct command *command,
          int argc, char *argv[])
{
    struct watch_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
