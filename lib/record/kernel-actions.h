/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_KERNEL_ACTIONS_H
#define LIB_KERNEL_ACTIONS_H 1

/* The actions of a flow as the kernel has them in memory, behind a struct
 * sw_flow_actions.
 *
 * ovs_nla_copy_actions() in net/openvswitch/flow_netlink.c of Linux makes them
 * of netlink attributes, and they look like these, but some have other numbers
 * or arguments, which ovs_nla_put_actions() turns back when a flow is dumped.
 * So does this:
 *
 *   - "set" has become the kernel's own masked set, or, for a tunnel, a
 *     pointer.
 *   - The argument of "ct" is a struct ovs_conntrack_info.
 *   - "sample", "clone" and "check_pkt_len" begin with arguments of their own;
 *     the actions of the first two follow without an attribute around them.
 *
 * The numbers and structures are no interface: they come from the BTF of the
 * kernel, as a struct kernel_layout.  What is behind a pointer is not in the
 * bytes, but in what was read together with them (struct kernel_pointed), if
 * it was.  action.h says how what is unknown looks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct ofpbuf;
struct pass_pointers;
struct upcall_attrs;

/* Numbers that differ by kernel.  What is written of them is told apart by its
 * place (file/frame.h), so new ones go to the end, here and below.
 *
 * X(ENUM, ENUMERATOR) */
#define KERNEL_NUMBERS                                          \
    X(ACTION_MAX, "__OVS_ACTION_ATTR_MAX")                      \
    X(SET_TO_MASKED, "OVS_ACTION_ATTR_SET_TO_MASKED")           \
    X(TUNNEL_INFO, "OVS_KEY_ATTR_TUNNEL_INFO")                  \
    X(SAMPLE_ARG, "OVS_SAMPLE_ATTR_ARG")                        \
    X(CHECK_PKT_LEN_ARG, "OVS_CHECK_PKT_LEN_ATTR_ARG")          \
    X(CT_SRC_NAT, "OVS_CT_SRC_NAT")                             \
    X(CT_DST_NAT, "OVS_CT_DST_NAT")

enum kernel_number {
#define X(ENUM, ENUMERATOR) KERNEL_NUMBER_##ENUM,
    KERNEL_NUMBERS
#undef X
    KERNEL_N_NUMBERS
};

/* Members of structures; first the structure itself, with an empty name.
 *
 * X(ENUM, STRUCTURE, MEMBER) */
#define KERNEL_FIELDS                                                   \
    X(CT, "ovs_conntrack_info", "")                                     \
    X(CT_COMMIT, "ovs_conntrack_info", "commit")                        \
    X(CT_FORCE, "ovs_conntrack_info", "force")                          \
    X(CT_NAT, "ovs_conntrack_info", "nat")                              \
    X(CT_FAMILY, "ovs_conntrack_info", "family")                        \
    X(CT_ZONE, "ovs_conntrack_info", "zone.id")                         \
    X(CT_MARK, "ovs_conntrack_info", "mark")                            \
    X(CT_MARK_MASK, "ovs_conntrack_info", "mark.mask")                  \
    X(CT_LABELS, "ovs_conntrack_info", "labels")                        \
    X(CT_LABELS_MASK, "ovs_conntrack_info", "labels.mask")              \
    X(CT_HELPER, "ovs_conntrack_info", "helper")                        \
    X(CT_HAVE_EVENTMASK, "ovs_conntrack_info", "have_eventmask")        \
    X(CT_EVENTMASK, "ovs_conntrack_info", "eventmask")                  \
    X(CT_TIMEOUT, "ovs_conntrack_info", "timeout")                      \
    X(CT_RANGE_FLAGS, "ovs_conntrack_info", "range.flags")              \
    X(CT_RANGE_MIN_ADDR, "ovs_conntrack_info", "range.min_addr")        \
    X(CT_RANGE_MAX_ADDR, "ovs_conntrack_info", "range.max_addr")        \
    X(CT_RANGE_MIN_PROTO, "ovs_conntrack_info", "range.min_proto")      \
    X(CT_RANGE_MAX_PROTO, "ovs_conntrack_info", "range.max_proto")      \
    X(SAMPLE, "sample_arg", "")                                         \
    X(SAMPLE_PROBABILITY, "sample_arg", "probability")                  \
    X(CHECK_PKT_LEN, "check_pkt_len_arg", "")                           \
    X(CHECK_PKT_LEN_LEN, "check_pkt_len_arg", "pkt_len")                \
    X(TUN_DST, "ovs_tunnel_info", "tun_dst")                            \
    X(TUN_INFO, "metadata_dst", "u.tun_info")                           \
    X(TUNNEL, "ip_tunnel_info", "")                                     \
    X(TUNNEL_ID, "ip_tunnel_info", "key.tun_id")                        \
    X(TUNNEL_IPV4_SRC, "ip_tunnel_info", "key.u.ipv4.src")              \
    X(TUNNEL_IPV4_DST, "ip_tunnel_info", "key.u.ipv4.dst")              \
    X(TUNNEL_IPV6_SRC, "ip_tunnel_info", "key.u.ipv6.src")              \
    X(TUNNEL_IPV6_DST, "ip_tunnel_info", "key.u.ipv6.dst")              \
    X(TUNNEL_FLAGS, "ip_tunnel_info", "key.tun_flags")                  \
    X(TUNNEL_TOS, "ip_tunnel_info", "key.tos")                          \
    X(TUNNEL_TTL, "ip_tunnel_info", "key.ttl")                          \
    X(TUNNEL_TP_SRC, "ip_tunnel_info", "key.tp_src")                    \
    X(TUNNEL_TP_DST, "ip_tunnel_info", "key.tp_dst")                    \
    X(TUNNEL_OPTIONS_LEN, "ip_tunnel_info", "options_len")              \
    X(TUNNEL_MODE, "ip_tunnel_info", "mode")                            \
    X(HELPER_NAME, "nf_conntrack_helper", "name")

enum kernel_field {
#define X(ENUM, STRUCTURE, MEMBER) KERNEL_FIELD_##ENUM,
    KERNEL_FIELDS
#undef X
    KERNEL_N_FIELDS
};

/* Linux 7.2 has 140 reasons, of which the longest has 33 characters. */
#define KERNEL_DROPS_MAX 256
#define KERNEL_DROP_NAME_LEN 44

/* All that has to be known of a kernel, which can be written to a file and is
 * valid on machines of the same byte order. */
struct kernel_layout {
    uint32_t numbers[KERNEL_N_NUMBERS]; /* 0 if unknown, none is 0. */
    struct kernel_place {
        uint32_t bit;           /* From the start of the structure. */
        uint32_t bits;          /* 0 if unknown. */
    } fields[KERNEL_N_FIELDS];

    /* Why the kernel drops packets, see pass-drop.h. */
    uint32_t n_drops;
    struct kernel_drop {
        uint32_t reason;
        char name[KERNEL_DROP_NAME_LEN];
    } drops[KERNEL_DROPS_MAX];
};

/* What pointers among actions point to, each a struct pass_pointed, see
 * bpf/pass-record.h; may be any bytes, aligned to 8 bytes. */
struct kernel_pointed {
    const void *data;
    size_t len;                 /* Bytes. */
};

const char *kernel_number_name(enum kernel_number);
const char *kernel_field_structure(enum kernel_field);
const char *kernel_field_member(enum kernel_field);
bool kernel_layout_is_complete(const struct kernel_layout *, struct ds *);
void kernel_layout_get_pointers(const struct kernel_layout *,
                                struct pass_pointers *);

bool kernel_actions_decode(const struct kernel_layout *, const void *actions,
                           size_t len, const struct kernel_pointed *,
                           struct ofpbuf *attrs, struct ofpbuf *offsets);
bool kernel_actions_place(const struct kernel_layout *,
                          const struct upcall_attrs *, struct ofpbuf *offsets);
bool kernel_actions_are_simple(const void *actions, size_t len);
int kernel_actions_find(const struct ofpbuf *offsets, uint32_t offset);

bool kernel_actions_match(const struct upcall_attrs *decoded,
                          const struct upcall_attrs *complete);
bool kernel_actions_fill(struct ofpbuf *decoded,
                         const struct upcall_attrs *complete);

#endif /* lib/record/kernel-actions.h */
