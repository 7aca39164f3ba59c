/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-forward-source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "file/follow-place.h"
#include "file/follow.h"
#include "file/forward-queue.h"
#include "file/hold-back.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "show/record-context.h"
#include "timeval.h"
#include "trace-follow.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(forward_source);

/* A daemon may come and go as often as it likes. */
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 10);

/* Records that are taken before other work gets its turn. */
#define RECORDS_PER_RUN 500

/* After which time a daemon that is not there is looked for again, in ms. */
#define FOLLOW_INTERVAL 1000

/* How often it is looked at what is kept back, in ms. */
#define HOLD_INTERVAL 200

struct forward_source {
    const char *target;         /* Which daemon; not ours. */
    struct forward_queue *queue;        /* Not ours. */
    struct follow *follow;      /* NULL if the daemon is not there. */
    struct follow_place place;
    struct hold_back held;
    bool was_there;             /* Was the daemon there before? */
    long long int next_follow;  /* When to look for it; time_msec(). */
    bool in_trace;              /* Has the queue a first line without a last
                                 * one? */
    uint64_t n_damaged;         /* Records that make no sense. */
};

/* Taking records. */

static void
put_line(struct forward_source *f, enum forward_kind kind, uint64_t seq,
         struct ds *ds)
{
    ds_chomp(ds, '\n');
    forward_queue_put(f->queue, kind, seq, ds->string, ds->length);
}

/* Puts 'item', a record or a gap, into the queue. */
static void
put_item(struct forward_source *f, const struct follow_item *item)
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
        VLOG_WARN_RL(&rl, "record %"PRIu64" makes no sense and is not sent: "
                     "%s", item->seq, error);
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
release(struct forward_source *f, bool all)
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
end_trace(struct forward_source *f, const char *text, const char *why)
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

/* Takes the first line 'item', in whose trace so many records are 'missing'
 * before the next. */
static void
begin_trace(struct forward_source *f, const struct follow_item *item,
            uint64_t missing)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (f->in_trace) {
        end_trace(f, NULL, "the end of the trace is missing");
    }
    ds_put_cstr(&ds, item->text);
    put_line(f, FORWARD_STARTUP, 0, &ds);
    ds_destroy(&ds);
    f->in_trace = true;
    if (missing) {
        forward_queue_put_gap(f->queue, item->seq, missing);
    }
}

static void
take_item(struct forward_source *f, struct follow_item *item)
{
    uint64_t missing;

    if (!follow_place_take(&f->place, item, &missing)) {
        return;
    }
    switch (item->kind) {
    case FOLLOW_BEGIN:
        begin_trace(f, item, missing);
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
}

/* The daemon. */

/* Notes that the daemon is not there, because of 'why', which it frees. */
static void
wait_for_daemon(struct forward_source *f, char *why)
{
    VLOG_WARN_RL(&rl, "%s; waiting for it", why);
    free(why);
    follow_place_lose(&f->place);
    f->next_follow = time_msec() + FOLLOW_INTERVAL;
}

/* Notes that the daemon has gone, because of 'why', which it frees. */
static void
lose_daemon(struct forward_source *f, char *why)
{
    if (f->in_trace) {
        end_trace(f, NULL, why);
    }
    release(f, true);
    follow_close(f->follow);
    f->follow = NULL;
    wait_for_daemon(f, why);
}

/* Looks for the daemon, and asks for all that it has. */
static void
find_daemon(struct forward_source *f)
{
    if (time_msec() >= f->next_follow) {
        char *error = follow_target(f->target, &f->follow);

        if (!error && follow_request(f->follow, 0)) {
            follow_close(f->follow);
            f->follow = NULL;
        } else if (!error) {
            VLOG_INFO_RL(&rl, "the daemon is %s",
                         f->was_there ? "back" : "there");
            f->was_there = true;
        }
        free(error);
        f->next_follow = time_msec() + FOLLOW_INTERVAL;
    }
}

/* Takes what has come from the daemon. */
void
forward_source_run(struct forward_source *f)
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
            take_item(f, &item);
        }
    }
    release(f, false);
    if (error && error != EAGAIN) {
        lose_daemon(f, follow_why_ended(f->follow, error));
    }
}

/* Arranges for the poll loop to wake up when forward_source_run() has
 * something to do. */
void
forward_source_wait(struct forward_source *f)
{
    if (!f->follow) {
        poll_timer_wait_until(f->next_follow);
        return;
    }
    follow_wait(f->follow);
    if (f->held.n) {
        poll_timer_wait(HOLD_INTERVAL);
    }
}

/* The whole. */

/* Returns what takes what 'target' records from now on, or if that is not
 * there, all that it has once it is, and puts it into 'queue', both of which
 * have to stay.  The caller frees it with forward_source_destroy(). */
struct forward_source *
forward_source_create(const char *target, struct forward_queue *queue)
{
    struct forward_source *f = xzalloc(sizeof *f);
    char *error;

    f->target = target;
    f->queue = queue;
    hold_back_init(&f->held);
    follow_place_init(&f->place);
    error = follow_target(target, &f->follow);
    f->was_there = !error;
    if (error) {
        wait_for_daemon(f, error);
    }
    return f;
}

/* Frees 'f', which may be NULL. */
void
forward_source_destroy(struct forward_source *f)
{
    if (f) {
        follow_close(f->follow);
        follow_place_uninit(&f->place);
        hold_back_uninit(&f->held);
        free(f);
    }
}

/* Ends the trace in the queue, if there is one, because of 'why'.
 * forward_source_run() must not be called any more. */
void
forward_source_end(struct forward_source *f, const char *why)
{
    if (f->in_trace) {
        end_trace(f, NULL, why);
    }
    follow_close(f->follow);
    f->follow = NULL;
}

/* Returns how many records made no sense, and are gaps. */
uint64_t
forward_source_damaged(const struct forward_source *f)
{
    return f->n_damaged;
}
