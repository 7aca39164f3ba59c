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

static void put_lookup_event(const struct pass *, struct ds *);
static void put_actions(const struct pass *, const struct executed *,
                        const struct upcall_attrs *, int depth, struct ds *);
static void put_drop_event(const struct pass *, const struct executed *,
                           const struct kernel_layout *, struct ds *);
static void put_execute_event(const struct pass *, struct ds *);

/* Appends the events of 'p' to 'ds', a line for each, which starts with its
 * time in ns and the thread.  The lines are similar to those of Retis.  Ports
 * are numbers as there.  'layout' is that of the kernel's actions, or NULL. */
void
pass_format_events(const struct pass *p, const struct flow_table *flows,
                   const struct kernel_layout *layout, struct ds *ds)
{
    struct pass_actions actions;
    struct executed executed;

    if (p->is_execute) {
        put_execute_event(p, ds);
    } else {
        put_lookup_event(p, ds);
    }
    pass_actions_init(&actions, p, layout);
    hidden_actions_fill(&actions, p, flows);
    executed_init(&executed, p, &actions);
    put_actions(p, &executed, &actions.attrs, 0, ds);
    put_drop_event(p, &executed, layout, ds);
    executed_uninit(&executed);
    pass_actions_uninit(&actions);
}

/* Appends 'actions', in which 'depth' others are: those of the flow or the
 * request unless it is known that they were not executed, and those in them
 * that were. */
static void
put_actions(const struct pass *p, const struct executed *x,
            const struct upcall_attrs *actions, int depth, struct ds *ds)
{
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
                                p->rec->comm, ds);
        record_text_action_event(a, ds);
        ds_put_format(ds, " q p%"PRIu64"\n", p->id);
        n = x->is_known && depth < ACTION_MAX_DEPTH ? action_lists(a, lists)
            : 0;
        for (size_t i = 0; i < n; i++) {
            put_actions(p, x, &lists[i], depth + 1, ds);
        }
    }
}

static void
put_drop_event(const struct pass *p, const struct executed *x,
               const struct kernel_layout *layout, struct ds *ds)
{
    struct packet_drop d;

    if (!pass_get_drop(p, layout, &d)) {
        return;
    }
    record_text_begin_event(d.has_time, p->rec->ts + d.ns, p->rec->comm, ds);
    ds_put_cstr(ds, PASS_EVENT_DROP " ");
    if (d.has_reason) {
        packet_drop_format(&d, ds);
    } else {
        ds_put_char(ds, '-');
    }
    if (x->dropped_by) {
        ds_put_cstr(ds, packet_drop_is_by_action(&d) ? " by " : " after ");
        record_text_action_short(x->dropped_by, ds);
    }
    ds_put_format(ds, " q p%"PRIu64"\n", p->id);
}

static void
put_lookup_event(const struct pass *p, struct ds *ds)
{
    const struct pass_record *rec = p->rec;

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
    ds_put_char(ds, '\n');
}

static void
put_execute_event(const struct pass *p, struct ds *ds)
{
    record_text_begin_event(true, p->rec->ts, p->rec->comm, ds);
    ds_put_format(ds, PASS_EVENT_EXECUTE " q p%"PRIu64"\n", p->id);
}
