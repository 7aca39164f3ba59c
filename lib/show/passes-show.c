/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/passes-show.h"

#include <stdlib.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/pass-json.h"
#include "show/pass-text.h"
#include "show/record-context.h"
#include "show/record-text.h"
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

/* Appends the passes of 'u', a line for each, or with 'events' for each event
 * of these.  Appends nothing if 'c' has no history. */
void
passes_show_text(const struct upcall *u, bool events,
                 const struct record_context *c, struct ds *ds)
{
    struct upcall_passes passes;
    struct pass p;

    if (!c->history || !history_has_passes(c->history)) {
        return;
    }
    if (!find(u, c, &passes)) {
        if (!events) {
            ds_put_format(ds, "%10s%-11smore than %d, see "
                          "upcall-trace/passes\n", "", "pass",
                          UPCALL_PASSES_MAX);
        }
        return;
    }
    for (size_t i = 0; i < passes.n; i++) {
        if (!get_pass(c, passes.passes[i].seq, &p)) {
            continue;
        } else if (events) {
            pass_format_events(&p, c->flows, c->layout, ds);
        } else {
            ds_put_format(ds, "%10s%-11s", "", "pass");
            pass_format_line(&p, c->ports, ds);
        }
    }
}
