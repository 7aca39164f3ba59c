/* SPDX-License-Identifier: Apache-2.0 */

/* One pass as lines of events: the second half of pass-text.h. */

#include <config.h>

#include "show/pass-text.h"

#include <inttypes.h>

#include "flow/flow-text.h"
#include "flow/hidden-actions.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-text.h"

static void put_lookup_event(const struct pass *, struct ds *);
static void put_execute_event(const struct pass *, struct ds *);

/* Appends the events of 'p' to 'ds', a line for each, which starts with its
 * time in ns and the thread.  The lines are similar to those of Retis.  Ports
 * are numbers as there.  'layout' is that of the kernel's actions, or NULL. */
void
pass_format_events(const struct pass *p, const struct flow_table *flows,
                   const struct kernel_layout *layout, struct ds *ds)
{
    struct pass_actions actions;
    const struct nlattr *a;
    size_t left;

    if (p->is_execute) {
        put_execute_event(p, ds);
    } else {
        put_lookup_event(p, ds);
    }
    pass_actions_init(&actions, p, layout);
    hidden_actions_fill(&actions, p, flows);
    NL_ATTR_FOR_EACH (a, left, actions.attrs.data, actions.attrs.len) {
        record_text_begin_event(false, 0, p->rec->comm, ds);
        record_text_action_event(a, ds);
        ds_put_format(ds, " q p%"PRIu64"\n", p->id);
    }
    pass_actions_uninit(&actions);
}

static void
put_lookup_event(const struct pass *p, struct ds *ds)
{
    const struct pass_record *rec = p->rec;

    record_text_begin_event(true, rec->ts + rec->lookup_ns, rec->comm, ds);
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
