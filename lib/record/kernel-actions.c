/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/kernel-actions-private.h"

#include <string.h>

#include "bpf/pass-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "util.h"

/* The first attribute of a clone. */
#define CLONE_ATTR_EXEC 0       /* OVS_CLONE_ATTR_EXEC of Linux. */

/* What is needed while actions are decoded. */
struct decoder {
    const struct kernel_layout *layout;
    const uint8_t *start;       /* The outermost actions. */
    const struct kernel_pointed *pointed;       /* What is in them points to
                                                 * that. */
    struct ofpbuf *attrs;       /* What they are in netlink messages. */
    struct ofpbuf *offsets;     /* Where each of 'attrs' comes from. */
};

static bool decode_list(struct decoder *, const void *actions, size_t len,
                        int depth);

/* Appends 'actions', 'len' bytes in the encoding of the kernel that 'layout'
 * is of, to 'attrs', as they are in a netlink message when the flow is dumped,
 * but for the bit NLA_F_NESTED.  See action.h for what is unknown.  'pointed'
 * is what they point to, NULL if nothing of that is known.
 *
 * If 'offsets' is not NULL, appends to it, for each action and each action in
 * it, in the order of action_nth(), where it begins in 'actions', in bytes, as
 * a uint32_t.
 *
 * Returns true if that were all, false if the last ones are cut: then those
 * before them have been appended.  'actions' may be any bytes, aligned to 4
 * bytes. */
bool
kernel_actions_decode(const struct kernel_layout *layout, const void *actions,
                      size_t len, const struct kernel_pointed *pointed,
                      struct ofpbuf *attrs, struct ofpbuf *offsets)
{
    static const struct kernel_pointed nothing;
    struct ofpbuf ignored;
    struct decoder d = {
        .layout = layout,
        .start = actions,
        .pointed = pointed ? pointed : &nothing,
        .attrs = attrs,
        .offsets = offsets ? offsets : &ignored,
    };
    bool whole;

    ofpbuf_init(&ignored, 0);
    whole = decode_list(&d, actions, len, 0);
    ofpbuf_uninit(&ignored);
    return whole;
}

/* Returns true if 'actions', as for kernel_actions_decode(), surely neither
 * recirculate a packet nor have others in them: all are outputs, or sets and
 * changes of headers, whose numbers never change.  (Before Linux 6.7, that of
 * a drop is OVS_ACTION_ATTR_SET_TO_MASKED, which is as simple.)  Most flows
 * have only such, and to see that takes a few instructions. */
bool
kernel_actions_are_simple(const void *actions, size_t len)
{
    static const uint32_t simple = (1u << OVS_ACTION_ATTR_OUTPUT
                                    | 1u << OVS_ACTION_ATTR_PUSH_VLAN
                                    | 1u << OVS_ACTION_ATTR_POP_VLAN
                                    | 1u << OVS_ACTION_ATTR_SET
                                    | 1u << OVS_ACTION_ATTR_CT_CLEAR
                                    | 1u << ACTION_DROP);
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        int type = nl_attr_type(a);

        if (type >= 32 || !(simple & 1u << type)) {
            return false;
        }
    }
    return !left;
}

/* Returns the place in 'offsets', which kernel_actions_decode() has filled, of
 * 'offset': which one of action_nth() began there.  Returns -1 if none did. */
int
kernel_actions_find(const struct ofpbuf *offsets, uint32_t offset)
{
    const uint32_t *o = offsets->data;
    size_t n = offsets->size / sizeof *o;

    for (size_t i = 0; i < n; i++) {
        if (o[i] == offset) {
            return i;
        }
    }
    return -1;
}

/* Actions that look different in memory.  Each of these functions appends one.
 * They return false, and may have appended anything, if it is not as the
 * kernel makes it, or if that is unknown. */

/* Returns where 'action' begins, in bytes from the first one. */
static uint32_t
get_offset(const struct decoder *d, const struct nlattr *action)
{
    return (const uint8_t *) action - d->start;
}

/* Begins an attribute 'type' that end() ends. */
static size_t
begin(struct decoder *d, int type)
{
    return nl_msg_start_nested(d->attrs, type);
}

/* Ends the attribute that begin() has begun at 'ofs'.  Returns false if it has
 * become larger than an attribute can be. */
static bool
end(struct decoder *d, size_t ofs)
{
    if (d->attrs->size - ofs > UINT16_MAX) {
        return false;
    }
    nl_msg_end_nested(d->attrs, ofs);
    return true;
}

/* Appends an attribute 'type' with the actions in memory. */
static bool
put_list(struct decoder *d, int type, const void *actions, size_t len,
         int depth)
{
    size_t ofs = begin(d, type);

    return decode_list(d, actions, len, depth + 1) && end(d, ofs);
}

/* Returns the first attribute in 'action' if it is of 'type' and has 'size'
 * bytes, else NULL.  Stores what follows it in '*rest' and '*rest_len'. */
static const struct nlattr *
get_first(const struct nlattr *action, uint32_t type, size_t size,
          const void **rest, size_t *rest_len)
{
    const struct nlattr *a = nl_attr_get(action);
    size_t left = nl_attr_get_size(action);
    size_t len;

    if (!nl_attr_is_valid(a, left) || nl_attr_type(a) != type
        || nl_attr_get_size(a) != size) {
        return NULL;
    }
    len = nl_attr_len_pad(a, left);
    *rest = (const uint8_t *) a + len;
    *rest_len = left - len;
    return a;
}

/* Appends the tunnel that 'action' points to; an empty one if it is
 * unknown. */
static void
put_tunnel(struct decoder *d, const struct nlattr *action)
{
    size_t start = d->attrs->size;
    const void *info;
    size_t size;

    info = kernel_pointed_find(d->pointed, PASS_POINTED_TUNNEL,
                               get_offset(d, action), &size);
    if (!info
        || !kernel_actions_decode_tunnel(d->layout, info, size, d->attrs)) {
        d->attrs->size = start;
        nl_msg_put_flag(d->attrs, OVS_KEY_ATTR_TUNNEL);
    }
}

/* A set of a tunnel; all others have become put_set_to_masked(). */
static bool
put_set(struct decoder *d, const struct nlattr *action)
{
    const struct nlattr *key = action_set_key(action);
    size_t ofs;

    if (!key || !d->layout->numbers[KERNEL_NUMBER_TUNNEL_INFO]
        || nl_attr_type(key) != d->layout->numbers[KERNEL_NUMBER_TUNNEL_INFO]
        || nl_attr_get_size(key) != sizeof(void *)) {
        return false;
    }
    ofs = begin(d, OVS_ACTION_ATTR_SET);
    put_tunnel(d, action);
    return end(d, ofs);
}

/* A set that has become a masked one: the mask follows the value. */
static bool
put_set_to_masked(struct decoder *d, const struct nlattr *action)
{
    const struct nlattr *key = action_set_key(action);
    size_t ofs;

    if (!key || nl_attr_get_size(key) % 2) {
        return false;
    }
    ofs = begin(d, OVS_ACTION_ATTR_SET);
    nl_msg_put_unspec(d->attrs, nl_attr_type(key), nl_attr_get(key),
                      nl_attr_get_size(key) / 2);
    return end(d, ofs);
}

/* Returns the number that 'field', the only one in which netlink messages
 * have something of the structure 'whole', is in 'a'. */
static uint64_t
get_number(const struct decoder *d, enum kernel_field field,
           const struct nlattr *a)
{
    return kernel_field_get(d->layout, field, nl_attr_get(a));
}

static bool
put_sample(struct decoder *d, const struct nlattr *action, int depth)
{
    size_t size = d->layout->fields[KERNEL_FIELD_SAMPLE].bits / 8;
    size_t ofs = begin(d, OVS_ACTION_ATTR_SAMPLE);
    const struct nlattr *arg;
    const void *rest;
    size_t rest_len;

    arg = get_first(action, d->layout->numbers[KERNEL_NUMBER_SAMPLE_ARG],
                    size, &rest, &rest_len);
    if (!arg || !kernel_fields_fit(d->layout, KERNEL_FIELD_SAMPLE,
                                   KERNEL_FIELD_SAMPLE_PROBABILITY, size)) {
        return false;
    }
    nl_msg_put_u32(d->attrs, OVS_SAMPLE_ATTR_PROBABILITY,
                   get_number(d, KERNEL_FIELD_SAMPLE_PROBABILITY, arg));
    return (put_list(d, OVS_SAMPLE_ATTR_ACTIONS, rest, rest_len, depth)
            && end(d, ofs));
}

static bool
put_clone(struct decoder *d, const struct nlattr *action, int depth)
{
    const void *rest;
    size_t rest_len;

    return (get_first(action, CLONE_ATTR_EXEC, sizeof(uint32_t), &rest,
                      &rest_len)
            && put_list(d, OVS_ACTION_ATTR_CLONE, rest, rest_len, depth));
}

/* Appends the lists of actions that 'lists' consists of: one of each of
 * 'types', in this order. */
static bool
put_lists(struct decoder *d, const void *lists, size_t len,
          const int types[], size_t n_types, int depth)
{
    const struct nlattr *a;
    size_t left;
    size_t n = 0;

    NL_ATTR_FOR_EACH (a, left, lists, len) {
        if (n >= n_types || nl_attr_type(a) != types[n]
            || !put_list(d, types[n], nl_attr_get(a), nl_attr_get_size(a),
                         depth)) {
            return false;
        }
        n++;
    }
    return !left && n == n_types;
}

static bool
put_check_pkt_len(struct decoder *d, const struct nlattr *action, int depth)
{
    static const int types[] = {
        OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL,
        OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER,
    };
    size_t size = d->layout->fields[KERNEL_FIELD_CHECK_PKT_LEN].bits / 8;
    size_t ofs = begin(d, OVS_ACTION_ATTR_CHECK_PKT_LEN);
    const struct nlattr *arg;
    const void *rest;
    size_t rest_len;

    arg = get_first(action,
                    d->layout->numbers[KERNEL_NUMBER_CHECK_PKT_LEN_ARG], size,
                    &rest, &rest_len);
    if (!arg || !kernel_fields_fit(d->layout, KERNEL_FIELD_CHECK_PKT_LEN,
                                   KERNEL_FIELD_CHECK_PKT_LEN_LEN, size)) {
        return false;
    }
    nl_msg_put_u16(d->attrs, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN,
                   get_number(d, KERNEL_FIELD_CHECK_PKT_LEN_LEN, arg));
    return (put_lists(d, rest, rest_len, types, ARRAY_SIZE(types), depth)
            && end(d, ofs));
}

static bool
put_dec_ttl(struct decoder *d, const struct nlattr *action, int depth)
{
    static const int types[] = { ACTION_DEC_TTL_ACTIONS };
    size_t ofs = begin(d, ACTION_DEC_TTL);

    return (put_lists(d, nl_attr_get(action), nl_attr_get_size(action),
                      types, ARRAY_SIZE(types), depth)
            && end(d, ofs));
}

static bool
put_ct(struct decoder *d, const struct nlattr *action)
{
    const char *helper = kernel_pointed_helper(d->pointed,
                                               get_offset(d, action));

    return kernel_actions_decode_ct(d->layout, action, helper, d->attrs);
}

static void
put_as_is(struct decoder *d, int type, const struct nlattr *action)
{
    nl_msg_put_unspec(d->attrs, type, nl_attr_get(action),
                      nl_attr_get_size(action));
}

/* Returns true if 'type' is a number that actions in netlink messages have.
 * Those behind are the kernel's own.  All of Linux 5.17 and later have those
 * up to dec_ttl. */
static bool
is_netlink(const struct decoder *d, int type)
{
    uint32_t max = d->layout->numbers[KERNEL_NUMBER_ACTION_MAX];

    return type < (max ? max : ACTION_DEC_TTL + 1);
}

/* Appends 'action', in which 'depth' others are around it. */
static bool
put_action(struct decoder *d, const struct nlattr *action, int depth)
{
    int type = nl_attr_type(action);

    if (type && type == d->layout->numbers[KERNEL_NUMBER_SET_TO_MASKED]) {
        return put_set_to_masked(d, action);
    }
    switch (type) {
    case OVS_ACTION_ATTR_SET: return put_set(d, action);
    case OVS_ACTION_ATTR_SAMPLE: return put_sample(d, action, depth);
    case OVS_ACTION_ATTR_CLONE: return put_clone(d, action, depth);
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        return put_check_pkt_len(d, action, depth);
    case ACTION_DEC_TTL: return put_dec_ttl(d, action, depth);
    case OVS_ACTION_ATTR_CT:
        return put_ct(d, action);
    default:
        if (is_netlink(d, type)) {
            put_as_is(d, type, action);
            return true;
        }
        return false;
    }
}

/* Appends 'action', or, if it is not known what that is, its bytes. */
static void
decode_action(struct decoder *d, const struct nlattr *action, int depth)
{
    uint32_t offset = get_offset(d, action);
    size_t attrs_size = d->attrs->size;
    size_t offsets_size;

    ofpbuf_put(d->offsets, &offset, sizeof offset);
    offsets_size = d->offsets->size;
    if (depth > ACTION_MAX_DEPTH || !put_action(d, action, depth)) {
        d->attrs->size = attrs_size;
        d->offsets->size = offsets_size;
        put_as_is(d, nl_attr_type(action) | ACTION_RAW, action);
    }
}

/* Appends 'actions', 'len' bytes, in which 'depth' actions are around them.
 * Returns true if the last one is whole. */
static bool
decode_list(struct decoder *d, const void *actions, size_t len, int depth)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        decode_action(d, a, depth);
    }
    return !left;
}
