/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "answer.h"
#include "base/clock.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "reply.h"
#include "session.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "unixctl.h"
#include "util.h"

/* Most in one answer, so that copies of more are not made than it has room
 * for. */
#define PENDING_MAX 4096

/* The oldest upcalls that have not ended: up to 'max', and while they are
 * collected up to twice as many. */
struct pending {
    struct upcall_record **records;
    size_t n, allocated;
    uint64_t max;
    uint64_t after;             /* CLOCK_MONOTONIC, ns.  Only later ones. */
    uint64_t n_all;             /* How many there are, of these. */
};

/* The oldest come first. */
static int
compare(const void *a_, const void *b_)
{
    const struct upcall_record *a = *(struct upcall_record *const *) a_;
    const struct upcall_record *b = *(struct upcall_record *const *) b_;

    return a->ts < b->ts ? -1 : a->ts > b->ts;
}

/* Sorts 'p' and forgets all but the oldest. */
static void
keep_oldest(struct pending *p)
{
    if (p->n) {
        qsort(p->records, p->n, sizeof *p->records, compare);
    }
    while (p->n > p->max) {
        free(p->records[--p->n]);
    }
}

static void
add_cb(const struct upcall_record *rec, size_t size, void *pending_)
{
    struct pending *p = pending_;

    if (rec->ts <= p->after) {
        return;
    }
    if (p->n / 2 >= p->max) {
        keep_oldest(p);
    }
    if (p->n == p->allocated) {
        p->records = x2nrealloc(p->records, &p->allocated,
                                sizeof *p->records);
    }
    p->records[p->n] = xmemdup(rec, size);
    p->records[p->n++]->outcome = UPCALL_OUTCOME_UNKNOWN;
    p->n_all++;
}

static const char *
get_state(const struct upcall_record *rec)
{
    return rec->flags & UPCALL_F_RECEIVED ? "received" : "queued";
}

/* Returns how long ago the upcall of 'rec' was, in ns. */
static uint64_t
get_age(const struct upcall_record *rec, uint64_t now)
{
    return now > rec->ts ? now - rec->ts : 0;
}

static void
format(const struct session *s, const struct upcall *u, uint64_t now,
       struct ds *ds)
{
    upcall_format(u, session_view(s).ports, NULL, ds);
    ds_put_format(ds, "%8.1f  now        %s\n", get_age(u->rec, now) / 1e3,
                  u->rec->flags & UPCALL_F_RECEIVED
                  ? "received, not finished" : "queued, not received");
}

/* Appends the upcall of 'rec' to 'a'. */
static void
add(const struct session *s, const struct upcall_record *rec, uint64_t now,
    struct answer *a)
{
    struct upcall u;
    char *error;

    if (!upcall_parse(rec, upcall_record_size(rec), &u, &error)) {
        free(error);                    /* It was changed meanwhile. */
    } else if (a->json) {
        upcall_json_write_pending(&a->w, &u, get_age(rec, now),
                                  get_state(rec), session_view(s).ports);
    } else {
        format(s, &u, now, &a->ds);
    }
}

/* Appends the upcalls of 'p' to 'a' until it is full.  Returns how many they
 * are.  Upcalls of the same time, such as the segments of a packet, are not
 * separated, because the time is where to go on. */
static size_t
add_all(const struct session *s, const struct pending *p, struct answer *a)
{
    uint64_t now = clock_ns();
    size_t i;

    for (i = 0; i < p->n; i++) {
        if (i && p->records[i]->ts > p->records[i - 1]->ts
            && answer_is_full(a)) {
            break;
        }
        add(s, p->records[i], now, a);
    }
    return i;
}

/* Appends a line about those of 'p' that are not shown if there are any:
 * because they were not asked for, or because there is no more room. */
static void
format_end(const struct pending *p, uint64_t next, struct ds *ds)
{
    if (next) {
        ds_put_format(ds, "(there are more: the same with --after=%"PRIu64
                      ")\n", next);
    } else if (p->n < p->n_all) {
        ds_put_format(ds, "(%"PRIu64" younger upcalls are not shown: "
                      "--oldest=0 shows all)\n", p->n_all - p->n);
    } else if (!p->n) {
        ds_put_cstr(ds, "(no upcall is pending)\n");
    }
}

/* Replies with 'p', of which 'oldest' were asked for. */
static void
reply(const struct session *s, struct unixctl_conn *conn,
      const struct pending *p, uint64_t oldest, bool as_json)
{
    char *members = NULL;
    uint64_t next = 0;
    struct answer a;
    size_t n;

    answer_init(&a, as_json);
    n = add_all(s, p, &a);
    if (n && (n < p->n || (n < oldest && n < p->n_all))) {
        next = p->records[n - 1]->ts;
        members = xasprintf("\"next\":%"PRIu64, next);
    }
    if (!as_json) {
        format_end(p, next, &a.ds);
    }
    answer_reply(&a, conn, members, "upcalls");
    free(members);
}

/* upcall-trace/pending. */
void
cmd_pending(struct commands *c, const struct request *request)
{
    const struct pending_options *options = request->options;
    uint64_t oldest = options->oldest ? options->oldest : UINT64_MAX;
    struct pending pending = {
        .max = MIN(oldest, PENDING_MAX),
        .after = options->after,
    };

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    session_for_each_pending(c->session, add_cb, &pending);
    keep_oldest(&pending);
    reply(c->session, request->conn, &pending, oldest, request->json);
    for (size_t i = 0; i < pending.n; i++) {
        free(pending.records[i]);
    }
    free(pending.records);
}
