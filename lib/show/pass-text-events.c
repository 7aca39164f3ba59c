/* SPDX-License-Identifier: Apache-2.0 */

/* One pass as lines of events: the second half of pass-text.h. */

#include <config.h>

#include "show/pass-text.h"

#include <inttypes.h>

#include "flow/flow-text.h"
#include "flow/hidden-actions.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/action.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass-executed.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-text.h"

/* What all lines of a pass have. */
struct events {
    const struct pass *pass;
    uint64_t upcall;            /* The id that they have, if it is not 0;
                                 * else it is that of the pass. */
    struct executed executed;
};

static void put_begin(const struct events *, struct ds *);
static void put_actions(const struct events *, const struct upcall_attrs *,
                        int depth, struct ds *);
static void put_missing(const struct events *, size_t missing, struct ds *);
static void put_drop_event(const struct events *,
                           const struct kernel_layout *, struct ds *);

/* Appends those events of 'p' to 'ds' that are in 'which', a line for each,
 * which starts with its time in ns and the thread.  The lines are similar to
 * those of Retis.  Ports are numbers as there.  'upcall' is the id of the
 * upcall that 'p' is of, 0 if that is not known: see upcall_passes_owner().
 * 'layout' is that of the kernel's actions, or NULL. */
void
pass_format_events(const struct pass *p, enum pass_text_events which,
                   uint64_t upcall, const struct flow_table *flows,
                   const struct kernel_layout *layout, struct ds *ds)
{
    struct events e = { .pass = p, .upcall = upcall };
    struct pass_actions actions;

    pass_actions_init_first(&actions, p, layout);
    hidden_actions_fill(&actions, p, flows);
    executed_init(&e.executed, p, &actions);
    if (which & PASS_TEXT_BEGIN) {
        put_begin(&e, ds);
    }
    if (which & PASS_TEXT_ACTIONS) {
        put_actions(&e, &actions.attrs, 0, ds);
        put_missing(&e, actions.missing, ds);
    }
    if (which & PASS_TEXT_DROP) {
        put_drop_event(&e, layout, ds);
    }
    executed_uninit(&e.executed);
    pass_actions_uninit(&actions);
}

/* Ends a line with the id that all events of the same upcall have. */
static void
end_event(const struct events *e, struct ds *ds)
{
    if (e->upcall) {
        ds_put_format(ds, " q %"PRIu64"\n", e->upcall);
    } else {
        ds_put_format(ds, " q p%"PRIu64"\n", e->pass->id);
    }
}

/* Appends 'actions', in which 'depth' others are: those of the flow or the
 * request unless it is known that they were not executed, and those in them
 * that were. */
static void
put_actions(const struct events *e, const struct upcall_attrs *actions,
            int depth, struct ds *ds)
{
    const struct executed *x = &e->executed;
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        struct upcall_attrs lists[ACTION_LISTS_MAX];
        const struct pass_executed *entry;
        enum executed_state state = executed_get(x, a, &entry);
        size_t n;

        if (state == EXECUTED_NO || (depth && state != EXECUTED_YES)) {
            continue;
        }
        record_text_begin_event(entry, entry ? x->ts + entry->ns : 0,
                                e->pass->rec->comm, ds);
        record_text_action_event(a, ds);
        end_event(e, ds);
        n = x->is_known && depth < ACTION_MAX_DEPTH ? action_lists(a, lists)
            : 0;
        for (size_t i = 0; i < n; i++) {
            put_actions(e, &lists[i], depth + 1, ds);
        }
    }
}

/* Appends that 'missing' bytes of actions are not in the record, unless that
 * is 0. */
static void
put_missing(const struct events *e, size_t missing, struct ds *ds)
{
    if (missing) {
        record_text_begin_event(false, 0, e->pass->rec->comm, ds);
        ds_put_format(ds, "actions %"PRIuSIZE" more bytes", missing);
        end_event(e, ds);
    }
}

static void
put_drop_event(const struct events *e, const struct kernel_layout *layout,
               struct ds *ds)
{
    const struct pass_record *rec = e->pass->rec;
    struct packet_drop d;

    if (!pass_get_drop(e->pass, layout, &d)) {
        return;
    }
    record_text_begin_event(d.has_time, rec->ts + d.ns, rec->comm, ds);
    ds_put_cstr(ds, PASS_EVENT_DROP " ");
    if (d.has_reason) {
        packet_drop_format(&d, ds);
    } else {
        ds_put_char(ds, '-');
    }
    if (e->executed.dropped_by) {
        ds_put_cstr(ds, packet_drop_is_by_action(&d) ? " by " : " after ");
        record_text_action_short(e->executed.dropped_by, ds);
    }
    end_event(e, ds);
}

static void
put_lookup(const struct pass_record *rec, struct ds *ds)
{
    record_text_begin_event(true, pass_get_lookup_ts(rec), rec->comm, ds);
    ds_put_format(ds, PASS_EVENT_LOOKUP " %s", pass_lookup_name(rec->lookup));
    if (rec->lookup == PASS_HIT) {
        ds_put_cstr(ds, " ufid ");
        if (rec->flags & PASS_F_UFID) {
            flow_text_ufid(rec->ufid, ds);
        } else {
            ds_put_char(ds, '-');
        }
        ds_put_format(ds, " masks %"PRIu32" cache %"PRIu32, rec->masks,
                      rec->cache);
    }
}

/* Appends the lookup, or the execute. */
static void
put_begin(const struct events *e, struct ds *ds)
{
    const struct pass_record *rec = e->pass->rec;

    if (e->pass->is_execute) {
        record_text_begin_event(true, rec->ts, rec->comm, ds);
        ds_put_cstr(ds, PASS_EVENT_EXECUTE);
    } else {
        put_lookup(rec, ds);
    }
    end_event(e, ds);
}
