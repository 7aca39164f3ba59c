/* SPDX-License-Identifier: Apache-2.0 */

/* The members of events, with their types, are those of the documentation of
 * Retis (docs/events/{core,ovs,packet,skb_tracking,skb_drop}.md) and of its
 * structures (retis-events/src), as of 28463b1 (version 1.7 to be); 1.6.4 has
 * the same but for "cmdline" and "machine" in the startup event, which it
 * ignores.  Retis ignores members that it does not know; here they are errors,
 * because they would be misspelled.
 *
 * What "retis sort" demands (retis/src/process/tracking.rs): an enqueue comes
 * after an upcall, with its time and CPU, that has not returned; and whatever
 * has a queue id after an enqueue with that. */

#include <config.h>
#include "retis-check.h"

#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "util.h"

enum type { U8, U16, U32, U64, I32, I64, STR, UFID, STRS, OBJ };

/* The members of each object.  The object "A/B" is member B of A, and "ovs:X"
 * is one of "ovs" with X as its kind. */
static const struct field {
    const char *object, *name;
    enum type type;
    bool optional;
} fields[] = {
    { "", "common", OBJ, false },
    { "", "startup", OBJ, true },
    { "", "kernel", OBJ, true },
    { "", "userspace", OBJ, true },
    { "", "skb-tracking", OBJ, true },
    { "", "skb-drop", OBJ, true },
    { "", "packet", OBJ, true },
    { "", "ovs", OBJ, true },
    { "common", "timestamp", U64, false },
    { "common", "smp_id", U32, true },
    { "common", "task", OBJ, true },
    { "task", "pid", I32, false },
    { "task", "tgid", I32, false },
    { "task", "comm", STR, false },
    { "startup", "retis_version", STR, false },
    { "startup", "cmdline", STR, false },
    { "startup", "clock_monotonic_offset", OBJ, false },
    { "startup", "machine", OBJ, false },
    { "clock_monotonic_offset", "sec", I64, false },
    { "clock_monotonic_offset", "nsec", I64, false },
    { "machine", "kernel_release", STR, false },
    { "machine", "kernel_version", STR, false },
    { "machine", "hardware_name", STR, false },
    { "kernel", "symbol", STR, false },
    { "kernel", "probe_type", STR, false },
    { "userspace", "probe_type", STR, false },
    { "userspace", "symbol", STR, false },
    { "userspace", "ip", U64, false },
    { "userspace", "path", STR, false },
    { "userspace", "pid", I32, false },
    { "userspace", "tid", I32, false },
    { "skb-tracking", "orig_head", U64, false },
    { "skb-tracking", "timestamp", U64, false },
    { "skb-tracking", "skb", U64, false },
    { "skb-drop", "subsys", STR, true },
    { "skb-drop", "drop_reason", STR, false },
    { "packet", "len", U32, false },
    { "packet", "capture_len", U32, false },
    { "packet", "data", STR, false },
    { "upcall", "cmd", U8, false },
    { "upcall", "port", U32, false },
    { "upcall", "cpu", U32, false },
    { "upcall_enqueue", "ret", I32, false },
    { "upcall_enqueue", "cmd", U8, false },
    { "upcall_enqueue", "port", U32, false },
    { "upcall_enqueue", "upcall_ts", U64, false },
    { "upcall_enqueue", "upcall_cpu", U32, false },
    { "upcall_enqueue", "queue_id", U32, false },
    { "upcall_return", "upcall_ts", U64, false },
    { "upcall_return", "upcall_cpu", U32, false },
    { "upcall_return", "ret", I32, false },
    { "recv_upcall", "type", U32, false },
    { "recv_upcall", "pkt_size", U32, false },
    { "recv_upcall", "key_size", U64, false },
    { "recv_upcall", "queue_id", U32, false },
    { "recv_upcall", "batch_ts", U64, false },
    { "recv_upcall", "batch_idx", U8, false },
    { "flow_operation", "op_type", STR, false },
    { "flow_operation", "queue_id", U32, false },
    { "flow_operation", "batch_ts", U64, false },
    { "flow_operation", "batch_idx", U8, false },
    { "flow_lookup", "flow", U64, false },
    { "flow_lookup", "sf_acts", U64, false },
    { "flow_lookup", "ufid", UFID, false },
    { "flow_lookup", "n_mask_hit", U32, false },
    { "flow_lookup", "n_cache_hit", U32, false },
    { "flow_lookup", "dpflow", STR, false },
    { "flow_lookup", "ofpflows", STRS, false },
    { "action_execute", "action", STR, true },
    { "action_execute", "recirc_id", U32, false },
    { "action_execute", "queue_id", U32, true },
    { "action_execute:output", "port", U32, false },
    { "action_execute:recirc", "id", U32, false },
    { "action_execute:drop", "reason", U32, false },
    { "action_execute:ct", "flags", U32, false },
    { "action_execute:ct", "zone_id", U16, false },
    { "action_execute:ct", "nat", OBJ, true },
    { "nat", "dir", STR, true },
    { "nat", "min_addr", STR, true },
    { "nat", "max_addr", STR, true },
    { "nat", "min_port", U16, true },
    { "nat", "max_port", U16, true },
};

/* Strings that are names of something. */
static const struct name {
    const char *object, *name, *values;
} names[] = {
    { "kernel", "probe_type", " kprobe kretprobe raw_tracepoint " },
    { "userspace", "probe_type", " usdt " },
    { "flow_operation", "op_type", " put exec " },
    { "nat", "dir", " src dst " },
    { "action_execute", "action",
      " output userspace set push_vlan pop_vlan sample recirc hash push_mpls"
      " pop_mpls set_masked ct trunc push_eth pop_eth ct_clear push_nsh"
      " pop_nsh meter clone check_pkt_len add_mpls dec_ttl drop " },
};

static bool
is_number(const struct json *json, int64_t min, int64_t max)
{
    return (json->type == JSON_INTEGER && json_integer(json) >= min
            && json_integer(json) <= max);
}

static bool
is_array_of(const struct json *json, enum json_type type)
{
    size_t i = 0;

    if (json->type != JSON_ARRAY) {
        return false;
    }
    while (i < upcall_json_array_size(json)
           && upcall_json_array_at(json, i)->type == type) {
        i++;
    }
    return i == upcall_json_array_size(json);
}

/* OVS makes real numbers of those that have more than 63 bits. */
static bool
has_type(const struct json *json, enum type type)
{
    switch (type) {
    case U8: return is_number(json, 0, UINT8_MAX);
    case U16: return is_number(json, 0, UINT16_MAX);
    case U32: return is_number(json, 0, UINT32_MAX);
    case U64: return is_number(json, 0, INT64_MAX) || json->type == JSON_REAL;
    case I32: return is_number(json, INT32_MIN, INT32_MAX);
    case I64: return json->type == JSON_INTEGER;
    case STR: return json->type == JSON_STRING;
    case UFID:
        return (is_array_of(json, JSON_INTEGER)
                && upcall_json_array_size(json) == 4);
    case STRS: return is_array_of(json, JSON_STRING);
    case OBJ: return json->type == JSON_OBJECT;
    default: OVS_NOT_REACHED();
    }
}

static void check_object(const struct json *, const char *object,
                         const char *kind, const char *line);

/* Checks the member 'name' of 'object'. */
static void
check_value(const struct json *value, const char *object, const char *name,
            const char *line)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i].object, object) && !strcmp(names[i].name, name)) {
            char *s = xasprintf(" %s ", json_string(value));

            ck_assert_msg(strstr(names[i].values, s), "%s: %s", s, line);
            free(s);
        }
    }
    if (value->type == JSON_OBJECT && strcmp(name, "ovs")) {
        check_object(value, name, name, line);
    }
}

/* Fails unless 'json' has the members of 'object' and of 'kind', and no
 * others but those of 'ovs' that say which it is. */
static void
check_object(const struct json *json, const char *object, const char *kind,
             const char *line)
{
    size_t n = shash_find_data(json_object(json), "event_type") != NULL;

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct field *f = &fields[i];
        const struct json *value;

        if (strcmp(f->object, object)
            && (object == kind || strcmp(f->object, kind))) {
            continue;
        }
        value = shash_find_data(json_object(json), f->name);
        ck_assert_msg(value || f->optional, "no %s: %s", f->name, line);
        if (value) {
            ck_assert_msg(has_type(value, f->type), "%s: %s", f->name, line);
            check_value(value, object, f->name, line);
            n++;
        }
    }
    ck_assert_msg(n == shash_count(json_object(json)), "unknown: %s", line);
}

/* Returns the string member 'name' of 'json', or NULL. */
static const char *
get_string(const struct json *json, const char *name)
{
    const struct json *value = shash_find_data(json_object(json), name);

    return value ? json_string(value) : NULL;
}

/* Returns the members 'a' and 'b' of 'json', or the former if 'b' is NULL, as
 * text.  The caller frees it. */
static char *
get_key(const struct json *json, const char *a, const char *b)
{
    const struct json *first = shash_find_data(json_object(json), a);
    const struct json *second = (b ? shash_find_data(json_object(json), b)
                                 : NULL);

    return xasprintf("%.0f %.0f", json_real(first),
                     second ? json_real(second) : 0.0);
}

/* Fails unless Retis can sort the event 'line' with 'ovs'. */
static void
check_sort(const struct json *event, const struct json *ovs, const char *type,
           struct sset *upcalls, struct sset *queues, const char *line)
{
    const struct json *common = shash_find_data(json_object(event), "common");
    char *key = NULL;

    if (!strcmp(type, "upcall")) {
        const struct json *ts = shash_find_data(json_object(common),
                                                "timestamp");
        const struct json *cpu = shash_find_data(json_object(ovs), "cpu");

        ck_assert_msg(shash_find(json_object(event), "skb-tracking"), "%s",
                      line);
        key = xasprintf("%.0f %.0f", json_real(ts), json_real(cpu));
        ck_assert_msg(sset_add(upcalls, key), "again: %s", line);
    } else if (!strcmp(type, "upcall_return")) {
        key = get_key(ovs, "upcall_ts", "upcall_cpu");
        sset_find_and_delete(upcalls, key);
    } else if (!strcmp(type, "upcall_enqueue")) {
        key = get_key(ovs, "upcall_ts", "upcall_cpu");
        ck_assert_msg(sset_contains(upcalls, key), "%s", line);
        free(key);
        key = get_key(ovs, "queue_id", NULL);
        sset_add(queues, key);
    } else if (shash_find(json_object(ovs), "queue_id")) {
        key = get_key(ovs, "queue_id", NULL);
        ck_assert_msg(sset_contains(queues, key), "%s", line);
    }
    free(key);
}

static void
check_line(const struct json *event, bool first, struct sset *upcalls,
           struct sset *queues, const char *line)
{
    const struct json *ovs = shash_find_data(json_object(event), "ovs");

    check_object(event, "", "", line);
    ck_assert_int_eq(first,
                     shash_find(json_object(event), "startup") != NULL);
    if (ovs) {
        const char *type = get_string(ovs, "event_type");
        const char *action = get_string(ovs, "action");
        char *kind = xasprintf("action_execute:%s", action ? action : "");

        check_object(ovs, type, action ? kind : type, line);
        check_sort(event, ovs, type, upcalls, queues, line);
        free(kind);
    }
}

/* Fails unless 'lines' are a file that Retis prints and sorts. */
void
retis_check(const char *lines)
{
    struct sset upcalls = SSET_INITIALIZER(&upcalls);
    struct sset queues = SSET_INITIALIZER(&queues);
    uint64_t n = 0;

    for (const char *s = lines; *s; n++) {
        size_t len = strcspn(s, "\n");
        char *line = xmemdup0(s, len);
        struct json *event = json_from_string(line);

        ck_assert_int_eq(s[len], '\n');
        ck_assert_msg(event->type == JSON_OBJECT, "%s", line);
        check_line(event, !n, &upcalls, &queues, line);
        json_destroy(event);
        free(line);
        s += len + 1;
    }
    ck_assert_uint_gt(n, 0);
    sset_destroy(&upcalls);
    sset_destroy(&queues);
}
