/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-bytes.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

/* The structures of the module are the same in all of these kernels, */
#define FIELDS                                                          \
    [KERNEL_FIELD_CT] = { 0, 160 * 8 },                                 \
    [KERNEL_FIELD_CT_COMMIT] = { 192, 1 },                              \
    [KERNEL_FIELD_CT_NAT] = { 193, 3 },                                 \
    [KERNEL_FIELD_CT_FORCE] = { 196, 1 },                               \
    [KERNEL_FIELD_CT_HAVE_EVENTMASK] = { 197, 1 },                      \
    [KERNEL_FIELD_CT_FAMILY] = { 208, 16 },                             \
    [KERNEL_FIELD_CT_ZONE] = { 64, 16 },                                \
    [KERNEL_FIELD_CT_MARK] = { 256, 64 },                               \
    [KERNEL_FIELD_CT_MARK_MASK] = { 288, 32 },                          \
    [KERNEL_FIELD_CT_LABELS] = { 320, 256 },                            \
    [KERNEL_FIELD_CT_LABELS_MASK] = { 448, 128 },                       \
    [KERNEL_FIELD_CT_HELPER] = { 0, 64 },                               \
    [KERNEL_FIELD_CT_EVENTMASK] = { 224, 32 },                          \
    [KERNEL_FIELD_CT_TIMEOUT] = { 576, 256 },                           \
    [KERNEL_FIELD_CT_RANGE_FLAGS] = { 896, 32 },                        \
    [KERNEL_FIELD_CT_RANGE_MIN_ADDR] = { 928, 128 },                    \
    [KERNEL_FIELD_CT_RANGE_MAX_ADDR] = { 1056, 128 },                   \
    [KERNEL_FIELD_CT_RANGE_MIN_PROTO] = { 1184, 16 },                   \
    [KERNEL_FIELD_CT_RANGE_MAX_PROTO] = { 1200, 16 },                   \
    [KERNEL_FIELD_SAMPLE] = { 0, 64 },                                  \
    [KERNEL_FIELD_SAMPLE_PROBABILITY] = { 32, 32 },                     \
    [KERNEL_FIELD_CHECK_PKT_LEN] = { 0, 32 },                           \
    [KERNEL_FIELD_CHECK_PKT_LEN_LEN] = { 0, 16 },                       \
    [KERNEL_FIELD_TUN_DST] = { 0, 64 },                                 \
    [KERNEL_FIELD_TUNNEL_ID] = { 0, 64 },                               \
    [KERNEL_FIELD_TUNNEL_IPV4_SRC] = { 64, 32 },                        \
    [KERNEL_FIELD_TUNNEL_IPV4_DST] = { 96, 32 },                        \
    [KERNEL_FIELD_TUNNEL_IPV6_SRC] = { 64, 128 },                       \
    [KERNEL_FIELD_TUNNEL_IPV6_DST] = { 192, 128 },                      \
    [KERNEL_FIELD_HELPER_NAME] = { 128, 128 }

/* and that of tunnels is not. */
#define FIELDS_6_1                                                      \
    [KERNEL_FIELD_TUN_INFO] = { 960, 88 * 8 },                          \
    [KERNEL_FIELD_TUNNEL] = { 0, 88 * 8 },                              \
    [KERNEL_FIELD_TUNNEL_FLAGS] = { 320, 16 },                          \
    [KERNEL_FIELD_TUNNEL_TOS] = { 336, 8 },                             \
    [KERNEL_FIELD_TUNNEL_TTL] = { 344, 8 },                             \
    [KERNEL_FIELD_TUNNEL_TP_SRC] = { 384, 16 },                         \
    [KERNEL_FIELD_TUNNEL_TP_DST] = { 400, 16 },                         \
    [KERNEL_FIELD_TUNNEL_OPTIONS_LEN] = { 640, 8 },                     \
    [KERNEL_FIELD_TUNNEL_MODE] = { 648, 8 }

#define FIELDS_6_12                                                     \
    [KERNEL_FIELD_TUN_INFO] = { 1152, 96 * 8 },                         \
    [KERNEL_FIELD_TUNNEL] = { 0, 96 * 8 },                              \
    [KERNEL_FIELD_TUNNEL_FLAGS] = { 320, 64 },                          \
    [KERNEL_FIELD_TUNNEL_TOS] = { 448, 8 },                             \
    [KERNEL_FIELD_TUNNEL_TTL] = { 456, 8 },                             \
    [KERNEL_FIELD_TUNNEL_TP_SRC] = { 464, 16 },                         \
    [KERNEL_FIELD_TUNNEL_TP_DST] = { 480, 16 },                         \
    [KERNEL_FIELD_TUNNEL_OPTIONS_LEN] = { 704, 8 },                     \
    [KERNEL_FIELD_TUNNEL_MODE] = { 712, 8 }

#define NUMBERS                                 \
    [KERNEL_NUMBER_TUNNEL_INFO] = 31,           \
    [KERNEL_NUMBER_SAMPLE_ARG] = 4,             \
    [KERNEL_NUMBER_CHECK_PKT_LEN_ARG] = 5,      \
    [KERNEL_NUMBER_CT_SRC_NAT] = 2,             \
    [KERNEL_NUMBER_CT_DST_NAT] = 4

const struct kernel_layout kernel_layout_6_1 = {
    .numbers = {
        [KERNEL_NUMBER_ACTION_MAX] = 24,
        [KERNEL_NUMBER_SET_TO_MASKED] = 25,
        NUMBERS,
    },
    .fields = { FIELDS, FIELDS_6_1 },
};

const struct kernel_layout kernel_layout_6_12 = {
    .numbers = {
        [KERNEL_NUMBER_ACTION_MAX] = 26,
        [KERNEL_NUMBER_SET_TO_MASKED] = 27,
        NUMBERS,
    },
    .fields = { FIELDS, FIELDS_6_12 },
};

/* Where actions are put. */
struct memory {
    const struct kernel_layout *layout;
    struct ofpbuf *bytes;
    size_t start;               /* Where the first action is. */
    struct ofpbuf *pointed;     /* NULL if nobody reads what they point to. */
};

static void put_list(struct memory *, const void *actions, size_t len);

/* Sets the number that 'field' is in 'structure'. */
static void
set(const struct kernel_layout *layout, enum kernel_field field,
    void *structure, uint64_t value)
{
    const struct kernel_place *place = &layout->fields[field];
    uint8_t *bytes = structure;

    for (uint32_t i = 0; i < place->bits; i++) {
        uint32_t bit = place->bit + i;

        if (value >> i & 1) {
            bytes[bit / 8] |= 1 << bit % 8;
        }
    }
}

/* Copies the content of 'a', if it is there, to 'field'. */
static void
copy(const struct kernel_layout *layout, enum kernel_field field,
     void *structure, const struct nlattr *a)
{
    if (a) {
        memcpy((uint8_t *) structure + layout->fields[field].bit / 8,
               nl_attr_get(a), nl_attr_get_size(a));
    }
}

static const struct nlattr *
find(const struct nlattr *nested, int type)
{
    return nl_attr_find_nested(nested, type);
}

static void
set_range(const struct kernel_layout *layout, const struct nlattr *nat,
          void *info)
{
    const struct nlattr *ip = find(nat, OVS_NAT_ATTR_IP_MIN);
    const struct nlattr *ip_max = find(nat, OVS_NAT_ATTR_IP_MAX);
    const struct nlattr *port = find(nat, OVS_NAT_ATTR_PROTO_MIN);
    const struct nlattr *port_max = find(nat, OVS_NAT_ATTR_PROTO_MAX);
    uint32_t flags = ((ip ? 1 : 0) | (port ? 2 : 0)
                      | (find(nat, OVS_NAT_ATTR_PROTO_HASH) ? 4 : 0)
                      | (find(nat, OVS_NAT_ATTR_PERSISTENT) ? 8 : 0)
                      | (find(nat, OVS_NAT_ATTR_PROTO_RANDOM) ? 16 : 0));

    set(layout, KERNEL_FIELD_CT_RANGE_FLAGS, info, flags);
    copy(layout, KERNEL_FIELD_CT_RANGE_MIN_ADDR, info, ip);
    copy(layout, KERNEL_FIELD_CT_RANGE_MAX_ADDR, info, ip_max ? ip_max : ip);
    set(layout, KERNEL_FIELD_CT_FAMILY, info,
        ip && nl_attr_get_size(ip) == 16 ? 10 : 2);
    if (port) {
        port_max = port_max ? port_max : port;
        set(layout, KERNEL_FIELD_CT_RANGE_MIN_PROTO, info,
            (OVS_FORCE uint16_t) htons(nl_attr_get_u16(port)));
        set(layout, KERNEL_FIELD_CT_RANGE_MAX_PROTO, info,
            (OVS_FORCE uint16_t) htons(nl_attr_get_u16(port_max)));
    }
}

/* Returns the address of what is put next by put_pointed(). */
static uint64_t
get_address(const struct memory *m)
{
    return (KERNEL_BYTES_ADDRESS
            + (m->pointed ? m->pointed->size * KERNEL_BYTES_ROOM : 0));
}

/* Appends that the action at 'start' points to the 'size' bytes at 'data'. */
static void
put_pointed(struct memory *m, size_t start, enum pass_pointed_kind kind,
            const void *data, size_t size)
{
    const struct pass_pointed head = {
        .offset = start - m->start, .len = size, .kind = kind,
    };

    if (m->pointed) {
        ofpbuf_put(m->pointed, &head, sizeof head);
        ofpbuf_put(m->pointed, data, size);
        ofpbuf_put_zeros(m->pointed, ROUND_UP(size, 8) - size);
    }
}

/* Sets 'flag' of the tunnel 'info', if 'is_set'. */
static void
set_flag(const struct kernel_layout *layout, void *info, int flag, bool is_set)
{
    bool is_number = layout->fields[KERNEL_FIELD_TUNNEL_FLAGS].bits == 16;
    uint64_t value = (!is_set ? 0
                      : is_number ? (OVS_FORCE uint16_t) htons(1 << flag)
                      : UINT64_C(1) << flag);

    set(layout, KERNEL_FIELD_TUNNEL_FLAGS, info, value);
}

/* Appends that the action at 'start' points to the tunnel 'key', as
 * validate_and_copy_set_tun() of Linux makes it. */
static void
put_tunnel(struct memory *m, size_t start, const struct nlattr *key)
{
    static const struct {
        int attr, flag;
    } flags[] = {
        { OVS_TUNNEL_KEY_ATTR_ID, 2 },
        { OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT, 8 },
        { OVS_TUNNEL_KEY_ATTR_CSUM, 0 },
        { OVS_TUNNEL_KEY_ATTR_OAM, 9 },
        { OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, 11 },
        { OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS, 12 },
        { OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, 14 },
    };
    static const struct {
        int attr;
        enum kernel_field field;
    } members[] = {
        { OVS_TUNNEL_KEY_ATTR_ID, KERNEL_FIELD_TUNNEL_ID },
        { OVS_TUNNEL_KEY_ATTR_IPV4_SRC, KERNEL_FIELD_TUNNEL_IPV4_SRC },
        { OVS_TUNNEL_KEY_ATTR_IPV4_DST, KERNEL_FIELD_TUNNEL_IPV4_DST },
        { OVS_TUNNEL_KEY_ATTR_IPV6_SRC, KERNEL_FIELD_TUNNEL_IPV6_SRC },
        { OVS_TUNNEL_KEY_ATTR_IPV6_DST, KERNEL_FIELD_TUNNEL_IPV6_DST },
        { OVS_TUNNEL_KEY_ATTR_TOS, KERNEL_FIELD_TUNNEL_TOS },
        { OVS_TUNNEL_KEY_ATTR_TTL, KERNEL_FIELD_TUNNEL_TTL },
        { OVS_TUNNEL_KEY_ATTR_TP_SRC, KERNEL_FIELD_TUNNEL_TP_SRC },
        { OVS_TUNNEL_KEY_ATTR_TP_DST, KERNEL_FIELD_TUNNEL_TP_DST },
    };
    const struct kernel_layout *layout = m->layout;
    size_t size = layout->fields[KERNEL_FIELD_TUNNEL].bits / 8;
    const struct nlattr *vxlan = find(key, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
    const struct nlattr *options
        = (vxlan ? nl_attr_get(vxlan)
           : find(key, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS)
           ? find(key, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS)
           : find(key, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS));
    size_t options_size = options ? nl_attr_get_size(options) : 0;
    uint8_t *info = xzalloc(size + options_size);

    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        copy(layout, members[i].field, info, find(key, members[i].attr));
    }
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        set_flag(layout, info, flags[i].flag, find(key, flags[i].attr));
    }
    set(layout, KERNEL_FIELD_TUNNEL_MODE, info,
        1 | (find(key, OVS_TUNNEL_KEY_ATTR_IPV6_DST) ? 2 : 0));
    set(layout, KERNEL_FIELD_TUNNEL_OPTIONS_LEN, info, options_size);
    if (options) {
        memcpy(info + size, nl_attr_get(options), options_size);
    }
    put_pointed(m, start, PASS_POINTED_TUNNEL, info, size + options_size);
    free(info);
}

static void
put_ct(struct memory *m, const struct nlattr *ct)
{
    const struct kernel_layout *layout = m->layout;
    const struct nlattr *helper = find(ct, OVS_CT_ATTR_HELPER);
    const struct nlattr *zone = find(ct, OVS_CT_ATTR_ZONE);
    const struct nlattr *eventmask = find(ct, OVS_CT_ATTR_EVENTMASK);
    const struct nlattr *nat = find(ct, OVS_CT_ATTR_NAT);
    bool force = find(ct, OVS_CT_ATTR_FORCE_COMMIT);
    size_t start = m->bytes->size;
    void *info = nl_msg_put_unspec_zero(
        m->bytes, OVS_ACTION_ATTR_CT,
        layout->fields[KERNEL_FIELD_CT].bits / 8);

    set(layout, KERNEL_FIELD_CT_COMMIT, info,
        force || find(ct, OVS_CT_ATTR_COMMIT));
    set(layout, KERNEL_FIELD_CT_FORCE, info, force);
    set(layout, KERNEL_FIELD_CT_ZONE, info, zone ? nl_attr_get_u16(zone) : 0);
    copy(layout, KERNEL_FIELD_CT_MARK, info, find(ct, OVS_CT_ATTR_MARK));
    copy(layout, KERNEL_FIELD_CT_LABELS, info, find(ct, OVS_CT_ATTR_LABELS));
    copy(layout, KERNEL_FIELD_CT_TIMEOUT, info, find(ct, OVS_CT_ATTR_TIMEOUT));
    set(layout, KERNEL_FIELD_CT_HELPER, info,
        helper ? get_address(m) : 0);
    if (eventmask) {
        set(layout, KERNEL_FIELD_CT_HAVE_EVENTMASK, info, 1);
        copy(layout, KERNEL_FIELD_CT_EVENTMASK, info, eventmask);
    }
    if (nat) {
        set(layout, KERNEL_FIELD_CT_NAT, info,
            1 | (find(nat, OVS_NAT_ATTR_SRC) ? 2 : 0)
            | (find(nat, OVS_NAT_ATTR_DST) ? 4 : 0));
        set_range(layout, nat, info);
    }
    if (helper) {
        char name[PASS_HELPER_LEN] = "";

        ovs_strlcpy(name, nl_attr_get(helper), sizeof name);
        put_pointed(m, start, PASS_POINTED_HELPER, name, sizeof name);
    }
}

static void
put_set(struct memory *m, const struct nlattr *action)
{
    const struct kernel_layout *layout = m->layout;
    struct ofpbuf *out = m->bytes;
    const struct nlattr *key = nl_attr_get(action);
    size_t size = nl_attr_get_size(key);
    size_t ofs;
    uint8_t *to;

    if (nl_attr_type(key) == OVS_KEY_ATTR_TUNNEL) {
        uint64_t address = get_address(m);

        put_tunnel(m, out->size, key);
        ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_SET);
        nl_msg_put_u64(out, layout->numbers[KERNEL_NUMBER_TUNNEL_INFO],
                       address);
    } else {
        ofs = nl_msg_start_nested(
            out, layout->numbers[KERNEL_NUMBER_SET_TO_MASKED]);
        to = nl_msg_put_unspec_zero(out, nl_attr_type(key), 2 * size);
        memcpy(to, nl_attr_get(key), size);
        memset(to + size, 0xff, size);
    }
    nl_msg_end_nested(out, ofs);
}

static void
put_sample(struct memory *m, const struct nlattr *action)
{
    const struct kernel_layout *layout = m->layout;
    struct ofpbuf *out = m->bytes;
    const struct nlattr *actions = find(action, OVS_SAMPLE_ATTR_ACTIONS);
    size_t ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_SAMPLE);
    void *arg = nl_msg_put_unspec_zero(
        out, layout->numbers[KERNEL_NUMBER_SAMPLE_ARG],
        layout->fields[KERNEL_FIELD_SAMPLE].bits / 8);

    copy(layout, KERNEL_FIELD_SAMPLE_PROBABILITY, arg,
         find(action, OVS_SAMPLE_ATTR_PROBABILITY));
    put_list(m, nl_attr_get(actions), nl_attr_get_size(actions));
    nl_msg_end_nested(out, ofs);
}

/* Appends the list of actions 'type' of 'action'. */
static void
put_nested_list(struct memory *m, const struct nlattr *action, int type)
{
    const struct nlattr *list = find(action, type);
    size_t ofs = nl_msg_start_nested(m->bytes, type);

    put_list(m, nl_attr_get(list), nl_attr_get_size(list));
    nl_msg_end_nested(m->bytes, ofs);
}

static void
put_check_pkt_len(struct memory *m, const struct nlattr *action)
{
    const struct kernel_layout *layout = m->layout;
    struct ofpbuf *out = m->bytes;
    size_t ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_CHECK_PKT_LEN);
    void *arg = nl_msg_put_unspec_zero(
        out, layout->numbers[KERNEL_NUMBER_CHECK_PKT_LEN_ARG],
        layout->fields[KERNEL_FIELD_CHECK_PKT_LEN].bits / 8);

    copy(layout, KERNEL_FIELD_CHECK_PKT_LEN_LEN, arg,
         find(action, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN));
    put_nested_list(m, action, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
    put_nested_list(m, action, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
    nl_msg_end_nested(out, ofs);
}

static void
put_action(struct memory *m, const struct nlattr *action)
{
    struct ofpbuf *out = m->bytes;
    const void *data = nl_attr_get(action);
    size_t size = nl_attr_get_size(action);
    size_t ofs;

    switch (nl_attr_type(action)) {
    case OVS_ACTION_ATTR_SET: put_set(m, action); break;
    case OVS_ACTION_ATTR_CT: put_ct(m, action); break;
    case OVS_ACTION_ATTR_SAMPLE: put_sample(m, action); break;
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        put_check_pkt_len(m, action);
        break;
    case OVS_ACTION_ATTR_CLONE:
        ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_CLONE);
        nl_msg_put_u32(out, 0, 1);
        put_list(m, data, size);
        nl_msg_end_nested(out, ofs);
        break;
    case ACTION_DEC_TTL:
        ofs = nl_msg_start_nested(out, ACTION_DEC_TTL);
        put_nested_list(m, action, ACTION_DEC_TTL_ACTIONS);
        nl_msg_end_nested(out, ofs);
        break;
    default:
        nl_msg_put_unspec(out, nl_attr_type(action), data, size);
        break;
    }
}

static void
put_list(struct memory *m, const void *actions, size_t len)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        put_action(m, a);
    }
}

/* Appends what the kernel of 'layout' makes of 'actions' to 'out'.  They have
 * to be such that it would take them.  Appends to 'pointed', unless that is
 * NULL, what they point to, as the programs read it. */
void
kernel_bytes_put(const struct kernel_layout *layout,
                 const struct upcall_attrs *actions, struct ofpbuf *out,
                 struct ofpbuf *pointed)
{
    struct memory m = {
        .layout = layout, .bytes = out, .start = out->size, .pointed = pointed,
    };

    put_list(&m, actions->data, actions->len);
}
