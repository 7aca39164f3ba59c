/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-read.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "reply.h"
#include "session.h"
#include "show.h"
#include "store/history.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

/* Readers that may wait at the same time. */
#define MAX_WAITING 64

/* A reader that waits. */
struct reader {
    struct ovs_list node;       /* In struct readers. */
    struct unixctl_conn *conn;
    bool json;
    uint64_t after;             /* Sequence number of the last it has. */
    uint64_t max;               /* Records at once. */
    long long int deadline;     /* time_msec(). */
};

struct readers {
    struct ovs_list list;       /* Contains "struct reader"s. */
};

/* Returns a new, empty set of waiting readers. */
struct readers *
readers_create(void)
{
    struct readers *rs = xmalloc(sizeof *rs);

    ovs_list_init(&rs->list);
    return rs;
}

/* Frees 'rs', in which no reader may wait. */
void
readers_destroy(struct readers *rs)
{
    if (rs) {
        ovs_assert(ovs_list_is_empty(&rs->list));
        free(rs);
    }
}

/* What a reader gets. */
struct reading {
    struct answer a;
    uint64_t last;              /* It has all up to this record. */
    uint64_t gap;               /* Records that were forgotten before the first
                                 * that it gets, */
    uint64_t holes;             /* and behind that. */
};

/* Notes that 'n' records were forgotten behind 'r->last'. */
static void
add_gap(struct reading *r, struct session *s, bool is_first, uint64_t n)
{
    if (n) {
        session_note_gap(s, n);
        *(is_first ? &r->gap : &r->holes) += n;
        if (!r->a.json) {
            ds_put_format(&r->a.ds, "(%"PRIu64" records were forgotten before "
                          "they were read)\n", n);
        }
    }
}

/* Adds the records behind 'r->last' to 'r', no more than 'max', until it is
 * full. */
static void
add_records(struct reading *r, struct session *s, uint64_t max)
{
    const struct session_view v = session_view(s);
    uint64_t end = history_next(v.history);
    struct history_walk walk;

    history_walk_init(&walk, v.history, HISTORY_ALL, r->last + 1);
    for (uint64_t n = 0; r->last + 1 < end && n < max; n++) {
        uint64_t seq;
        size_t size;

        if (n && answer_is_full(&r->a)) {
            break;
        }
        history_walk_next(&walk, &seq, &size);
        add_gap(r, s, !n, seq - (r->last + 1));
        if (seq < end) {
            show_add(&v, seq, SHOW_RECORDS, &r->a);
        }
        r->last = MIN(seq, end - 1);
    }
}

/* Replies to 'reader' with what there is after its cursor. */
static void
reply(const struct reader *reader, struct session *s)
{
    struct reading r = { .last = reader->after };
    char *members;

    answer_init(&r.a, reader->json);
    add_records(&r, s, reader->max);
    if (!reader->json) {
        ds_put_format(&r.a.ds, "(continue with --after=%"PRIu64")\n", r.last);
    }
    members = xasprintf("\"gap\":%"PRIu64",\"holes\":%"PRIu64
                        ",\"next\":%"PRIu64, r.gap, r.holes, r.last);
    answer_reply(&r.a, reader->conn, members, "records");
    free(members);
}

static bool
is_ready(const struct reader *r, const struct session *s)
{
    const struct session_view v = session_view(s);

    return (history_next(v.history) > r->after + 1
            || time_msec() >= r->deadline
            || !v.running);
}

/* Replies to the readers for which there is something, or whose time is
 * over. */
void
readers_run(struct readers *rs, struct session *s)
{
    struct reader *r;

    LIST_FOR_EACH_SAFE (r, node, &rs->list) {
        if (is_ready(r, s)) {
            reply(r, s);
            ovs_list_remove(&r->node);
            free(r);
        }
    }
}

/* Arranges for the poll loop to wake up when a reader's time is over. */
void
readers_wait(struct readers *rs)
{
    struct reader *r;

    LIST_FOR_EACH (r, node, &rs->list) {
        poll_timer_wait_until(r->deadline);
    }
}

/* Replies to all readers, because 's' or the daemon ends. */
void
readers_reply_all(struct readers *rs, struct session *s)
{
    struct reader *r;

    LIST_FOR_EACH (r, node, &rs->list) {
        r->deadline = 0;
    }
    if (s) {
        readers_run(rs, s);
    }
}

/* Adds a reader for 'request' to 'rs', which gets a reply at once if there is
 * a record or it may not wait. */
static void
add_reader(struct readers *rs, struct session *s,
           const struct request *request)
{
    bool may_wait = (request->may_wait
                     && ovs_list_size(&rs->list) < MAX_WAITING);
    const struct read_options *options = request->options;
    struct reader *r = xzalloc(sizeof *r);

    r->conn = request->conn;
    r->json = request->json;
    r->after = options->after;
    r->max = options->max;
    r->deadline = time_msec() + (may_wait ? options->wait : 0);
    ovs_list_push_back(&rs->list, &r->node);
    readers_run(rs, s);
}

/* upcall-trace/read. */
void
cmd_read(struct commands *c, const struct request *request)
{
    const struct read_options *options = request->options;
    char *error;

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    error = show_check_after(session_view(c->session).history, options->after);
    if (error) {
        reply_error(request->conn, error);
    } else {
        add_reader(c->readers, c->session, request);
    }
}
