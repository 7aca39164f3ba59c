/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/upcall-text.h"

#include <inttypes.h>
#include <string.h>

#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "record/userdata.h"
#include "show/flow-show.h"
#include "show/packet-text.h"
#include "show/record-text.h"
#include "store/place.h"
#include "util.h"

static void put_header(const struct upcall *, const struct place *,
                       struct ds *);
static void put_stage(const struct upcall *, const struct upcall_event *,
                      const struct place *, struct ds *);
static void put_waits(const struct upcall *, struct ds *);

/* Appends 'u' to 'ds' for people: a line about the upcall, then one for each
 * stage, with its time in us after the first, then what the handler did
 * meanwhile, and the flow that was put if ovs-vswitchd is asked about flows,
 * as far as that is known.  Names of ports come from 'map', and
 * what is known of flows from 'flows', both of which may be NULL. */
void
upcall_format(const struct upcall *u, const struct port_map *map,
              const struct flow_table *flows, struct ds *ds)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);
    struct place place = place_of_upcall(u, map);

    put_header(u, &place, ds);
    for (size_t i = 0; i < n; i++) {
        if (events[i].kind != UPCALL_EVENT_RETURN
            || u->rec->outcome == UPCALL_LOST) {
            put_stage(u, &events[i], &place, ds);
        }
    }
    put_waits(u, ds);
    flow_show_upcall(u, flows, ds);
}

/* Appends the first of these lines alone. */
void
upcall_format_line(const struct upcall *u, const struct port_map *map,
                   struct ds *ds)
{
    struct place place = place_of_upcall(u, map);

    put_header(u, &place, ds);
}

/* The header of an upcall. */

static const char *
class_name(const struct upcall *u)
{
    const char *name = upcall_class_name(u->class);

    return name ? name : "unknown";
}

static void
put_userdata(const struct userdata_field *field, const struct place *place,
             struct ds *ds)
{
    switch (field->kind) {
    case USERDATA_NUMBER:
        ds_put_format(ds, "%"PRIu64, field->value);
        break;
    case USERDATA_HEX:
        ds_put_format(ds, "%#"PRIx64, field->value);
        break;
    case USERDATA_PORT:
        record_text_port(place, field->value, ds);
        break;
    case USERDATA_FLAG:
        ds_put_cstr(ds, field->value ? "yes" : "no");
        break;
    case USERDATA_NAME:
        ds_put_cstr(ds, field->text);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
put_class(const struct upcall *u, const struct place *place, struct ds *ds)
{
    struct userdata_field fields[USERDATA_FIELDS_MAX];
    size_t n = userdata_get_fields(u, fields);
    char buf[USERDATA_REASON_MAX];
    const char *reason = userdata_reason(u, buf);
    const char *separator = " (";

    ds_put_cstr(ds, class_name(u));
    if (reason) {
        ds_put_format(ds, "%s%s", separator, reason);
        separator = ", ";
    }
    for (size_t i = 0; i < n; i++) {
        if (fields[i].label) {
            ds_put_format(ds, "%s%s ", separator, fields[i].label);
            put_userdata(&fields[i], place, ds);
            separator = ", ";
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? ")" : "");
}

static void
put_packet(const struct upcall *u, struct ds *ds)
{
    size_t start = ds->length;

    ds_put_char(ds, ' ');
    if (!packet_text_format(u, ds)) {
        ds_truncate(ds, start);
    }
    if (u->packet_len) {
        ds_put_format(ds, " %"PRIu32" bytes", u->packet_len);
    }
}

/* Appends which upcalls 'u' is related to. */
static void
put_relations(const struct upcall *u, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;

    if (rec->flags & UPCALL_F_NESTED) {
        ds_put_format(ds, " (child of #%"PRIu64, (uint64_t) rec->parent);
    }
    if (rec->group) {
        ds_put_cstr(ds, rec->flags & UPCALL_F_NESTED ? ", " : " (");
        ds_put_format(ds, "segment %"PRIu32" of group #%"PRIu64, rec->segment,
                      (uint64_t) rec->group);
    }
    if (rec->flags & UPCALL_F_NESTED || rec->group) {
        ds_put_char(ds, ')');
    }
}

/* Appends how 'u' ended, which is not known if the trace was stopped before,
 * or if an execute may have been that of another upcall. */
static void
put_outcome(const struct upcall *u, struct ds *ds)
{
    const char *name = upcall_outcome_name(u->rec->outcome);

    if (!name) {
        name = (u->rec->flags & UPCALL_F_UNSURE
                ? "unknown" : "unfinished");
    }
    ds_put_cstr(ds, name);
}

static void
put_total(const struct upcall *u, struct ds *ds)
{
    struct upcall_latency latency;

    upcall_get_latency(u->rec, &latency);
    if (upcall_latency_has(&latency, UPCALL_STAGE_TOTAL)) {
        record_text_us(latency.ns[UPCALL_STAGE_TOTAL], ds);
    } else {
        ds_put_char(ds, '-');
    }
}

static void
put_conflicts(const struct upcall *u, struct ds *ds)
{
    const char *separator = " (conflict: ";

    for (int i = 0; i < UPCALL_N_CONFLICTS; i++) {
        if (u->rec->conflicts & 1u << i) {
            ds_put_format(ds, "%s%s", separator, upcall_conflict_name(i));
            separator = ", ";
        }
    }
    ds_put_cstr(ds, u->rec->conflicts ? ")" : "");
}

static void
put_header(const struct upcall *u, const struct place *place, struct ds *ds)
{
    ds_put_format(ds, "#%"PRIu64" ", (uint64_t) u->rec->id);
    put_class(u, place, ds);
    ds_put_char(ds, ' ');
    record_text_in_port(place, u->has_port, u->port_no, ds);
    put_packet(u, ds);
    put_relations(u, ds);
    ds_put_cstr(ds, ": ");
    put_outcome(u, ds);
    record_text_errno(upcall_get_errno(u), ds);
    ds_put_cstr(ds, ", ");
    put_total(u, ds);
    put_conflicts(u, ds);
    ds_put_char(ds, '\n');
}

/* The stages of an upcall. */

static void
put_enqueue_stage(const struct upcall *u, struct ds *ds)
{
    ds_put_format(ds, "socket %"PRIu32, u->rec->portid);
    if (u->rec->flags & UPCALL_F_RECEIVED) {
        ds_put_cstr(ds, " (");
        upcall_put_comm(ds, u->rec->recv_comm);
        ds_put_char(ds, ')');
    }
}

/* Appends the error that 'ret' stands for, with its text, behind 'separator';
 * nothing if it is none. */
static void
put_ret(int ret, const char *separator, struct ds *ds)
{
    int error = upcall_ret_to_errno(ret);

    if (error) {
        ds_put_cstr(ds, separator);
        upcall_put_errno(ds, error);
    }
}

static void
put_recv_stage(const struct upcall *u, struct ds *ds)
{
    upcall_put_comm(ds, u->rec->recv_comm);
    ds_put_format(ds, ", %"PRIu64" of %"PRIu32,
                  (uint64_t) u->rec->batch_idx + 1, u->rec->batch_size);
    if (u->rec->queue_len) {
        ds_put_format(ds, ", %"PRIu32" more waiting", u->rec->queue_len);
    }
}

static void
put_put_stage(const struct upcall *u, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;
    size_t start = ds->length;

    if (rec->flags & UPCALL_F_UFID) {
        ds_put_cstr(ds, "ufid:");
        flow_text_ufid(rec->ufid, ds);
    }
    if (rec->flags & UPCALL_F_PUT_DONE) {
        ds_put_cstr(ds, ds->length > start ? " " : "");
        record_text_us(rec->put_duration, ds);
        if (upcall_get_put(rec) == UPCALL_PUT_DUPLICATE) {
            ds_put_format(ds, ", %s", upcall_put_name(UPCALL_PUT_DUPLICATE));
        } else if (upcall_get_put_errno(u)) {
            ds_put_cstr(ds, ", ");
            upcall_put_errno_name(ds, upcall_get_put_errno(u));
        }
    }
}

/* Appends what is unusual about the execute. */
static void
put_exec_stage(const struct upcall *u, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;
    const char *separator = "";

    if (rec->n_execs > 1) {
        ds_put_format(ds, "%d requests", rec->n_execs);
        separator = ", ";
    }
    if (rec->exec_rule != UPCALL_RULE_POINTER
        && rec->exec_rule != UPCALL_RULE_PACKET) {
        ds_put_format(ds, "%sby %s", separator,
                      upcall_rule_name(rec->exec_rule));
        separator = ", ";
    }
    if (rec->flags & UPCALL_F_EXEC_DONE) {
        put_ret(rec->exec_ret, separator, ds);
    }
}

static void
put_stage_name(const struct upcall_event *event, struct ds *ds)
{
    static const char *const names[] = {
        [UPCALL_EVENT_UPCALL] = "upcall",
        [UPCALL_EVENT_ENQUEUE] = "enqueue",
        [UPCALL_EVENT_RETURN] = "return",
        [UPCALL_EVENT_RECV] = "receive",
        [UPCALL_EVENT_USDT_RECV] = "usdt_recv",
        [UPCALL_EVENT_TRANSLATED] = "translated",
        [UPCALL_EVENT_USDT_PUT] = "op_put",
        [UPCALL_EVENT_PUT] = "flow_put",
        [UPCALL_EVENT_USDT_EXEC] = "op_execute",
        [UPCALL_EVENT_EXEC] = "flow_exec",
    };

    if (event->kind == UPCALL_EVENT_ACTION) {
        record_text_action_name(event->action, ds);
    } else {
        record_text_stage_name(names[event->kind], ds);
    }
}

static void
put_stage_details(const struct upcall *u, const struct upcall_event *event,
                  const struct place *place, struct ds *ds)
{
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL:
        ds_put_format(ds, "cpu %"PRIu32, u->rec->cpu);
        break;
    case UPCALL_EVENT_ENQUEUE: put_enqueue_stage(u, ds); break;
    case UPCALL_EVENT_RETURN: put_ret(u->rec->ret, "", ds); break;
    case UPCALL_EVENT_RECV: put_recv_stage(u, ds); break;
    case UPCALL_EVENT_USDT_RECV:
    case UPCALL_EVENT_TRANSLATED:
    case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_USDT_EXEC: break;
    case UPCALL_EVENT_PUT: put_put_stage(u, ds); break;
    case UPCALL_EVENT_EXEC: put_exec_stage(u, ds); break;
    case UPCALL_EVENT_ACTION:
        record_text_action(event->action, place, ds);
        break;
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
}

static void
put_stage(const struct upcall *u, const struct upcall_event *event,
          const struct place *place, struct ds *ds)
{
    record_text_begin_stage(event->has_ts, event->ts - u->rec->ts, ds);
    put_stage_name(event, ds);
    put_stage_details(u, event, place, ds);
    record_text_end_stage(ds);
}

/* Appends 'what' and 'ns' behind '*separator', and 'delay' of that, unless
 * there was nothing. */
static void
put_wait(const char *what, uint64_t ns, uint64_t delay, const char **separator,
         struct ds *ds)
{
    if (ns) {
        ds_put_format(ds, "%s%s ", *separator, what);
        record_text_us(ns, ds);
        if (delay) {
            ds_put_cstr(ds, " (");
            record_text_us(delay, ds);
            ds_put_cstr(ds, " of it without a CPU)");
        }
        *separator = ", ";
    }
}

/* Appends a line about what the handler did meanwhile, if that is known. */
static void
put_waits(const struct upcall *u, struct ds *ds)
{
    const char *separator = "";
    struct upcall_waits w;

    upcall_get_waits(u->rec, &w);
    if (!w.has_queue && !w.handle_delay) {
        return;
    }
    ds_put_format(ds, "%10s%-11s", "", "handler");
    put_wait("before: at work", w.busy, 0, &separator, ds);
    put_wait(w.busy ? "not running" : "before: not running", w.idle,
             w.queue_delay, &separator, ds);
    if (w.handle_delay) {
        separator = separator[0] ? "; " : "";
        put_wait("after: without a CPU", w.handle_delay, 0, &separator, ds);
    }
    ds_put_char(ds, '\n');
}
