/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "upcall-json.h"

#include <string.h>

#include "base64.h"
#include "event.h"
#include "flow-text.h"
#include "names.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record.h"
#include "unicode.h"

/* Events that the record tells are of the kernel, and actions are those that
 * were requested. */
#define RECV_SOURCE "kernel"
#define ACTION_SOURCE "request"

static void put_origin(struct json *, const struct upcall *,
                       const struct port_map *);
static struct json *packet_to_json(const struct upcall *);
static struct json *events_to_json(const struct upcall *,
                                   const struct port_map *);
static struct json *latency_to_json(const struct upcall *);
static struct json *flow_to_json(const struct upcall *);

static void put(struct json *, const char *key, struct json *);
static struct json *integer(bool known, long long value);
static struct json *string(const char *);
static struct json *text(bool known, struct ds *);
static struct json *id_to_json(bool known, uint64_t id);
static struct json *error_to_json(const struct upcall *);
static struct json *port_to_json(const struct upcall *, bool known,
                                 uint32_t port_no, const struct port_map *);
static struct json *comm_to_json(const char comm[UPCALL_COMM_LEN]);
static struct json *ufid_to_json(const struct upcall *);

/* Returns 'u' as a JSON object, which the caller has to destroy.  'seq' is its
 * number in the history; names of ports come from 'map', which may be NULL.
 * What is unknown is null. */
struct json *
upcall_to_json(const struct upcall *u, uint64_t seq,
               const struct port_map *map)
{
    struct json *o = json_object_create();

    put(o, "seq", integer(true, seq));
    put_origin(o, u, map);
    put(o, "packet", packet_to_json(u));
    put(o, "outcome", string(upcall_outcome_name(u->rec->outcome)));
    put(o, "error", error_to_json(u));
    put(o, "events", events_to_json(u, map));
    put(o, "latency", latency_to_json(u));
    put(o, "flow", flow_to_json(u));
    return o;
}

/* Parts of an upcall. */

/* Adds which upcall it is, where it happened and why. */
static void
put_origin(struct json *o, const struct upcall *u, const struct port_map *map)
{
    const struct upcall_record *rec = u->rec;
    const char *dp_name = upcall_dp_name(u, map);
    struct ds dp = DS_EMPTY_INITIALIZER;

    put(o, "id", id_to_json(true, rec->id));
    put(o, "parent", id_to_json(rec->flags & UPCALL_F_NESTED, rec->parent));
    put(o, "group", id_to_json(rec->group, rec->group));
    ds_put_format(&dp, "system@%s", dp_name ? dp_name : "");
    put(o, "datapath", text(dp_name, &dp));
    put(o, "class", string(upcall_class_name(u->class)));
    put(o, "reason", string(upcall_slow_path_reason_name(u->reason)));
    put(o, "port", port_to_json(u, u->has_port, u->port_no, map));
}

static struct json *
packet_to_json(const struct upcall *u)
{
    struct json *o = json_object_create();
    struct ds flow = DS_EMPTY_INITIALIZER;

    if (u->key.data) {
        flow_text_key(&u->key, &flow);
    }
    put(o, "len", integer(u->packet_len, u->packet_len));
    put(o, "data", u->packet
        ? json_string_create_nocopy(base64_encode(u->packet, u->packet_kept))
        : json_null_create());
    put(o, "flow", text(u->key.data, &flow));
    return o;
}

static struct json *
latency_to_json(const struct upcall *u)
{
    struct json *o = json_object_create();
    struct upcall_latency l;

    upcall_get_latency(u, &l);
    put(o, "queue", integer(l.has_queue, l.queue));
    put(o, "handle", integer(l.has_handle, l.handle));
    put(o, "install", integer(l.has_install, l.install));
    put(o, "execute", integer(l.has_execute, l.execute));
    put(o, "total", integer(l.has_total, l.total));
    return o;
}

/* Returns the flow that was put as far as the record tells: which OpenFlow
 * flows it is made from is only known after asking. */
static struct json *
flow_to_json(const struct upcall *u)
{
    struct ds flow = DS_EMPTY_INITIALIZER;
    struct json *o;
    bool known;

    if (!(u->rec->flags & UPCALL_F_PUT)) {
        return json_null_create();
    }
    known = u->put_actions.data && flow_text_match(&u->key, &u->mask, &flow);
    if (known) {
        ds_put_cstr(&flow, ", actions:");
        flow_text_actions(&u->put_actions, &flow);
    }
    o = json_object_create();
    put(o, "ufid", ufid_to_json(u));
    put(o, "datapath_flow", text(known, &flow));
    put(o, "openflow", json_array_create_empty());
    put(o, "state", string("partial"));
    put(o, "error", json_null_create());
    return o;
}

/* Events. */

static void
put_upcall(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "cpu", integer(true, rec->cpu));
    put(o, "tid", integer(true, rec->tid));
    put(o, "comm", comm_to_json(rec->comm));
    put(o, "cmd", string(upcall_cmd_name(u->class)));
    put(o, "portid", integer(true, rec->portid));
}

static void
put_enqueue(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "portid", integer(true, rec->portid));
    put(o, "segment", integer(true, rec->segment));
    put(o, "ret", integer(true, rec->outcome == UPCALL_LOST ? rec->ret : 0));
}

static void
put_return(struct json *o, const struct upcall *u)
{
    int ret;
    bool known = upcall_get_return(u, &ret);

    put(o, "ret", integer(known, ret));
}

static void
put_recv(struct json *o, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    put(o, "tid", integer(true, rec->recv_tid));
    put(o, "comm", comm_to_json(rec->recv_comm));
    put(o, "batch", integer(true, rec->batch));
    put(o, "batch_idx", integer(true, rec->batch_idx));
    put(o, "batch_size", integer(true, rec->batch_size));
    put(o, "source", string(RECV_SOURCE));
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

    put(o, "ufid", ufid_to_json(u));
    put(o, "key", text(has_key, &key));
    put(o, "actions", text(has_actions, &actions));
    put(o, "ret", integer(done, rec->put_ret));
    put(o, "duration", integer(done, rec->put_duration));
}

static void
put_exec(struct json *o, const struct upcall *u)
{
    bool done = u->rec->flags & UPCALL_F_EXEC_DONE;

    put(o, "ret", integer(done, u->rec->exec_ret));
    put(o, "duration", integer(done, u->rec->exec_duration));
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
        put(o, "port", port_to_json(u, true, port_no, map));
    } else if (nl_attr_type(action) == OVS_ACTION_ATTR_RECIRC
               && nl_attr_get_size(action) == sizeof(uint32_t)) {
        put(o, "recirc_id", integer(true, nl_attr_get_u32(action)));
    }
}

static struct json *
action_name_to_json(const struct nlattr *action)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_action_name(action, &ds);
    return text(true, &ds);
}

static struct json *
action_to_json(const struct nlattr *action)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_action(action, &ds);
    return text(true, &ds);
}

static void
put_action(struct json *o, const struct upcall *u,
           const struct upcall_event *event, const struct port_map *map)
{
    put(o, "action", action_name_to_json(event->action));
    put(o, "text", action_to_json(event->action));
    put(o, "source", string(ACTION_SOURCE));
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
    case UPCALL_EVENT_RECV: put_recv(o, u); break;
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

    put(o, "event", string(upcall_event_name(event->kind)));
    put(o, "ts", integer(event->has_ts, event->ts));
    put_event_details(o, u, event, map);
    return o;
}

static struct json *
events_to_json(const struct upcall *u, const struct port_map *map)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        json_array_add(array, event_to_json(u, &events[i], map));
    }
    return array;
}

/* Values. */

static void
put(struct json *o, const char *key, struct json *value)
{
    json_object_put(o, key, value);
}

static struct json *
integer(bool known, long long value)
{
    return known ? json_integer_create(value) : json_null_create();
}

/* Returns 's' as JSON, null if it is NULL.  What is not UTF-8 is escaped. */
static struct json *
string(const char *s)
{
    struct ds escaped = DS_EMPTY_INITIALIZER;
    size_t length;
    char *error;

    if (!s) {
        return json_null_create();
    }
    error = utf8_validate(s, &length);
    if (!error) {
        return json_string_create(s);
    }
    free(error);
    ds_put_printable(&escaped, s, strlen(s));
    return text(true, &escaped);
}

/* Returns what is in 'ds' as JSON, null unless 'known'.  Destroys 'ds'. */
static struct json *
text(bool known, struct ds *ds)
{
    if (known) {
        return json_string_create_nocopy(ds_steal_cstr(ds));
    }
    ds_destroy(ds);
    return json_null_create();
}

/* Numbers of upcalls are strings, for programs whose numbers have less than 64
 * bits, and because they may become more than numbers. */
static struct json *
id_to_json(bool known, uint64_t id)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%"PRIu64, id);
    return text(known, &ds);
}

static struct json *
error_to_json(const struct upcall *u)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    int error = upcall_get_errno(u);

    upcall_put_errno(&ds, error);
    return text(error, &ds);
}

static struct json *
port_to_json(const struct upcall *u, bool known, uint32_t port_no,
             const struct port_map *map)
{
    struct json *o;

    if (!known) {
        return json_null_create();
    }
    o = json_object_create();
    put(o, "name", string(upcall_port_name(u, port_no, map)));
    put(o, "number", integer(true, port_no));
    return o;
}

static struct json *
comm_to_json(const char comm[UPCALL_COMM_LEN])
{
    char s[UPCALL_COMM_LEN + 1];

    ovs_strlcpy(s, comm, strnlen(comm, UPCALL_COMM_LEN) + 1);
    return string(s);
}

static struct json *
ufid_to_json(const struct upcall *u)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_ufid(u->rec->ufid, &ds);
    return text(u->rec->flags & UPCALL_F_UFID, &ds);
}
