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
#include "base/printable.h"
#include "daemon.h"
#include "dirs.h"
#include "dns-resolve.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-background.h"
#include "trace-forward-link.h"
#include "trace-forward-source.h"
#include "trace-method.h"
#include "trace-output.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-tls.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(forward);

/* How often it is told that records are lost, in ms. */
#define WARNING_INTERVAL 60000

/* How long the receiver may take for what is left when it is interrupted, in
 * ms. */
#define LINGER 5000

/* File of the system-id, as Open vSwitch's start script writes it, in OVS's
 * directory for configuration. */
#define SYSTEM_ID_FILE "openvswitch/system-id.conf"

/* Records that the receiver does not get. */
struct losses {
    uint64_t dropped;           /* By the queue. */
    uint64_t refused;           /* By the receiver. */
    uint64_t missed;            /* By the daemon. */
};

struct forwarder {
    struct forward_queue *queue;
    struct forward_source *source;      /* The daemon. */
    struct forward_link *link;  /* To the receiver. */

    /* Warnings. */
    struct losses warned;       /* Those that were told. */
    long long int next_warning; /* time_msec(), 0 for at once. */

    /* The end. */
    bool is_closing;
    long long int deadline;     /* time_msec(). */
};

/* Losses. */

static struct losses
get_losses(const struct forwarder *f)
{
    struct forward_queue_stats stats;

    forward_queue_get_stats(f->queue, &stats);
    return (struct losses) {
        .dropped = stats.dropped,
        .refused = forward_link_refused(f->link),
        .missed = stats.missed - forward_source_damaged(f->source),
    };
}

/* Tells of what was lost since that was told last. */
static void
warn_of_losses(struct forwarder *f)
{
    const struct losses now = get_losses(f);
    const struct losses *told = &f->warned;

    if (time_msec() < f->next_warning) {
        return;
    }
    if (now.dropped > told->dropped) {
        VLOG_WARN("%s: %"PRIu64" records dropped, %"PRIu64" in all, because "
                  "the receiver is away or too slow: --queue=SIZE can keep "
                  "more", forward_link_name(f->link),
                  now.dropped - told->dropped, now.dropped);
    }
    if (now.refused > told->refused) {
        VLOG_WARN("%s: %"PRIu64" records refused by the receiver, %"PRIu64
                  " in all", forward_link_name(f->link),
                  now.refused - told->refused, now.refused);
    }
    if (now.missed > told->missed) {
        VLOG_WARN("%"PRIu64" records missed, %"PRIu64" in all: the daemon had "
                  "forgotten them, start --history=SIZE has it keep more",
                  now.missed - told->missed, now.missed);
    }
    if (memcmp(&now, told, sizeof now)) {
        f->warned = now;
        f->next_warning = time_msec() + WARNING_INTERVAL;
    }
}

/* The whole. */

/* Ends what is sent. */
static void
close_queue(struct forwarder *f)
{
    forward_source_end(f->source, "forward was ended");
    forward_queue_put(f->queue, FORWARD_CLOSE, 0, NULL, 0);
    f->is_closing = true;
    f->deadline = time_msec() + LINGER;
}

/* Returns true if there is nothing to wait for: no record, and nobody who
 * could be told that there is none. */
static bool
is_idle(const struct forwarder *f)
{
    struct forward_queue_stats stats;

    forward_queue_get_stats(f->queue, &stats);
    return !stats.waiting && !forward_link_is_connected(f->link);
}

/* Returns true if all is over. */
static bool
is_done(const struct forwarder *f)
{
    return (f->is_closing
            && (forward_queue_is_empty(f->queue) || signals_count() > 1
                || time_msec() >= f->deadline || is_idle(f)));
}

static void
wait_all(struct forwarder *f)
{
    if (f->is_closing) {
        poll_timer_wait_until(f->deadline);
    } else {
        forward_source_wait(f->source);
    }
    signals_wait();
    background_wait();
    forward_link_wait(f->link);
    poll_block();
}

static void
run(struct forwarder *f)
{
    for (;;) {
        if (!f->is_closing) {
            forward_source_run(f->source);
        }
        forward_link_run(f->link);
        warn_of_losses(f);
        background_run();
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

/* Prints what became of all records, or logs it in the background. */
static int
print_summary(const struct forwarder *f,
              const struct forward_queue_stats *stats, bool json)
{
    const char *name = forward_link_name(f->link);
    uint64_t refused = forward_link_refused(f->link);
    uint64_t received = stats->acked - refused;
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
        background_say("%s: %"PRIu64" records: %"PRIu64" received, %"PRIu64
                       " refused, %"PRIu64" dropped, %"PRIu64" not "
                       "acknowledged; %"PRIu64" records missed", name,
                       stats->records, received, refused, stats->dropped,
                       stats->waiting, stats->missed);
    }
    return status;
}

/* Who we are. */

/* Returns the system-id that Open vSwitch's start script keeps in a file, or
 * NULL if there is none that can be one.  The caller frees it. */
static char *
read_system_id(void)
{
    char *path = xasprintf("%s/" SYSTEM_ID_FILE, ovs_sysconfdir());
    FILE *file = fopen(path, "r");
    char id[FORWARD_NAME_MAX + 3] = "";
    const char *fault;

    if (file) {
        if (!fgets(id, sizeof id, file)) {
            id[0] = '\0';
        }
        fclose(file);
    }
    id[strcspn(id, "\r\n")] = '\0';
    fault = forward_name_fault(id);
    if (fault) {
        VLOG_WARN("%s: the system-id %s, and is not sent: --system-id=ID is "
                  "for another one", path, fault);
        id[0] = '\0';
    }
    free(path);
    return id[0] ? xstrdup(id) : NULL;
}

static char *
get_host(void)
{
    char name[FORWARD_NAME_MAX + 1] = "";

    if (gethostname(name, sizeof name - 1)) {
        name[0] = '\0';
    }
    return printable_copy(name, strlen(name));
}

/* Prints what became of all records.  Returns the exit status, which is
 * PROGRAM_FAILURE unless the receiver has all of them. */
static int
finish(const struct forwarder *f, bool json)
{
    uint64_t n_damaged = forward_source_damaged(f->source);
    struct forward_queue_stats stats;
    int status;

    forward_queue_get_stats(f->queue, &stats);
    status = print_summary(f, &stats, json);
    if (n_damaged) {
        background_say("%"PRIu64" records make no sense and were not sent",
                       n_damaged);
    }
    return (stats.waiting || stats.dropped || stats.missed
            || forward_link_refused(f->link) ? PROGRAM_FAILURE
            : status ? status : signals_status());
}

static int
forward(const struct program *program, const struct forward_options *options,
        const char *method, bool json)
{
    struct forwarder f = { .deadline = 0 };
    int status;
    char *host, *system_id;

    background_start(program);
    host = options->host ? xstrdup(options->host) : get_host();
    system_id = (options->system_id ? xstrdup(options->system_id)
                 : read_system_id());
    f.queue = forward_queue_create(options->queue);
    f.source = forward_source_create(program->target, f.queue);
    f.link = forward_link_create(method, f.queue, host, system_id);
    free(host);
    free(system_id);
    if (background_complete(program)) {
        status = PROGRAM_FAILURE;
    } else {
        run(&f);
        status = finish(&f, json);
    }
    background_end();
    forward_link_destroy(f.link);
    forward_source_destroy(f.source);
    forward_queue_destroy(f.queue);
    dns_resolve_destroy();
    tls_unuse();
    return status;
}

/* Returns what is wrong with 'name', the value of 'option' or NULL, NULL if
 * nothing is.  The caller frees it. */
static char *
check_name(const char *option, const char *name)
{
    const char *fault = name ? forward_name_fault(name) : NULL;

    return fault ? xasprintf("%s %s", option, fault) : NULL;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct forward_options *options = call->options;
    char *error = background_check(call);

    if (!error && call->line->args.n != 1) {
        error = xstrdup("one METHOD is needed, such as ssl:HOST:PORT");
    }
    if (!error) {
        error = check_name("--host", options->host);
    }
    if (!error) {
        error = check_name("--system-id", options->system_id);
    }
    return error ? error : method_check_active(call->line->args.names[0],
                                               &call->program->tls);
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
