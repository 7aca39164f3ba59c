/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Handler threads: which upcall a flow put or an execute belongs to.
 *
 * A handler receives a batch of upcalls, translates each, and then sends the
 * operations of all in the order of the upcalls: for each an optional put
 * followed by an optional execute (recv_upcalls() and handle_upcalls() in
 * ofproto/ofproto-dpif-upcall.c, OVS 3.1 to 4.0).  The kernel carries them
 * out in that order in the handler thread.  So each thread has a list of the
 * upcalls that it has received, and a cursor.
 *
 * Position alone says nothing: an upcall may have no put (another packet of
 * the flow is in flight), no execute (the flow drops), or neither.  A put
 * belongs to the upcall, at the cursor or after it, with exactly the same
 * flow key (ukey_create_from_upcall() takes over the upcall's key bytes); an
 * execute belongs to the one with the same packet bytes, which the handler
 * sends back as they were.
 *
 * An upcall ends with its execute, or when its batch has ended: the thread
 * receives again after it has sent operations.  What a thread leaves behind
 * when it goes to sleep is collected by the daemon.
 *
 * Upcalls for sFlow, IPFIX and controllers never have operations
 * (process_upcall()), so they end with the receive.
 *
 * Concurrency: only the thread itself changes its struct upcall_handler.
 */
#ifndef BPF_HANDLER_BPF_H
#define BPF_HANDLER_BPF_H 1

#define THREAD_SIZE_BITS 14     /* x86-64 and arm64 with 4 kB pages. */

/* Returns true if 'stack', an address on the current stack, is deeper than
 * the execute in progress of 'h' on the same stack.  So a packet which is
 * processed in softirq on top of the handler is told from the executed one:
 * softirqs have a stack of their own. */
static __always_inline bool
handler_executes_at(const struct upcall_handler *h, __u64 stack)
{
    return h->exec_slot
           && !((h->exec_stack ^ stack) >> THREAD_SIZE_BITS)
           && stack < h->exec_stack;
}

/* Returns the state of the current thread, NULL if it is not a handler. */
static __always_inline struct upcall_handler *
handler_find(void)
{
    __u32 tid = bpf_get_current_pid_tgid();

    return bpf_map_lookup_elem(&handlers, &tid);
}

static __always_inline struct upcall_handler *
handler_get(__u32 tid)
{
    struct upcall_handler *h = bpf_map_lookup_elem(&handlers, &tid);

    if (!h) {
        bpf_map_update_elem(&handlers, &tid, (const void *) &new_handler,
                            BPF_NOEXIST);
        h = bpf_map_lookup_elem(&handlers, &tid);
        if (h) {
            bpf_get_current_comm(h->comm, sizeof h->comm);
        }
    }
    return h;
}

/* Returns the record of 'entry' of the list of the current thread, NULL if
 * the daemon has collected it. */
static __always_inline struct upcall_record *
entry_record(__u64 entry)
{
    struct upcall_record *rec;

    if (!entry) {
        return NULL;
    }
    rec = slot_record(UPCALL_ENTRY_SLOT(entry));
    return rec && (__u32) rec->id == UPCALL_ENTRY_TAG(entry) ? rec : NULL;
}

/* Ends the upcall at 'pos' in the list, if it has not ended. */
static __noinline void
entry_close(struct upcall_handler *h, __u32 pos)
{
    __u64 entry = h->slots[pos % UPCALL_BATCH_MAX];
    struct upcall_record *rec = entry_record(entry);
    __u32 slot = UPCALL_ENTRY_SLOT(entry);
    __u32 tid = bpf_get_current_pid_tgid();

    h->slots[pos % UPCALL_BATCH_MAX] = 0;
    if (!rec || !slot_change(slot, UPCALL_SLOT_RECEIVED(tid),
                             UPCALL_SLOT_BUSY)) {
        return;
    }
    rec->batch_size = h->batch_recv;
    if ((rec->flags & UPCALL_F_PUT_DONE && rec->put_ret < 0)
        || (rec->flags & UPCALL_F_EXEC_DONE && rec->exec_ret < 0)) {
        rec->outcome = UPCALL_FAILED;
    } else if (rec->flags & UPCALL_F_EXEC) {
        rec->outcome = UPCALL_EXECUTED;
    } else if (rec->flags & UPCALL_F_PUT) {
        rec->outcome = UPCALL_INSTALLED;
    } else {
        rec->outcome = UPCALL_CONSUMED;
    }
    slot_submit(rec, slot);
}

struct close_ctx {
    struct upcall_handler *h;
};

static long
close_one(__u32 i, struct close_ctx *c)
{
    entry_close(c->h, c->h->head + i);
    return 0;
}

/* Ends all upcalls in the list of 'h' and begins a new batch. */
static __always_inline void
batch_close(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };
    __u32 n = h->tail - h->head;

    if (n) {
        bpf_loop(n <= UPCALL_BATCH_MAX ? n : UPCALL_BATCH_MAX, close_one, &c,
                 0);
    }
    h->head = h->tail;
    h->cursor = h->tail;
    h->processing = 0;
    h->batch++;
    h->batch_recv = 0;
}

static __always_inline bool
class_has_operations(__u8 class_)
{
    return class_ == UPCALL_CLASS_MISS || class_ == UPCALL_CLASS_SLOW_PATH
           || class_ == UPCALL_CLASS_ACTION;
}

/* The current thread, 'h', has received the upcall in 'slot'. */
static __always_inline void
handler_receive(struct upcall_handler *h, struct upcall_record *rec,
                __u32 slot, __u64 pid_tgid)
{
    if (h->processing) {
        batch_close(h);
    }
    rec->recv_ts = bpf_ktime_get_ns();
    rec->recv_tid = pid_tgid;
    rec->recv_tgid = pid_tgid >> 32;
    rec->batch = h->batch;
    rec->batch_idx = h->batch_recv++;
    __builtin_memcpy(rec->recv_comm, h->comm, sizeof rec->recv_comm);
    rec->flags |= UPCALL_F_RECEIVED;
    h->hits[UPCALL_HOOK_RECV]++;

    if (h->tail - h->head >= UPCALL_BATCH_MAX) {
        entry_close(h, h->head++);
        if ((int) (h->cursor - h->head) < 0) {
            h->cursor = h->head;
        }
    }
    h->slots[h->tail % UPCALL_BATCH_MAX] = UPCALL_ENTRY(rec->id, slot);
    h->tail++;
    h->recv_seq++;
    if (!class_has_operations(rec->class_)) {
        entry_close(h, --h->tail);
    }
}

static __always_inline int
recv(__u64 skb)
{
    __u32 slot = slot_find(skb);
    __u64 pid_tgid;
    struct upcall_record *rec;
    struct upcall_handler *h;

    if (!slot) {
        return 0;                       /* Not an upcall that we follow. */
    }
    slot--;
    rec = slot_record(slot);
    pid_tgid = bpf_get_current_pid_tgid();
    if (!rec || !slot_change(slot, skb, UPCALL_SLOT_RECEIVED(pid_tgid))) {
        return 0;
    }
    h = handler_get(pid_tgid);
    if (!h) {
        slot_drop(slot, UPCALL_DROP_HANDLERS_FULL);
        return 0;
    }
    handler_receive(h, rec, slot, pid_tgid);
    return 0;
}

/* Searches in the list, from the cursor on, then before it. */
struct find_ctx {
    struct upcall_handler *h;
    const void *nlh;            /* The request. */
    __u32 len;                  /* Of the request. */
    __u32 n;                    /* Upcalls in the list. */
    __u32 pos;                  /* Where it was found. */
    bool found;
    __u64 *head;                /* Start of the packet, for an execute. */
    __u32 packet_len;
};

static __always_inline __u32
find_pos(const struct find_ctx *f, __u32 i)
{
    __u32 ahead = f->h->tail - f->h->cursor;

    return i < ahead ? f->h->cursor + i : f->h->head + (i - ahead);
}

/* Offset from which the parts of 'rec' behind the message start. */
static __always_inline __u32
tail_ofs(const struct upcall_record *rec)
{
    __u32 ofs = ALIGN8((__u32) rec->msg_len);

    BOUNDED(ofs);
    return ofs;
}

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

/* Reads the start of the put request in 'f', UFID and KEY, behind the message
 * of 'rec' and returns true if the key is that of the upcall. */
static __noinline bool
put_matches(struct upcall_record *rec, const void *nlh, __u32 req_len)
{
    __u32 ofs = tail_ofs(rec);
    __u32 key_len = rec->key_len;
    __u32 key_ofs = 24;                 /* Attribute UFID, header of KEY. */
    struct nlattr *attr;

    if (rec->flags & UPCALL_F_PUT || ofs > msg_max
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
    __u64 entry = f->h->slots[pos % UPCALL_BATCH_MAX];
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
    h->put_slot = 0;

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
    entry = h->slots[f.pos % UPCALL_BATCH_MAX];
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
    h->put_slot = UPCALL_ENTRY_SLOT(entry) + 1;
    h->hits[UPCALL_HOOK_PUT]++;
    return 0;
}

static __always_inline int
put_return(int ret)
{
    __u64 now = bpf_ktime_get_ns();
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;

    if (!h || !h->put_slot) {
        return 0;
    }
    rec = slot_record(h->put_slot - 1);
    h->put_slot = 0;
    if (!rec) {
        return 0;
    }
    rec->put_duration = now - h->put_ts;
    rec->put_ret = ret;
    rec->flags |= UPCALL_F_PUT_DONE;
    h->hits[UPCALL_HOOK_PUT_RETURN]++;
    return 0;
}

/* Returns true if the packet in 'rec' has 'len' bytes and starts as 'head'
 * does, as far as both are known. */
static __noinline bool
exec_matches(const struct upcall_record *rec, const __u64 *head, __u32 len)
{
    __u32 ofs = rec->packet_ofs;
    __u32 n = min_u32(min_u32(len, rec->packet_kept), UPCALL_MATCH_MAX);

    if (rec->flags & UPCALL_F_EXEC || rec->packet_sent != len || !ofs
        || ofs > UPCALL_KEY_MAX) {
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

static long
find_exec_one(__u32 i, struct find_ctx *f)
{
    __u32 pos = find_pos(f, i);
    __u64 entry = f->h->slots[pos % UPCALL_BATCH_MAX];
    struct upcall_record *rec = entry_record(entry);

    if (rec && exec_matches(rec, f->head, f->packet_len)) {
        f->pos = pos;
        f->found = true;
        return 1;
    }
    return 0;
}

/* Appends the attributes of the request that follow the packet. */
static __always_inline void
exec_keep(struct upcall_record *rec, const void *nlh, __u32 req_len,
          __u32 packet_len)
{
    __u32 skip = MSG_ATTRS_OFS + 4 + ((packet_len + 3) & ~3U);
    __u32 put_len = rec->put_len;
    __u32 ofs = tail_ofs(rec);
    __u32 n = req_len - skip;

    if (req_len < skip || ofs > msg_max || put_len > UPCALL_PUT_MAX) {
        return;
    }
    if (n > UPCALL_EXEC_MAX) {
        n = UPCALL_EXEC_MAX;
        rec->flags |= UPCALL_F_EXEC_CUT;
    }
    if (read_kernel(rec->data + ofs + ALIGN8(put_len), n, UPCALL_EXEC_MAX,
                    nlh + skip)) {
        rec->exec_len = n;
    }
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
    __builtin_memset(&start, 0, sizeof start);
    if (!read_kernel(&start,
                     min_u32(req_len - MSG_DP_IFINDEX_OFS, sizeof start),
                     sizeof start, nlh + MSG_DP_IFINDEX_OFS)
        || (start.attr.nla_type & NLA_TYPE_MASK) != OVS_PACKET_ATTR_PACKET
        || start.attr.nla_len < 4) {
        return 0;
    }

    struct find_ctx f = {
        .h = h, .n = h->tail - h->head, .head = start.head,
        .packet_len = start.attr.nla_len - 4,
    };

    if (f.n <= UPCALL_BATCH_MAX && !find_exec_one(0, &f)) {
        bpf_loop(f.n, find_exec_one, &f, 0);
    }
    if (!f.found) {
        h->unmatched[UPCALL_HOOK_EXEC]++;
        return 0;
    }
    entry = h->slots[f.pos % UPCALL_BATCH_MAX];
    rec = entry_record(entry);
    if (!rec) {
        return 0;
    }
    exec_keep(rec, nlh, req_len, f.packet_len);
    rec->exec_ts = now;
    rec->flags |= UPCALL_F_EXEC;
    h->processing = 1;
    h->cursor = f.pos;
    h->exec_ts = now;
    h->exec_id = rec->id;
    address(&h->exec_stack, ctx);
    h->exec_slot = UPCALL_ENTRY_SLOT(entry) + 1;
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

    if (!h || !h->exec_slot) {
        return 0;
    }
    __sync_fetch_and_add(&n_executing, -1);
    rec = slot_record(h->exec_slot - 1);
    h->exec_slot = 0;
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

#endif /* bpf/handler.bpf.h */
