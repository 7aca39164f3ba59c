/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Executes: OVS_PACKET_CMD_EXECUTE requests of a handler thread.
 *
 * dpif_netlink_encode_execute() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes PACKET, with the bytes that the handler received
 * (unless it helps the datapath, dpif_execute_with_help() in lib/dpif.c), KEY
 * (metadata), ACTIONS and others, in this order.
 */
#ifndef BPF_EXEC_BPF_H
#define BPF_EXEC_BPF_H 1

/* Returns true if the packet in 'rec' has 'len' bytes and starts as 'head'
 * does, as far as both are known. */
static __noinline bool
packets_equal(const struct upcall_record *rec, const __u64 *head, __u32 len)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(min_u32(len, rec->packet_kept), UPCALL_MATCH_MAX);

    if (rec->packet_sent != len || !ofs || ofs > UPCALL_KEY_MAX) {
        return false;
    }
    for (__u32 i = 0; i < UPCALL_MATCH_MAX / 8; i++) {
        if (i * 8 >= n) {
            break;
        }

        __u64 diff = *(__u64 *) (rec->data + ofs + i * 8) ^ head[i];
        __u32 rest = n - i * 8;

        if (rest < 8) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            diff <<= 64 - rest * 8;
#else
            diff >>= 64 - rest * 8;
#endif
        }
        if (diff) {
            return false;
        }
    }
    return true;
}

/* Appends the attributes of the request in 'f' that follow the packet to
 * 'rec'.  Returns their offset, or 0 if that is not possible. */
static __always_inline __u32
exec_keep(struct upcall_record *rec, const struct find_ctx *f)
{
    __u32 skip = MSG_ATTRS_OFS + 4 + ((f->packet_len + 3) & ~3U);
    __u32 put_len = rec->put_len;
    __u32 ofs = tail_ofs(rec);
    __u32 n = f->len - skip;

    if (f->len < skip || ofs > msg_max || put_len > UPCALL_PUT_MAX) {
        return 0;
    }
    if (n > UPCALL_EXEC_MAX) {
        n = UPCALL_EXEC_MAX;
        rec->flags |= UPCALL_F_EXEC_CUT;
    }
    ofs += ALIGN8(put_len);
    if (!read_kernel(rec->data + ofs, n, UPCALL_EXEC_MAX, f->nlh + skip)) {
        return 0;
    }
    rec->exec_len = n;
    return ofs;
}

/* Returns true if the attributes at offset 'ofs' behind the message of 'rec'
 * begin with a key (metadata, odp_key_from_dp_packet() in lib/odp-util.c of
 * OVS 3.1 to 4.0) that has the input port of 'rec'. */
static __always_inline bool
ports_equal(struct upcall_record *rec, __u32 ofs)
{
    struct nlattr attr = { 0 };

    if (ofs > msg_max + UPCALL_PUT_MAX) {
        return false;
    }
    attr = *msg_attr(rec, ofs);
    return ((attr.nla_type & NLA_TYPE_MASK) == OVS_PACKET_ATTR_KEY
            && key_port(rec, ofs + sizeof attr, attr.nla_len) == rec->port_no);
}

/* Returns true if the request in 'f' executes the packet of 'rec'.  Equal
 * packets can have come in on several ports, or in several datapaths. */
static __noinline bool
exec_matches(struct upcall_record *rec, struct find_ctx *f)
{
    __u32 ofs;

    if (rec->flags & UPCALL_F_EXEC
        || *(__u32 *) (rec->data + MSG_DP_IFINDEX_OFS) != f->dp_ifindex
        || !packets_equal(rec, f->head, f->packet_len)) {
        return false;
    }
    ofs = exec_keep(rec, f);
    if (!ofs || !ports_equal(rec, ofs)) {
        rec->exec_len = 0;
        return false;
    }
    return true;
}

static long
find_exec_one(__u32 i, struct find_ctx *f)
{
    __u32 pos = find_pos(f, i);
    __u64 entry = f->h->entries[pos % UPCALL_BATCH_MAX];
    struct upcall_record *rec = entry_record(entry);

    if (rec && exec_matches(rec, f)) {
        f->pos = pos;
        f->found = true;
        return 1;
    }
    return 0;
}

/* The execute in progress of 'h' is over. */
static __always_inline void
exec_end(struct upcall_handler *h)
{
    h->exec_entry = 0;
    __sync_fetch_and_add(&n_executing, -1);
}

/* What exec_entry() reads first: from the ovs_header on. */
struct exec_start {
    __u32 dp_ifindex;
    struct nlattr attr;
    __u64 head[UPCALL_MATCH_MAX / 8];
};

static __always_inline int
exec_entry(void *ctx, const void *nlh, __u32 req_len)
{
    __u64 now = bpf_ktime_get_ns();
    struct upcall_handler *h = handler_find();
    struct exec_start start;
    struct upcall_record *rec;
    __u64 entry;

    if (!h || h->tail == h->head || req_len < MSG_ATTRS_OFS + 4) {
        return 0;
    }
    if (h->exec_entry) {
        exec_end(h);                    /* The return was missed. */
    }
    __builtin_memset(&start, 0, sizeof start);
    if (!read_kernel(&start,
                     min_u32(req_len - MSG_DP_IFINDEX_OFS, sizeof start),
                     sizeof start, nlh + MSG_DP_IFINDEX_OFS)
        || (start.attr.nla_type & NLA_TYPE_MASK) != OVS_PACKET_ATTR_PACKET
        || start.attr.nla_len < 4) {
        return 0;
    }

    struct find_ctx f = {
        .h = h, .nlh = nlh, .len = req_len, .n = h->tail - h->head,
        .head = start.head, .packet_len = start.attr.nla_len - 4,
        .dp_ifindex = start.dp_ifindex,
    };

    if (f.n <= UPCALL_BATCH_MAX && !find_exec_one(0, &f)) {
        bpf_loop(f.n, find_exec_one, &f, 0);
    }
    if (!f.found) {
        h->unmatched[UPCALL_HOOK_EXEC]++;
        return 0;
    }
    entry = h->entries[f.pos % UPCALL_BATCH_MAX];
    rec = entry_record(entry);
    if (!rec) {
        return 0;
    }
    rec->exec_ts = now;
    rec->flags |= UPCALL_F_EXEC;
    h->processing = 1;
    h->cursor = f.pos;
    h->exec_ts = now;
    h->exec_id = rec->id;
    address(&h->exec_stack, ctx);
    h->exec_entry = entry;
    h->hits[UPCALL_HOOK_EXEC]++;
    __sync_fetch_and_add(&n_executing, 1);
    return 0;
}

static __always_inline int
exec_return(int ret)
{
    __u64 now = bpf_ktime_get_ns();
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;

    if (!h || !h->exec_entry) {
        return 0;
    }
    rec = entry_record(h->exec_entry);
    exec_end(h);
    if (!rec) {
        return 0;
    }
    rec->exec_duration = now - h->exec_ts;
    rec->exec_ret = ret;
    rec->flags |= UPCALL_F_EXEC_DONE;
    h->hits[UPCALL_HOOK_EXEC_RETURN]++;
    entry_close(h, h->cursor++);
    return 0;
}

#endif /* bpf/exec.bpf.h */
