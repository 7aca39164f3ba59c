/* SPDX-License-Identifier: Apache-2.0 */

/* Actions. */

#include <config.h>

#include "file/convert-retis-private.h"

#include <netinet/in.h>
#include <string.h>

#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"
#include "util.h"

/* Attributes of a NAT that are looked at, by type. */
#define NAT_ATTRS 16

/* The flags of a ct.
 *
 * X(ENUM, BIT) */
#define CT_FLAGS                                \
    X(COMMIT, 0)                                \
    X(FORCE, 1)                                 \
    X(IP4, 2)                                   \
    X(IP6, 3)                                   \
    X(NAT, 4)                                   \
    X(NAT_SRC, 5)                               \
    X(NAT_DST, 6)                               \
    X(NAT_ADDRESSES, 7)                         \
    X(NAT_PORTS, 8)                             \
    X(NAT_HASH, 9)                              \
    X(NAT_PERSISTENT, 10)                       \
    X(NAT_RANDOM, 11)

enum ct_flag {
#define X(ENUM, BIT) CT_##ENUM = 1 << BIT,
    CT_FLAGS
#undef X
};

/* Actions that Retis has no name for. */
static bool
is_unnamed(const struct nlattr *action)
{
    return (action_number(action) == ACTION_PSAMPLE
            || !flow_text_action_is_known(action));
}

/* Returns the attribute 'type' in 'a', a ct or a NAT, NULL if it is not there
 * or does not have 'size' bytes. */
static const struct nlattr *
find(const struct nlattr *a, int type, size_t size)
{
    const struct nlattr *found = nl_attr_find_nested(a, type);

    return found && nl_attr_get_size(found) == size ? found : NULL;
}

static bool
has(const struct nlattr *a, int type)
{
    return nl_attr_find_nested(a, type) != NULL;
}

/* Returns the flags of 'nat'.  Which of IPv4 and IPv6 it is, only its
 * addresses say. */
static unsigned int
get_nat_flags(const struct nlattr *nat)
{
    const struct nlattr *ip = nl_attr_find_nested(nat, OVS_NAT_ATTR_IP_MIN);

    return (CT_NAT
            | (has(nat, OVS_NAT_ATTR_SRC) ? CT_NAT_SRC : 0)
            | (has(nat, OVS_NAT_ATTR_DST) ? CT_NAT_DST : 0)
            | (!ip ? 0 : CT_NAT_ADDRESSES
               | (nl_attr_get_size(ip) == sizeof(ovs_be32) ? CT_IP4
                  : CT_IP6))
            | (has(nat, OVS_NAT_ATTR_PROTO_MIN) ? CT_NAT_PORTS : 0)
            | (has(nat, OVS_NAT_ATTR_PROTO_HASH) ? CT_NAT_HASH : 0)
            | (has(nat, OVS_NAT_ATTR_PERSISTENT) ? CT_NAT_PERSISTENT : 0)
            | (has(nat, OVS_NAT_ATTR_PROTO_RANDOM) ? CT_NAT_RANDOM : 0));
}

/* Writes the address that the attribute 'type' of 'nat' is, or else
 * 'other'. */
static void
put_address(struct retis *w, const char *name, const struct nlattr *nat,
            int type, int other)
{
    const struct nlattr *a = nl_attr_find_nested(nat, type);
    struct in6_addr ip6;

    if (!a && other) {
        a = nl_attr_find_nested(nat, other);
    }
    if (a && nl_attr_get_size(a) == sizeof(ovs_be32)) {
        ds_put_format(json_write_text(&w->json, name), IP_FMT,
                      IP_ARGS(nl_attr_get_be32(a)));
        json_write_end_text(&w->json);
    } else if (a && nl_attr_get_size(a) == sizeof ip6) {
        memcpy(&ip6, nl_attr_get(a), sizeof ip6);
        ipv6_format_addr(&ip6, json_write_text(&w->json, name));
        json_write_end_text(&w->json);
    }
}

/* Does the same for a port. */
static void
put_port(struct retis *w, const char *name, const struct nlattr *nat,
         int type, int other)
{
    const struct nlattr *a = find(nat, type, sizeof(uint16_t));

    if (!a && other) {
        a = find(nat, other, sizeof(uint16_t));
    }
    if (a) {
        json_write_integer(&w->json, name, nl_attr_get_u16(a));
    }
}

/* Writes 'nat'.  The end of a range of one is its start. */
static void
put_nat(struct retis *w, const struct nlattr *nat)
{
    bool is_src = has(nat, OVS_NAT_ATTR_SRC);

    json_write_object(&w->json, "nat");
    if (is_src || has(nat, OVS_NAT_ATTR_DST)) {
        json_write_string(&w->json, "dir", is_src ? "src" : "dst");
    }
    put_address(w, "min_addr", nat, OVS_NAT_ATTR_IP_MIN, 0);
    put_address(w, "max_addr", nat, OVS_NAT_ATTR_IP_MAX,
                OVS_NAT_ATTR_IP_MIN);
    put_port(w, "min_port", nat, OVS_NAT_ATTR_PROTO_MIN, 0);
    put_port(w, "max_port", nat, OVS_NAT_ATTR_PROTO_MAX,
             OVS_NAT_ATTR_PROTO_MIN);
    json_write_end_object(&w->json);
}

static void
put_ct(struct retis *w, const struct nlattr *ct)
{
    const struct nlattr *nat = nl_attr_find_nested(ct, OVS_CT_ATTR_NAT);
    const struct nlattr *zone = find(ct, OVS_CT_ATTR_ZONE, sizeof(uint16_t));
    bool force = has(ct, OVS_CT_ATTR_FORCE_COMMIT);

    json_write_integer(&w->json, "flags",
                       (force || has(ct, OVS_CT_ATTR_COMMIT) ? CT_COMMIT : 0)
                       | (force ? CT_FORCE : 0)
                       | (nat ? get_nat_flags(nat) : 0));
    json_write_integer(&w->json, "zone_id", zone ? nl_attr_get_u16(zone) : 0);
    if (nat) {
        put_nat(w, nat);
    }
}

/* Writes the arguments of 'action' that Retis has. */
static void
put_arguments(struct retis *w, const struct nlattr *action)
{
    bool is_u32 = nl_attr_get_size(action) == sizeof(uint32_t);

    if (action_is_raw(action)) {
        return;
    }
    switch (action_number(action)) {
    case OVS_ACTION_ATTR_OUTPUT:
        json_write_integer(&w->json, "port",
                           is_u32 ? nl_attr_get_u32(action) : 0);
        break;
    case OVS_ACTION_ATTR_RECIRC:
        json_write_integer(&w->json, "id",
                           is_u32 ? nl_attr_get_u32(action) : 0);
        break;
    case ACTION_DROP:
        json_write_integer(&w->json, "reason",
                           is_u32 ? nl_attr_get_u32(action) : 0);
        break;
    case OVS_ACTION_ATTR_CT:
        put_ct(w, action);
        break;
    }
}

/* Returns true if 'action' has the arguments that Retis wants of it. */
static bool
has_arguments(const struct nlattr *action)
{
    switch (action_number(action)) {
    case OVS_ACTION_ATTR_OUTPUT:
    case OVS_ACTION_ATTR_RECIRC:
    case ACTION_DROP:
        return (!action_is_raw(action)
                && nl_attr_get_size(action) == sizeof(uint32_t));
    case OVS_ACTION_ATTR_CT:
        return !action_is_raw(action);
    default:
        return true;
    }
}

/* Writes the event with 'head' that 'action' was executed, for the upcall with
 * 'queue_id' if it 'has_queue_id'.  One that Retis has no name for has none,
 * which it takes as well. */
void
retis_put_action(struct retis *w, struct retis_head *head,
                 const struct nlattr *action, uint32_t recirc_id,
                 bool has_queue_id, uint32_t queue_id)
{
    retis_begin(w, head);
    json_write_object(&w->json, "ovs");
    json_write_string(&w->json, "event_type", "action_execute");
    if (!is_unnamed(action) && has_arguments(action)) {
        flow_text_action_name(action, json_write_text(&w->json, "action"));
        json_write_end_text(&w->json);
        put_arguments(w, action);
    }
    json_write_integer(&w->json, "recirc_id", recirc_id);
    if (has_queue_id) {
        json_write_integer(&w->json, "queue_id", queue_id);
    }
    json_write_end_object(&w->json);
    retis_finish(w, head);
}
