/* SPDX-License-Identifier: Apache-2.0 */

/* The command forward: sends records to a receiver on another host.
 *
 * It always takes what the daemon has, so that the daemon's history need not
 * keep it, and queues it for the receiver: what has no room there is dropped
 * and counted, see file/forward-queue.h. */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "dirs.h"
#include "dns-resolve.h"
#include "file/follow.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "file/hold-back.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "show/record-context.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-follow.h"
#include "trace-forward-link.h"
#include "trace-method.h"
#include "trace-output.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(forward);

/* Records that are taken before other work gets its turn. */
#define RECORDS_PER_RUN 500

/* After which time a daemon that has ended is looked for again, in ms. */
#define FOLLOW_INTERVAL 1000

/* How often it is looked at what is kept back, in ms. */
#define HOLD_INTERVAL 200

/* How long the receiver may take for what is left when it is interrupted, in
 * ms. */
#define LINGER 5000

/* File of the system-id, as Open vSwitch's start script writes it, in OVS's
 * directory for configuration. */
#define SYSTEM_ID_FILE "openvswitch/system-id.conf"

struct forwarder {
    const struct program *program;
    struct forward_queue *queue;

    /* The daemon. */
    struct follow *follow;      /* NULL if it is not there. */
    struct hold_back held;
    long long int next_follow;  /* When to look for it; time_msec(). */
    bool in_trace;
    uint64_t n_damaged;         /* Records that make no sense. */

    struct forward_link *link;  /* To the receiver. */

    /* The end. */
    bool is_closing;
    long long int deadline;     /* time_msec(). */
};

/* Taking records. */

static void
put_line(struct forwarder *f, enum forward_kind kind, uint64_t seq,
         struct ds *ds)
{
    ds_chomp(ds, '\n');
    forward_queue_put(f->queue, kind, seq, ds->string, ds->length);
}

/* Puts 'item', a record or a gap, into the queue. */
static void
put_item(struct forwarder *f, const struct follow_item *item)
{
    struct record_context context = follow_context(f->follow);
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *error;

    if (item->kind == FOLLOW_GAP) {
        forward_queue_put_gap(f->queue, item->seq, item->n);
        return;
    }
    context.raw = true;
    error = trace_line_put_record(&ds, item->record, item->size, item->seq,
                                  &context);
    if (error) {
        f->n_damaged++;
        forward_queue_put_gap(f->queue, item->seq + 1, 1);
        free(error);
    } else {
        put_line(f, FORWARD_RECORD, item->seq, &ds);
    }
    ds_destroy(&ds);
}

/* Puts what is kept back into the queue, as far as it waits for nothing, or
 * all. */
static void
release(struct forwarder *f, bool all)
{
    const struct record_context context = follow_context(f->follow);
    const struct follow_item *item;

    while ((item = hold_back_first(&f->held, all ? NULL : context.flows,
                                   time_msec()))) {
        put_item(f, item);
        hold_back_pop(&f->held);
    }
}

/* Ends the trace with 'text', or if that is NULL because of 'why'. */
static void
end_trace(struct forwarder *f, const char *text, const char *why)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    release(f, true);
    if (text) {
        ds_put_cstr(&ds, text);
    } else {
        trace_line_put_json(&ds, trace_line_unknown_end(why));
    }
    put_line(f, FORWARD_END, 0, &ds);
    f->in_trace = false;
    ds_destroy(&ds);
}

static void
take_item(struct forwarder *f, const struct follow_item *item)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    switch (item->kind) {
    case FOLLOW_BEGIN:
        ds_put_cstr(&ds, item->text);
        put_line(f, FORWARD_STARTUP, 0, &ds);
        f->in_trace = true;
        break;
    case FOLLOW_RECORD:
    case FOLLOW_GAP:
        if (follow_context(f->follow).flows) {
            hold_back_add(&f->held, item, time_msec());
        } else {
            put_item(f, item);
        }
        break;
    case FOLLOW_END:
        end_trace(f, item->text, NULL);
        break;
    }
    ds_destroy(&ds);
}

/* Notes that the daemon has ended, because of 'why', which it frees. */
static void
lose_daemon(struct forwarder *f, char *why)
{
    VLOG_WARN("%s; waiting for it to come back", why);
    if (f->in_trace) {
        end_trace(f, NULL, why);
    }
    release(f, true);
    follow_close(f->follow);
    f->follow = NULL;
    f->next_follow = time_msec() + FOLLOW_INTERVAL;
    free(why);
}

/* Looks for the daemon. */
static void
find_daemon(struct forwarder *f)
{
    if (time_msec() >= f->next_follow) {
        char *error = follow_target(f->program->target, &f->follow);

        if (!error) {
            VLOG_INFO("the daemon is back");
        }
        free(error);
        f->next_follow = time_msec() + FOLLOW_INTERVAL;
    }
}

/* Takes what has come from the daemon. */
static void
run_follow(struct forwarder *f)
{
    struct follow_item item;
    int error = 0;

    if (!f->follow) {
        find_daemon(f);
        return;
    }
    for (int i = 0; i < RECORDS_PER_RUN && !error; i++) {
        error = follow_next(f->follow, &item);
        if (!error) {
            if (item.kind == FOLLOW_BEGIN && f->in_trace) {
                end_trace(f, NULL, "the end of the trace is missing");
            }
            take_item(f, &item);
        }
    }
    release(f, false);
    if (error && error != EAGAIN) {
        lose_daemon(f, follow_why_ended(f->follow, error));
    }
}

/* The whole. */

/* Ends what is sent. */
static void
close_queue(struct forwarder *f)
{
    if (f->in_trace) {
        end_trace(f, NULL, "forward was ended");
    }
    follow_close(f->follow);
    f->follow = NULL;
    forward_queue_put(f->queue, FORWARD_CLOSE, 0, NULL, 0);
    f->is_closing = true;
    f->deadline = time_msec() + LINGER;
}

/* Returns true if all is over. */
static bool
is_done(const struct forwarder *f)
{
    return (f->is_closing
            && (forward_queue_is_empty(f->queue) || signals_count() > 1
                || time_msec() >= f->deadline));
}

static void
wait_all(struct forwarder *f)
{
    if (f->is_closing) {
        poll_timer_wait_until(f->deadline);
    } else if (f->follow) {
        follow_wait(f->follow);
        if (f->held.n) {
            poll_timer_wait(HOLD_INTERVAL);
        }
    } else {
        poll_timer_wait_until(f->next_follow);
    }
    signals_wait();
    forward_link_wait(f->link);
    poll_block();
}

static void
run(struct forwarder *f)
{
    for (;;) {
        if (!f->is_closing) {
            run_follow(f);
        }
        forward_link_run(f->link);
        if (signals_run() && !f->is_closing) {
            close_queue(f);
            forward_link_run(f->link);
        }
        if (is_done(f)) {
            return;
        }
        wait_all(f);
    }
}

/* What it was. */

/* Prints what became of all records. */
static int
print_summary(const struct forwarder *f,
              const struct forward_queue_stats *stats, bool json)
{
    const char *name = forward_link_name(f->link);
    uint64_t refused = forward_link_refused(f->link);
    uint64_t received = stats->acked - MIN(refused, stats->acked);
    int status = EXIT_SUCCESS;

    if (json) {
        struct json *object = json_object_create();
        struct ds ds = DS_EMPTY_INITIALIZER;

        json_object_put_string(object, "receiver", name);
        json_object_put_string(object, "session", forward_link_id(f->link));
#define X(NAME, VALUE) \
        json_object_put(object, NAME, json_integer_create(VALUE));
        X("records", stats->records)
        X("received", received)
        X("refused", refused)
        X("dropped", stats->dropped)
        X("unknown", stats->waiting)
        X("missed", stats->missed)
#undef X
        trace_line_put_json(&ds, object);
        status = output_text(ds_cstr(&ds));
        ds_destroy(&ds);
    } else {
        fprintf(stderr, "%s: %"PRIu64" records: %"PRIu64" received, %"PRIu64
                " refused, %"PRIu64" dropped, %"PRIu64" not acknowledged; "
                "%"PRIu64" records missed\n", name, stats->records, received,
                refused, stats->dropped, stats->waiting, stats->missed);
    }
    return status;
}

/* Who we are. */

/* Returns the system-id that Open vSwitch's start script keeps in a file, or
 * NULL.  The caller frees it. */
static char *
read_system_id(void)
{
    char *path = xasprintf("%s/" SYSTEM_ID_FILE, ovs_sysconfdir());
    FILE *file = fopen(path, "r");
    char id[FORWARD_NAME_MAX + 1] = "";

    if (file) {
        if (!fgets(id, sizeof id, file)) {
            id[0] = '\0';
        }
        fclose(file);
    }
    free(path);
    id[strcspn(id, "\r\n")] = '\0';
    return id[0] ? xstrdup(id) : NULL;
}

static char *
get_host(void)
{
    char name[FORWARD_NAME_MAX + 1] = "";

    if (gethostname(name, sizeof name - 1)) {
        name[0] = '\0';
    }
    return xstrdup(name);
}

static int
forward(const struct program *program, const struct forward_options *options,
        const char *method, bool json)
{
    struct forwarder f = { .program = program };
    struct forward_queue_stats stats;
    int status;
    char *host, *system_id;
    char *error = follow_target(program->target, &f.follow);

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    signals_catch();
    alarm(program->timeout);
    host = options->host ? xstrdup(options->host) : get_host();
    system_id = (options->system_id ? xstrdup(options->system_id)
                 : read_system_id());
    f.queue = forward_queue_create(options->queue);
    hold_back_init(&f.held);
    f.link = forward_link_create(method, f.queue, host, system_id);
    free(host);
    free(system_id);
    run(&f);

    forward_queue_get_stats(f.queue, &stats);
    status = print_summary(&f, &stats, json);
    if (f.n_damaged) {
        ovs_error(0, "%"PRIu64" records make no sense and were not sent",
                  f.n_damaged);
    }
    if (!forward_queue_is_empty(f.queue) || f.n_damaged) {
        status = PROGRAM_FAILURE;
    }
    forward_link_destroy(f.link);
    forward_queue_destroy(f.queue);
    hold_back_uninit(&f.held);
    follow_close(f.follow);
    dns_resolve_destroy();
    return status ? status : signals_status();
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct forward_options *options = call->options;

    if (call->line->args.n != 1) {
        return xstrdup("one METHOD is needed, such as ssl:HOST:PORT");
    } else if ((options->host && strlen(options->host) > FORWARD_NAME_MAX)
               || (options->system_id
                   && strlen(options->system_id) > FORWARD_NAME_MAX)) {
        return xasprintf("--host and --system-id have at most %d bytes",
                         FORWARD_NAME_MAX);
    }
    return method_check_active(call->line->args.names[0]);
}

static int
work(const struct program_call *call)
{
    return forward(call->program, call->options, call->line->args.names[0],
                   call->line->json);
}

/* Sends what the daemon records to a receiver, until a signal comes. */
int
forward_run(const struct program *program, const struct command *command,
            int argc, char *argv[])
{
    struct forward_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
