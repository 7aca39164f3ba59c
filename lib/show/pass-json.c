/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/pass-json.h"

#include <inttypes.h>

#include "base/json-writer.h"
#include "flow/hidden-actions.h"
#include "flow/packet-flow.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/names.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass-executed.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/action-json.h"
#include "show/flow-show.h"
#include "show/record-context.h"
#include "show/record-json.h"
#include "show/record-raw.h"
#include "store/place.h"

static void write_drop(struct json_writer *, const struct pass *,
                       const struct place *, const struct executed *,
                       const struct kernel_layout *);
static void write_error(struct json_writer *, const struct pass *);
static void write_events(struct json_writer *, const struct pass *,
                         const struct place *, const struct pass_actions *,
                         const struct executed *);
static void write_latency(struct json_writer *, const struct pass *);
static void write_packet(struct json_writer *, const struct pass *);

/* Returns what came of the lookup, NULL if there was none. */
static const char *
get_result(const struct pass *p)
{
    return p->is_execute ? NULL : pass_lookup_name(p->rec->lookup);
}

/* Returns the UFID of the flow of 'p', NULL if unknown. */
static const uint8_t *
get_ufid(const struct pass *p)
{
    return p->rec->flags & PASS_F_UFID ? p->rec->ufid : NULL;
}

/* Writes 'p' as an object.  'seq' is its number in the history; names of ports
 * come from 'map', what is known of flows from 'flows', and how the kernel
 * wrote actions from 'layout', all of which may be NULL.  What is unknown is
 * null. */
void
pass_json_write(struct json_writer *w, const struct pass *p, uint64_t seq,
                const struct port_map *map, const struct flow_table *flows,
                const struct kernel_layout *layout)
{
    const struct record_context c = {
        .ports = map, .flows = flows, .layout = layout,
    };

    pass_json_write_all(w, p, seq, &c);
}

/* Does the same with what is in 'c'.
 *
 * The members of this object, and of all in it, are in the order of their
 * names. */
void
pass_json_write_all(struct json_writer *w, const struct pass *p, uint64_t seq,
                    const struct record_context *c)
{
    static const struct upcall_attrs none = { .data = NULL };
    const struct pass_record *rec = p->rec;
    struct place place = place_of_pass(p, c->ports);
    struct pass_actions actions;
    struct executed executed;

    pass_actions_init_first(&actions, p, c->layout);
    hidden_actions_fill(&actions, p, c->flows);
    executed_init(&executed, p, &actions);
    json_write_object(w, NULL);
    json_write_integer_if(w, "actions_missing", actions.attrs.data,
                          actions.missing);
    json_write_integer_if(w, "cache", !p->is_execute, rec->cache);
    record_json_datapath(w, &place);
    write_drop(w, p, &place, &executed, c->layout);
    write_error(w, p);
    write_events(w, p, &place, &actions, &executed);
    flow_show_write_pass(w, "flow", p, p->actions ? &actions.attrs : &none,
                         c->flows);
    record_json_pass_id(w, "id", true, p->id);
    json_write_string(w, "kind", "pass");
    write_latency(w, p);
    json_write_string(w, "lookup", get_result(p));
    json_write_integer_if(w, "masks", !p->is_execute, rec->masks);
    write_packet(w, p);
    record_json_pass_id(w, "parent", rec->flags & PASS_F_BELOW, rec->below);
    record_json_port(w, "port", &place, p->has_port, rec->port_no);
    if (c->raw) {
        record_raw_write_pass(w, "raw", p, &actions, c->flows);
    }
    json_write_integer_if(w, "recirc_id", !p->is_execute, rec->recirc_id);
    json_write_integer(w, "seq", seq);
    record_json_pass_id(w, "track", p->track != PASS_NO_TRACK,
                         p->track);
    flow_show_write_ufid(w, "ufid", get_ufid(p));
    if (rec->flags & PASS_F_UPCALL) {
        json_write_number_string(w, "upcall", rec->upcall);
    } else {
        json_write_null(w, "upcall");
    }
    json_write_end_object(w);
    executed_uninit(&executed);
    pass_actions_uninit(&actions);
}

/* Parts of a pass. */

/* Writes why the kernel has refused an execute, null if it has not. */
static void
write_error(struct json_writer *w, const struct pass *p)
{
    int error = pass_get_errno(p);

    if (error) {
        upcall_put_errno(json_write_text(w, "error"), error);
        json_write_end_text(w);
    } else {
        json_write_null(w, "error");
    }
}

/* Writes the last action before the packet was dropped, null if that is
 * unknown. */
static void
write_dropped_by(struct json_writer *w, const struct executed *x,
                 const struct place *place)
{
    struct action_json j;

    if (x->dropped_by) {
        action_json_init(&j, x->dropped_by, place, w);
        j.executed = x;
        action_json_write(&j, "action");
    } else {
        json_write_null(w, "action");
    }
}

/* Writes how the packet was dropped, null if it was not, or that is not
 * known. */
static void
write_drop(struct json_writer *w, const struct pass *p,
           const struct place *place, const struct executed *x,
           const struct kernel_layout *layout)
{
    struct packet_drop d;

    if (!pass_get_drop(p, layout, &d)) {
        json_write_null(w, "drop");
        return;
    }
    json_write_object(w, "drop");
    write_dropped_by(w, x, place);
    json_write_integer(w, "count", d.count);
    json_write_integer_if(w, "number", d.has_reason, d.reason);
    json_write_string(w, "reason", d.name);
    json_write_integer_if(w, "ts", d.has_time, p->rec->ts + d.ns);
    json_write_end_object(w);
}

static void
write_latency(struct json_writer *w, const struct pass *p)
{
    const struct pass_record *rec = p->rec;

    json_write_object(w, "latency");
    json_write_integer_if(w, "lookup", !p->is_execute, rec->lookup_ns);
    json_write_integer_if(w, "total", rec->flags & PASS_F_DONE, rec->end_ns);
    json_write_end_object(w);
}

static void
write_packet(struct json_writer *w, const struct pass *p)
{
    json_write_object(w, "packet");
    record_json_data(w, p->packet, p->packet_kept);
    if (packet_flow_text(p, json_write_text(w, "flow"))) {
        json_write_end_text(w);
    } else {
        json_write_null_text(w);
    }
    json_write_integer_if(w, "len", p->rec->packet_len, p->rec->packet_len);
    json_write_end_object(w);
}

/* Events. */

/* Writes where the pass was. */
static void
write_thread(struct json_writer *w, const struct pass *p)
{
    const struct pass_record *rec = p->rec;

    record_json_comm(w, rec->comm);
    json_write_string(w, "context",
                      rec->flags & PASS_F_SOFTIRQ ? "softirq"
                      : rec->flags & PASS_F_PROCESS ? "process" : NULL);
    json_write_integer(w, "cpu", rec->cpu);
}

static void
write_lookup(struct json_writer *w, const struct pass *p)
{
    const struct pass_record *rec = p->rec;

    json_write_object(w, NULL);
    json_write_integer(w, "cache", rec->cache);
    write_thread(w, p);
    json_write_string(w, "event", PASS_EVENT_LOOKUP);
    json_write_integer(w, "masks", rec->masks);
    json_write_string(w, "result", get_result(p));
    json_write_integer(w, "tid", rec->tid);
    json_write_integer(w, "ts", pass_get_lookup_ts(rec));
    flow_show_write_ufid(w, "ufid", get_ufid(p));
    json_write_end_object(w);
}

static void
write_execute(struct json_writer *w, const struct pass *p)
{
    const struct pass_record *rec = p->rec;
    bool done = rec->flags & PASS_F_DONE;

    json_write_object(w, NULL);
    write_thread(w, p);
    json_write_integer_if(w, "duration", done, rec->end_ns);
    json_write_string(w, "event", PASS_EVENT_EXECUTE);
    json_write_integer_if(w, "ret", done, rec->ret);
    json_write_integer(w, "tid", rec->tid);
    json_write_integer(w, "ts", rec->ts);
    json_write_end_object(w);
}

/* Sets in '*show' what is known of the execution of its action. */
static void
find_execution(struct action_show *show, const struct executed *x)
{
    const struct pass_executed *entry;

    show->has_ts = executed_get(x, show->action, &entry) == EXECUTED_YES;
    show->ts = show->has_ts ? x->ts + entry->ns : 0;
}

/* Writes the lookup, or the execute, and then the actions. */
static void
write_events(struct json_writer *w, const struct pass *p,
             const struct place *place, const struct pass_actions *actions,
             const struct executed *x)
{
    struct action_show show = {
        .source = p->is_execute ? SOURCE_REQUEST : SOURCE_FLOW,
        .of_pass = true,
    };
    size_t left;

    json_write_array(w, "events");
    if (p->is_execute) {
        write_execute(w, p);
    } else {
        write_lookup(w, p);
    }
    show.executed = x->is_known ? x : NULL;
    NL_ATTR_FOR_EACH (show.action, left, actions->attrs.data,
                      actions->attrs.len) {
        find_execution(&show, x);
        record_json_action(w, &show, place);
    }
    json_write_end_array(w);
}
