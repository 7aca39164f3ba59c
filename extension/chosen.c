/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "chosen.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "answer.h"
#include "base/user-text.h"
#include "bpf/pass-record.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "reply.h"
#include "session.h"
#include "show.h"
#include "slowest.h"
#include "store/history.h"
#include "store/selection.h"
#include "unixctl.h"
#include "util.h"

/* Records that are shown if not told otherwise. */
#define SHOW_LAST 20

/* Passes have a "p" in front of their number. */
#define PASS_PREFIX 'p'

/* Returns what records of 'kind' are called. */
static const char *
kind_names(enum history_kind kind)
{
    return kind == HISTORY_PASSES ? "passes" : "upcalls";
}

/* Returns NULL, or an error if 'options' choose records of 'kind' while
 * 'args', which are not options, do so, too. */
static char *
check_choice(const struct show_options *options, const struct svec *args,
             enum history_kind kind)
{
    if (args->n && (options->last != OPTION_UNSET || options->slowest
                    || options->after != OPTION_UNSET
                    || !selection_is_all(&options->selection))) {
        return xasprintf("%s are chosen by id or by options, not by both",
                         kind_names(kind));
    }
    return NULL;
}

/* Returns how many of the newest records to show, 0 for all. */
static uint64_t
get_last(const struct show_options *options)
{
    return (options->last != OPTION_UNSET ? options->last
            : options->slowest || options->after != OPTION_UNSET ? 0
            : SHOW_LAST);
}

/* Returns behind which record to begin. */
static uint64_t
get_after(const struct show_options *options)
{
    return options->after != OPTION_UNSET ? options->after : 0;
}

/* What is shown. */
struct output {
    struct session_view v;
    enum history_kind kind;
    enum show_form form;
    struct answer a;

    uint64_t n_before;          /* Chosen records before those, so far as
                                 * they were counted. */
    uint64_t from;              /* The search has got no further back than
                                 * this record; 0 if it has seen all. */
    uint64_t next;              /* The answer was full after this record; 0 if
                                 * it has all. */
};

static void
put_record(struct output *out, uint64_t seq)
{
    show_add(&out->v, seq, out->form, &out->a);
}

/* Returns true if 'rec' is chosen. */
static bool
is_selected(const struct output *out, const struct show_options *o,
            const void *rec)
{
    return selection_has(&o->selection, rec, out->v.ports);
}

/* Has 'walk' be behind the newest record. */
static void
walk_from_end(struct history_walk *walk, const struct output *out)
{
    const struct history *h = out->v.history;

    history_walk_init(walk, h, out->kind, history_next(h));
}

/* Returns the record before, whose record is '*seqp', if it is not before
 * 'first', else NULL. */
static const void *
get_prev(struct history_walk *walk, uint64_t first, uint64_t *seqp)
{
    size_t size;
    const void *rec = history_walk_prev(walk, seqp, &size);

    return rec && *seqp >= first ? rec : NULL;
}

/* Returns from which record on there are as many that are chosen as are
 * wanted, looking from the newest to 'first' as long as there is time. */
static uint64_t
search_start(struct output *out, const struct show_options *o, uint64_t first)
{
    const void *rec;
    uint64_t last = get_last(o);
    struct history_walk walk;
    uint64_t from = first;
    uint64_t n = 0;
    uint64_t seq;

    walk_from_end(&walk, out);
    while ((rec = get_prev(&walk, first, &seq))) {
        if (answer_is_late(&out->a)) {
            if (n < last) {
                out->from = from = seq + 1;
            }
            break;
        }
        if (is_selected(out, o, rec)) {
            if (n < last) {
                n++;
                from = seq;
            } else {
                out->n_before++;
            }
        }
    }
    return from;
}

/* Returns from which record on there are as many that are chosen as are
 * wanted, none of them before 'first'. */
static uint64_t
find_start(struct output *out, const struct show_options *o, uint64_t first)
{
    const struct history *h = out->v.history;
    uint64_t last = get_last(o);

    if (!last) {
        return first;
    } else if (selection_is_all(&o->selection)) {
        uint64_t n = history_count(h, out->kind, first);

        out->n_before = n > last ? n - last : 0;
        return history_newest(h, out->kind, MIN(n, last));
    }
    return search_start(out, o, first);
}

/* Shows the chosen records. */
static void
put_newest(struct output *out, const struct show_options *o)
{
    uint64_t from = find_start(out, o, get_after(o) + 1);
    const void *rec;
    struct history_walk walk;
    uint64_t last = 0;          /* That was looked at. */
    uint64_t seq;
    size_t size;

    answer_restart(&out->a);
    history_walk_init(&walk, out->v.history, out->kind, from);
    while ((rec = history_walk_next(&walk, &seq, &size))) {
        bool chosen = is_selected(out, o, rec);

        if (last
            && (chosen ? answer_is_full(&out->a) : answer_is_late(&out->a))) {
            out->next = last;
            break;
        } else if (chosen) {
            put_record(out, seq);
        }
        last = seq;
    }
}

/* Adds the slowest of the chosen records to 'slowest', looking at the newest
 * first as long as there is time. */
static void
find_slowest(struct output *out, const struct show_options *o,
             struct slowest *slowest)
{
    uint64_t from = find_start(out, o, 1);
    const void *rec;
    struct history_walk walk;
    uint64_t seq;

    walk_from_end(&walk, out);
    while ((rec = get_prev(&walk, from, &seq))) {
        if (answer_is_late(&out->a)) {
            out->from = seq + 1;
            break;
        } else if (is_selected(out, o, rec)) {
            slowest_add(slowest, seq, rec);
        }
    }
    slowest_sort(slowest);
}

/* Stores in '*firstp' how many of 'slowest' come up to the one whose record is
 * 'after', or would if it was among them; 0 if 'after' is 0.  Returns NULL or
 * an error. */
static char *
skip_slowest(const struct output *out, const struct slowest *slowest,
             uint64_t after, size_t *firstp)
{
    struct slow_record last;
    size_t size, i;
    const void *rec = history_get(out->v.history, after, &size);

    *firstp = 0;
    if (!after) {
        return NULL;
    } else if (!rec || record_is_pass(rec) != (out->kind == HISTORY_PASSES)
               || !slow_record_get(after, rec, &last)) {
        return xasprintf("--after=%"PRIu64": this record is forgotten, or "
                         "has no end: begin again without --after", after);
    }
    for (i = 0; i < slowest->n; i++) {
        if (slow_record_compare(&slowest->records[i], &last) > 0) {
            break;
        }
    }
    *firstp = i;
    return NULL;
}

/* Shows those of 'slowest' from number 'first' on. */
static void
put_sorted(struct output *out, const struct slowest *slowest, size_t first)
{
    for (size_t i = first; i < slowest->n; i++) {
        if (i > first && answer_is_full(&out->a)) {
            out->next = slowest->records[i - 1].seq;
            break;
        }
        put_record(out, slowest->records[i].seq);
    }
}

/* Shows the slowest of the chosen records, the slowest first.  Returns NULL or
 * an error. */
static char *
put_slowest(struct output *out, const struct show_options *o)
{
    uint64_t n = history_count(out->v.history, out->kind, 0);
    struct slowest slowest = { .max = MIN(o->slowest, n) };
    size_t first;
    char *error;

    slowest.records = xmalloc(MAX(1, 2 * slowest.max)
                              * sizeof *slowest.records);
    find_slowest(out, o, &slowest);
    error = skip_slowest(out, &slowest, get_after(o), &first);
    if (!error) {
        answer_restart(&out->a);
        put_sorted(out, &slowest, first);
    }
    free(slowest.records);
    return error;
}

/* Appends what there is to say of records that are not shown. */
static void
format_end(const struct output *out, const struct show_options *o,
           struct ds *ds)
{
    if (out->n_before && !o->slowest) {
        ds_put_format(ds, "(%"PRIu64" earlier %s are not shown: "
                      "--last=0 shows all)\n", out->n_before,
                      kind_names(out->kind));
    } else if (!ds->length) {
        ds_put_format(ds, "(no %s)\n", kind_names(out->kind));
    }
    if (out->from) {
        ds_put_format(ds, "(records before %"PRIu64" were not looked at, that "
                      "takes too long: --last=0 goes through all)\n",
                      out->from);
    }
    if (out->next) {
        ds_put_format(ds, "(there are more: the same with --after=%"PRIu64
                      ")\n", out->next);
    }
}

/* Shows the records that 'o' chooses.  Returns NULL or an error. */
static char *
put_chosen(struct output *out, const struct show_options *o)
{
    char *error = show_check_after(out->v.history, get_after(o));

    if (error) {
        return error;
    } else if (o->slowest) {
        error = put_slowest(out, o);
    } else {
        put_newest(out, o);
    }
    if (!error && !out->a.json) {
        format_end(out, o, &out->a.ds);
    }
    return error;
}

/* Returns the error that there is no record of the id 'arg' in the history, or
 * none that was looked at if these are not 'all'. */
static char *
no_such_id(const struct output *out, const char *arg, bool all)
{
    bool is_pass = out->kind == HISTORY_PASSES;
    char *why, *error;

    if (!is_pass && arg[0] == PASS_PREFIX) {
        why = xstrdup("this is the id of a pass: run upcall-trace/passes");
    } else if (all) {
        why = xasprintf("the history has no %s with this id",
                        is_pass ? "pass" : "upcall");
    } else {
        why = xasprintf("none of the newest %s has this id, and to look at "
                        "all takes too long: choose by options",
                        kind_names(out->kind));
    }
    error = reply_bad_argument(arg, why);
    free(why);
    return error;
}

/* Stores the number of the record whose id is 'arg' in '*id'.  Returns false
 * if it is none. */
static bool
parse_id(const struct output *out, const char *arg, uint64_t *id)
{
    return user_text_to_number(arg + (out->kind == HISTORY_PASSES
                                      && arg[0] == PASS_PREFIX), id);
}

/* Shows the records whose ids are in 'args'.  Returns NULL or an error.
 *
 * There are at most COMMAND_ARGS_MAX of them, which one answer has room for,
 * unless they are upcalls with many large passes. */
static char *
put_ids(struct output *out, const struct svec *args)
{
    struct show_id *ids = xcalloc(args->n, sizeof *ids);
    char *error = NULL;
    size_t i;
    bool all;

    for (i = 0; i < args->n && !error; i++) {
        if (!parse_id(out, args->names[i], &ids[i].id)) {
            error = no_such_id(out, args->names[i], true);
        }
    }
    all = error || show_find_ids(out->v.history, out->kind, ids, args->n,
                                 &out->a);
    for (i = 0; i < args->n && !error; i++) {
        if (!ids[i].seq) {
            error = no_such_id(out, args->names[i], all);
        }
    }
    for (i = 0; i < args->n && !error; i++) {
        if (answer_is_large(&out->a)) {
            error = reply_bad_argument(args->names[i], "the answer would be "
                                       "too long: ask for fewer at once");
            break;
        }
        put_record(out, ids[i].seq);
    }
    free(ids);
    return error;
}

/* Replies with 'out', and destroys it. */
static void
reply(struct unixctl_conn *conn, struct output *out)
{
    struct ds members = DS_EMPTY_INITIALIZER;

    if (out->from) {
        ds_put_format(&members, "\"from\":%"PRIu64, out->from);
    }
    if (out->next) {
        ds_put_format(&members, "%s\"next\":%"PRIu64, out->from ? "," : "",
                      out->next);
    }
    answer_reply(&out->a, conn, members.length ? ds_cstr(&members) : NULL,
                 kind_names(out->kind));
    ds_destroy(&members);
}

/* Replies to 'request', of a command with struct show_options, with the
 * records of 'kind' that these choose. */
void
chosen_reply(struct commands *c, const struct request *request,
             enum history_kind kind)
{
    const struct show_options *options = request->options;
    struct output out = {
        .kind = kind,
        .form = options->events ? SHOW_EVENTS : SHOW_UPCALLS,
    };
    char *error = check_choice(options, request->args, kind);

    if (!error && !c->session) {
        error = xstrdup(REPLY_NO_SESSION);
    }
    if (error) {
        reply_error(request->conn, error);
        return;
    }
    session_catch_up(c->session);
    out.v = session_view(c->session);
    answer_init(&out.a, request->json);
    error = (request->args->n ? put_ids(&out, request->args)
             : put_chosen(&out, options));
    if (error) {
        answer_destroy(&out.a);
        reply_error(request->conn, error);
    } else {
        reply(request->conn, &out);
    }
}
