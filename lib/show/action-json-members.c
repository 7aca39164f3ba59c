/* SPDX-License-Identifier: Apache-2.0 */

/* The arguments of all actions as JSON, but for those that have a file of
 * their own. */

#include <config.h>

#include "show/action-json-private.h"

#include <inttypes.h>
#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"
#include "record/attr-check.h"
#include "record/names.h"
#include "record/userdata.h"
#include "show/record-json.h"
#include "util.h"

#define MEMBERS(MEMBERS) .members = MEMBERS, .n = ARRAY_SIZE(MEMBERS)

/* Writes the bytes of the argument. */
static void
write_data(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    action_json_hex(j->w, name, nl_attr_get(j->action),
                    nl_attr_get_size(j->action));
}

/* Writes the bytes of the attribute 'type'. */
static void
write_attr_data(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = j->attrs[type];

    if (a) {
        action_json_hex(j->w, name, nl_attr_get(a), nl_attr_get_size(a));
    } else {
        json_write_null(j->w, name);
    }
}

/* Writes an Ethernet type in base 16, as it is known. */
static void
write_eth_type(struct json_writer *w, const char *name, ovs_be16 type)
{
    ds_put_format(json_write_text(w, name), "0x%04"PRIx16, ntohs(type));
    json_write_end_text(w);
}

/* An action of which the bytes are known and nothing else. */
static const struct action_member unknown_members[] = {
    ACTION,
    { "data", write_data, 0, "hex",
      "The argument of the action, as it is in the request or in the "
      "kernel.", NULL },
    TEXT,
};
const struct action_members action_json_unknown = { MEMBERS(unknown_members) };

static const struct action_member plain_members[] = {
    ACTION,
    TEXT,
};

/* Actions whose argument is a number. */

static void
write_number(const struct action_json *j, const char *name,
             int arg OVS_UNUSED)
{
    json_write_integer(j->w, name, nl_attr_get_u32(j->action));
}

static void
write_output(const struct action_json *j, const char *name,
             int arg OVS_UNUSED)
{
    record_json_port(j->w, name, j->place, true, nl_attr_get_u32(j->action));
}

static void
write_drop(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    json_write_string(j->w, name, flow_text_drop_reason(j->action));
}

static void
write_pop_mpls(const struct action_json *j, const char *name,
               int arg OVS_UNUSED)
{
    write_eth_type(j->w, name, nl_attr_get_be16(j->action));
}

static const struct action_member output_members[] = {
    ACTION,
    { "port", write_output, 0, "@port",
      "Where the packet goes.", NULL },
    TEXT,
};
static const struct action_member recirc_members[] = {
    ACTION,
    { "recirc_id", write_number, 0, "uint",
      "The number of the recirculation.", NULL },
    TEXT,
};
static const struct action_member trunc_members[] = {
    ACTION,
    { "max_len", write_number, 0, "uint",
      "The output after it sends no more than this, in bytes.", NULL },
    TEXT,
};
static const struct action_member meter_members[] = {
    ACTION,
    { "id", write_number, 0, "uint",
      "The number of the meter.", NULL },
    TEXT,
};
static const struct action_member drop_members[] = {
    ACTION,
    { "reason", write_drop, 0, "string|null",
      "Why, in the words of ovs-vswitchd; null if that is a number that is "
      "not known.", NULL },
    TEXT,
};
static const struct action_member pop_mpls_members[] = {
    ACTION,
    { "eth_type", write_pop_mpls, 0, "0x",
      "The Ethernet type of what is left.", NULL },
    TEXT,
};

/* Actions whose argument is a structure. */

/* Returns the name of 'alg', an enum ovs_hash_alg, or NULL. */
static const char *
get_hash_name(int alg)
{
    return (alg == OVS_HASH_ALG_L4 ? "l4"
            : alg == OVS_HASH_ALG_SYM_L4 ? "sym_l4" : NULL);
}

static void
write_hash_alg(const struct action_json *j, const char *name,
               int arg OVS_UNUSED)
{
    const struct ovs_action_hash *hash = nl_attr_get(j->action);

    json_write_string(j->w, name, get_hash_name(hash->hash_alg));
}

static void
write_hash_basis(const struct action_json *j, const char *name,
                 int arg OVS_UNUSED)
{
    const struct ovs_action_hash *hash = nl_attr_get(j->action);

    json_write_integer(j->w, name, hash->hash_basis);
}

static const struct action_member hash_members[] = {
    ACTION,
    { "alg", write_hash_alg, 0, "names|null",
      "How the hash is made; null if that is not known.",
      get_hash_name },
    { "basis", write_hash_basis, 0, "uint",
      "What else goes into the hash.", NULL },
    TEXT,
};

enum vlan_member { VLAN_PCP, VLAN_VID };

static void
write_vlan(const struct action_json *j, const char *name, int member)
{
    const struct ovs_action_push_vlan *vlan = nl_attr_get(j->action);

    json_write_integer(j->w, name,
                       member == VLAN_PCP ? vlan_tci_to_pcp(vlan->vlan_tci)
                       : vlan_tci_to_vid(vlan->vlan_tci));
}

static void
write_tpid(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    const struct ovs_action_push_vlan *vlan = nl_attr_get(j->action);

    write_eth_type(j->w, name, vlan->vlan_tpid);
}

static const struct action_member push_vlan_members[] = {
    ACTION,
    { "pcp", write_vlan, VLAN_PCP, "uint",
      "The priority, 0 to 7.", NULL },
    TEXT,
    { "tpid", write_tpid, 0, "0x",
      "The Ethernet type of the tag.", NULL },
    { "vid", write_vlan, VLAN_VID, "uint",
      "The number of the VLAN, 0 to 4095.", NULL },
};

enum mpls_member { MPLS_BOS, MPLS_LABEL, MPLS_TC, MPLS_TTL };

/* Writes a part of the label of a push_mpls or add_mpls, which begin the same
 * way. */
static void
write_mpls(const struct action_json *j, const char *name, int member)
{
    const struct ovs_action_push_mpls *mpls = nl_attr_get(j->action);
    ovs_be32 lse = mpls->mpls_lse;

    json_write_integer(j->w, name,
                       member == MPLS_BOS ? mpls_lse_to_bos(lse)
                       : member == MPLS_LABEL ? mpls_lse_to_label(lse)
                       : member == MPLS_TC ? mpls_lse_to_tc(lse)
                       : mpls_lse_to_ttl(lse));
}

static void
write_mpls_eth_type(const struct action_json *j, const char *name,
                    int arg OVS_UNUSED)
{
    const struct ovs_action_push_mpls *mpls = nl_attr_get(j->action);

    write_eth_type(j->w, name, mpls->mpls_ethertype);
}

static const struct action_member mpls_members[] = {
    ACTION,
    { "bos", write_mpls, MPLS_BOS, "uint",
      "1 if it is the bottom of the stack, otherwise 0.", NULL },
    { "eth_type", write_mpls_eth_type, 0, "0x",
      "The Ethernet type.", NULL },
    { "label", write_mpls, MPLS_LABEL, "uint",
      "The label, of 20 bits.", NULL },
    { "tc", write_mpls, MPLS_TC, "uint",
      "The traffic class, of 3 bits.", NULL },
    TEXT,
    { "ttl", write_mpls, MPLS_TTL, "uint",
      "The time to live, in hops.", NULL },
};

enum eth_member { ETH_DST, ETH_SRC };

static void
write_eth(const struct action_json *j, const char *name, int member)
{
    const struct ovs_action_push_eth *push = nl_attr_get(j->action);
    const struct eth_addr *addr = (member == ETH_DST
                                   ? &push->addresses.eth_dst
                                   : &push->addresses.eth_src);

    ds_put_format(json_write_text(j->w, name), ETH_ADDR_FMT,
                  ETH_ADDR_ARGS(*addr));
    json_write_end_text(j->w);
}

static const struct action_member push_eth_members[] = {
    ACTION,
    { "dst", write_eth, ETH_DST, "string",
      "The destination address.", NULL },
    { "src", write_eth, ETH_SRC, "string",
      "The source address.", NULL },
    TEXT,
};

/* Userspace. */

static int
get_class(const struct action_json *j)
{
    return userdata_class(j->attrs[OVS_USERSPACE_ATTR_USERDATA]);
}

/* Returns the name of a class that userspace actions have, with 'number' from
 * 0 on, or NULL. */
static const char *
get_userspace_class(int number)
{
    BUILD_ASSERT(!UPCALL_CLASS_MISS);
    return upcall_class_name(number + 1);
}

static void
write_class(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    json_write_string(j->w, name, upcall_class_name(get_class(j)));
}

static void
write_reason(const struct action_json *j, const char *name, int type)
{
    char buf[USERDATA_REASON_MAX];

    json_write_string(j->w, name, userdata_attr_reason(j->attrs[type],
                                                       get_class(j), buf));
}

static void
write_userdata(const struct action_json *j, const char *name OVS_UNUSED,
               int type)
{
    record_json_userdata(j->w, j->attrs[type], get_class(j), j->place);
}

static void
write_tunnel_port(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 4);

    record_json_port(j->w, name, j->place, a, a ? nl_attr_get_u32(a) : 0);
}

static const struct action_member userspace_members[] = {
    ACTION,
    { "actions", action_json_flag, OVS_USERSPACE_ATTR_ACTIONS, "boolean",
      "Are the actions of the flow to be in the upcall?", NULL },
    { "class", write_class, 0, "names",
      "The class of the upcall.",
      get_userspace_class },
    { "egress_tunnel_port", write_tunnel_port,
      OVS_USERSPACE_ATTR_EGRESS_TUN_PORT, "@port|null",
      "The tunnel of which the upcall is to tell; null if it is of none.",
      NULL },
    { "portid", action_json_u32, OVS_USERSPACE_ATTR_PID, "uint|null",
      "The netlink socket that the upcall goes to, 0 if the kernel chooses "
      "one by CPU; null if there is none.", NULL },
    { "reason", write_reason, OVS_USERSPACE_ATTR_USERDATA, "string|null",
      "Why, as in the upcall; null if there is no reason.", NULL },
    TEXT,
    { "userdata", write_userdata,
      OVS_USERSPACE_ATTR_USERDATA, "@userdata|null",
      "What ovs-vswitchd has noted; null if that is nothing, or not known.",
      NULL },
};

/* Actions with actions in them. */

static void
write_probability(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 4);

    if (a) {
        json_write_real(j->w, name, nl_attr_get_u32(a) / (double) UINT32_MAX);
    } else {
        json_write_null(j->w, name);
    }
}

static const struct action_member sample_members[] = {
    ACTION,
    { "actions", action_json_list, 0, "[@action]|null",
      "What is done with a sampled packet; null if it is too deep in other "
      "actions.", NULL },
    { "probability", write_probability,
      OVS_SAMPLE_ATTR_PROBABILITY, "number|null",
      "How many packets are sampled, 0 to 1; null if that is not known.",
      NULL },
    TEXT,
};
static const struct action_member list_members[] = {
    ACTION,
    { "actions", action_json_list, 0, "[@action]|null",
      "The actions in it; null if it is too deep in other actions, or "
      "broken.", NULL },
    TEXT,
};
static const struct action_member check_pkt_len_members[] = {
    ACTION,
    { "greater", action_json_list, 1, "[@action]|null",
      "What is done with a packet that is larger; null if that is too deep "
      "in other actions, or not known.", NULL },
    { "len", action_json_u16, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, "uint|null",
      "The size that is compared with, in bytes; null if it is not known.",
      NULL },
    { "less_equal", action_json_list, 0, "[@action]|null",
      "What is done with a packet that is not larger; likewise.", NULL },
    TEXT,
};
static const struct action_member psample_members[] = {
    ACTION,
    { "cookie", write_attr_data, ACTION_PSAMPLE_COOKIE, "hex|null",
      "What goes with the sample; null if that is nothing.", NULL },
    { "group", action_json_u32, ACTION_PSAMPLE_GROUP, "uint|null",
      "The group of samples; null if it is not known.", NULL },
    TEXT,
};

#define PLAIN { MEMBERS(plain_members) }
#define NUMBER(M) { MEMBERS(M), .size = sizeof(uint32_t) }
#define STRUCT(M, TYPE) { MEMBERS(M), .size = sizeof(struct TYPE) }
#define NESTED(M) { MEMBERS(M), .nested = true }

/* By number, but for those with a file of their own. */
static const struct action_members actions[] = {
    [OVS_ACTION_ATTR_OUTPUT] = NUMBER(output_members),
    [OVS_ACTION_ATTR_USERSPACE] = NESTED(userspace_members),
    [OVS_ACTION_ATTR_PUSH_VLAN] = STRUCT(push_vlan_members,
                                         ovs_action_push_vlan),
    [OVS_ACTION_ATTR_POP_VLAN] = PLAIN,
    [OVS_ACTION_ATTR_SAMPLE] = NESTED(sample_members),
    [OVS_ACTION_ATTR_RECIRC] = NUMBER(recirc_members),
    [OVS_ACTION_ATTR_HASH] = STRUCT(hash_members, ovs_action_hash),
    [OVS_ACTION_ATTR_PUSH_MPLS] = STRUCT(mpls_members, ovs_action_push_mpls),
    [OVS_ACTION_ATTR_POP_MPLS] = { MEMBERS(pop_mpls_members),
                                   .size = sizeof(ovs_be16) },
    [OVS_ACTION_ATTR_TRUNC] = NUMBER(trunc_members),
    [OVS_ACTION_ATTR_PUSH_ETH] = STRUCT(push_eth_members,
                                        ovs_action_push_eth),
    [OVS_ACTION_ATTR_POP_ETH] = PLAIN,
    [OVS_ACTION_ATTR_CT_CLEAR] = PLAIN,
    [OVS_ACTION_ATTR_POP_NSH] = PLAIN,
    [OVS_ACTION_ATTR_METER] = NUMBER(meter_members),
    [OVS_ACTION_ATTR_CLONE] = { MEMBERS(list_members) },
    [OVS_ACTION_ATTR_CHECK_PKT_LEN] = NESTED(check_pkt_len_members),
    [OVS_ACTION_ATTR_ADD_MPLS] = STRUCT(mpls_members, ovs_action_add_mpls),
    [ACTION_DEC_TTL] = { MEMBERS(list_members) },
    [ACTION_DROP] = NUMBER(drop_members),
    [ACTION_PSAMPLE] = NESTED(psample_members),
};

/* Returns true if 'action' sets something that cannot be printed. */
static bool
is_bad_set(const struct nlattr *action)
{
    return ((nl_attr_type(action) == OVS_ACTION_ATTR_SET
             || nl_attr_type(action) == OVS_ACTION_ATTR_SET_MASKED)
            && !action_is_unknown_tunnel(action)
            && !attr_check_action(action));
}

/* Returns the members of actions with the number 'type' whose arguments are as
 * they should be, NULL if there is no such action. */
const struct action_members *
action_json_members_of(int type)
{
    switch (type) {
    case OVS_ACTION_ATTR_CT: return &action_json_ct;
    case OVS_ACTION_ATTR_SET: return &action_json_set;
    case OVS_ACTION_ATTR_SET_MASKED: return &action_json_set_masked;
    case OVS_ACTION_ATTR_PUSH_NSH: return &action_json_push_nsh;
    default:
        return (type < ARRAY_SIZE(actions) && actions[type].members
                ? &actions[type] : NULL);
    }
}

/* Returns the members of 'action'. */
const struct action_members *
action_json_members(const struct nlattr *action)
{
    const struct action_members *m
        = action_json_members_of(nl_attr_type(action));

    return (!m || is_bad_set(action)
            || (m->size && m->size != nl_attr_get_size(action))
            ? &action_json_unknown : m);
}
