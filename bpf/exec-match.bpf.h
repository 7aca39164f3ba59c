/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which upcalls an execute can be of.
 *
 * dpif_netlink_encode_execute() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes PACKET, with the bytes that the handler received, KEY
 * (metadata, from the key that it received: odp_key_from_dp_packet() in
 * lib/odp-util.c), ACTIONS and, if the upcall had them, MRU and HASH, in this
 * order.
 *
 * Where ovs-vswitchd helps with the actions, it may have changed the packet
 * and its metadata, but for the input port; there can be any number of such
 * executes.  They have neither MRU nor HASH before OVS 4.0, and all that the
 * upcall had since (dpif_execute_helper_cb() in lib/dpif.c); so an execute
 * without HASH of an upcall with one is helped, but that with HASH can be
 * either.
 */
#ifndef BPF_EXEC_MATCH_BPF_H
#define BPF_EXEC_MATCH_BPF_H 1

/* Returns true if the packet in 'rec' has 'len' bytes and starts as 'head'
 * does, as far as both are known. */
static __always_inline bool
packets_equal(const struct upcall_record *rec, const __u64 *head, __u32 len)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(min_u32(len, rec->packet_kept), UPCALL_MATCH_MAX);
    const __u64 *packet = record_packet(rec);

    if (rec->packet_sent != len || !ofs) {
        return false;
    }
#pragma unroll
    for (__u32 i = 0; i < UPCALL_MATCH_MAX / 8; i++) {
        __u64 diff = packet[i] ^ head[i];

        if (n < (i + 1) * 8) {
            return !(diff & first_bytes(n % 8));
        } else if (diff) {
            return false;
        }
    }
    return true;
}

/* Returns the offset of what follows the packet in the request of 'e'. */
static __always_inline __u32
exec_attrs_ofs(const struct upcall_execute *e)
{
    return MSG_ATTRS_OFS + 4 + ((e->packet_len + 3) & ~3U);
}

/* Reads what follows the packet of the execute of 'h' into a slot of its own.
 * Returns false if that is not possible. */
static __always_inline bool
exec_read_attrs(struct upcall_handler *h)
{
    struct upcall_execute *e = &h->execute;
    __u32 skip = exec_attrs_ofs(e);
    __u32 n = e->len - skip;
    struct upcall_record *buf;

    if (e->len < skip) {
        return false;
    }
    /* Any number, which differs so that they are not all in one bucket. */
    e->slot = slot_take((h->recv_seq << 8 | h->n_pending) << 6 | 8);
    buf = e->slot ? slot_record(e->slot - 1) : NULL;
    if (!buf) {
        return false;
    }
    e->is_cut = n > UPCALL_EXEC_MAX;
    n = min_u32(n, UPCALL_EXEC_MAX);
    e->attrs_len = n;
    return read_kernel(buf->data, n, UPCALL_EXEC_MAX,
                       (const void *) (e->nlh + skip));
}

/* Reads the 'n' bytes at 'skip' of the execute request of 'h' to 'dst', where
 * there is room for 'max', a constant. */
static __always_inline bool
exec_read_part(void *dst, struct upcall_handler *h, __u32 skip, __u32 n,
               __u32 max)
{
    const struct upcall_execute *e = &h->execute;
    __u32 at = skip - MSG_ATTRS_OFS - 4;

    if (e->len <= MSG_ATTRS_OFS + 4 + UPCALL_WHOLE_MAX
        && at <= UPCALL_WHOLE_MAX - COPY_MAX && n <= COPY_MAX) {
        /* exec_read() has read it all. */
        copy_words(dst, ((__u8 *) h->exec_start.head
                         + bounded(at, UPCALL_WHOLE_MAX - COPY_MAX)), n);
        return true;
    }
    return read_kernel(dst, n, max, (const void *) (e->nlh + skip));
}

/* Sets what the attributes from 'ofs' to 'end' of the data of 'rec' say: those
 * of the execute in 'e' that follow its packet. */
static __noinline int
attrs_look(struct upcall_record *rec, __u32 ofs, __u32 end,
           struct upcall_execute *e)
{
    __u32 actions = 0, actions_len = 0;

    for (int i = 0; i < EXEC_ATTRS_MAX; i++) {
        __u32 at = ofs;
        struct nlattr *attr = walk_next(rec, &ofs, end);

        if (!attr) {
            break;
        }
        switch (attr->nla_type & NLA_TYPE_MASK) {
        case OVS_PACKET_ATTR_ACTIONS:
            actions = at + sizeof *attr;
            actions_len = attr->nla_len - sizeof *attr;
            break;
        case OVS_PACKET_ATTR_HASH:
            e->is_hashed = true;
            break;
        }
    }
    e->is_hashed |= e->is_cut;          /* It comes last. */
    e->actions = print_of_actions(rec, actions, actions_len);
    return 0;
}

/* Adds the packet of the execute of 'h' to the fingerprint of its actions: a
 * flow may have the same action twice, but not with the same packet. */
static __noinline int
exec_print_packet(struct upcall_handler *h)
{
    struct upcall_execute *e = &h->execute;
    const __u64 *head = h->exec_start.head;

    e->actions = print_add(e->actions, print_of_start(head, e->packet_len));
    e->actions = print_add(e->actions,
                           print_of_rest(0, head, e->packet_len));
    return 0;
}

/* Reads the attributes that follow the packet of the execute in 'e' to where
 * they are kept in 'rec', which has been found by its packet.  Returns true if
 * it is of the same input port.  Then they are kept. */
static __always_inline bool
exec_read_to(struct upcall_record *rec, struct upcall_handler *h, __u16 state)
{
    struct upcall_execute *e = &h->execute;
    __u32 skip = exec_attrs_ofs(e);
    __u32 n = min_u32(e->len - skip, UPCALL_EXEC_MAX);
    __u64 ofs = tail_ofs(rec);
    struct nlattr attr;

    if (e->len < skip || rec->exec_len) {
        return false;
    }
    ofs += bounded(ALIGN8((__u64) rec->put_len), UPCALL_PUT_MAX);
    if (!exec_read_part(rec->data + ofs, h, skip, n, UPCALL_EXEC_MAX)) {
        return false;
    }
    ofs = forget(&h->scratch, ofs);
    attr = *msg_attr(rec, ofs, WALK_LAST);
    if ((attr.nla_type & NLA_TYPE_MASK) != OVS_PACKET_ATTR_KEY
        || (key_port(rec, ofs + sizeof attr, attr.nla_len - sizeof attr)
            != rec->port_no)) {
        return false;
    }
    rec->exec_len = n;
    if (e->len - skip > n) {
        rec->flags |= UPCALL_F_EXEC_CUT;
    }
    if (state & UPCALL_S_MAY_HELP) {
        attrs_look(rec, ofs, ofs + n, e);
        exec_print_packet(h);
    }
    return true;
}

/* Frees the slot of 'e'. */
static __always_inline void
exec_forget_attrs(struct upcall_execute *e)
{
    if (e->slot) {
        slot_publish(e->slot - 1, UPCALL_SLOT_FREE);
    }
}

/* Sets what the attributes of the execute of 'h' say. */
GLOBAL int
exec_parse_attrs(struct upcall_handler *h)
{
    struct upcall_execute *e;
    struct upcall_record *buf;
    __u64 metadata = 0;
    struct nlattr attr;
    __u32 key_len;

    if (!h) {
        return 0;
    }
    e = &h->execute;
    e->port_no = ~0U;
    buf = slot_record(e->slot - 1);
    if (!buf || e->attrs_len < sizeof attr) {
        return 0;
    }
    attr = *(struct nlattr *) buf->data;
    if ((attr.nla_type & NLA_TYPE_MASK) == OVS_PACKET_ATTR_KEY) {
        key_len = min_u32(attr.nla_len, e->attrs_len) - sizeof attr;
        e->port_no = key_port(buf, sizeof attr, key_len);
        metadata = print_of_key(buf, sizeof attr, key_len);
    }
    attrs_look(buf, 0, e->attrs_len, e);
    exec_print_packet(h);
    e->print = print_of_start(h->exec_start.head, e->packet_len);
    e->metadata = metadata;
    e->rest = print_of_rest(metadata, h->exec_start.head, e->packet_len);
    return 0;
}

/* Returns true if the packet of the execute of 'h' has the bytes and the
 * metadata of that at place 'i' of the list, as far as is known. */
static __always_inline bool
list_is_equal(struct upcall_handler *h, __u32 i, __u16 state)
{
    const struct upcall_execute *e = &h->execute;
    __u64 print = h->prints[MODULO(i, UPCALL_LIST_MAX)];
    __u64 rest = h->rests[MODULO(i, UPCALL_LIST_MAX)];
    struct upcall_record *rec;

    if (print && print != e->print) {
        return false;
    }
    if (print && rest) {
        return rest == e->rest;
    }
    rec = list_record(h, i);
    return (state & UPCALL_S_UNSEEN
            || (rec && packets_equal(rec, h->exec_start.head, e->packet_len)
                && (record_has_packet(rec, PRINT_REST)
                    || h->keys[MODULO(i, UPCALL_LIST_MAX)] == e->metadata)));
}

/* Returns true if 'max' bytes of the packet of the upcall at place 'i' are
 * known, or all. */
static __always_inline bool
list_knows(struct upcall_handler *h, __u32 i, __u32 max)
{
    struct upcall_record *rec;

    if (h->rests[MODULO(i, UPCALL_LIST_MAX)]) {
        return true;
    }
    rec = list_record(h, i);
    return rec && record_has_packet(rec, max);
}

/* Returns true if the upcall at place 'i' may still have an execute, of the
 * datapath and input port of that of 'h'. */
static __always_inline bool
list_fits(struct upcall_handler *h, __u32 i, __u16 state)
{
    const struct upcall_execute *e = &h->execute;
    struct upcall_record *rec;

    if (state & UPCALL_S_DONE
        || h->ports[MODULO(i, UPCALL_LIST_MAX)] != e->port_no) {
        return false;
    }
    if (state & UPCALL_S_UNSEEN) {
        return true;
    }
    rec = list_record(h, i);
    return rec && (*(__u32 *) (rec->data + MSG_DP_IFINDEX_OFS)
                   == e->dp_ifindex);
}

/* Adds the upcall at the i-th place from the cursor to the sets of the execute
 * in which it belongs. */
static long
exec_consider(__u32 i, struct close_ctx *c)
{
    struct upcall_handler *h = c->h;
    struct upcall_execute *e = &h->execute;
    __u32 place = h->cursor + i;
    __u16 state = *list_state(h, place);
    struct upcall_set set = set_of(place);
    bool may_help = state & (UPCALL_S_MAY_HELP | UPCALL_S_HELP);

    if (!list_fits(h, place, state)) {
        return 0;
    }
    if (list_is_equal(h, place, state)) {
        e->equal = set_or(e->equal, set);
        e->is_received |= list_knows(h, place, PRINT_REST);
        e->is_begun |= list_knows(h, place, PRINT_HEADERS);
        if (!(state & (UPCALL_S_HELP | UPCALL_S_EXEC))
            && (e->is_hashed || !(state & UPCALL_S_HASHED))) {
            e->direct = set_or(e->direct, set);
        }
    }
    if (h->prints[MODULO(place, UPCALL_LIST_MAX)] == e->print) {
        e->alike = set_or(e->alike, set);
    }
    if (may_help
        && (i || !(state & UPCALL_S_EXEC) || h->n_pending
            || e->actions != h->last_actions)) {
        e->helped = set_or(e->helped, set);
    }
    return 0;
}

/* Returns true if the execute of 'h' can be of the upcall at the cursor, whose
 * put was the operation before and which must be executed. */
static __always_inline bool
exec_is_owed(struct upcall_handler *h)
{
    struct upcall_set here = set_and(h->execute.direct, set_of(h->cursor));

    return (!set_is_empty(here)
            && ((*list_state(h, h->cursor) & (UPCALL_S_OWES | UPCALL_S_EXEC))
                == UPCALL_S_OWES));
}

/* Finds the upcalls that the execute of 'h', whose attributes have been read,
 * can be of, all from the cursor on.
 *
 * If there are any with the same bytes, it is of one of these: what
 * ovs-vswitchd has changed is not taken to equal another packet from the same
 * port in the same batch.  Where not all of these bytes are known, since the
 * packet is in several pieces, its headers are enough, but for those that
 * begin in the same way. */
static __always_inline void
exec_find(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };
    __u32 n = h->n - h->cursor;

    if (n <= UPCALL_LIST_MAX) {
        bpf_loop(n, exec_consider, &c, 0);
    }
    if (h->execute.is_received) {
        h->execute.helped = set_and(h->execute.helped, h->execute.equal);
    } else if (h->execute.is_begun) {
        h->execute.helped = set_and(h->execute.helped,
                                    set_or(h->execute.equal,
                                           h->execute.alike));
    }
    if (exec_is_owed(h)) {
        h->execute.direct = set_of(h->cursor);
        h->execute.helped = (struct upcall_set) { 0, 0 };
    }
}

#endif /* bpf/exec-match.bpf.h */
