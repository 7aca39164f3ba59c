/* SPDX-License-Identifier: Apache-2.0 */

/* The argument of the kernel's "ct": the opposite of parse_ct() in
 * net/openvswitch/conntrack.c of Linux, as ovs_ct_action_to_attr() there. */

#include <config.h>

#include "record/kernel-actions-private.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"
#include "util.h"

/* Families of the kernel (enum in include/uapi/linux/netfilter.h). */
enum { NFPROTO_IPV4 = 2, NFPROTO_IPV6 = 10 };

/* Flags of a range of addresses and ports (include/uapi/linux/netfilter/
 * nf_nat.h of Linux). */
enum {
    RANGE_ADDRESSES = 1 << 0,   /* NF_NAT_RANGE_MAP_IPS */
    RANGE_PORTS = 1 << 1,       /* NF_NAT_RANGE_PROTO_SPECIFIED */
    RANGE_HASH = 1 << 2,        /* NF_NAT_RANGE_PROTO_RANDOM */
    RANGE_PERSISTENT = 1 << 3,  /* NF_NAT_RANGE_PERSISTENT */
    RANGE_RANDOM = 1 << 4,      /* NF_NAT_RANGE_PROTO_RANDOM_FULLY */
};

/* A struct ovs_conntrack_info. */
struct info {
    const struct kernel_layout *layout;
    const void *data;
    size_t size;
    const char *helper;         /* The name, if it has one. */
};

static uint64_t
get(const struct info *info, enum kernel_field field)
{
    return kernel_field_get(info->layout, field, info->data);
}

static const void *
find(const struct info *info, enum kernel_field field)
{
    return kernel_field_find(info->layout, field, info->data);
}

/* Returns true if 'field' has 'size' bytes. */
static bool
has_size(const struct info *info, enum kernel_field field, size_t size)
{
    return kernel_field_has_size(info->layout, field, size);
}

/* Appends the 'size' bytes of 'field' as attribute 'type'. */
static void
put_bytes(const struct info *info, enum kernel_field field, size_t size,
          int type, struct ofpbuf *attrs)
{
    nl_msg_put_unspec(attrs, type, find(info, field), size);
}

/* Appends what is behind 'field', of 'size' bytes, unless its 'mask' is
 * zeros. */
static void
put_masked(const struct info *info, enum kernel_field field,
           enum kernel_field mask, size_t size, int type,
           struct ofpbuf *attrs)
{
    if (!is_all_zeros(find(info, mask), size / 2)) {
        put_bytes(info, field, size, type, attrs);
    }
}

static void
put_timeout(const struct info *info, struct ofpbuf *attrs)
{
    const char *name = find(info, KERNEL_FIELD_CT_TIMEOUT);
    size_t max = info->layout->fields[KERNEL_FIELD_CT_TIMEOUT].bits / 8;
    size_t len = strnlen(name, max);

    if (len) {
        char *to = nl_msg_put_unspec_zero(attrs, OVS_CT_ATTR_TIMEOUT, len + 1);

        memcpy(to, name, len);
    }
}

/* Returns true if the members of a range have the sizes that they need. */
static bool
has_range(const struct info *info)
{
    return (kernel_fields_fit(info->layout, KERNEL_FIELD_CT,
                              KERNEL_FIELD_CT_RANGE_MAX_PROTO, info->size)
            && has_size(info, KERNEL_FIELD_CT_RANGE_MIN_ADDR, 16)
            && has_size(info, KERNEL_FIELD_CT_RANGE_MAX_ADDR, 16)
            && has_size(info, KERNEL_FIELD_CT_RANGE_MIN_PROTO, 2)
            && has_size(info, KERNEL_FIELD_CT_RANGE_MAX_PROTO, 2));
}

/* Appends the addresses of a range.  Returns false if they are of no known
 * family. */
static bool
put_addresses(const struct info *info, struct ofpbuf *attrs)
{
    uint64_t family = get(info, KERNEL_FIELD_CT_FAMILY);
    size_t size = family == NFPROTO_IPV4 ? 4 : 16;

    if (family != NFPROTO_IPV4 && family != NFPROTO_IPV6) {
        return false;
    }
    put_bytes(info, KERNEL_FIELD_CT_RANGE_MIN_ADDR, size, OVS_NAT_ATTR_IP_MIN,
              attrs);
    if (memcmp(find(info, KERNEL_FIELD_CT_RANGE_MIN_ADDR),
               find(info, KERNEL_FIELD_CT_RANGE_MAX_ADDR), size)) {
        put_bytes(info, KERNEL_FIELD_CT_RANGE_MAX_ADDR, size,
                  OVS_NAT_ATTR_IP_MAX, attrs);
    }
    return true;
}

/* Returns 'field', a port in network order. */
static uint16_t
get_port(const struct info *info, enum kernel_field field)
{
    return ntohs((OVS_FORCE ovs_be16) get(info, field));
}

static void
put_ports(const struct info *info, struct ofpbuf *attrs)
{
    uint16_t min = get_port(info, KERNEL_FIELD_CT_RANGE_MIN_PROTO);
    uint16_t max = get_port(info, KERNEL_FIELD_CT_RANGE_MAX_PROTO);

    nl_msg_put_u16(attrs, OVS_NAT_ATTR_PROTO_MIN, min);
    if (max != min) {
        nl_msg_put_u16(attrs, OVS_NAT_ATTR_PROTO_MAX, max);
    }
}

/* Appends what is in a NAT to "src" or "dst".  Returns false if that is
 * unknown. */
static bool
put_range(const struct info *info, int type, struct ofpbuf *attrs)
{
    static const struct {
        int flag, attr;
    } flags[] = {
        { RANGE_PERSISTENT, OVS_NAT_ATTR_PERSISTENT },
        { RANGE_HASH, OVS_NAT_ATTR_PROTO_HASH },
        { RANGE_RANDOM, OVS_NAT_ATTR_PROTO_RANDOM },
    };
    uint64_t set;

    if (!has_range(info)) {
        return false;
    }
    nl_msg_put_flag(attrs, type);
    set = get(info, KERNEL_FIELD_CT_RANGE_FLAGS);
    if (set & RANGE_ADDRESSES && !put_addresses(info, attrs)) {
        return false;
    }
    if (set & RANGE_PORTS) {
        put_ports(info, attrs);
    }
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        if (set & flags[i].flag) {
            nl_msg_put_flag(attrs, flags[i].attr);
        }
    }
    return true;
}

/* Appends the NAT, if there is one.  Returns false if it is unknown. */
static bool
put_nat(const struct info *info, struct ofpbuf *attrs)
{
    uint64_t nat = get(info, KERNEL_FIELD_CT_NAT);
    uint32_t src = info->layout->numbers[KERNEL_NUMBER_CT_SRC_NAT];
    uint32_t dst = info->layout->numbers[KERNEL_NUMBER_CT_DST_NAT];
    bool ok = true;
    size_t ofs;

    if (!nat) {
        return true;
    } else if (!src || !dst) {
        return false;
    }
    ofs = nl_msg_start_nested(attrs, OVS_CT_ATTR_NAT);
    if (nat & (src | dst)) {
        ok = put_range(info, nat & src ? OVS_NAT_ATTR_SRC : OVS_NAT_ATTR_DST,
                       attrs);
    }
    nl_msg_end_nested(attrs, ofs);
    return ok;
}

/* Appends all but the NAT. */
static void
put_members(const struct info *info, struct ofpbuf *attrs)
{
    if (get(info, KERNEL_FIELD_CT_COMMIT)) {
        nl_msg_put_flag(attrs, get(info, KERNEL_FIELD_CT_FORCE)
                        ? OVS_CT_ATTR_FORCE_COMMIT : OVS_CT_ATTR_COMMIT);
    }
    nl_msg_put_u16(attrs, OVS_CT_ATTR_ZONE, get(info, KERNEL_FIELD_CT_ZONE));
    put_masked(info, KERNEL_FIELD_CT_MARK, KERNEL_FIELD_CT_MARK_MASK, 8,
               OVS_CT_ATTR_MARK, attrs);
    put_masked(info, KERNEL_FIELD_CT_LABELS, KERNEL_FIELD_CT_LABELS_MASK, 32,
               OVS_CT_ATTR_LABELS, attrs);
    if (get(info, KERNEL_FIELD_CT_HELPER)) {
        nl_msg_put_string(attrs, OVS_CT_ATTR_HELPER, info->helper);
    }
    if (get(info, KERNEL_FIELD_CT_HAVE_EVENTMASK)) {
        nl_msg_put_u32(attrs, OVS_CT_ATTR_EVENTMASK,
                       get(info, KERNEL_FIELD_CT_EVENTMASK));
    }
    put_timeout(info, attrs);
}

/* Appends 'action', the kernel's OVS_ACTION_ATTR_CT, to 'attrs' as it is in
 * netlink messages.  'helper' is the name of its helper, if it has one; NULL
 * if that is unknown.  Returns false, and may have appended anything, if what
 * it is is not known. */
bool
kernel_actions_decode_ct(const struct kernel_layout *layout,
                         const struct nlattr *action, const char *helper,
                         struct ofpbuf *attrs)
{
    const struct info info = {
        .layout = layout,
        .data = nl_attr_get(action),
        .size = nl_attr_get_size(action),
        .helper = helper ? helper : ACTION_UNKNOWN_HELPER,
    };
    size_t ofs;
    bool ok;

    if (!kernel_fields_fit(layout, KERNEL_FIELD_CT, KERNEL_FIELD_CT_TIMEOUT,
                           info.size)
        || !has_size(&info, KERNEL_FIELD_CT_MARK, 8)
        || !has_size(&info, KERNEL_FIELD_CT_MARK_MASK, 4)
        || !has_size(&info, KERNEL_FIELD_CT_LABELS, 32)
        || !has_size(&info, KERNEL_FIELD_CT_LABELS_MASK, 16)) {
        return false;
    }
    ofs = nl_msg_start_nested(attrs, OVS_ACTION_ATTR_CT);
    put_members(&info, attrs);
    ok = put_nat(&info, attrs);
    nl_msg_end_nested(attrs, ofs);
    return ok;
}
