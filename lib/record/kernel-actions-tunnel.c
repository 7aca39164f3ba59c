/* SPDX-License-Identifier: Apache-2.0 */

/* The tunnel that the kernel's "set" points to: what __ip_tun_to_nlattr() in
 * net/openvswitch/flow_netlink.c of Linux 5.17 to 7.2 makes of it. */

#include <config.h>

#include "record/kernel-actions-private.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bits of the flags of a tunnel, which are an interface (IP_TUNNEL_*_BIT in
 * include/uapi/linux/if_tunnel.h of Linux 6.10 and later, and before that the
 * bits that are set in TUNNEL_*). */
enum {
    FLAG_CSUM = 0,
    FLAG_KEY = 2,
    FLAG_DONT_FRAGMENT = 8,
    FLAG_OAM = 9,
    FLAG_GENEVE_OPT = 11,
    FLAG_VXLAN_OPT = 12,
    FLAG_ERSPAN_OPT = 14
};

/* Bits of the mode (IP_TUNNEL_INFO_* in include/net/ip_tunnels.h of Linux 4.3
 * to 7.2). */
enum {
    MODE_IPV6 = 0x02,
    MODE_BRIDGE = 0x04
};

/* OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE of Linux, which OVS does not know. */
#define ATTR_IPV4_INFO_BRIDGE 16

/* A struct ip_tunnel_info. */
struct tunnel {
    const struct kernel_layout *layout;
    const void *data;
    const void *options;        /* What follows it. */
    size_t options_len;
};

static uint64_t
get(const struct tunnel *t, enum kernel_field field)
{
    return kernel_field_get(t->layout, field, t->data);
}

/* Returns how many bytes 'field' has. */
static size_t
get_size(const struct tunnel *t, enum kernel_field field)
{
    return t->layout->fields[field].bits / 8;
}

/* Appends 'field' as attribute 'type'. */
static void
put(const struct tunnel *t, enum kernel_field field, int type,
    struct ofpbuf *attrs)
{
    nl_msg_put_unspec(attrs, type,
                      kernel_field_find(t->layout, field, t->data),
                      get_size(t, field));
}

/* Appends 'field' as attribute 'type', unless it is zeros. */
static void
put_unless_zero(const struct tunnel *t, enum kernel_field field, int type,
                struct ofpbuf *attrs)
{
    if (!is_all_zeros(kernel_field_find(t->layout, field, t->data),
                      get_size(t, field))) {
        put(t, field, type, attrs);
    }
}

/* Returns true if 'flag' is set.  Until Linux 6.9, they are a number in
 * network order, then they are bits. */
static bool
has_flag(const struct tunnel *t, int flag)
{
    uint64_t flags = get(t, KERNEL_FIELD_TUNNEL_FLAGS);

    if (get_size(t, KERNEL_FIELD_TUNNEL_FLAGS) == sizeof(ovs_be16)) {
        flags = ntohs((OVS_FORCE ovs_be16) flags);
    }
    return flags >> flag & 1;
}

/* Appends an attribute 'type' without content if 'flag' is set. */
static void
put_flag(const struct tunnel *t, int flag, int type, struct ofpbuf *attrs)
{
    if (has_flag(t, flag)) {
        nl_msg_put_flag(attrs, type);
    }
}

static void
put_addresses(const struct tunnel *t, struct ofpbuf *attrs)
{
    if (get(t, KERNEL_FIELD_TUNNEL_MODE) & MODE_IPV6) {
        put_unless_zero(t, KERNEL_FIELD_TUNNEL_IPV6_SRC,
                        OVS_TUNNEL_KEY_ATTR_IPV6_SRC, attrs);
        put_unless_zero(t, KERNEL_FIELD_TUNNEL_IPV6_DST,
                        OVS_TUNNEL_KEY_ATTR_IPV6_DST, attrs);
    } else {
        put_unless_zero(t, KERNEL_FIELD_TUNNEL_IPV4_SRC,
                        OVS_TUNNEL_KEY_ATTR_IPV4_SRC, attrs);
        put_unless_zero(t, KERNEL_FIELD_TUNNEL_IPV4_DST,
                        OVS_TUNNEL_KEY_ATTR_IPV4_DST, attrs);
    }
}

/* Appends the options of VXLAN: the kernel has a struct vxlan_metadata
 * (include/net/vxlan.h of Linux), which is the group policy.  Returns false if
 * it is not there. */
static bool
put_vxlan_options(const struct tunnel *t, struct ofpbuf *attrs)
{
    size_t ofs;

    if (t->options_len < sizeof(uint32_t)) {
        return false;
    }
    ofs = nl_msg_start_nested(attrs, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
    nl_msg_put_unspec(attrs, OVS_VXLAN_EXT_GBP, t->options, sizeof(uint32_t));
    nl_msg_end_nested(attrs, ofs);
    return true;
}

/* Appends the options, if there are any.  Returns false if they are not as the
 * kernel has them. */
static bool
put_options(const struct tunnel *t, struct ofpbuf *attrs)
{
    int type = (has_flag(t, FLAG_GENEVE_OPT)
                ? OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS
                : has_flag(t, FLAG_VXLAN_OPT) ? OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS
                : has_flag(t, FLAG_ERSPAN_OPT)
                ? OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS : 0);

    if (!type || !t->options_len) {
        return true;
    } else if (type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS) {
        return put_vxlan_options(t, attrs);
    }
    nl_msg_put_unspec(attrs, type, t->options, t->options_len);
    return true;
}

/* Appends all that is in the tunnel but its number.  Returns false if
 * something is not as the kernel has it. */
static bool
put_members(const struct tunnel *t, struct ofpbuf *attrs)
{
    if (get(t, KERNEL_FIELD_TUNNEL_MODE) & MODE_BRIDGE) {
        nl_msg_put_flag(attrs, ATTR_IPV4_INFO_BRIDGE);
        return true;
    }
    put_addresses(t, attrs);
    put_unless_zero(t, KERNEL_FIELD_TUNNEL_TOS, OVS_TUNNEL_KEY_ATTR_TOS,
                    attrs);
    put(t, KERNEL_FIELD_TUNNEL_TTL, OVS_TUNNEL_KEY_ATTR_TTL, attrs);
    put_flag(t, FLAG_DONT_FRAGMENT, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT, attrs);
    put_flag(t, FLAG_CSUM, OVS_TUNNEL_KEY_ATTR_CSUM, attrs);
    put_unless_zero(t, KERNEL_FIELD_TUNNEL_TP_SRC, OVS_TUNNEL_KEY_ATTR_TP_SRC,
                    attrs);
    put_unless_zero(t, KERNEL_FIELD_TUNNEL_TP_DST, OVS_TUNNEL_KEY_ATTR_TP_DST,
                    attrs);
    put_flag(t, FLAG_OAM, OVS_TUNNEL_KEY_ATTR_OAM, attrs);
    return put_options(t, attrs);
}

/* Returns true if 'layout' has all members in a structure of 'size' bytes, and
 * they have the sizes that they need. */
static bool
is_known(const struct kernel_layout *layout, size_t size)
{
    static const struct {
        enum kernel_field field;
        size_t size;
    } sizes[] = {
        { KERNEL_FIELD_TUNNEL_ID, 8 },
        { KERNEL_FIELD_TUNNEL_IPV4_SRC, 4 },
        { KERNEL_FIELD_TUNNEL_IPV4_DST, 4 },
        { KERNEL_FIELD_TUNNEL_IPV6_SRC, 16 },
        { KERNEL_FIELD_TUNNEL_IPV6_DST, 16 },
        { KERNEL_FIELD_TUNNEL_TOS, 1 },
        { KERNEL_FIELD_TUNNEL_TTL, 1 },
        { KERNEL_FIELD_TUNNEL_TP_SRC, 2 },
        { KERNEL_FIELD_TUNNEL_TP_DST, 2 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        if (!kernel_field_has_size(layout, sizes[i].field, sizes[i].size)) {
            return false;
        }
    }
    return kernel_fields_fit(layout, KERNEL_FIELD_TUNNEL,
                             KERNEL_FIELD_TUNNEL_MODE, size);
}

/* Appends the tunnel in the 'size' bytes at 'info', a struct ip_tunnel_info of
 * the kernel of 'layout' and its options, to 'attrs' as OVS_KEY_ATTR_TUNNEL.
 * Returns false, and may have appended anything, if that is not known. */
bool
kernel_actions_decode_tunnel(const struct kernel_layout *layout,
                             const void *info, size_t size,
                             struct ofpbuf *attrs)
{
    struct tunnel t = { .layout = layout, .data = info };
    size_t own = layout->fields[KERNEL_FIELD_TUNNEL].bits / 8;
    size_t ofs;
    bool ok;

    if (size < own || !is_known(layout, own)) {
        return false;
    }
    t.options = (const uint8_t *) info + own;
    t.options_len = size - own;
    if (t.options_len != get(&t, KERNEL_FIELD_TUNNEL_OPTIONS_LEN)) {
        return false;
    }
    ofs = nl_msg_start_nested(attrs, OVS_KEY_ATTR_TUNNEL);
    if (has_flag(&t, FLAG_KEY)) {
        put(&t, KERNEL_FIELD_TUNNEL_ID, OVS_TUNNEL_KEY_ATTR_ID, attrs);
    }
    ok = put_members(&t, attrs);
    nl_msg_end_nested(attrs, ofs);
    return ok;
}
