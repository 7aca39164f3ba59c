/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/upcall-json.h"

#include <inttypes.h>

#include "base/base64.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/upcall-json-values.h"

static void put_origin(struct json *, const struct upcall *,
                       const struct port_map *);
static struct json *packet_to_json(const struct upcall *);
static struct json *error_to_json(int error);
static struct json *put_to_json(const struct upcall *);
static struct json *conflicts_to_json(const struct upcall *);
static struct json *latency_to_json(const struct upcall *);
static struct json *waits_to_json(const struct upcall *);
static struct json *id_to_json(bool known, uint64_t id);

/* Returns 'u' as a JSON object, which the caller has to destroy.  'seq' is its
 * number in the history; names of ports come from 'map', and what is known of
 * flows from 'flows', both of which may be NULL.  What is unknown is null. */
struct json *
upcall_to_json(const struct upcall *u, uint64_t seq,
               const struct port_map *map, const struct flow_table *flows)
{
    struct json *o = json_object_create();

    put(o, "seq", value_integer(true, seq));
    put_origin(o, u, map);
    put(o, "packet", packet_to_json(u));
    put(o, "outcome", value_string(upcall_outcome_name(u->rec->outcome)));
    put(o, "error", error_to_json(upcall_get_errno(u)));
    put(o, "put", put_to_json(u));
    put(o, "conflicts", conflicts_to_json(u));
    put(o, "events", upcall_events_to_json(u, map));
    put(o, "latency", latency_to_json(u));
    put(o, "waits", waits_to_json(u));
    put(o, "flow", flow_show_upcall_json(u, flows));
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
    put(o, "datapath", value_text(dp_name, &dp));
    put(o, "class", value_string(upcall_class_name(u->class)));
    put(o, "reason", value_string(upcall_slow_path_reason_name(u->reason)));
    put(o, "port", value_port(u, u->has_port, u->port_no, map));
}

static struct json *
packet_to_json(const struct upcall *u)
{
    struct json *o = json_object_create();
    struct ds flow = DS_EMPTY_INITIALIZER;

    if (u->key.data) {
        flow_text_key(&u->key, &flow);
    }
    put(o, "len", value_integer(u->packet_len, u->packet_len));
    put(o, "data", u->packet
        ? json_string_create_nocopy(base64_encode(u->packet, u->packet_kept))
        : json_null_create());
    put(o, "flow", value_text(u->key.data, &flow));
    return o;
}

static struct json *
error_to_json(int error)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    upcall_put_errno(&ds, error);
    return value_text(error, &ds);
}

/* Returns what became of the flow, null if that is unknown. */
static struct json *
put_to_json(const struct upcall *u)
{
    const char *result = upcall_put_name(upcall_get_put(u->rec));
    struct json *o;

    if (!result) {
        return json_null_create();
    }
    o = json_object_create();
    put(o, "result", value_string(result));
    put(o, "error", error_to_json(upcall_get_put_errno(u)));
    return o;
}

/* Returns where the probes of ovs-vswitchd contradict the kernel's hooks, if
 * they were asked. */
static struct json *
conflicts_to_json(const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    struct json *array;

    if (!(rec->flags & (UPCALL_F_USDT_RECV | UPCALL_F_USDT_EXEC))
        && !rec->conflicts) {
        return json_null_create();
    }
    array = json_array_create_empty();
    for (int i = 0; i < UPCALL_N_CONFLICTS; i++) {
        if (rec->conflicts & 1u << i) {
            json_array_add(array, value_string(upcall_conflict_name(i)));
        }
    }
    return array;
}

static struct json *
latency_to_json(const struct upcall *u)
{
    struct json *o = json_object_create();
    struct upcall_latency l;

    upcall_get_latency(u->rec, &l);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        put(o, upcall_stage_name(i),
            value_integer(upcall_latency_has(&l, i), l.ns[i]));
    }
    return o;
}

/* Returns null if nothing is known of that, as without --track=full. */
static struct json *
waits_to_json(const struct upcall *u)
{
    struct upcall_waits w;
    struct json *o;

    upcall_get_waits(u->rec, &w);
    if (!w.has_queue && !w.has_handle) {
        return json_null_create();
    }
    o = json_object_create();
    put(o, "queue_busy", value_integer(w.has_queue, w.busy));
    put(o, "queue_idle", value_integer(w.has_queue, w.idle));
    put(o, "queue_delay", value_integer(w.has_queue, w.queue_delay));
    put(o, "handle_delay", value_integer(w.has_handle, w.handle_delay));
    return o;
}

/* Numbers of upcalls are strings, for programs whose numbers have less than 64
 * bits, and because they may become more than numbers. */
static struct json *
id_to_json(bool known, uint64_t id)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%"PRIu64, id);
    return value_text(known, &ds);
}
