/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/pass-text.h"

#include <inttypes.h>

#include "flow/flow-text.h"
#include "flow/hidden-actions.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/action.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass-executed.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/packet-text.h"
#include "show/record-text.h"
#include "store/place.h"

static void put_header(const struct pass *, const struct place *, struct ds *);
static void put_actions(const struct executed *, const struct upcall_attrs *,
                        const struct place *, int depth, struct ds *);
static void put_unknown_actions(const struct pass *,
                                const struct pass_actions *, struct ds *);
static void put_drop(const struct pass *, const struct executed *,
                     const struct place *, const struct kernel_layout *,
                     struct ds *);

/* Appends 'p' to 'ds' for people: a line about the pass, then one for each
 * action of its flow, or of the request to execute it, with the time when it
 * was executed, if that is known, and for the drop of the packet.  Names of
 * ports come from 'map', what is known of flows from 'flows', and how the
 * kernel wrote actions from 'layout', all of which may be NULL. */
void
pass_format(const struct pass *p, const struct port_map *map,
            const struct flow_table *flows,
            const struct kernel_layout *layout, struct ds *ds)
{
    struct place place = place_of_pass(p, map);
    struct pass_actions actions;
    struct executed executed;

    put_header(p, &place, ds);
    pass_actions_init_first(&actions, p, layout);
    hidden_actions_fill(&actions, p, flows);
    executed_init(&executed, p, &actions);
    put_actions(&executed, &actions.attrs, &place, 0, ds);
    put_unknown_actions(p, &actions, ds);
    put_drop(p, &executed, &place, layout, ds);
    executed_uninit(&executed);
    pass_actions_uninit(&actions);
}

/* Appends a line about the actions that are not in the record, if there are
 * any. */
static void
put_unknown_actions(const struct pass *p, const struct pass_actions *actions,
                    struct ds *ds)
{
    bool unknown = p->rec->lookup != PASS_MISS && !actions->attrs.data;

    if (unknown || actions->missing) {
        record_text_begin_stage(false, 0, ds);
        record_text_stage_name("actions", ds);
        if (unknown) {
            ds_put_cstr(ds, "unknown");
        } else {
            ds_put_format(ds, "%"PRIuSIZE" more bytes", actions->missing);
        }
        record_text_end_stage(ds);
    }
}

/* Appends the line about the pass alone. */
void
pass_format_line(const struct pass *p, const struct port_map *map,
                 struct ds *ds)
{
    struct place place = place_of_pass(p, map);

    put_header(p, &place, ds);
}

static void
put_packet(const struct pass *p, struct ds *ds)
{
    size_t start = ds->length;

    ds_put_char(ds, ' ');
    if (!packet_text_format_pass(p, ds)) {
        ds_truncate(ds, start);
    }
    if (p->rec->packet_len) {
        ds_put_format(ds, " %"PRIu32" bytes", p->rec->packet_len);
    }
}

/* Appends by which pass, and as what, the packet came here. */
static void
put_relations(const struct pass *p, struct ds *ds)
{
    const struct pass_record *rec = p->rec;
    const char *separator = " (";

    if (rec->flags & PASS_F_BELOW) {
        ds_put_format(ds, "%schild of p%"PRIu64, separator,
                      (uint64_t) rec->below);
        separator = ", ";
    }
    if (rec->recirc_id && !p->is_execute) {
        ds_put_format(ds, "%srecirc_id %#"PRIx32, separator, rec->recirc_id);
        separator = ", ";
    }
    ds_put_cstr(ds, separator[0] == ',' ? ")" : "");
}

static void
put_count(uint32_t n, const char *what, struct ds *ds)
{
    ds_put_format(ds, ", %"PRIu32" %s%s", n, what, n == 1 ? "" : "s");
}

static void
put_lookup(const struct pass *p, struct ds *ds)
{
    const struct pass_record *rec = p->rec;

    ds_put_cstr(ds, pass_lookup_name(rec->lookup));
    if (rec->flags & PASS_F_UFID) {
        ds_put_cstr(ds, " ufid:");
        flow_text_ufid(rec->ufid, ds);
    }
    if (rec->flags & PASS_F_UPCALL) {
        ds_put_format(ds, ", upcall #%"PRIu64, (uint64_t) rec->upcall);
    }
    put_count(rec->masks, "mask", ds);
    if (!(rec->flags & PASS_F_DONE)) {
        ds_put_cstr(ds, ", lookup ");
        record_text_us(rec->lookup_ns, ds);
    }
}

static void
put_execute(const struct pass *p, struct ds *ds)
{
    ds_put_cstr(ds, "execute");
    if (p->rec->flags & PASS_F_UPCALL) {
        ds_put_format(ds, " of upcall #%"PRIu64, (uint64_t) p->rec->upcall);
    }
    record_text_errno(pass_get_errno(p), ds);
}

static void
put_header(const struct pass *p, const struct place *place, struct ds *ds)
{
    ds_put_format(ds, "p%"PRIu64" ", p->id);
    record_text_in_port(place, p->has_port, p->rec->port_no, ds);
    put_packet(p, ds);
    put_relations(p, ds);
    ds_put_cstr(ds, ": ");
    if (p->is_execute) {
        put_execute(p, ds);
    } else {
        put_lookup(p, ds);
    }
    if (p->rec->flags & PASS_F_DONE) {
        ds_put_cstr(ds, ", ");
        record_text_us(p->rec->end_ns, ds);
    }
    ds_put_char(ds, '\n');
}

/* Appends what came of 'action', as far as it is known. */
static void
put_result(const struct executed *x, const struct nlattr *action,
           struct ds *ds)
{
    int result;

    if (!executed_result(x, action, &result)) {
        return;
    } else if (nl_attr_type(action) == OVS_ACTION_ATTR_METER) {
        ds_put_cstr(ds, result == PASS_METER_DROPS ? ", dropped" : "");
    } else {
        record_text_errno(upcall_ret_to_errno(result), ds);
    }
}

/* Appends a line about an action in which 'depth' others are. */
static void
put_action(const struct executed *x, const struct nlattr *action,
           const struct place *place, int depth, struct ds *ds)
{
    const struct pass_executed *entry;
    enum executed_state state = executed_get(x, action, &entry);

    record_text_begin_stage(entry, entry ? entry->ns : 0, ds);
    ds_put_char_multiple(ds, ' ', depth * 2);
    record_text_action_name(action, ds);
    record_text_action(action, place, ds);
    if (state == EXECUTED_NO) {
        ds_put_cstr(ds, ", not executed");
    }
    put_result(x, action, ds);
    record_text_end_stage(ds);
}

/* Appends lines about 'actions', in which 'depth' others are, and about those
 * in them that were executed. */
static void
put_actions(const struct executed *x, const struct upcall_attrs *actions,
            const struct place *place, int depth, struct ds *ds)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        struct upcall_attrs lists[ACTION_LISTS_MAX];
        const struct pass_executed *entry;
        size_t n;

        if (depth && executed_get(x, a, &entry) != EXECUTED_YES) {
            continue;
        }
        put_action(x, a, place, depth, ds);
        n = x->is_known && depth < ACTION_MAX_DEPTH ? action_lists(a, lists)
            : 0;
        for (size_t i = 0; i < n; i++) {
            put_actions(x, &lists[i], place, depth + 1, ds);
        }
    }
}

/* Appends by which action, or after which one, the packet was dropped. */
static void
put_dropped_by(const struct packet_drop *d, const struct executed *x,
               const struct place *place, struct ds *ds)
{
    if (x->dropped_by) {
        ds_put_cstr(ds, d->has_reason ? ", " : "");
        ds_put_cstr(ds, packet_drop_is_by_action(d) ? "by " : "after ");
        flow_text_action_name(x->dropped_by, ds);
        ds_put_char(ds, ' ');
        record_text_action(x->dropped_by, place, ds);
        ds_chomp(ds, ' ');
    }
}

/* Appends a line about the drop of the packet, if there was one.  Where only
 * the first action tells of it, there is a line about that. */
static void
put_drop(const struct pass *p, const struct executed *x,
         const struct place *place, const struct kernel_layout *layout,
         struct ds *ds)
{
    struct packet_drop d;

    if (!pass_get_drop(p, layout, &d)
        || (!d.has_reason && p->actions_len && !p->n_executed)) {
        return;
    }
    record_text_begin_stage(d.has_time, d.ns, ds);
    record_text_stage_name("drop", ds);
    packet_drop_format(&d, ds);
    put_dropped_by(&d, x, place, ds);
    if (d.count > 1) {
        ds_put_format(ds, ", one of %u", d.count);
    }
    record_text_end_stage(ds);
}
