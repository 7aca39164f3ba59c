/* SPDX-License-Identifier: Apache-2.0 */

/* For each kind of attributes a table says which sizes their payloads may
 * have, and what to do with those inside.  The sizes are those of the kernel's
 * interface, include/linux/openvswitch.h of OVS, which never change.
 *
 * What a table does not list is accepted where odp_flow_format() and
 * format_odp_actions() print unknown attributes as hexadecimal digits. */

#include <config.h>

#include "record/attr-check.h"

#include <stdint.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"

/* The kernel allows 16 levels of actions and 3 of encapsulated keys. */
#define MAX_DEPTH ACTION_MAX_DEPTH

/* What an attribute's payload has to be. */
struct attr_rule {
    uint16_t min, max;          /* Bytes. */
    const struct attr_set *nested; /* The attributes in it, if not NULL. */

    /* Checks what is in it, if not NULL.  'depth' is the number of attributes
     * around it. */
    bool (*check)(const void *payload, size_t size, int depth);
};

/* Attributes that may be beside each other. */
struct attr_set {
    const struct attr_rule *rules;      /* By type. */
    size_t n;                           /* Number of 'rules'. */
    bool closed;                        /* Are there no others? */
};

#define FIXED(SIZE) { .min = SIZE, .max = SIZE }
#define UP_TO(SIZE) { .max = SIZE }
#define ANY UP_TO(UINT16_MAX)
#define NESTED(SET) { .max = UINT16_MAX, .nested = &SET }
#define CHECKED(FUNCTION) { .max = UINT16_MAX, .check = FUNCTION }

#define ATTR_SET(RULES) { .rules = RULES, .n = ARRAY_SIZE(RULES) }

static const struct attr_set any_set, key_set, action_set;

static bool check_attr(const struct attr_set *, const struct nlattr *,
                       int depth);
static bool check_attrs(const struct attr_set *, const void *attrs,
                        size_t len, int depth);
static const struct nlattr *get_single(const void *payload, size_t size);

/* Returns true if 'attrs', 'len' bytes, consists of whole attributes.  Nothing
 * is said of what these contain. */
bool
attr_check_fit(const struct nlattr *attrs, size_t len)
{
    return check_attrs(&any_set, attrs, len, 0);
}

/* Returns true if 'key', 'len' bytes of OVS_KEY_ATTR_*, may be given to
 * odp_flow_format(), as key or as mask, and to odp_flow_key_to_flow(). */
bool
attr_check_key(const struct nlattr *key, size_t len)
{
    return check_attrs(&key_set, key, len, 0);
}

/* Returns true if 'action', an attribute OVS_ACTION_ATTR_*, may be given to
 * format_odp_actions(). */
bool
attr_check_action(const struct nlattr *action)
{
    return check_attr(&action_set, action, 0);
}

/* Flow keys. */

static bool
check_mpls(const void *labels OVS_UNUSED, size_t size, int depth OVS_UNUSED)
{
    return size && !(size % sizeof(struct ovs_key_mpls));
}

static const struct attr_rule nsh_rules[] = {
    [OVS_NSH_KEY_ATTR_BASE] = FIXED(sizeof(struct ovs_nsh_key_base)),
    [OVS_NSH_KEY_ATTR_MD1] = FIXED(sizeof(struct ovs_nsh_key_md1)),
    [OVS_NSH_KEY_ATTR_MD2] = ANY,
};
static const struct attr_set nsh_set = ATTR_SET(nsh_rules);

static const struct attr_rule vxlan_rules[] = {
    [OVS_VXLAN_EXT_GBP] = FIXED(4),
};
static const struct attr_set vxlan_set = ATTR_SET(vxlan_rules);

static const struct attr_rule tunnel_rules[] = {
    [OVS_TUNNEL_KEY_ATTR_ID] = FIXED(8),
    [OVS_TUNNEL_KEY_ATTR_IPV4_SRC] = FIXED(4),
    [OVS_TUNNEL_KEY_ATTR_IPV4_DST] = FIXED(4),
    [OVS_TUNNEL_KEY_ATTR_TOS] = FIXED(1),
    [OVS_TUNNEL_KEY_ATTR_TTL] = FIXED(1),
    [OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT] = FIXED(0),
    [OVS_TUNNEL_KEY_ATTR_CSUM] = FIXED(0),
    [OVS_TUNNEL_KEY_ATTR_OAM] = FIXED(0),
    [OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS] = UP_TO(TLV_TOT_OPT_SIZE),
    [OVS_TUNNEL_KEY_ATTR_TP_SRC] = FIXED(2),
    [OVS_TUNNEL_KEY_ATTR_TP_DST] = FIXED(2),
    [OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS] = NESTED(vxlan_set),
    [OVS_TUNNEL_KEY_ATTR_IPV6_SRC] = FIXED(16),
    [OVS_TUNNEL_KEY_ATTR_IPV6_DST] = FIXED(16),
    [OVS_TUNNEL_KEY_ATTR_PAD] = ANY,
    [OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS]
        = FIXED(sizeof(struct erspan_metadata)),
    [OVS_TUNNEL_KEY_ATTR_GTPU_OPTS] = FIXED(sizeof(struct gtpu_metadata)),
};
static const struct attr_set tunnel_set = ATTR_SET(tunnel_rules);

static const struct attr_rule key_rules[] = {
    [OVS_KEY_ATTR_ENCAP] = NESTED(key_set),
    [OVS_KEY_ATTR_PRIORITY] = FIXED(4),
    [OVS_KEY_ATTR_IN_PORT] = FIXED(4),
    [OVS_KEY_ATTR_ETHERNET] = FIXED(sizeof(struct ovs_key_ethernet)),
    [OVS_KEY_ATTR_VLAN] = FIXED(2),
    [OVS_KEY_ATTR_ETHERTYPE] = FIXED(2),
    [OVS_KEY_ATTR_IPV4] = FIXED(sizeof(struct ovs_key_ipv4)),
    [OVS_KEY_ATTR_IPV6] = FIXED(sizeof(struct ovs_key_ipv6)),
    [OVS_KEY_ATTR_TCP] = FIXED(sizeof(struct ovs_key_tcp)),
    [OVS_KEY_ATTR_UDP] = FIXED(sizeof(struct ovs_key_udp)),
    [OVS_KEY_ATTR_ICMP] = FIXED(sizeof(struct ovs_key_icmp)),
    [OVS_KEY_ATTR_ICMPV6] = FIXED(sizeof(struct ovs_key_icmpv6)),
    [OVS_KEY_ATTR_ARP] = FIXED(sizeof(struct ovs_key_arp)),
    [OVS_KEY_ATTR_ND] = FIXED(sizeof(struct ovs_key_nd)),
    [OVS_KEY_ATTR_SKB_MARK] = FIXED(4),
    [OVS_KEY_ATTR_TUNNEL] = NESTED(tunnel_set),
    [OVS_KEY_ATTR_SCTP] = FIXED(sizeof(struct ovs_key_sctp)),
    [OVS_KEY_ATTR_TCP_FLAGS] = FIXED(2),
    [OVS_KEY_ATTR_DP_HASH] = FIXED(4),
    [OVS_KEY_ATTR_RECIRC_ID] = FIXED(4),
    [OVS_KEY_ATTR_MPLS] = CHECKED(check_mpls),
    [OVS_KEY_ATTR_CT_STATE] = FIXED(4),
    [OVS_KEY_ATTR_CT_ZONE] = FIXED(2),
    [OVS_KEY_ATTR_CT_MARK] = FIXED(4),
    [OVS_KEY_ATTR_CT_LABELS] = FIXED(sizeof(struct ovs_key_ct_labels)),
    [OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4]
        = FIXED(sizeof(struct ovs_key_ct_tuple_ipv4)),
    [OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6]
        = FIXED(sizeof(struct ovs_key_ct_tuple_ipv6)),
    [OVS_KEY_ATTR_NSH] = NESTED(nsh_set),
    [OVS_KEY_ATTR_PACKET_TYPE] = FIXED(4),
    [OVS_KEY_ATTR_ND_EXTENSIONS]
        = FIXED(sizeof(struct ovs_key_nd_extensions)),
};
static const struct attr_set key_set = ATTR_SET(key_rules);

/* Actions. */

/* OVS would print an unknown tunnel, see action.h, as if it were known. */
static bool
check_set(const void *payload, size_t size, int depth)
{
    const struct nlattr *key = get_single(payload, size);

    return (key && check_attr(&key_set, key, depth)
            && (nl_attr_type(key) != OVS_KEY_ATTR_TUNNEL
                || nl_attr_get_size(key)));
}

/* Returns true if 'key', the argument of a masked set, has a size that is
 * fixed, twice: value and mask. */
static bool
check_masked(const struct nlattr *key)
{
    const struct attr_rule *rule;

    if (nl_attr_type(key) >= ARRAY_SIZE(key_rules)) {
        return true;
    }
    rule = &key_rules[nl_attr_type(key)];
    return (!rule->check && !rule->nested
            && nl_attr_get_size(key) == 2 * rule->max);
}

static bool
check_set_masked(const void *payload, size_t size, int depth OVS_UNUSED)
{
    const struct nlattr *key = get_single(payload, size);

    return key && (nl_attr_type(key) == OVS_KEY_ATTR_NSH
                   ? attr_check_fit(nl_attr_get(key), nl_attr_get_size(key))
                   : check_masked(key));
}

/* Returns true if 'base' and 'metadata' are what a whole NSH header consists
 * of: OVS uses the header's length even if it could not be made. */
static bool
check_nsh_header(const struct nlattr *base, const struct nlattr *metadata)
{
    const struct ovs_nsh_key_base *key = nl_attr_get(base);

    if (nl_attr_type(base) != OVS_NSH_KEY_ATTR_BASE) {
        return false;
    }
    switch (nl_attr_type(metadata)) {
    case OVS_NSH_KEY_ATTR_MD1:
        return key->mdtype == NSH_M_TYPE1;
    case OVS_NSH_KEY_ATTR_MD2:
        return key->mdtype == NSH_M_TYPE2
               && nl_attr_get_size(metadata) <= NSH_CTX_HDRS_MAX_LEN;
    default:
        return false;
    }
}

static bool
check_push_nsh(const void *payload, size_t size, int depth)
{
    const struct nlattr *nsh = get_single(payload, size);
    const struct nlattr *attrs[2];
    const struct nlattr *a;
    size_t left;
    size_t n = 0;

    if (!nsh || nl_attr_type(nsh) != OVS_KEY_ATTR_NSH
        || !check_attr(&key_set, nsh, depth)) {
        return false;
    }
    NL_NESTED_FOR_EACH (a, left, nsh) {
        if (n >= ARRAY_SIZE(attrs)) {
            return false;
        }
        attrs[n++] = a;
    }
    return n == ARRAY_SIZE(attrs) && check_nsh_header(attrs[0], attrs[1]);
}

static const struct attr_rule userspace_rules[] = {
    [OVS_USERSPACE_ATTR_PID] = FIXED(4),
    [OVS_USERSPACE_ATTR_USERDATA] = ANY,
    [OVS_USERSPACE_ATTR_EGRESS_TUN_PORT] = FIXED(4),
    [OVS_USERSPACE_ATTR_ACTIONS] = ANY,
};
static const struct attr_set userspace_set = ATTR_SET(userspace_rules);

static const struct attr_rule sample_rules[] = {
    [OVS_SAMPLE_ATTR_PROBABILITY] = FIXED(4),
    [OVS_SAMPLE_ATTR_ACTIONS] = NESTED(action_set),
};
static const struct attr_set sample_set = ATTR_SET(sample_rules);

static const struct attr_rule check_pkt_len_rules[] = {
    [OVS_CHECK_PKT_LEN_ATTR_PKT_LEN] = FIXED(2),
    [OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER] = NESTED(action_set),
    [OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL] = NESTED(action_set),
};
static const struct attr_set check_pkt_len_set
    = ATTR_SET(check_pkt_len_rules);

static const struct attr_rule dec_ttl_rules[] = {
    [ACTION_DEC_TTL_ACTIONS] = NESTED(action_set),
};
static const struct attr_set dec_ttl_set = ATTR_SET(dec_ttl_rules);

static const struct attr_rule psample_rules[] = {
    [ACTION_PSAMPLE_GROUP] = FIXED(4),
    [ACTION_PSAMPLE_COOKIE] = ANY,
};
static const struct attr_set psample_set = ATTR_SET(psample_rules);

static const struct attr_rule action_rules[] = {
    [OVS_ACTION_ATTR_OUTPUT] = FIXED(4),
    [OVS_ACTION_ATTR_USERSPACE] = NESTED(userspace_set),
    [OVS_ACTION_ATTR_SET] = CHECKED(check_set),
    [OVS_ACTION_ATTR_PUSH_VLAN] = FIXED(sizeof(struct ovs_action_push_vlan)),
    [OVS_ACTION_ATTR_POP_VLAN] = FIXED(0),
    [OVS_ACTION_ATTR_SAMPLE] = NESTED(sample_set),
    [OVS_ACTION_ATTR_RECIRC] = FIXED(4),
    [OVS_ACTION_ATTR_HASH] = FIXED(sizeof(struct ovs_action_hash)),
    [OVS_ACTION_ATTR_PUSH_MPLS] = FIXED(sizeof(struct ovs_action_push_mpls)),
    [OVS_ACTION_ATTR_POP_MPLS] = FIXED(2),
    [OVS_ACTION_ATTR_SET_MASKED] = CHECKED(check_set_masked),
    [OVS_ACTION_ATTR_CT] = ANY, /* OVS checks it. */
    [OVS_ACTION_ATTR_TRUNC] = FIXED(sizeof(struct ovs_action_trunc)),
    [OVS_ACTION_ATTR_PUSH_ETH] = FIXED(sizeof(struct ovs_action_push_eth)),
    [OVS_ACTION_ATTR_POP_ETH] = FIXED(0),
    [OVS_ACTION_ATTR_CT_CLEAR] = FIXED(0),
    [OVS_ACTION_ATTR_PUSH_NSH] = CHECKED(check_push_nsh),
    [OVS_ACTION_ATTR_POP_NSH] = FIXED(0),
    [OVS_ACTION_ATTR_METER] = FIXED(4),
    [OVS_ACTION_ATTR_CLONE] = NESTED(action_set),
    [OVS_ACTION_ATTR_CHECK_PKT_LEN] = NESTED(check_pkt_len_set),
    [OVS_ACTION_ATTR_ADD_MPLS] = FIXED(sizeof(struct ovs_action_add_mpls)),
    [ACTION_DEC_TTL] = NESTED(dec_ttl_set),
    [ACTION_DROP] = FIXED(4),
    [ACTION_PSAMPLE] = NESTED(psample_set),
};

/* The actions that are OVS's own, whose arguments cannot be checked here, have
 * the numbers behind those that it shares with the kernel.  A newer kernel has
 * other actions there. */
static const struct attr_set action_set = {
    .rules = action_rules,
    .n = MIN(ARRAY_SIZE(action_rules), OVS_ACTION_ATTR_TUNNEL_PUSH),
    .closed = true,
};

/* Attributes in general. */

static const struct attr_set any_set;

/* Returns true if 'attr', which fits into what is around it, is as 'set'
 * says. */
static bool
check_attr(const struct attr_set *set, const struct nlattr *attr, int depth)
{
    int type = nl_attr_type(attr);
    size_t size = nl_attr_get_size(attr);
    const void *payload = nl_attr_get(attr);
    const struct attr_rule *rule;

    if (type >= set->n) {
        return !set->closed;
    }
    rule = &set->rules[type];
    return (size >= rule->min && size <= rule->max
            && (!rule->nested
                || check_attrs(rule->nested, payload, size, depth + 1))
            && (!rule->check || rule->check(payload, size, depth + 1)));
}

/* Returns true if 'attrs', 'len' bytes, consists of whole attributes that are
 * as 'set' says. */
static bool
check_attrs(const struct attr_set *set, const void *attrs, size_t len,
            int depth)
{
    const struct nlattr *a;
    size_t left;

    if (depth > MAX_DEPTH) {
        return false;
    }
    NL_ATTR_FOR_EACH (a, left, attrs, len) {
        if (!check_attr(set, a, depth)) {
            return false;
        }
    }
    return !left;
}

/* Returns the attribute that 'payload', 'size' bytes, consists of, or NULL if
 * it is not exactly one. */
static const struct nlattr *
get_single(const void *payload, size_t size)
{
    const struct nlattr *a = payload;

    return (nl_attr_is_valid(a, size) && nl_attr_len_pad(a, size) == size
            ? a : NULL);
}
