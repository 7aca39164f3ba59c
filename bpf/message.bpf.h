/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The netlink message of an upcall: copied to the record and looked through.
 *
 * queue_userspace_packet() in net/openvswitch/datapath.c writes an nlmsghdr,
 * a genlmsghdr, an ovs_header and the attributes KEY, USERDATA,
 * EGRESS_TUN_KEY, ACTIONS, MRU, LEN, HASH and PACKET, in this order, those
 * that it has.  PACKET comes last; skb_zerocopy() is called to copy its bytes,
 * or to share the pages in which they are.
 */
#ifndef BPF_MESSAGE_BPF_H
#define BPF_MESSAGE_BPF_H 1

/* Where the parts of a message start. */
#define MSG_GENLMSGHDR_OFS 16
#define MSG_DP_IFINDEX_OFS 20
#define MSG_ATTRS_OFS 24
#define MSG_KEY_OFS (MSG_ATTRS_OFS + 4)

/* Attribute OVS_FLOW_ATTR_UFID. */
#define UFID_SIZE (4 + 16)

/* Attribute OVS_PACKET_ATTR_HASH. */
#define HASH_SIZE (4 + 8)

/* The types of struct user_action_cookie in lib/odp-util.h of OVS 3.1 to
 * 4.0, whose first member is a 16-bit type. */
enum cookie_type {
    COOKIE_SFLOW = 1,
    COOKIE_SLOW_PATH = 2,
    COOKIE_FLOW_SAMPLE = 3,
    COOKIE_IPFIX = 4,
    COOKIE_CONTROLLER = 5,
};

/* Such a cookie, as far as it is needed. */
struct user_cookie {
    __u16 type;                 /* enum cookie_type. */
    __u16 pad[13];
    __u32 reason;               /* COOKIE_SLOW_PATH: enum slow_path_reason. */
};

/* So many bytes of an attribute may be looked at. */
#define WALK_MAX (sizeof(struct nlattr) + sizeof(struct user_cookie))

/* Offset of the last attribute that may be looked at. */
#define WALK_LAST (msg_max + UPCALL_PUT_MAX + UPCALL_EXEC_MAX - WALK_MAX)

/* Offset of the last actions of a flow that may be looked at. */
#define SLOW_LAST (msg_max + UPCALL_PUT_MAX)

/* The reason that the datapath can't do the actions. */
#define SLOW_ACTION (1U << 5)

/* The attributes that a message can have, and those that a key has before the
 * input port; some more in case there will be others. */
#define MSG_ATTRS_MAX 12
#define EXEC_ATTRS_MAX 8
#define KEY_ATTRS_MAX 24

/* Returns the attribute at 'ofs' of the data of 'rec', not behind 'max'. */
static __always_inline struct nlattr *
msg_attr(struct upcall_record *rec, __u64 ofs, __u64 max)
{
    return (struct nlattr *) (rec->data + bounded(ofs, max));
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

/* Returns true if 'cookie' says that ovs-vswitchd has to help the datapath
 * with the actions of the flow. */
static __always_inline bool
cookie_asks_for_help(const struct user_cookie *cookie)
{
    return cookie->type == COOKIE_SLOW_PATH && cookie->reason & SLOW_ACTION;
}

/* Returns the attribute at '*ofsp' of the data of 'rec', where the last one
 * ends at 'end', at most WALK_LAST, and sets '*ofsp' to the offset of the next
 * one.  At least the header of the attribute is there.  Returns NULL at the
 * end. */
static __always_inline struct nlattr *
walk_next(struct upcall_record *rec, __u32 *ofsp, __u32 end)
{
    __u32 ofs = *ofsp;
    struct nlattr *attr;

    if (ofs + sizeof *attr > end) {
        return NULL;
    }
    attr = msg_attr(rec, ofs, WALK_LAST);
    if (attr->nla_len < sizeof *attr) {
        return NULL;
    }
    *ofsp = ofs + ((attr->nla_len + 3) & ~3U);
    return attr;
}

/* Takes what the userdata at 'attr' of the message in 'rec' say. */
static __always_inline void
parse_userdata(struct upcall_record *rec, const struct nlattr *attr)
{
    const struct user_cookie *cookie = (const void *) (attr + 1);

    if (rec->class_ == UPCALL_CLASS_MISS) {
        return;
    }
    rec->class_ = cookie_class(cookie->type);
    if (attr->nla_len >= sizeof *attr + sizeof *cookie
        && cookie_asks_for_help(cookie)) {
        rec->flags |= UPCALL_F_HELP;
    }
}

/* Returns true if 'attr' is of 'type' and has 'len' bytes, its header
 * included. */
static __always_inline bool
attr_is(const struct nlattr *attr, __u16 type, __u16 len)
{
    return attr->nla_type == type && attr->nla_len == len;
}

/* Sets 'packet_ofs', 'packet_sent' and 'packet_len' of 'rec', whose message
 * has the attribute PACKET, 'attr', at 'ofs'. */
static __always_inline void
parse_packet(struct upcall_record *rec, const struct nlattr *attr, __u32 ofs)
{
    rec->packet_ofs = ofs + sizeof *attr;
    rec->packet_sent = attr->nla_len - sizeof *attr;
    if (!rec->packet_len) {
        rec->packet_len = rec->packet_sent;
    }
}

/* Does what msg_parse() does, but only for a message that has the attributes
 * KEY, HASH if any, and PACKET, as that of a miss usually does.  Returns false
 * if it has others. */
static __always_inline bool
msg_parse_usual(struct upcall_record *rec, __u32 have)
{
    const struct nlattr *attr = msg_attr(rec, MSG_ATTRS_OFS, WALK_LAST);
    __u32 len = attr->nla_len;
    __u32 ofs = MSG_ATTRS_OFS + ((len + 3) & ~3U);

    if (attr->nla_type != OVS_PACKET_ATTR_KEY || len < sizeof *attr
        || ofs + sizeof *attr > have) {
        return false;
    }
    attr = msg_attr(rec, ofs, WALK_LAST);
    if (ofs + HASH_SIZE + sizeof *attr <= have
        && attr_is(attr, OVS_PACKET_ATTR_HASH, HASH_SIZE)) {
        if (*(__u64 *) (attr + 1)) {
            rec->flags |= UPCALL_F_HASHED;
        }
        ofs += HASH_SIZE;
        attr = msg_attr(rec, ofs, WALK_LAST);
    }
    if (attr->nla_type != OVS_PACKET_ATTR_PACKET) {
        rec->flags = 0;
        return false;
    }
    rec->key_len = len - sizeof *attr;
    parse_packet(rec, attr, ofs);
    return true;
}

/* Looks through the first 'have' bytes of the message in 'rec', of which at
 * least UPCALL_KEY_MAX can be read, and sets 'class_', 'flags', 'key_len',
 * 'packet_ofs', 'packet_sent' and 'packet_len'.  Returns false if the PACKET
 * attribute is not among these bytes. */
static __noinline bool
msg_parse(struct upcall_record *rec, __u32 have)
{
    __u32 ofs = MSG_ATTRS_OFS;

    rec->class_ = (rec->data[MSG_GENLMSGHDR_OFS] == OVS_PACKET_CMD_MISS
                   ? UPCALL_CLASS_MISS : UPCALL_CLASS_ACTION);
    rec->packet_len = 0;
    rec->flags = 0;
    if (msg_parse_usual(rec, have)) {
        return true;
    }
    for (int i = 0; i < MSG_ATTRS_MAX; i++) {
        __u32 at = ofs;
        struct nlattr *attr = walk_next(rec, &ofs, have);

        if (!attr) {
            return false;
        }
        switch (attr->nla_type & NLA_TYPE_MASK) {
        case OVS_PACKET_ATTR_KEY:
            rec->key_len = attr->nla_len - sizeof *attr;
            break;
        case OVS_PACKET_ATTR_USERDATA:
            if (ofs <= have) {
                parse_userdata(rec, attr);
            }
            break;
        case OVS_PACKET_ATTR_HASH:
            if (ofs <= have && *(__u64 *) (attr + 1)) {
                rec->flags |= UPCALL_F_HASHED;
            }
            break;
        case OVS_PACKET_ATTR_LEN:
            rec->packet_len = *(__u32 *) (attr + 1);
            break;
        case OVS_PACKET_ATTR_PACKET:
            parse_packet(rec, attr, at);
            return true;
        }
    }
    return false;
}

/* Returns the input port in the 'len' bytes of flow key at offset 'ofs' of the
 * data of 'rec', ~0 if it has none. */
static __noinline __u32
key_port(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    __u32 end = min_u32(ofs + len, WALK_LAST);
    const struct nlattr *usual = msg_attr(rec, ofs, WALK_LAST);

    /* As in an execute without a tunnel or others. */
    if (len >= 24 && attr_is(usual, OVS_KEY_ATTR_PRIORITY, 8)
        && attr_is(usual + 2, OVS_KEY_ATTR_SKB_MARK, 8)
        && attr_is(usual + 4, OVS_KEY_ATTR_IN_PORT, 8)) {
        return *(__u32 *) (usual + 5);
    }
    for (int i = 0; i < KEY_ATTRS_MAX; i++) {
        struct nlattr *attr = walk_next(rec, &ofs, end);

        if (!attr) {
            break;
        }
        switch (attr->nla_type & NLA_TYPE_MASK) {
        case OVS_KEY_ATTR_IN_PORT:
            return *(__u32 *) (attr + 1);
        case OVS_KEY_ATTR_ETHERNET:
        case OVS_KEY_ATTR_ETHERTYPE:
            return ~0U;                 /* The rest is about the packet. */
        }
    }
    return ~0U;
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

/* Copies the message at 'data', 'len' bytes up to the packet's bytes, to 'rec'
 * and sets what msg_parse() sets, and 'msg_len'.  Returns false if the upcall
 * was not chosen.  'port_no' is the input port if it is known, else ~0. */
static __always_inline bool
msg_copy(struct upcall_record *rec, const void *data, __u32 len, __u32 port_no)
{
    __u32 have = min_u32(len, UPCALL_KEY_MAX);

    rec->packet_ofs = 0;
    rec->packet_sent = 0;
    rec->packet_kept = 0;
    rec->key_len = 0;
    if (!read_kernel(rec->data, have, UPCALL_KEY_MAX, data)) {
        have = 0;
    }
    rec->msg_len = have;
    msg_parse(rec, have);
    rec->port_no = (port_no != ~0U ? port_no
                    : key_port(rec, MSG_KEY_OFS, rec->key_len));
    return (class_mask & (1U << (rec->class_ & 31))
            && (!choose_ports || msg_port_chosen(rec)));
}

/* Appends as many bytes of the packet as are to be kept to the message in
 * 'rec': 'data' are the first 'linear' bytes of the packet.  Does nothing if
 * not all of the message before them is there. */
static __always_inline void
msg_copy_packet(struct upcall_record *rec, const void *data, __u32 linear)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(rec->packet_sent, linear);

    n = min_u32(n, snap_max);
    if (ofs == rec->msg_len && ofs <= UPCALL_KEY_MAX
        && read_kernel(rec->data + bounded(ofs, UPCALL_KEY_MAX), n, snap_max,
                       data)) {
        rec->packet_kept = n;
        rec->msg_len = ofs + n;
    }
}

#endif /* bpf/message.bpf.h */
