/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which upcall an execute is of.
 *
 * dpif_netlink_encode_execute() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes PACKET, with the bytes that the handler received
 * (unless it helps the datapath, dpif_execute_with_help() in lib/dpif.c), KEY
 * (metadata), ACTIONS and others, in this order.
 */
#ifndef BPF_EXEC_MATCH_BPF_H
#define BPF_EXEC_MATCH_BPF_H 1

/* Returns a mask for the first 'n' bytes of 8 in memory, 'n' < 8. */
static __always_inline __u64
first_bytes(__u32 n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (1ULL << n * 8) - 1;
#else
    return ~(~0ULL >> n * 8);
#endif
}

/* Returns true if the packet in 'rec' has 'len' bytes and starts as 'head'
 * does, as far as both are known. */
static __always_inline bool
packets_equal(const struct upcall_record *rec, const __u64 *head, __u32 len)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(min_u32(len, rec->packet_kept), UPCALL_MATCH_MAX);
    const __u8 *packet = rec->data + bounded(ofs, UPCALL_KEY_MAX);

    if (rec->packet_sent != len || !ofs) {
        return false;
    }
#pragma unroll
    for (__u32 i = 0; i < UPCALL_MATCH_MAX / 8; i++) {
        __u64 diff = *(__u64 *) (packet + i * 8) ^ head[i];

        if (n < (i + 1) * 8) {
            return !(diff & first_bytes(n % 8));
        } else if (diff) {
            return false;
        }
    }
    return true;
}

/* Returns true if the attributes of one more execute can be kept in 'rec'. */
static __always_inline bool
exec_has_room(const struct upcall_record *rec)
{
    return rec->exec_len <= UPCALL_EXEC_MAX / 2 && !(rec->exec_len & 3);
}

/* Reads the 'n' bytes at 'skip' of the request in 'f' to offset 'ofs' of the
 * data of 'rec', where there is room for 'max', a constant. */
static __always_inline bool
exec_read_part(struct upcall_record *rec, struct find_ctx *f, __u64 ofs,
               __u32 skip, __u32 n, __u32 max)
{
    __u32 at = skip - MSG_ATTRS_OFS - 4;

    if (f->len <= MSG_ATTRS_OFS + 4 + UPCALL_WHOLE_MAX
        && at <= UPCALL_WHOLE_MAX - COPY_MAX && n <= COPY_MAX) {
        /* exec_read() has read it all. */
        copy_words(rec->data + ofs,
                   (__u8 *) f->h->exec_start.head
                   + bounded(at, UPCALL_WHOLE_MAX - COPY_MAX), n);
        return true;
    }
    return read_kernel(rec->data + ofs, n, max, f->nlh + skip);
}

/* Reads the attributes of the request in 'f' that follow the packet to where
 * they would be kept in 'rec': behind those of earlier executes, if there is
 * room.  Nothing is kept there yet, so this changes nothing.  Returns their
 * offset, or 0 if that is not possible. */
static __always_inline __u32
exec_read_attrs(struct upcall_record *rec, struct find_ctx *f)
{
    __u32 skip = MSG_ATTRS_OFS + 4 + ((f->packet_len + 3) & ~3U);
    __u32 have = rec->exec_len;
    __u64 ofs = tail_ofs(rec);
    __u32 n = f->len - skip;

    if (f->len < skip || !exec_has_room(rec)) {
        return 0;
    }
    ofs += bounded(ALIGN8((__u64) rec->put_len), UPCALL_PUT_MAX);
    if (have) {
        ofs += bounded(have, UPCALL_EXEC_MAX / 2);
        n = min_u32(n, UPCALL_EXEC_MAX / 2);
        if (!exec_read_part(rec, f, ofs, skip, n, UPCALL_EXEC_MAX / 2)) {
            return 0;
        }
    } else {
        n = min_u32(n, UPCALL_EXEC_MAX);
        if (!exec_read_part(rec, f, ofs, skip, n, UPCALL_EXEC_MAX)) {
            return 0;
        }
    }
    f->h->attrs_id = rec->id;
    f->h->attrs_len = n;
    f->h->attrs_cut = f->len - skip > n;
    return forget(&f->h->scratch, ofs);
}

/* Keeps the attributes of the request in 'f' in 'rec', as far as there is
 * room. */
static __always_inline void
exec_keep(struct upcall_record *rec, struct find_ctx *f)
{
    if (f->h->attrs_id == rec->id || exec_read_attrs(rec, f)) {
        rec->exec_len += f->h->attrs_len;
        if (f->h->attrs_cut) {
            rec->flags |= UPCALL_F_EXEC_CUT;
        }
    } else {
        rec->flags |= UPCALL_F_EXEC_CUT;
    }
}

/* Returns true if the attributes at offset 'ofs' behind the message of 'rec'
 * begin with a key (metadata, odp_key_from_dp_packet() in lib/odp-util.c of
 * OVS 3.1 to 4.0) that has the input port of 'rec'. */
static __always_inline bool
ports_equal(struct upcall_record *rec, __u32 ofs)
{
    struct nlattr attr = *msg_attr(rec, ofs, WALK_LAST);

    return ((attr.nla_type & NLA_TYPE_MASK) == OVS_PACKET_ATTR_KEY
            && key_port(rec, ofs + sizeof attr, attr.nla_len) == rec->port_no);
}

/* Returns true if the request in 'f' is for the datapath and the input port of
 * 'rec'.  The port is not known if there is no room to read it. */
static __always_inline bool
exec_fits(struct upcall_record *rec, struct find_ctx *f)
{
    __u32 ofs;

    if (*(__u32 *) (rec->data + MSG_DP_IFINDEX_OFS) != f->dp_ifindex
        || !class_has_operations(rec->class_)) {
        return false;
    }
    if (!exec_has_room(rec)) {
        return true;
    }
    ofs = exec_read_attrs(rec, f);
    return ofs && ports_equal(rec, ofs);
}

/* Returns true if the request in 'f' executes the packet of 'rec'.  Equal
 * packets can have come in on several ports, or in several datapaths. */
static __noinline bool
exec_matches(struct upcall_record *rec, struct find_ctx *f)
{
    return (!(rec->flags & UPCALL_F_EXEC)
            && packets_equal(rec, f->h->exec_start.head, f->packet_len)
            && exec_fits(rec, f));
}

static long
find_exec_one(__u32 i, struct find_ctx *f)
{
    struct upcall_record *rec = find_record(f, i);

    if (rec && exec_matches(rec, f)) {
        f->pos = f->start + i;
        f->found = true;
        return 1;
    }
    return 0;
}

/* Searches for the upcall whose packet is executed by the request in 'f'.
 * Usually it is the first.  Returns its record, NULL if there is none. */
static __always_inline struct upcall_record *
find_exec(struct find_ctx *f)
{
    __u32 n = find_count(f);
    struct upcall_record *rec = n ? find_record(f, 0) : NULL;

    f->pos = f->start;
    if (rec && exec_matches(rec, f)) {
        return rec;
    }
    if (n > 1) {
        bpf_loop(n, find_exec_one, f, 0);
    }
    return f->found ? entry_record(find_entry(f)) : NULL;
}

/* ovs-vswitchd helps the datapath with some actions: it changes the packet
 * itself and executes the rest, once for each output
 * (dpif_execute_with_help() in lib/dpif.c).  The packet tells nothing then.
 * Counts the upcalls with such actions that the request in 'f' may be of. */
static long
find_help_one(__u32 i, struct find_ctx *f)
{
    struct upcall_record *rec = find_record(f, i);

    if (rec && rec->flags & UPCALL_F_HELP && exec_fits(rec, f)) {
        f->pos = f->start + i;
        f->h->n_helped++;
    }
    return 0;
}

/* Returns true if ovs-vswitchd may help with the actions of 'rec'.  It is not
 * known of a miss that has no put (yet, see put_entry()). */
static __always_inline bool
may_be_helped(const struct upcall_record *rec)
{
    return (rec->flags & UPCALL_F_HELP
            || (rec->class_ == UPCALL_CLASS_MISS
                && !(rec->flags & UPCALL_F_PUT)));
}

/* Marks each upcall that the request in 'f', for which none was found, may be
 * of. */
static long
mark_unsure_one(__u32 i, struct find_ctx *f)
{
    struct upcall_record *rec = find_record(f, i);

    if (rec && !(rec->flags & UPCALL_F_EXEC) && may_be_helped(rec)
        && exec_fits(rec, f)) {
        rec->flags |= UPCALL_F_EXEC_UNSURE;
    }
    return 0;
}

/* Searches for the only upcall that the request in 'f' can be of. */
static __always_inline bool
find_help(struct find_ctx *f)
{
    __u32 n = find_count(f);

    f->h->n_helped = 0;
    if (n) {
        bpf_loop(n, find_help_one, f, 0);
    }
    return f->h->n_helped == 1;
}

/* Finds the upcall of the execute in 'f' as far as the kernel knows it.
 * Returns its record and stores the rule in '*rule', or returns NULL and
 * stores -1. */
static __always_inline struct upcall_record *
exec_find(struct find_ctx *f, int *rule)
{
    struct upcall_record *rec = find_exec(f);

    if (rec) {
        *rule = rec->packet_kept ? UPCALL_RULE_PACKET : UPCALL_RULE_ORDER;
        return rec;
    }
    rec = find_help(f) ? entry_record(find_entry(f)) : NULL;
    *rule = rec ? UPCALL_RULE_ORDER : -1;
    return rec;
}

#endif /* bpf/exec-match.bpf.h */
