/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The netlink message of an upcall: copied to the record and looked through.
 *
 * queue_userspace_packet() in net/openvswitch/datapath.c writes an nlmsghdr,
 * a genlmsghdr, an ovs_header and the attributes KEY, USERDATA,
 * EGRESS_TUN_KEY, ACTIONS, MRU, LEN, HASH and PACKET, in this order, those
 * that it has.  PACKET comes last; skb_zerocopy() may leave its bytes in
 * pages that the linear part of the netlink skb does not include.
 */
#ifndef BPF_MESSAGE_BPF_H
#define BPF_MESSAGE_BPF_H 1

/* Where the parts of a message start. */
#define MSG_GENLMSGHDR_OFS 16
#define MSG_DP_IFINDEX_OFS 20
#define MSG_ATTRS_OFS 24
#define MSG_KEY_OFS (MSG_ATTRS_OFS + 4)

/* Enough for the message of an ordinary packet. */
#define MSG_FIRST_READ 512

/* The types of struct user_action_cookie in lib/odp-util.h of OVS 3.1 to
 * 4.0, whose first member is a 16-bit type. */
enum cookie_type {
    COOKIE_SFLOW = 1,
    COOKIE_SLOW_PATH = 2,
    COOKIE_FLOW_SAMPLE = 3,
    COOKIE_IPFIX = 4,
    COOKIE_CONTROLLER = 5,
};

/* Where the cookie has the slow path's reason, bits of enum slow_path_reason,
 * and the one for actions that the datapath can't do. */
#define COOKIE_REASON_OFS 28
#define COOKIE_SIZE 32
#define SLOW_ACTION (1U << 5)

static __always_inline struct nlattr *
msg_attr(struct upcall_record *rec, __u32 ofs)
{
    return (struct nlattr *) (rec->data + ofs);
}

static __always_inline enum upcall_class
cookie_class(__u16 type)
{
    switch (type) {
    case COOKIE_SFLOW:
        return UPCALL_CLASS_SFLOW;
    case COOKIE_SLOW_PATH:
        return UPCALL_CLASS_SLOW_PATH;
    case COOKIE_FLOW_SAMPLE:
        return UPCALL_CLASS_FLOW_SAMPLE;
    case COOKIE_IPFIX:
        return UPCALL_CLASS_IPFIX;
    case COOKIE_CONTROLLER:
        return UPCALL_CLASS_CONTROLLER;
    default:
        return UPCALL_CLASS_ACTION;
    }
}

/* Returns true if the userdata at offset 'ofs' of the data of 'rec', which are
 * at least COOKIE_SIZE bytes, say that ovs-vswitchd has to help the datapath
 * with the actions of the flow. */
static __always_inline bool
cookie_asks_for_help(const struct upcall_record *rec, __u32 ofs)
{
    return (*(__u16 *) (rec->data + ofs) == COOKIE_SLOW_PATH
            && *(__u32 *) (rec->data + ofs + COOKIE_REASON_OFS) & SLOW_ACTION);
}

/* A walk over attributes in the parts of 'rec'.  It is done with bpf_loop(),
 * so that the verifier looks at one step only. */
struct msg_walk {
    struct upcall_record *rec;
    __u32 ofs;                  /* Of the next attribute. */
    __u32 end;                  /* Of the last one. */
    bool found;
    bool help;                  /* Does the userdata ask for help? */
    __u32 port_no;              /* What walk_key() finds. */
};

/* Returns the next attribute of 'w', of which at least the header is there,
 * and advances.  Returns NULL at the end. */
static __always_inline struct nlattr *
walk_next(struct msg_walk *w, __u32 *ofsp)
{
    __u32 ofs = w->ofs;
    struct nlattr *attr;

    if (ofs > msg_max + UPCALL_PUT_MAX + UPCALL_EXEC_MAX - 8
        || ofs + sizeof *attr > w->end) {
        return NULL;
    }
    attr = msg_attr(w->rec, ofs);
    if (attr->nla_len < sizeof *attr) {
        return NULL;
    }
    *ofsp = ofs;
    w->ofs = ofs + ((attr->nla_len + 3) & ~3U);
    return attr;
}

static long
walk_message(__u32 i, struct msg_walk *w)
{
    struct upcall_record *rec = w->rec;
    __u32 ofs;
    struct nlattr *attr = walk_next(w, &ofs);

    if (!attr) {
        return 1;
    }
    switch (attr->nla_type & NLA_TYPE_MASK) {
    case OVS_PACKET_ATTR_KEY:
        rec->key_len = attr->nla_len - sizeof *attr;
        break;
    case OVS_PACKET_ATTR_USERDATA:
        if (rec->class_ != UPCALL_CLASS_MISS) {
            rec->class_ = cookie_class(*(__u16 *) (attr + 1));
            if (attr->nla_len >= sizeof *attr + COOKIE_SIZE
                && ofs <= UPCALL_KEY_MAX - COOKIE_SIZE - sizeof *attr
                && cookie_asks_for_help(rec, ofs + sizeof *attr)) {
                w->help = true;
            }
        }
        break;
    case OVS_PACKET_ATTR_LEN:
        rec->packet_len = *(__u32 *) (attr + 1);
        break;
    case OVS_PACKET_ATTR_PACKET:
        rec->packet_ofs = ofs + sizeof *attr;
        rec->packet_sent = attr->nla_len - sizeof *attr;
        w->found = true;
        return 1;
    }
    return 0;
}

/* Looks through the first 'have' bytes of the message in 'rec' and sets
 * 'class_', 'flags', 'key_len', 'packet_ofs', 'packet_sent' and 'packet_len'.
 * Returns false if the PACKET attribute is not among these bytes. */
static __noinline bool
msg_parse(struct upcall_record *rec, __u32 have)
{
    struct msg_walk w = { .rec = rec, .ofs = MSG_ATTRS_OFS, .end = have };

    rec->class_ = (rec->data[MSG_GENLMSGHDR_OFS] == OVS_PACKET_CMD_MISS
                   ? UPCALL_CLASS_MISS : UPCALL_CLASS_ACTION);
    rec->packet_len = 0;
    bpf_loop(16, walk_message, &w, 0);
    rec->flags = w.help ? UPCALL_F_HELP : 0;
    if (!rec->packet_len) {
        rec->packet_len = rec->packet_sent;
    }
    return w.found;
}

static long
walk_key(__u32 i, struct msg_walk *w)
{
    __u32 ofs;
    struct nlattr *attr = walk_next(w, &ofs);

    if (!attr) {
        return 1;
    }
    switch (attr->nla_type & NLA_TYPE_MASK) {
    case OVS_KEY_ATTR_IN_PORT:
        w->port_no = *(__u32 *) (attr + 1);
        return 1;
    case OVS_KEY_ATTR_ETHERNET:
    case OVS_KEY_ATTR_ETHERTYPE:
        return 1;                       /* The rest is about the packet. */
    }
    return 0;
}

/* Returns the input port in the 'len' bytes of flow key at offset 'ofs' of the
 * data of 'rec', ~0 if it has none. */
static __noinline __u32
key_port(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct msg_walk w = {
        .rec = rec, .ofs = ofs, .end = ofs + len, .port_no = ~0U,
    };

    bpf_loop(32, walk_key, &w, 0);
    return w.port_no;
}

/* Returns true if the input port of 'rec' was chosen. */
static __always_inline bool
msg_port_chosen(const struct upcall_record *rec)
{
    struct upcall_port_key port = {
        .dp_ifindex = *(__u32 *) (rec->data + MSG_DP_IFINDEX_OFS),
        .port_no = rec->port_no,
    };

    return bpf_map_lookup_elem(&ports, &port) != NULL;
}

/* Copies the message at 'data', of which 'linear' bytes are in one piece, to
 * 'rec' and sets what msg_parse() sets, 'msg_len' and 'packet_kept'.  Returns
 * false if the upcall was not chosen. */
static __always_inline bool
msg_copy(struct upcall_record *rec, const void *data, __u32 linear)
{
    __u32 have = min_u32(linear, MSG_FIRST_READ);
    bool found;

    rec->packet_ofs = 0;
    rec->packet_sent = 0;
    rec->packet_kept = 0;
    rec->key_len = 0;
    if (!read_kernel(rec->data, have, MSG_FIRST_READ, data)) {
        have = 0;
    }
    found = msg_parse(rec, have);
    if (!found && linear > MSG_FIRST_READ) {
        have = min_u32(linear, UPCALL_KEY_MAX);
        if (!read_kernel(rec->data, have, UPCALL_KEY_MAX, data)) {
            have = 0;
        }
        found = msg_parse(rec, have);
    }
    rec->port_no = key_port(rec, MSG_KEY_OFS, rec->key_len);
    if (!(class_mask & (1U << (rec->class_ & 31)))
        || (choose_ports && !msg_port_chosen(rec))) {
        return false;
    }
    rec->msg_len = have;
    if (!found) {
        return true;
    }

    __u32 ofs = rec->packet_ofs;
    __u32 want = ofs + min_u32(rec->packet_sent, snap_max);

    want = min_u32(want, linear);
    if (want > have && !read_kernel(rec->data, want, msg_max, data)) {
        want = have;
    }
    if (want >= ofs) {
        rec->packet_kept = want - ofs;
        rec->msg_len = want;
    }
    return true;
}

/* Where the linear part of the message has none of the packet's bytes, takes
 * them from the packet itself, if it was sent unchanged: at its start 'data'
 * are 'linear' bytes. */
static __always_inline void
msg_copy_packet(struct upcall_record *rec, const void *data, __u32 linear)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(rec->packet_sent, linear);

    n = min_u32(n, snap_max);
    BOUNDED(ofs);
    if (ofs <= UPCALL_KEY_MAX
        && read_kernel(rec->data + ofs, n, snap_max, data)) {
        rec->packet_kept = n;
        rec->msg_len = ofs + n;
    }
}

#endif /* bpf/message.bpf.h */
