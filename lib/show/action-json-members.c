/* SPDX-License-Identifier: Apache-2.0 */

/* The arguments of all actions but "ct" as JSON. */

#include <config.h>

#include "show/action-json-private.h"

#include <inttypes.h>
#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/nsh.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"
#include "record/attr-check.h"
#include "record/names.h"
#include "record/userdata.h"
#include "show/record-json.h"
#include "util.h"

/* All actions. */
#define ACTION { "action", action_json_name, 0 }
#define TEXT { "text", action_json_text, 0 }

#define MEMBERS(MEMBERS) .members = MEMBERS, .n = ARRAY_SIZE(MEMBERS)

static void
write_hex(struct json_writer *w, const char *name, const void *bytes,
          size_t size)
{
    struct ds *ds = json_write_text(w, name);
    const uint8_t *b = bytes;

    for (size_t i = 0; i < size; i++) {
        ds_put_format(ds, "%02x", b[i]);
    }
    json_write_end_text(w);
}

/* Writes the bytes of the argument. */
static void
write_data(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    write_hex(j->w, name, nl_attr_get(j->action),
              nl_attr_get_size(j->action));
}

/* Writes the bytes of the attribute 'type'. */
static void
write_attr_data(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = j->attrs[type];

    if (a) {
        write_hex(j->w, name, nl_attr_get(a), nl_attr_get_size(a));
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
    ACTION, { "data", write_data, 0 }, TEXT,
};
static const struct action_members unknown = { MEMBERS(unknown_members) };

static const struct action_member plain_members[] = { ACTION, TEXT };

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
    ACTION, { "port", write_output, 0 }, TEXT,
};
static const struct action_member recirc_members[] = {
    ACTION, { "recirc_id", write_number, 0 }, TEXT,
};
static const struct action_member trunc_members[] = {
    ACTION, { "max_len", write_number, 0 }, TEXT,
};
static const struct action_member meter_members[] = {
    ACTION, { "id", write_number, 0 }, TEXT,
};
static const struct action_member drop_members[] = {
    ACTION, { "reason", write_drop, 0 }, TEXT,
};
static const struct action_member pop_mpls_members[] = {
    ACTION, { "eth_type", write_pop_mpls, 0 }, TEXT,
};

/* Actions whose argument is a structure. */

static void
write_hash_alg(const struct action_json *j, const char *name,
               int arg OVS_UNUSED)
{
    const struct ovs_action_hash *hash = nl_attr_get(j->action);

    json_write_string(j->w, name,
                      hash->hash_alg == OVS_HASH_ALG_L4 ? "l4"
                      : hash->hash_alg == OVS_HASH_ALG_SYM_L4 ? "sym_l4"
                      : NULL);
}

static void
write_hash_basis(const struct action_json *j, const char *name,
                 int arg OVS_UNUSED)
{
    const struct ovs_action_hash *hash = nl_attr_get(j->action);

    json_write_integer(j->w, name, hash->hash_basis);
}

static const struct action_member hash_members[] = {
    ACTION, { "alg", write_hash_alg, 0 }, { "basis", write_hash_basis, 0 },
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
    ACTION, { "pcp", write_vlan, VLAN_PCP }, TEXT, { "tpid", write_tpid, 0 },
    { "vid", write_vlan, VLAN_VID },
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
    ACTION, { "bos", write_mpls, MPLS_BOS },
    { "eth_type", write_mpls_eth_type, 0 },
    { "label", write_mpls, MPLS_LABEL }, { "tc", write_mpls, MPLS_TC },
    TEXT, { "ttl", write_mpls, MPLS_TTL },
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
    ACTION, { "dst", write_eth, ETH_DST }, { "src", write_eth, ETH_SRC },
    TEXT,
};

/* Userspace. */

static int
get_class(const struct action_json *j)
{
    return userdata_class(j->attrs[OVS_USERSPACE_ATTR_USERDATA]);
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
    ACTION, { "actions", action_json_flag, OVS_USERSPACE_ATTR_ACTIONS },
    { "class", write_class, 0 },
    { "egress_tunnel_port", write_tunnel_port,
      OVS_USERSPACE_ATTR_EGRESS_TUN_PORT },
    { "portid", action_json_u32, OVS_USERSPACE_ATTR_PID },
    { "reason", write_reason, OVS_USERSPACE_ATTR_USERDATA }, TEXT,
    { "userdata", write_userdata, OVS_USERSPACE_ATTR_USERDATA },
};

/* Set. */

/* Stores in '*field' what OVS has made of a set: the name of the field, whose
 * value ends before the last two parentheses.  Returns where that begins, NULL
 * if it is unknown. */
static char *
split_set(struct ds *text, char **field)
{
    char *value;

    if (strncmp(ds_cstr(text), "set(", 4)) {
        return NULL;
    }
    *field = ds_cstr(text) + strlen("set(");
    value = strchr(*field, '(');
    if (!value) {
        return NULL;
    }
    *value++ = '\0';
    ds_cstr(text)[text->length - 2] = '\0';
    return value;
}

static void
write_field(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *field, *value;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    json_write_string(j->w, name, value ? field : NULL);
    ds_destroy(&text);
}

static void
write_set_value(const struct action_json *j, const char *name,
                int arg OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *field, *value;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    json_write_string(j->w, name,
                      value && strcmp(value, "?") ? value : NULL);
    ds_destroy(&text);
}

enum set_part { SET_VALUE, SET_MASK };

/* Appends the value or the mask of 'item', such as "ttl=4/0xf" or "0x1/0x3":
 * no mask if it has none.  Modifies 'item'. */
static void
put_masked_item(struct ds *ds, char *item, enum set_part part)
{
    char *mask = strchr(item, '/');
    char *value = strchr(item, '=');

    if (mask) {
        *mask++ = '\0';
    }
    if (part == SET_MASK && !mask) {
        return;
    }
    if (ds->length) {
        ds_put_char(ds, ',');
    }
    if (part == SET_VALUE) {
        ds_put_cstr(ds, item);
    } else {
        ds_put_buffer(ds, item, value ? value + 1 - item : 0);
        ds_put_cstr(ds, mask);
    }
}

/* Writes the values of a masked set, or the masks of those of which only a
 * part is set. */
static void
write_masked(const struct action_json *j, const char *name, int part)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds out = DS_EMPTY_INITIALIZER;
    char *field, *value, *item;
    char *save = NULL;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    for (item = value ? strtok_r(value, ",", &save) : NULL; item;
         item = strtok_r(NULL, ",", &save)) {
        put_masked_item(&out, item, part);
    }
    json_write_string(j->w, name, out.length ? ds_cstr(&out) : NULL);
    ds_destroy(&out);
    ds_destroy(&text);
}

static void
write_null(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    json_write_null(j->w, name);
}

static const struct action_member set_members[] = {
    ACTION, { "field", write_field, 0 }, { "mask", write_null, 0 }, TEXT,
    { "value", write_set_value, 0 },
};
static const struct action_member set_masked_members[] = {
    ACTION, { "field", write_field, 0 }, { "mask", write_masked, SET_MASK },
    TEXT, { "value", write_masked, SET_VALUE },
};

/* Push of NSH. */

enum nsh_member { NSH_FLAGS, NSH_MDTYPE, NSH_NP, NSH_SI, NSH_SPI, NSH_TTL };

/* Returns the attribute 'type' of the header. */
static const struct nlattr *
get_nsh(const struct action_json *j, int type)
{
    const struct nlattr *nsh = nl_attr_find_nested(j->action,
                                                   OVS_KEY_ATTR_NSH);

    return nsh ? nl_attr_find_nested(nsh, type) : NULL;
}

static int
get_nsh_member(const struct ovs_nsh_key_base *base, enum nsh_member member)
{
    switch (member) {
    case NSH_FLAGS: return base->flags;
    case NSH_MDTYPE: return base->mdtype;
    case NSH_NP: return base->np;
    case NSH_SI: return nsh_path_hdr_to_si(base->path_hdr);
    case NSH_SPI: return nsh_path_hdr_to_spi_uint32(base->path_hdr);
    case NSH_TTL: return base->ttl;
    default: OVS_NOT_REACHED();
    }
}

static void
write_nsh(const struct action_json *j, const char *name, int member)
{
    const struct nlattr *base = get_nsh(j, OVS_NSH_KEY_ATTR_BASE);
    bool known = (base && nl_attr_get_size(base)
                  == sizeof(struct ovs_nsh_key_base));

    json_write_integer_if(j->w, name, known,
                          known ? get_nsh_member(nl_attr_get(base), member)
                          : 0);
}

static void
write_nsh_metadata(const struct action_json *j, const char *name,
                   int arg OVS_UNUSED)
{
    const struct nlattr *md1 = get_nsh(j, OVS_NSH_KEY_ATTR_MD1);
    const struct nlattr *md = md1 ? md1 : get_nsh(j, OVS_NSH_KEY_ATTR_MD2);

    if (md) {
        write_hex(j->w, name, nl_attr_get(md), nl_attr_get_size(md));
    } else {
        json_write_null(j->w, name);
    }
}

static const struct action_member push_nsh_members[] = {
    ACTION, { "flags", write_nsh, NSH_FLAGS },
    { "mdtype", write_nsh, NSH_MDTYPE },
    { "metadata", write_nsh_metadata, 0 },
    { "np", write_nsh, NSH_NP }, { "si", write_nsh, NSH_SI },
    { "spi", write_nsh, NSH_SPI }, TEXT, { "ttl", write_nsh, NSH_TTL },
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
    ACTION, { "actions", action_json_list, 0 },
    { "probability", write_probability, OVS_SAMPLE_ATTR_PROBABILITY }, TEXT,
};
static const struct action_member list_members[] = {
    ACTION, { "actions", action_json_list, 0 }, TEXT,
};
static const struct action_member check_pkt_len_members[] = {
    ACTION, { "greater", action_json_list, 1 },
    { "len", action_json_u16, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN },
    { "less_equal", action_json_list, 0 }, TEXT,
};
static const struct action_member psample_members[] = {
    ACTION, { "cookie", write_attr_data, ACTION_PSAMPLE_COOKIE },
    { "group", action_json_u32, ACTION_PSAMPLE_GROUP }, TEXT,
};

#define PLAIN { MEMBERS(plain_members) }
#define NUMBER(M) { MEMBERS(M), .size = sizeof(uint32_t) }
#define STRUCT(M, TYPE) { MEMBERS(M), .size = sizeof(struct TYPE) }
#define NESTED(M) { MEMBERS(M), .nested = true }

/* By number. */
static const struct action_members actions[] = {
    [OVS_ACTION_ATTR_OUTPUT] = NUMBER(output_members),
    [OVS_ACTION_ATTR_USERSPACE] = NESTED(userspace_members),
    [OVS_ACTION_ATTR_SET] = { MEMBERS(set_members) },
    [OVS_ACTION_ATTR_PUSH_VLAN] = STRUCT(push_vlan_members,
                                         ovs_action_push_vlan),
    [OVS_ACTION_ATTR_POP_VLAN] = PLAIN,
    [OVS_ACTION_ATTR_SAMPLE] = NESTED(sample_members),
    [OVS_ACTION_ATTR_RECIRC] = NUMBER(recirc_members),
    [OVS_ACTION_ATTR_HASH] = STRUCT(hash_members, ovs_action_hash),
    [OVS_ACTION_ATTR_PUSH_MPLS] = STRUCT(mpls_members, ovs_action_push_mpls),
    [OVS_ACTION_ATTR_POP_MPLS] = { MEMBERS(pop_mpls_members),
                                   .size = sizeof(ovs_be16) },
    [OVS_ACTION_ATTR_SET_MASKED] = { MEMBERS(set_masked_members) },
    [OVS_ACTION_ATTR_TRUNC] = NUMBER(trunc_members),
    [OVS_ACTION_ATTR_PUSH_ETH] = STRUCT(push_eth_members,
                                        ovs_action_push_eth),
    [OVS_ACTION_ATTR_POP_ETH] = PLAIN,
    [OVS_ACTION_ATTR_CT_CLEAR] = PLAIN,
    [OVS_ACTION_ATTR_PUSH_NSH] = { MEMBERS(push_nsh_members) },
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

/* Returns the members of 'action'. */
const struct action_members *
action_json_members(const struct nlattr *action)
{
    int type = nl_attr_type(action);
    const struct action_members *m;

    if (type == OVS_ACTION_ATTR_CT) {
        return &action_json_ct;
    } else if (type >= ARRAY_SIZE(actions) || !actions[type].members
               || is_bad_set(action)) {
        return &unknown;
    }
    m = &actions[type];
    return (m->size && m->size != nl_attr_get_size(action) ? &unknown : m);
}
