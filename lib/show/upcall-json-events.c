/* SPDX-License-Identifier: Apache-2.0 */

/* The events of one upcall as JSON: the second half of upcall-json.h. */

#include <config.h>

#include "show/upcall-json-private.h"

#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "util.h"

/* Who told of an event: a hook in the kernel, a probe of ovs-vswitchd, or, for
 * an action, the request to execute it. */
#define SOURCE_KERNEL "kernel"
#define SOURCE_USDT "usdt"
#define SOURCE_REQUEST "request"

static void write_event(struct json_writer *, const struct upcall *,
                        const struct upcall_event *,
                        const struct flow_put_text *,
                        const struct port_map *);

/* Writes the events of 'u', which has put 'put' if it has put a flow, as an
 * array.  Names of ports come from 'map', which may be NULL. */
void
upcall_json_write_events(struct json_writer *w, const char *name,
                         const struct upcall *u,
                         const struct flow_put_text *put,
                         const struct port_map *map)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);

    json_write_array(w, name);
    for (size_t i = 0; i < n; i++) {
        write_event(w, u, &events[i], put, map);
    }
    json_write_end_array(w);
}


/* What all events have.  Each of the functions below writes it where the order
 * of names wants it. */

static void
write_kind(struct json_writer *w, const struct upcall_event *event)
{
    json_write_string(w, "event", upcall_event_name(event->kind));
}

static void
write_ts(struct json_writer *w, const struct upcall_event *event)
{
    json_write_integer_if(w, "ts", event->has_ts, event->ts);
}

/* Writes 'comm', the name of a thread. */
static void
write_comm(struct json_writer *w, const char comm[UPCALL_COMM_LEN])
{
    json_write_string_len(w, "comm", comm, strnlen(comm, UPCALL_COMM_LEN));
}

/* The events of one kind each. */

static void
write_upcall(struct json_writer *w, const struct upcall *u,
             const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;

    json_write_string(w, "cmd", upcall_cmd_name(u->class));
    write_comm(w, rec->comm);
    json_write_string(w, "context",
                      rec->flags & UPCALL_F_SOFTIRQ ? "softirq"
                      : rec->flags & UPCALL_F_PROCESS ? "process" : NULL);
    json_write_integer(w, "cpu", rec->cpu);
    write_kind(w, event);
    json_write_integer_if(w, "hash", rec->hash, rec->hash);
    json_write_integer_if(w, "napi_id", rec->napi_id, rec->napi_id);
    json_write_integer(w, "portid", rec->portid);
    json_write_integer_if(w, "rx_queue", rec->rx_queue, rec->rx_queue - 1);
    json_write_integer(w, "tid", rec->tid);
    write_ts(w, event);
}

static void
write_enqueue(struct json_writer *w, const struct upcall *u,
              const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;

    write_kind(w, event);
    json_write_integer(w, "portid", rec->portid);
    json_write_integer(w, "ret", rec->outcome == UPCALL_LOST ? rec->ret : 0);
    json_write_integer(w, "segment", rec->segment);
    write_ts(w, event);
}

static void
write_return(struct json_writer *w, const struct upcall *u,
             const struct upcall_event *event)
{
    int ret;
    bool known = upcall_get_return(u, &ret);

    write_kind(w, event);
    json_write_integer_if(w, "ret", known, ret);
    write_ts(w, event);
}

/* Writes a receive, with what the kernel knows about the socket and about the
 * CPU if it is the kernel that tells. */
static void
write_recv(struct json_writer *w, const struct upcall *u,
           const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;
    bool is_kernel = event->kind == UPCALL_EVENT_RECV;

    json_write_integer(w, "batch", rec->batch);
    json_write_integer(w, "batch_idx", rec->batch_idx);
    json_write_integer(w, "batch_size", rec->batch_size);
    write_comm(w, rec->recv_comm);
    if (is_kernel) {
        json_write_integer(w, "cpu", rec->recv_cpu);
    }
    write_kind(w, event);
    if (is_kernel) {
        json_write_integer(w, "queue_drops", rec->queue_drops);
        json_write_integer(w, "queue_len", rec->queue_len);
    }
    json_write_string(w, "source", is_kernel ? SOURCE_KERNEL : SOURCE_USDT);
    json_write_integer(w, "tid", rec->recv_tid);
    write_ts(w, event);
}

/* Writes an event of which nothing is known but when it was, and by whom. */
static void
write_moment(struct json_writer *w, const struct upcall_event *event,
             const char *source)
{
    write_kind(w, event);
    json_write_string(w, "source", source);
    write_ts(w, event);
}

static void
write_put(struct json_writer *w, const struct upcall *u,
          const struct upcall_event *event, const struct flow_put_text *put)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_PUT_DONE;

    flow_put_text_write_actions(w, "actions", put);
    json_write_integer_if(w, "duration", done, rec->put_duration);
    write_kind(w, event);
    flow_put_text_write_match(w, "key", put);
    json_write_integer_if(w, "ret", done, rec->put_ret);
    write_ts(w, event);
    flow_show_write_ufid(w, "ufid",
                         rec->flags & UPCALL_F_UFID ? rec->ufid : NULL);
}

static void
write_exec(struct json_writer *w, const struct upcall *u,
           const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_EXEC_DONE;

    json_write_integer_if(w, "duration", done, rec->exec_duration);
    write_kind(w, event);
    json_write_string(w, "match", upcall_rule_name(rec->exec_rule));
    json_write_integer_if(w, "requests", rec->n_execs, rec->n_execs);
    json_write_integer_if(w, "ret", done, rec->exec_ret);
    write_ts(w, event);
}

/* Writes what some actions have in addition to their text. */
static void
write_action_argument(struct json_writer *w, const struct upcall *u,
                      const struct upcall_event *event,
                      const struct port_map *map)
{
    const struct nlattr *action = event->action;
    uint32_t port_no;

    if (upcall_event_get_output(event, &port_no)) {
        upcall_json_write_port(w, "port", u, true, port_no, map);
    } else if (nl_attr_type(action) == OVS_ACTION_ATTR_RECIRC
               && nl_attr_get_size(action) == sizeof(uint32_t)) {
        json_write_integer(w, "recirc_id", nl_attr_get_u32(action));
    } else if (flow_text_drop_reason(action)) {
        json_write_string(w, "reason", flow_text_drop_reason(action));
    }
}

static void
write_action(struct json_writer *w, const struct upcall *u,
             const struct upcall_event *event, const struct port_map *map)
{
    flow_text_action_name(event->action, json_write_text(w, "action"));
    json_write_end_text(w);
    write_kind(w, event);
    write_action_argument(w, u, event, map);
    json_write_string(w, "source", SOURCE_REQUEST);
    flow_text_action(event->action, json_write_text(w, "text"));
    json_write_end_text(w);
    write_ts(w, event);
}

static void
write_event(struct json_writer *w, const struct upcall *u,
            const struct upcall_event *event,
            const struct flow_put_text *put, const struct port_map *map)
{
    json_write_object(w, NULL);
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL: write_upcall(w, u, event); break;
    case UPCALL_EVENT_ENQUEUE: write_enqueue(w, u, event); break;
    case UPCALL_EVENT_RETURN: write_return(w, u, event); break;
    case UPCALL_EVENT_RECV:
    case UPCALL_EVENT_USDT_RECV:
        write_recv(w, u, event);
        break;
    case UPCALL_EVENT_TRANSLATED:
        write_moment(w, event, SOURCE_KERNEL);
        break;
    case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_USDT_EXEC:
        write_moment(w, event, SOURCE_USDT);
        break;
    case UPCALL_EVENT_PUT: write_put(w, u, event, put); break;
    case UPCALL_EVENT_EXEC: write_exec(w, u, event); break;
    case UPCALL_EVENT_ACTION: write_action(w, u, event, map); break;
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
    json_write_end_object(w);
}
