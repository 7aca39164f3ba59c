/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/user-text.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "reply.h"
#include "session.h"
#include "show.h"
#include "store/history.h"
#include "store/selection.h"
#include "unixctl.h"
#include "util.h"

/* Upcalls that are shown if not told otherwise. */
#define SHOW_LAST 20

/* Returns NULL, or an error if 'options' choose upcalls while 'args', which
 * are not options, do so, too. */
static char *
check_choice(const struct show_options *options, const struct svec *args)
{
    if (args->n && (options->last != OPTION_UNSET || options->slowest
                    || !selection_is_all(&options->selection))) {
        return xstrdup("upcalls are chosen by id or by options, not by both");
    }
    return NULL;
}

/* Returns how many of the newest upcalls to show, 0 for all. */
static uint64_t
get_last(const struct show_options *options)
{
    return (options->last != OPTION_UNSET ? options->last
            : options->slowest ? 0 : SHOW_LAST);
}

/* What is shown. */
struct output {
    const struct session *s;
    enum show_form form;
    struct json *array;         /* NULL if it is text. */
    struct ds text;
};

static void
put_upcall(struct output *out, uint64_t seq)
{
    if (out->array) {
        show_add_json(out->s, seq, out->array);
    } else {
        show_range_text(out->s, seq, seq + 1, out->form, &out->text);
    }
}

/* Replies with 'out', or if 'error' is not NULL with that, and frees both. */
static void
reply(struct unixctl_conn *conn, struct output *out, char *error)
{
    if (error) {
        reply_error(conn, error);
    } else if (out->array) {
        reply_json(conn, out->array);
        out->array = NULL;
    } else {
        unixctl_command_reply(conn, ds_cstr(&out->text));
    }
    json_destroy(out->array);
    ds_destroy(&out->text);
}

/* Returns the record 'seq' if it is in the history and chosen, else NULL. */
static const struct upcall_record *
get_selected(const struct session *s, const struct selection *sel,
             uint64_t seq)
{
    size_t size;
    const struct upcall_record *rec
        = history_get(session_history(s), seq, &size);

    return (rec && selection_has(sel, rec, session_ports(s)) ? rec : NULL);
}

/* Returns from which record on there are as many that are chosen as are to be
 * shown, and stores in '*n_before' how many there are before. */
static uint64_t
find_start(const struct session *s, const struct show_options *o,
           uint64_t *n_before)
{
    const struct history *h = session_history(s);
    uint64_t first = history_first(h);
    uint64_t until = history_next(h);
    uint64_t last = get_last(o);
    uint64_t from = first;
    uint64_t n = 0;

    *n_before = 0;
    if (!last) {
        return first;
    }
    if (selection_is_all(&o->selection)) {
        from = last < until - first ? until - last : first;
        *n_before = from - first;
        return from;
    }
    for (uint64_t seq = until; seq > first; seq--) {
        if (get_selected(s, &o->selection, seq - 1)) {
            if (n < last) {
                n++;
                from = seq - 1;
            } else {
                ++*n_before;
            }
        }
    }
    return from;
}

/* Shows the chosen upcalls from record 'from' on. */
static void
put_newest(struct output *out, const struct show_options *o, uint64_t from)
{
    uint64_t until = history_next(session_history(out->s));

    for (uint64_t seq = from; seq < until; seq++) {
        if (get_selected(out->s, &o->selection, seq)) {
            put_upcall(out, seq);
        }
    }
}

/* An upcall that may be one of the slowest. */
struct slow_upcall {
    uint64_t seq;
    uint64_t ns;                /* How long it took. */
};

/* The slowest upcalls of those that were added. */
struct slowest {
    struct slow_upcall *upcalls;        /* Room for 2 * 'max'. */
    size_t n;
    size_t max;                 /* How many are wanted. */
};

/* The slowest come first, of equal ones the oldest. */
static int
compare_slow(const void *a_, const void *b_)
{
    const struct slow_upcall *a = a_;
    const struct slow_upcall *b = b_;

    if (a->ns != b->ns) {
        return a->ns > b->ns ? -1 : 1;
    }
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Sorts 'slowest' and forgets those that are not among the slowest. */
static void
sort_slowest(struct slowest *slowest)
{
    qsort(slowest->upcalls, slowest->n, sizeof *slowest->upcalls,
          compare_slow);
    slowest->n = MIN(slowest->n, slowest->max);
}

/* Adds the record 'seq', which is 'rec', to 'slowest'. */
static void
add_slow(struct slowest *slowest, uint64_t seq,
         const struct upcall_record *rec)
{
    struct upcall_latency l;

    upcall_get_latency(rec, &l);
    if (!upcall_latency_has(&l, UPCALL_STAGE_TOTAL)) {
        return;
    }
    if (slowest->n == 2 * slowest->max) {
        sort_slowest(slowest);
    }
    slowest->upcalls[slowest->n].seq = seq;
    slowest->upcalls[slowest->n++].ns = l.ns[UPCALL_STAGE_TOTAL];
}

/* Shows the slowest of the chosen upcalls from record 'from' on, the slowest
 * first. */
static void
put_slowest(struct output *out, const struct show_options *o, uint64_t from)
{
    uint64_t until = history_next(session_history(out->s));
    struct slowest slowest = { .max = MIN(o->slowest, until - from) };

    slowest.upcalls = xmalloc(MAX(1, 2 * slowest.max)
                              * sizeof *slowest.upcalls);
    for (uint64_t seq = from; seq < until; seq++) {
        const struct upcall_record *rec
            = get_selected(out->s, &o->selection, seq);

        if (rec) {
            add_slow(&slowest, seq, rec);
        }
    }
    sort_slowest(&slowest);
    for (size_t i = 0; i < slowest.n; i++) {
        put_upcall(out, slowest.upcalls[i].seq);
    }
    free(slowest.upcalls);
}

/* Shows the upcalls that 'o' chooses. */
static void
put_chosen(struct output *out, const struct show_options *o)
{
    uint64_t n_before;
    uint64_t from = find_start(out->s, o, &n_before);

    if (o->slowest) {
        put_slowest(out, o, from);
    } else {
        put_newest(out, o, from);
    }
    if (n_before && !o->slowest) {
        ds_put_format(&out->text, "(%"PRIu64" earlier upcalls are not shown: "
                      "--last=0 shows all)\n", n_before);
    } else if (!out->text.length) {
        ds_put_cstr(&out->text, "(no upcalls)\n");
    }
}

/* Shows the upcalls whose ids are in 'args'.  Returns NULL or an error. */
static char *
put_ids(struct output *out, const struct svec *args)
{
    for (size_t i = 0; i < args->n; i++) {
        const char *name = args->names[i];
        uint64_t id, seq;

        if (!user_text_to_number(name, &id)
            || !(seq = show_find_id(out->s, id))) {
            return reply_bad_argument(name, "the history has no upcall with "
                                      "this id");
        }
        put_upcall(out, seq);
    }
    return NULL;
}

/* upcall-trace/show. */
void
cmd_show(struct commands *c, const struct request *request)
{
    const struct show_options *options = request->options;
    struct output out = { .s = c->session, .text = DS_EMPTY_INITIALIZER };
    char *error = check_choice(options, request->args);

    if (!error && !c->session) {
        error = xstrdup(REPLY_NO_SESSION);
    }
    if (!error) {
        session_catch_up(c->session);
        out.form = options->events ? SHOW_EVENTS : SHOW_UPCALLS;
        out.array = request->json ? json_array_create_empty() : NULL;
        if (request->args->n) {
            error = put_ids(&out, request->args);
        } else {
            put_chosen(&out, options);
        }
    }
    reply(request->conn, &out, error);
}
