/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/passes-show.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/pass-json.h"
#include "show/pass-text.h"
#include "show/record-context.h"
#include "show/record-text.h"
#include "show/upcall-text.h"
#include "store/history.h"
#include "store/upcall-passes.h"

/* Parses the record 'seq' of the history of 'c', which must have it.  Returns
 * false if it is none of a pass. */
static bool
get_pass(const struct record_context *c, uint64_t seq, struct pass *p)
{
    size_t size;
    const void *record = history_get(c->history, seq, &size);
    char *error;
    bool ok = pass_parse(record, size, p, &error);

    free(error);
    return ok;
}

/* Stores the passes of 'u' in '*passes'.  Returns false if they are not
 * known. */
static bool
find(const struct upcall *u, const struct record_context *c,
     struct upcall_passes *passes)
{
    bool found = upcall_passes_find(c->history, u->rec, passes);

    if (found && c->n_passes) {
        *c->n_passes += passes->n;
    }
    return found;
}

/* Writes the passes of 'u' as an array, null if they are not known.  Writes
 * nothing if 'c' has no history. */
void
passes_show_json(struct json_writer *w, const char *name,
                 const struct upcall *u, const struct record_context *c)
{
    struct upcall_passes passes;
    struct pass p;

    if (!c->history) {
        return;
    } else if (!find(u, c, &passes)) {
        json_write_null(w, name);
        return;
    }
    json_write_array(w, name);
    for (size_t i = 0; i < passes.n; i++) {
        if (get_pass(c, passes.passes[i].seq, &p)) {
            pass_json_write(w, &p, passes.passes[i].seq, c->ports, c->flows,
                            c->layout);
        }
    }
    json_write_end_array(w);
}

/* Appends the passes of 'u', a line for each.  Appends nothing if 'c' has no
 * history. */
void
passes_show_text(const struct upcall *u, const struct record_context *c,
                 struct ds *ds)
{
    struct upcall_passes passes;
    struct pass p;

    if (!c->history || !history_has_passes(c->history)) {
        return;
    }
    if (!find(u, c, &passes)) {
        ds_put_format(ds, "%10s%-11smore than %d, see upcall-trace/passes\n",
                      "", "pass", UPCALL_PASSES_MAX);
        return;
    }
    for (size_t i = 0; i < passes.n; i++) {
        if (get_pass(c, passes.passes[i].seq, &p)) {
            ds_put_format(ds, "%10s%-11s", "", "pass");
            pass_format_line(&p, c->ports, ds);
        }
    }
}

/* Events. */

/* Returns true if it is known which actions of 'p', an execute, were executed,
 * and when. */
static bool
is_known_execute(const struct pass *p, const struct record_context *c)
{
    struct pass_actions actions;
    bool known;

    pass_actions_init(&actions, p, c->layout);
    known = p->is_execute && p->executed && actions.attrs.data;
    pass_actions_uninit(&actions);
    return known;
}

/* Returns true if 'passes' have the actions of all executes of 'u'. */
static bool
have_executes(const struct upcall_passes *passes, const struct upcall *u,
              const struct record_context *c)
{
    int n = 0;

    for (size_t i = 0; i < passes->n; i++) {
        struct pass p;

        n += (get_pass(c, passes->passes[i].seq, &p)
              && p.rec->flags & PASS_F_UPCALL && p.rec->upcall == u->rec->id
              && is_known_execute(&p, c));
    }
    return n && n >= u->rec->n_execs;
}

/* Appends the events of those of 'passes' that are of 'u': if 'first', those
 * of the pass that missed, else of the others, of which executes are shown
 * with 'which'. */
static void
put_passes(const struct upcall_passes *passes, const struct upcall *u,
           bool first, enum pass_text_events which,
           const struct record_context *c, struct ds *ds)
{
    for (size_t i = 0; i < passes->n; i++) {
        struct pass p;

        if (get_pass(c, passes->passes[i].seq, &p)
            && first == (p.id == u->rec->pass)
            && upcall_passes_owner(c->history, p.rec) == u->rec->id) {
            pass_format_events(&p, p.is_execute ? which : PASS_TEXT_ALL,
                               u->rec->id, c->flows, c->layout, ds);
        }
    }
}

/* Appends that there are more passes of 'u' than are looked for. */
static void
put_too_many(const struct upcall *u, struct ds *ds)
{
    record_text_begin_event(false, 0, u->rec->comm, ds);
    ds_put_format(ds, "passes more than %d, see upcall-trace/passes "
                  "q %"PRIu64"\n", UPCALL_PASSES_MAX,
                  (uint64_t) u->rec->id);
}

/* Appends the events of 'u' and of its passes, a line for each, all of which
 * have the id of 'u'.  What both tell of is there once: the execute is told by
 * the upcall, if that knows of it, and its actions by the passes, if all of
 * these know which were executed.  A pass that is also one of another
 * upcall, which missed in it, is with that. */
void
passes_show_events(const struct upcall *u, const struct record_context *c,
                   struct ds *ds)
{
    struct upcall_passes passes;
    enum pass_text_events which;

    if (!c->history || !history_has_passes(c->history)) {
        upcall_format_events(u, c->ports, ds);
        return;
    } else if (!find(u, c, &passes)) {
        upcall_format_events(u, c->ports, ds);
        put_too_many(u, ds);
        return;
    }
    put_passes(&passes, u, true, PASS_TEXT_ALL, c, ds);
    which = PASS_TEXT_DROP | (u->rec->n_execs ? 0 : PASS_TEXT_BEGIN);
    if (have_executes(&passes, u, c)) {
        which |= PASS_TEXT_ACTIONS;
        upcall_format_begin_events(u, ds);
    } else {
        upcall_format_events(u, c->ports, ds);
    }
    put_passes(&passes, u, false, which, c, ds);
}
