/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Flow puts: OVS_FLOW_CMD_NEW requests of a handler thread.
 *
 * dpif_netlink_flow_to_ofpbuf() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes UFID (unless upcall/disable-ufid was used), KEY, MASK
 * (unless upcall/disable-megaflows was used) and ACTIONS, in this order.
 */
#ifndef BPF_PUT_BPF_H
#define BPF_PUT_BPF_H 1

struct compare_ctx {
    const struct upcall_record *rec;
    __u32 ofs;                  /* Of what is compared with the key. */
    __u32 len;
    bool differ;
};

/* Compares 16 bytes. */
static long
compare_one(__u32 i, struct compare_ctx *c)
{
    __u32 at = i * 16;
    __u32 rest = c->len - at;
    __u32 ofs = c->ofs;

    if (at > UPCALL_KEY_MAX || ofs > msg_max + 24) {
        return 1;
    }

    const __u8 *a = c->rec->data + MSG_KEY_OFS + at;
    const __u8 *b = c->rec->data + ofs + at;

    for (int j = 0; j < 4; j++) {
        if (rest > j * 4
            && *(__u32 *) (a + j * 4) != *(__u32 *) (b + j * 4)) {
            c->differ = true;
            return 1;
        }
    }
    return 0;
}

/* Returns true if the 'len' bytes at offset 'ofs' behind the message of 'rec'
 * are its flow key.  'len' is a multiple of 4, as those of attributes are. */
static __always_inline bool
keys_equal(const struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct compare_ctx c = { .rec = rec, .ofs = ofs, .len = len };

    bpf_loop((len + 15) / 16, compare_one, &c, 0);
    return !c.differ;
}

/* Reads the start of the put request at 'nlh', UFID and KEY, behind the
 * message of 'rec' and returns true if the key is that of the upcall.  Only a
 * miss makes a handler put a flow (should_install_flow() in
 * ofproto/ofproto-dpif-upcall.c). */
static __noinline bool
put_matches(struct upcall_record *rec, const void *nlh, __u32 req_len)
{
    __u32 ofs = tail_ofs(rec);
    __u32 key_len = rec->key_len;
    __u32 key_ofs = 24;                 /* Attribute UFID, header of KEY. */
    struct nlattr *attr;

    if (rec->flags & UPCALL_F_PUT || rec->class_ != UPCALL_CLASS_MISS
        || ofs > msg_max
        || key_len > UPCALL_KEY_MAX - MSG_KEY_OFS || !key_len
        || req_len < MSG_ATTRS_OFS + 4 + key_len) {
        return false;
    }

    __u32 n = min_u32(req_len - MSG_ATTRS_OFS, 24 + key_len);

    if (!read_kernel(rec->data + ofs, n, UPCALL_KEY_MAX,
                     nlh + MSG_ATTRS_OFS)) {
        return false;
    }

    attr = (struct nlattr *) (rec->data + ofs);
    if ((attr->nla_type & NLA_TYPE_MASK) == OVS_FLOW_ATTR_UFID
        && attr->nla_len == 20) {
        attr = (struct nlattr *) (rec->data + ofs + 20);
    } else {
        key_ofs = 4;                    /* upcall/disable-ufid. */
    }
    if ((attr->nla_type & NLA_TYPE_MASK) != OVS_FLOW_ATTR_KEY
        || attr->nla_len != key_len + 4) {
        return false;
    }
    if (!keys_equal(rec, ofs + key_ofs, key_len)) {
        return false;
    }
    if (key_ofs == 24) {
        __builtin_memcpy(rec->ufid, rec->data + ofs + 4, sizeof rec->ufid);
        rec->flags |= UPCALL_F_UFID;
    }
    return true;
}

static long
find_put_one(__u32 i, struct find_ctx *f)
{
    __u32 pos = find_pos(f, i);
    __u64 entry = f->h->entries[pos % UPCALL_BATCH_MAX];
    struct upcall_record *rec = entry_record(entry);

    if (rec && put_matches(rec, f->nlh, f->len)) {
        f->pos = pos;
        f->found = true;
        return 1;
    }
    return 0;
}

/* Appends the attributes of the request that follow its key. */
static __always_inline void
put_keep(struct upcall_record *rec, const void *nlh, __u32 req_len)
{
    __u32 ofs = tail_ofs(rec);
    __u32 skip = MSG_ATTRS_OFS + (rec->flags & UPCALL_F_UFID ? 24 : 4)
                 + rec->key_len;
    __u32 n = req_len - skip;

    if (req_len < skip || ofs > msg_max) {
        return;
    }
    if (n > UPCALL_PUT_MAX) {
        n = UPCALL_PUT_MAX;
        rec->flags |= UPCALL_F_PUT_CUT;
    }
    if (read_kernel(rec->data + ofs, n, UPCALL_PUT_MAX, nlh + skip)) {
        rec->put_len = n;
    }
}

/* Where a miss arrives on a port that no bridge has, the handler puts a flow
 * without mask and with empty actions at once, in the middle of the batch
 * (recv_upcalls()); it does not mean that the batch has been received. */
static __always_inline bool
put_is_immediate(const struct upcall_handler *h,
                 const struct upcall_record *rec, __u32 pos)
{
    return !h->processing && pos + 1 == h->tail && rec->put_len <= 4;
}

static __always_inline int
put_entry(const void *nlh, __u32 req_len)
{
    __u64 now = bpf_ktime_get_ns();
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    __u64 entry;

    if (!h) {
        return 0;
    }
    h->put_entry = 0;

    struct find_ctx f = {
        .h = h, .nlh = nlh, .len = req_len, .n = h->tail - h->head,
    };

    if (f.n && f.n <= UPCALL_BATCH_MAX && !find_put_one(0, &f) && f.n > 1) {
        bpf_loop(f.n, find_put_one, &f, 0);
    }
    if (!f.found) {
        h->unmatched[UPCALL_HOOK_PUT]++;
        return 0;
    }
    entry = h->entries[f.pos % UPCALL_BATCH_MAX];
    rec = entry_record(entry);
    if (!rec) {
        return 0;
    }
    put_keep(rec, nlh, req_len);
    rec->put_ts = now;
    rec->flags |= UPCALL_F_PUT;
    if (!put_is_immediate(h, rec, f.pos)) {
        h->processing = 1;
        h->cursor = f.pos;
    }
    h->put_ts = now;
    h->put_entry = entry;
    h->hits[UPCALL_HOOK_PUT]++;
    return 0;
}

static __always_inline int
put_return(int ret)
{
    __u64 now = bpf_ktime_get_ns();
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;

    if (!h || !h->put_entry) {
        return 0;
    }
    rec = entry_record(h->put_entry);
    h->put_entry = 0;
    if (!rec) {
        return 0;
    }
    rec->put_duration = now - h->put_ts;
    rec->put_ret = ret;
    rec->flags |= UPCALL_F_PUT_DONE;
    h->hits[UPCALL_HOOK_PUT_RETURN]++;
    return 0;
}

#endif /* bpf/put.bpf.h */
