/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-bytes.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

/* The structures are the same in all of these kernels. */
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
    [KERNEL_FIELD_CHECK_PKT_LEN_LEN] = { 0, 16 }

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
    .fields = { FIELDS },
};

const struct kernel_layout kernel_layout_6_12 = {
    .numbers = {
        [KERNEL_NUMBER_ACTION_MAX] = 26,
        [KERNEL_NUMBER_SET_TO_MASKED] = 27,
        NUMBERS,
    },
    .fields = { FIELDS },
};

static void put_list(const struct kernel_layout *, const void *actions,
                     size_t len, struct ofpbuf *);

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

static void
put_ct(const struct kernel_layout *layout, const struct nlattr *ct,
       struct ofpbuf *out)
{
    const struct nlattr *zone = find(ct, OVS_CT_ATTR_ZONE);
    const struct nlattr *eventmask = find(ct, OVS_CT_ATTR_EVENTMASK);
    const struct nlattr *nat = find(ct, OVS_CT_ATTR_NAT);
    bool force = find(ct, OVS_CT_ATTR_FORCE_COMMIT);
    void *info = nl_msg_put_unspec_zero(
        out, OVS_ACTION_ATTR_CT, layout->fields[KERNEL_FIELD_CT].bits / 8);

    set(layout, KERNEL_FIELD_CT_COMMIT, info,
        force || find(ct, OVS_CT_ATTR_COMMIT));
    set(layout, KERNEL_FIELD_CT_FORCE, info, force);
    set(layout, KERNEL_FIELD_CT_ZONE, info, zone ? nl_attr_get_u16(zone) : 0);
    copy(layout, KERNEL_FIELD_CT_MARK, info, find(ct, OVS_CT_ATTR_MARK));
    copy(layout, KERNEL_FIELD_CT_LABELS, info, find(ct, OVS_CT_ATTR_LABELS));
    copy(layout, KERNEL_FIELD_CT_TIMEOUT, info, find(ct, OVS_CT_ATTR_TIMEOUT));
    set(layout, KERNEL_FIELD_CT_HELPER, info,
        find(ct, OVS_CT_ATTR_HELPER) ? UINT64_C(0xffff888012345678) : 0);
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
}

static void
put_set(const struct kernel_layout *layout, const struct nlattr *action,
        struct ofpbuf *out)
{
    const struct nlattr *key = nl_attr_get(action);
    size_t size = nl_attr_get_size(key);
    size_t ofs;
    uint8_t *to;

    if (nl_attr_type(key) == OVS_KEY_ATTR_TUNNEL) {
        ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_SET);
        nl_msg_put_u64(out, layout->numbers[KERNEL_NUMBER_TUNNEL_INFO],
                       UINT64_C(0xffff888087654321));
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
put_sample(const struct kernel_layout *layout, const struct nlattr *action,
           struct ofpbuf *out)
{
    const struct nlattr *actions = find(action, OVS_SAMPLE_ATTR_ACTIONS);
    size_t ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_SAMPLE);
    void *arg = nl_msg_put_unspec_zero(
        out, layout->numbers[KERNEL_NUMBER_SAMPLE_ARG],
        layout->fields[KERNEL_FIELD_SAMPLE].bits / 8);

    copy(layout, KERNEL_FIELD_SAMPLE_PROBABILITY, arg,
         find(action, OVS_SAMPLE_ATTR_PROBABILITY));
    put_list(layout, nl_attr_get(actions), nl_attr_get_size(actions), out);
    nl_msg_end_nested(out, ofs);
}

/* Appends the list of actions 'type' of 'action'. */
static void
put_nested_list(const struct kernel_layout *layout,
                const struct nlattr *action, int type, struct ofpbuf *out)
{
    const struct nlattr *list = find(action, type);
    size_t ofs = nl_msg_start_nested(out, type);

    put_list(layout, nl_attr_get(list), nl_attr_get_size(list), out);
    nl_msg_end_nested(out, ofs);
}

static void
put_check_pkt_len(const struct kernel_layout *layout,
                  const struct nlattr *action, struct ofpbuf *out)
{
    size_t ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_CHECK_PKT_LEN);
    void *arg = nl_msg_put_unspec_zero(
        out, layout->numbers[KERNEL_NUMBER_CHECK_PKT_LEN_ARG],
        layout->fields[KERNEL_FIELD_CHECK_PKT_LEN].bits / 8);

    copy(layout, KERNEL_FIELD_CHECK_PKT_LEN_LEN, arg,
         find(action, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN));
    put_nested_list(layout, action,
                    OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL, out);
    put_nested_list(layout, action,
                    OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER, out);
    nl_msg_end_nested(out, ofs);
}

static void
put_action(const struct kernel_layout *layout, const struct nlattr *action,
           struct ofpbuf *out)
{
    const void *data = nl_attr_get(action);
    size_t size = nl_attr_get_size(action);
    size_t ofs;

    switch (nl_attr_type(action)) {
    case OVS_ACTION_ATTR_SET: put_set(layout, action, out); break;
    case OVS_ACTION_ATTR_CT: put_ct(layout, action, out); break;
    case OVS_ACTION_ATTR_SAMPLE: put_sample(layout, action, out); break;
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        put_check_pkt_len(layout, action, out);
        break;
    case OVS_ACTION_ATTR_CLONE:
        ofs = nl_msg_start_nested(out, OVS_ACTION_ATTR_CLONE);
        nl_msg_put_u32(out, 0, 1);
        put_list(layout, data, size, out);
        nl_msg_end_nested(out, ofs);
        break;
    case ACTION_DEC_TTL:
        ofs = nl_msg_start_nested(out, ACTION_DEC_TTL);
        put_nested_list(layout, action, ACTION_DEC_TTL_ACTIONS, out);
        nl_msg_end_nested(out, ofs);
        break;
    default:
        nl_msg_put_unspec(out, nl_attr_type(action), data, size);
        break;
    }
}

static void
put_list(const struct kernel_layout *layout, const void *actions, size_t len,
         struct ofpbuf *out)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        put_action(layout, a, out);
    }
}

/* Appends what the kernel of 'layout' makes of 'actions' to 'out'.  They have
 * to be such that it would take them. */
void
kernel_bytes_put(const struct kernel_layout *layout,
                 const struct upcall_attrs *actions, struct ofpbuf *out)
{
    put_list(layout, actions->data, actions->len, out);
}
