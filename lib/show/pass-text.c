/* SPDX-License-Identifier: Apache-2.0 */

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
#include "show/packet-text.h"
#include "show/record-text.h"
#include "store/place.h"

static void put_header(const struct pass *, const struct place *, struct ds *);
static void put_action(const struct nlattr *, const struct place *,
                       struct ds *);
static void put_no_actions(const struct pass *, const struct upcall_attrs *,
                           struct ds *);

/* Appends 'p' to 'ds' for people: a line about the pass, then one for each
 * action of its flow, or of the request to execute it.  Names of ports come
 * from 'map', what is known of flows from 'flows', and how the kernel wrote
 * actions from 'layout', all of which may be NULL. */
void
pass_format(const struct pass *p, const struct port_map *map,
            const struct flow_table *flows,
            const struct kernel_layout *layout, struct ds *ds)
{
    struct place place = place_of_pass(p, map);
    struct pass_actions actions;
    const struct nlattr *a;
    size_t left;

    put_header(p, &place, ds);
    pass_actions_init(&actions, p, layout);
    hidden_actions_fill(&actions, p, flows);
    NL_ATTR_FOR_EACH (a, left, actions.attrs.data, actions.attrs.len) {
        put_action(a, &place, ds);
    }
    put_no_actions(p, &actions.attrs, ds);
    pass_actions_uninit(&actions);
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

/* Appends a line about an action.  When it was executed is not known. */
static void
put_action(const struct nlattr *action, const struct place *place,
           struct ds *ds)
{
    record_text_begin_stage(false, 0, ds);
    record_text_action_name(action, ds);
    record_text_action(action, place, ds);
    record_text_end_stage(ds);
}

/* Appends a line that says why there are no lines of 'actions', unless there
 * are. */
static void
put_no_actions(const struct pass *p, const struct upcall_attrs *actions,
               struct ds *ds)
{
    if (p->rec->lookup != PASS_MISS && !actions->len) {
        record_text_begin_stage(false, 0, ds);
        if (actions->data) {
            record_text_stage_name("drop", ds);
        } else {
            record_text_stage_name("actions", ds);
            ds_put_cstr(ds, "unknown");
        }
        record_text_end_stage(ds);
    }
}
