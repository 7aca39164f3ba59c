/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "reply.h"
#include "session.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "unixctl.h"
#include "util.h"

/* The oldest upcalls that have not ended: up to 'max', and while they are
 * collected up to twice as many. */
struct pending {
    struct upcall_record **records;
    size_t n, allocated;
    uint64_t max;
    uint64_t n_all;             /* How many there are. */
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

static struct json *
to_json(const struct session *s, const struct upcall *u, uint64_t now)
{
    struct json *o = upcall_to_json(u, 0, session_ports(s), NULL);

    json_object_put(o, "seq", json_null_create());
    json_object_put(o, "age", json_integer_create(get_age(u->rec, now)));
    json_object_put_string(o, "state", get_state(u->rec));
    return o;
}

static void
format(const struct session *s, const struct upcall *u, uint64_t now,
       struct ds *ds)
{
    upcall_format(u, session_ports(s), NULL, ds);
    ds_put_format(ds, "%8.1f  now        %s\n", get_age(u->rec, now) / 1e3,
                  u->rec->flags & UPCALL_F_RECEIVED
                  ? "received, not finished" : "queued, not received");
}

static void
reply(const struct session *s, struct unixctl_conn *conn,
      const struct pending *p, bool as_json)
{
    struct json *array = json_array_create_empty();
    struct ds text = DS_EMPTY_INITIALIZER;
    uint64_t now = clock_ns();

    for (size_t i = 0; i < p->n; i++) {
        const struct upcall_record *rec = p->records[i];
        struct upcall u;
        char *error;

        if (!upcall_parse(rec, upcall_record_size(rec), &u, &error)) {
            free(error);                /* It was changed meanwhile. */
        } else if (as_json) {
            json_array_add(array, to_json(s, &u, now));
        } else {
            format(s, &u, now, &text);
        }
    }
    if (as_json) {
        reply_json(conn, array);
        ds_destroy(&text);
        return;
    }
    if (p->n < p->n_all) {
        ds_put_format(&text, "(%"PRIu64" younger upcalls are not shown: "
                      "--oldest=0 shows all)\n", p->n_all - p->n);
    } else if (!p->n) {
        ds_put_cstr(&text, "(no upcall is pending)\n");
    }
    json_destroy(array);
    reply_text(conn, &text);
}

/* upcall-trace/pending. */
void
cmd_pending(struct commands *c, const struct request *request)
{
    const struct pending_options *options = request->options;
    struct pending pending = { .n = 0, .n_all = 0 };

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    pending.max = options->oldest ? options->oldest : UINT64_MAX;
    session_for_each_pending(c->session, add_cb, &pending);
    keep_oldest(&pending);
    reply(c->session, request->conn, &pending, request->json);
    for (size_t i = 0; i < pending.n; i++) {
        free(pending.records[i]);
    }
    free(pending.records);
}
