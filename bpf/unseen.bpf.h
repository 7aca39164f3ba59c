/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What a handler receives that has no record: upcalls that were not chosen,
 * were queued before the start, or for which there was no slot.
 *
 * Their requests must not be taken for those of others, so they are in the
 * list of their batch as well, with fingerprints of what these are compared
 * with (batch.bpf.h).  To read a message and to calculate these costs some
 * 2 500 instructions, and is for nothing if no upcall of the batch has a
 * record, as is usual where few are chosen.  So as long as none has, the
 * messages are only kept.  They come into the list as soon as it matters what
 * is in it: if an upcall is received that has a record, or if an execute, or a
 * put without actions, comes before it is known that the batch has been
 * received.
 *
 * Only misses are kept.  Of other messages it has to be known whether they
 * count for the batch, which their user data say.
 */
#ifndef BPF_UNSEEN_BPF_H
#define BPF_UNSEEN_BPF_H 1

/* Makes room for one more upcall in the list of 'h'.  There is none if nothing
 * shows where batches end, or if many upcalls of a batch do not count.  Which
 * upcalls the operations to come are of cannot be known then.  As this may
 * begin a batch, it comes before anything is noted of the upcall. */
static __always_inline void
handler_make_room(struct upcall_handler *h)
{
    if (h->n >= UPCALL_LIST_MAX) {
        list_unsure(h);
        batch_end(h);
        h->overflow = 1;
    }
}

/* Takes out of the message in 'buf', of which 'have' bytes are there, what has
 * to be known of an upcall that has no record. */
static __always_inline void
unseen_parse(struct upcall_record *buf, __u32 have)
{
    buf->packet_ofs = 0;
    buf->packet_sent = 0;
    buf->packet_kept = 0;
    buf->key_len = 0;
    msg_parse(buf, have);
    if (buf->packet_ofs && buf->packet_ofs < have) {
        buf->packet_kept = have - buf->packet_ofs;
    }
    buf->port_no = key_port(buf, MSG_KEY_OFS, buf->key_len);
}

/* Reads the message of an upcall that has no record, which is in the skb at
 * 'addr', to 'buf'.  Returns false if it is none. */
static __noinline bool
unseen_read(struct upcall_record *buf, __u64 addr)
{
    const struct sk_buff *skb = (const void *) addr;
    __u32 len = BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len);
    __u32 have = min_u32(len, UPCALL_KEY_MAX + UPCALL_MATCH_MAX);
    const struct nlmsghdr *nlh = (const void *) buf->data;

    if (!read_kernel(buf->data, have, UPCALL_KEY_MAX + UPCALL_MATCH_MAX,
                     BPF_CORE_READ(skb, data))
        || nlh->nlmsg_type != packet_family) {
        return false;
    }
    unseen_parse(buf, have);
    return true;
}

/* Appends the upcall that has no record, whose message is in 'buf', to the
 * list of 'h', in which there is room. */
static __always_inline void
unseen_list(struct upcall_handler *h, struct upcall_record *buf)
{
    __u32 i = MODULO(h->n, UPCALL_LIST_MAX);

    list_append_record(h, buf, 0);
    h->states[i] |= UPCALL_S_UNSEEN;
    if (full) {
        buffer_is_used(h);
    }
    h->keys[i] = print_of_whole_key(buf, MSG_KEY_OFS, buf->key_len);
    if (record_has_packet(buf, PRINT_REST)) {
        h->rests[i] = print_of_rest(print_of_key(buf, MSG_KEY_OFS,
                                                 buf->key_len),
                                    record_packet(buf), buf->packet_sent);
    }
}

/* Returns the messages that are kept of the current thread, 'h', NULL if none
 * can be. */
static __always_inline struct upcall_unread *
unread_get(const struct upcall_handler *h)
{
    __u32 place = h->place;

    return keep_unread ? bpf_map_lookup_elem(&unread, &place) : NULL;
}

/* Appends the first message of those that are kept to the list. */
static long
unread_list_one(__u32 i, struct close_ctx *c)
{
    struct upcall_record *buf = handler_scratch(c->h);
    struct upcall_unread *u = unread_get(c->h);
    const struct upcall_message *m;
    __u32 len;

    if (!buf || !u) {
        return 1;
    }
    m = &u->messages[MODULO(i, UPCALL_UNREAD_MAX)];
    len = m->len;
    if (read_kernel(buf->data, len, sizeof m->data, m->data)) {
        unseen_parse(buf, len);
        unseen_list(c->h, buf);
    }
    return 0;
}

/* Appends the upcalls whose messages are kept to the list of 'h'. */
GLOBAL int
unread_list(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };
    __u32 n;

    if (!h) {
        return 0;
    }
    n = h->n_unread;
    h->n_unread = 0;
    if (n <= UPCALL_UNREAD_MAX) {
        bpf_loop(n, unread_list_one, &c, 0);
    }
    return 0;
}

/* How a message begins behind its nlmsghdr. */
struct message_start {
    __u8 cmd;                           /* OVS_PACKET_CMD_*. */
    __u8 pad[3];
    __u32 dp_ifindex;
    struct nlattr key;
};

/* What the message of a miss may have beside its key and the bytes of the
 * packet: HASH, MRU, LEN, and the header of PACKET. */
#define MISS_ATTRS_MAX (HASH_SIZE + 8 + 8 + 4)

/* Returns true if the first UPCALL_UNREAD_BYTES bytes of a message, which is
 * longer, have all that is compared: UPCALL_MATCH_MAX bytes of the packet. */
static __always_inline bool
unread_is_enough(const struct message_start *start)
{
    return (MSG_ATTRS_OFS + ((start->key.nla_len + 3) & ~3U) + MISS_ATTRS_MAX
            + UPCALL_MATCH_MAX <= UPCALL_UNREAD_BYTES);
}

/* The current thread, 'h', has received an upcall that has no record, with the
 * message in 'skb'.  Returns true if that is kept, so that there is nothing
 * else to do for now. */
static __always_inline bool
unread_keep(struct upcall_handler *h, const struct sk_buff *skb)
{
    const struct message_start *start;
    struct upcall_message *m;
    struct upcall_unread *u;
    __u32 len, n;

    if (full || !keep_unread || !ends_visible || h->n_recorded || h->last_entry
        || h->n_unread >= UPCALL_UNREAD_MAX
        || h->n + h->n_unread >= UPCALL_LIST_MAX) {
        return false;
    }
    u = unread_get(h);
    if (!u) {
        return false;
    }
    m = &u->messages[MODULO(h->n_unread, UPCALL_UNREAD_MAX)];
    len = BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len);
    n = min_u32(len, sizeof m->data);
    if (n < MSG_KEY_OFS
        || !read_kernel(m->data, n, sizeof m->data, BPF_CORE_READ(skb, data))
        || ((const struct nlmsghdr *) m->data)->nlmsg_type != packet_family) {
        return false;
    }
    start = (const void *) (m->data + MSG_GENLMSGHDR_OFS);
    if (start->cmd != OVS_PACKET_CMD_MISS
        || (n < len && !unread_is_enough(start))) {
        return false;
    }
    m->len = n;
    h->n_unread++;
    h->recv_seq++;
    h->batch_recv++;
    return true;
}

/* Reads the message of the upcall that has no record, which is in the skb at
 * 'skb' and comes next in the list of 'h'.  Returns it, NULL if it is none. */
static __always_inline struct upcall_record *
unseen_read_next(struct upcall_handler *h, __u64 skb)
{
    struct upcall_record *buf = handler_scratch(h);

    if (!buf || !unseen_read(buf, skb)) {
        return NULL;
    }
    if (has_unread(h) && upcall_class_has_operations(buf->class_)) {
        unread_list(h);                 /* They come first, and use 'buf'. */
        if (!unseen_read(buf, skb)) {
            return NULL;
        }
    }
    return buf;
}

/* The current thread, 'h', has received an upcall that has no record, and
 * whose message is in 'buf'. */
static __always_inline void
unseen_append(struct upcall_handler *h, struct upcall_record *buf)
{
    if (!upcall_class_has_operations(buf->class_)) {
        h->batch_recv++;
        return;
    }
    handler_make_room(h);
    h->batch_recv++;
    unseen_list(h, buf);
}

#endif /* bpf/unseen.bpf.h */
