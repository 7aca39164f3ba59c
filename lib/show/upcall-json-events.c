/* SPDX-License-Identifier: Apache-2.0 */

/* The events of one upcall as JSON: the second half of upcall-json.h. */

#include <config.h>

#include "show/upcall-json.h"

#include <string.h>

#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "show/upcall-json-values.h"
#include "util.h"

/* Who told of an event: a hook in the kernel, a probe of ovs-vswitchd, or, for
 * an action, the request to execute it. */
#define SOURCE_KERNEL "kernel"
#define SOURCE_USDT "usdt"
#define SOURCE_REQUEST "request"

static struct json *event_to_json(const struct upcall *,
                                  const struct upcall_event *,
                                  const struct port_map *);

/* Returns the events of 'u' as a JSON array, which the caller has to destroy.
 * Names of ports come from 'map', which may be NULL. */
struct json *
upcall_events_to_json(const struct upcall *u, const struct port_map *map)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        json_array_add(array, event_to_json(u, &events[i], map));
    }
    return array;
}


/* Returns 'comm', the name of a thread, as JSON. */
static struct json *
comm_to_json(const char comm[UPCALL_COMM_LEN])
{
    char s[UPCALL_COMM_LEN + 1];

    ovs_strlcpy(s, comm, strnlen(comm, UPCALL_COMM_LEN) + 1);
    return value_string(s);
}

static void
put_upcall(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "cpu", value_integer(true, rec->cpu));
    put(o, "tid", value_integer(true, rec->tid));
    put(o, "comm", comm_to_json(rec->comm));
    put(o, "cmd", value_string(upcall_cmd_name(u->class)));
    put(o, "portid", value_integer(true, rec->portid));
    put(o, "context",
        value_string(rec->flags & UPCALL_F_SOFTIRQ ? "softirq"
                     : rec->flags & UPCALL_F_PROCESS ? "process" : NULL));
    put(o, "rx_queue", value_integer(rec->rx_queue, rec->rx_queue - 1));
    put(o, "napi_id", value_integer(rec->napi_id, rec->napi_id));
    put(o, "hash", value_integer(rec->hash, rec->hash));
}

static void
put_enqueue(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "portid", value_integer(true, rec->portid));
    put(o, "segment", value_integer(true, rec->segment));
    put(o, "ret",
        value_integer(true, rec->outcome == UPCALL_LOST ? rec->ret : 0));
}

static void
put_return(struct json *o, const struct upcall *u)
{
    int ret;
    bool known = upcall_get_return(u, &ret);

    put(o, "ret", value_integer(known, ret));
}

static void
put_recv(struct json *o, const struct upcall *u, const char *source)
{
    const struct upcall_record *rec = u->rec;

    put(o, "tid", value_integer(true, rec->recv_tid));
    put(o, "comm", comm_to_json(rec->recv_comm));
    put(o, "batch", value_integer(true, rec->batch));
    put(o, "batch_idx", value_integer(true, rec->batch_idx));
    put(o, "batch_size", value_integer(true, rec->batch_size));
    put(o, "source", value_string(source));
}

/* Adds what the kernel knows about the socket, and about the CPU. */
static void
put_recv_socket(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "cpu", value_integer(true, rec->recv_cpu));
    put(o, "queue_len", value_integer(true, rec->queue_len));
    put(o, "queue_drops", value_integer(true, rec->queue_drops));
}

static void
put_put(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_PUT_DONE;
    struct ds key = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;
    bool has_key = flow_text_match(&u->key, &u->mask, &key);
    bool has_actions = flow_text_actions(&u->put_actions, &actions);

    put(o, "ufid", value_ufid(u));
    put(o, "key", value_text(has_key, &key));
    put(o, "actions", value_text(has_actions, &actions));
    put(o, "ret", value_integer(done, rec->put_ret));
    put(o, "duration", value_integer(done, rec->put_duration));
}

static void
put_exec(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_EXEC_DONE;

    put(o, "match", value_string(upcall_rule_name(rec->exec_rule)));
    put(o, "requests", value_integer(rec->n_execs, rec->n_execs));
    put(o, "ret", value_integer(done, rec->exec_ret));
    put(o, "duration", value_integer(done, rec->exec_duration));
}

/* Adds what some actions have in addition to their text. */
static void
put_action_argument(struct json *o, const struct upcall *u,
                    const struct upcall_event *event,
                    const struct port_map *map)
{
    const struct nlattr *action = event->action;
    uint32_t port_no;

    if (upcall_event_get_output(event, &port_no)) {
        put(o, "port", value_port(u, true, port_no, map));
    } else if (nl_attr_type(action) == OVS_ACTION_ATTR_RECIRC
               && nl_attr_get_size(action) == sizeof(uint32_t)) {
        put(o, "recirc_id", value_integer(true, nl_attr_get_u32(action)));
    } else if (flow_text_drop_reason(action)) {
        put(o, "reason", value_string(flow_text_drop_reason(action)));
    }
}

static struct json *
action_name_to_json(const struct nlattr *action)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_action_name(action, &ds);
    return value_text(true, &ds);
}

static struct json *
action_to_json(const struct nlattr *action)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_action(action, &ds);
    return value_text(true, &ds);
}

static void
put_action(struct json *o, const struct upcall *u,
           const struct upcall_event *event, const struct port_map *map)
{
    put(o, "action", action_name_to_json(event->action));
    put(o, "text", action_to_json(event->action));
    put(o, "source", value_string(SOURCE_REQUEST));
    put_action_argument(o, u, event, map);
}

static void
put_event_details(struct json *o, const struct upcall *u,
                  const struct upcall_event *event,
                  const struct port_map *map)
{
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL: put_upcall(o, u); break;
    case UPCALL_EVENT_ENQUEUE: put_enqueue(o, u); break;
    case UPCALL_EVENT_RETURN: put_return(o, u); break;
    case UPCALL_EVENT_RECV:
        put_recv(o, u, SOURCE_KERNEL);
        put_recv_socket(o, u);
        break;
    case UPCALL_EVENT_USDT_RECV: put_recv(o, u, SOURCE_USDT); break;
    case UPCALL_EVENT_TRANSLATED:
        put(o, "source", value_string(SOURCE_KERNEL));
        break;
    case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_USDT_EXEC:
        put(o, "source", value_string(SOURCE_USDT));
        break;
    case UPCALL_EVENT_PUT: put_put(o, u); break;
    case UPCALL_EVENT_EXEC: put_exec(o, u); break;
    case UPCALL_EVENT_ACTION: put_action(o, u, event, map); break;
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
}

static struct json *
event_to_json(const struct upcall *u, const struct upcall_event *event,
              const struct port_map *map)
{
    struct json *o = json_object_create();

    put(o, "event", value_string(upcall_event_name(event->kind)));
    put(o, "ts", value_integer(event->has_ts, event->ts));
    put_event_details(o, u, event, map);
    return o;
}
