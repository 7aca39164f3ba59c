/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-match.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/record.h"

/* The flags of conntrack that the kernel has: CT_SUPPORTED_MASK in
 * net/openvswitch/conntrack.h of Linux 6.1 to 7.2. */
#define CT_STATES 0xff

/* Attributes that may be inside each other. */
enum level {
    LEVEL_KEY,                  /* OVS_KEY_ATTR_*. */
    LEVEL_TUNNEL,               /* OVS_TUNNEL_KEY_ATTR_*. */
    LEVEL_OTHER                 /* Those of NSH and of options. */
};

/* How to mask what the mask does not have. */
enum missing { MISSING_IS_WILDCARD, MISSING_IS_EXACT };

static void complete_attrs(enum level, const struct nlattr *key,
                           size_t key_len, const struct nlattr *mask,
                           size_t mask_len, enum missing, struct ofpbuf *,
                           struct ofpbuf *);

/* Appends what a flow that was put with 'key' and 'mask', both of which must
 * be known, matches to '*full_key', with zeros for what is not matched, and to
 * '*full_mask', which has all that is in the key.
 *
 * A put without a mask asks for an exact match of what the key has.  What it
 * does not have is not matched, such as flags of a tunnel, or the Ethernet
 * type of a frame that has a length there (ovs_nla_get_match() and what it
 * calls in net/openvswitch/flow_netlink.c of Linux 6.1 to 7.2). */
void
flow_match_complete(const struct upcall_attrs *key,
                    const struct upcall_attrs *mask, struct ofpbuf *full_key,
                    struct ofpbuf *full_mask)
{
    complete_attrs(LEVEL_KEY, key->data, key->len, mask->data, mask->len,
                   mask->len ? MISSING_IS_WILDCARD : MISSING_IS_EXACT,
                   full_key, full_mask);
}

/* Stores in '*insidep' the level of what is in an attribute of 'type'.
 * Returns false if there is nothing in it. */
static bool
is_nested(enum level level, int type, enum level *insidep)
{
    *insidep = LEVEL_OTHER;
    if (level == LEVEL_KEY) {
        if (type == OVS_KEY_ATTR_ENCAP) {
            *insidep = LEVEL_KEY;
        } else if (type == OVS_KEY_ATTR_TUNNEL) {
            *insidep = LEVEL_TUNNEL;
        }
        return (type == OVS_KEY_ATTR_ENCAP || type == OVS_KEY_ATTR_TUNNEL
                || type == OVS_KEY_ATTR_NSH);
    }
    return level == LEVEL_TUNNEL && type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS;
}

static void
complete_nested(enum level inside, const struct nlattr *a,
                const struct nlattr *ma, enum missing missing,
                struct ofpbuf *full_key, struct ofpbuf *full_mask)
{
    size_t key_ofs = nl_msg_start_nested(full_key, nl_attr_type(a));
    size_t mask_ofs = nl_msg_start_nested(full_mask, nl_attr_type(a));

    complete_attrs(inside, nl_attr_get(a), nl_attr_get_size(a),
                   ma ? nl_attr_get(ma) : NULL,
                   ma ? nl_attr_get_size(ma) : 0, missing, full_key,
                   full_mask);
    nl_msg_end_nested(full_key, key_ofs);
    nl_msg_end_nested(full_mask, mask_ofs);
}

/* Appends the mask of 'a', which 'ma' does not tell, to 'full_mask'. */
static void
put_missing(enum level level, const struct nlattr *a, enum missing missing,
            struct ofpbuf *full_mask)
{
    size_t size = nl_attr_get_size(a);
    int type = nl_attr_type(a);

    if (missing == MISSING_IS_WILDCARD) {
        nl_msg_put_unspec_zero(full_mask, type, size);
    } else if (level == LEVEL_KEY && type == OVS_KEY_ATTR_CT_STATE) {
        nl_msg_put_u32(full_mask, type, CT_STATES);
    } else {
        memset(nl_msg_put_unspec_uninit(full_mask, type, size), 0xff, size);
    }
}

/* Appends 'a', which has nothing inside, with the bits that 'full_mask' ends
 * with.  The options of Geneve have their own sizes in them, which the kernel
 * masks like the rest (ovs_flow_mask_key() in net/openvswitch/flow_table.c of
 * Linux 6.1 to 7.2), so that what is left of one that is not matched may look
 * like several. */
static void
put_masked(const struct nlattr *a, const struct nlattr *ma,
           struct ofpbuf *full_key)
{
    size_t size = nl_attr_get_size(a);
    uint8_t *value = nl_msg_put_unspec_uninit(full_key, nl_attr_type(a), size);
    const uint8_t *mask = nl_attr_get(ma);

    memcpy(value, nl_attr_get(a), size);
    if (nl_attr_get_size(ma) == size) {
        for (size_t i = 0; i < size; i++) {
            value[i] &= mask[i];
        }
    }
}

/* Takes from the mask that 'full_mask' ends with what the kernel does not
 * keep: it has 8 bits for the operation of ARP (parse_flow_nlattrs(), by
 * ovs_key_from_nlattrs() in net/openvswitch/flow_netlink.c of Linux 6.1 to
 * 7.2, stores 'arp_op' in the 8 bits of 'ip.proto'). */
static void
limit_mask(enum level level, struct nlattr *mask)
{
    if (level == LEVEL_KEY && nl_attr_type(mask) == OVS_KEY_ATTR_ARP
        && nl_attr_get_size(mask) >= sizeof(struct ovs_key_arp)) {
        struct ovs_key_arp *arp = CONST_CAST(struct ovs_key_arp *,
                                             nl_attr_get(mask));

        arp->arp_op &= htons(0xff);
    }
}

static void
complete_attr(enum level level, const struct nlattr *a,
              const struct nlattr *ma, enum missing missing,
              struct ofpbuf *full_key, struct ofpbuf *full_mask)
{
    size_t ofs = full_mask->size;
    enum level inside;

    if (is_nested(level, nl_attr_type(a), &inside)) {
        complete_nested(inside, a, ma, missing, full_key, full_mask);
        return;
    }
    if (ma) {
        nl_msg_put_unspec(full_mask, nl_attr_type(ma), nl_attr_get(ma),
                          nl_attr_get_size(ma));
    } else {
        put_missing(level, a, missing, full_mask);
    }
    limit_mask(level, ofpbuf_at_assert(full_mask, ofs, NLA_HDRLEN));
    put_masked(a, ofpbuf_at_assert(full_mask, ofs, NLA_HDRLEN), full_key);
}

/* Appends those of 'mask' that 'key' does not have: a flag that a packet must
 * not have, or the Ethernet type of one that has none. */
static void
put_others(const struct nlattr *key, size_t key_len,
           const struct nlattr *mask, size_t mask_len,
           struct ofpbuf *full_mask)
{
    const struct nlattr *ma;
    size_t left;

    NL_ATTR_FOR_EACH (ma, left, mask, mask_len) {
        if (!nl_attr_find__(key, key_len, nl_attr_type(ma))) {
            nl_msg_put_unspec(full_mask, nl_attr_type(ma), nl_attr_get(ma),
                              nl_attr_get_size(ma));
        }
    }
}

/* Returns true if the kernel does not keep an attribute of a key of 'type' if
 * the mask does not have it: a bit in the flags of a tunnel says whether there
 * are options of its kind, and is masked as well (ip_tun_from_nlattr() and
 * __ip_tun_to_nlattr() in net/openvswitch/flow_netlink.c of Linux 6.1 to
 * 7.2). */
static bool
needs_mask(enum level level, int type)
{
    return level == LEVEL_TUNNEL
           && (type == OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS
               || type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS
               || type == OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS);
}

static void
complete_attrs(enum level level, const struct nlattr *key, size_t key_len,
               const struct nlattr *mask, size_t mask_len,
               enum missing missing, struct ofpbuf *full_key,
               struct ofpbuf *full_mask)
{
    /* OVS makes both in the same order, so the mask of an attribute mostly is
     * the one that follows. */
    const struct nlattr *next = mask;
    size_t next_left = mask_len;
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, key, key_len) {
        int type = nl_attr_type(a);
        const struct nlattr *ma = next;

        if (nl_attr_is_valid(next, next_left) && nl_attr_type(next) == type) {
            size_t len = nl_attr_len_pad(next, next_left);

            next = ALIGNED_CAST(const struct nlattr *,
                                (const char *) next + len);
            next_left -= len;
        } else {
            ma = nl_attr_find__(mask, mask_len, type);
        }
        if (ma || missing == MISSING_IS_EXACT || !needs_mask(level, type)) {
            complete_attr(level, a, ma, missing, full_key, full_mask);
        }
    }
    if (next_left) {
        put_others(key, key_len, mask, mask_len, full_mask);
    }
}
