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

/* Returns true if 'stack', an address on the current stack, is deeper than
 * the execute in progress of 'h' on the same stack.  So a packet which is
 * processed in softirq on top of the handler is told from the executed one:
 * softirqs have a stack of their own, where 'stacks_apart'. */
static __always_inline bool
handler_executes_at(const struct upcall_handler *h, __u64 stack)
{
    return stacks_apart && h->exec_entry && is_deeper(stack, h->exec_stack);
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
    __u32 tid = bpf_get_current_pid_tgid();
    struct upcall_record *rec;
    __u64 *key;

    if (!entry) {
        return NULL;
    }
    key = slot_key(UPCALL_ENTRY_SLOT(entry));
    if (!key || *key != UPCALL_SLOT_RECEIVED(tid)) {
        return NULL;
    }
    rec = slot_record(UPCALL_ENTRY_SLOT(entry));
    return rec && (__u32) rec->id == UPCALL_ENTRY_TAG(entry) ? rec : NULL;
}

/* Ends the upcall at 'pos' in the list, if it has not ended. */
static __noinline void
entry_close(struct upcall_handler *h, __u32 pos)
{
    __u64 entry = h->entries[pos % UPCALL_BATCH_MAX];
    struct upcall_record *rec = entry_record(entry);
    __u32 slot = UPCALL_ENTRY_SLOT(entry);
    __u32 tid = bpf_get_current_pid_tgid();

    h->entries[pos % UPCALL_BATCH_MAX] = 0;
    if (!rec || !slot_change(slot, UPCALL_SLOT_RECEIVED(tid),
                             UPCALL_SLOT_BUSY)) {
        return;
    }
    rec->batch_size = h->batch_recv;
    rec->outcome = upcall_record_outcome(rec);
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

/* Returns true if the daemon has seen the thread asleep since its last
 * receive. */
static __always_inline bool
handler_was_idle(const struct upcall_handler *h, __u32 tid)
{
    const struct upcall_idle *i = &idle[tid & (UPCALL_IDLE_MAX - 1)];

    return i->tid == tid && i->recv_seq == h->recv_seq && h->recv_seq;
}

/* The current thread, 'h', has received the upcall in 'slot'. */
static __always_inline void
handler_receive(struct upcall_handler *h, struct upcall_record *rec,
                __u32 slot, __u64 pid_tgid)
{
    if (h->processing || handler_was_idle(h, pid_tgid)) {
        batch_close(h);
    }
    rec->recv_ts = bpf_ktime_get_ns();
    rec->recv_tid = pid_tgid;
    rec->recv_tgid = pid_tgid >> 32;
    rec->batch = h->batch;
    rec->batch_idx = h->batch_recv++;
    rec->batch_size = h->batch_recv;
    __builtin_memcpy(rec->recv_comm, h->comm, sizeof rec->recv_comm);
    rec->flags |= UPCALL_F_RECEIVED;
    h->hits[UPCALL_HOOK_RECV]++;

    if (h->tail - h->head >= UPCALL_BATCH_MAX) {
        entry_close(h, h->head++);
        if ((int) (h->cursor - h->head) < 0) {
            h->cursor = h->head;
        }
    }
    h->entries[h->tail % UPCALL_BATCH_MAX] = UPCALL_ENTRY(rec->id, slot);
    h->tail++;
    h->recv_seq++;
    if (!class_has_operations(rec->class_)) {
        entry_close(h, --h->tail);
    }
}

/* Returns true if 'skb' was queued to the netlink socket 'portid'.  The skb of
 * an upcall vanishes with the socket, and then its address may be that of any
 * other datagram. */
static __always_inline bool
skb_is_for(const struct sk_buff *skb, __u32 portid)
{
    struct netlink_sock *sk = (void *) BPF_CORE_READ(skb, sk);

    return BPF_CORE_READ(sk, portid) == portid;
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
    if (!rec) {
        return 0;
    }
    if (!skb_is_for((const struct sk_buff *) skb, rec->portid)) {
        slot_change(slot, skb, UPCALL_SLOT_STALE);
        return 0;
    }
    if (!slot_change(slot, skb, UPCALL_SLOT_RECEIVED(pid_tgid))) {
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

    /* For an execute. */
    __u64 *head;                /* Start of the packet. */
    __u32 packet_len;
    __u32 dp_ifindex;
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

#endif /* bpf/handler.bpf.h */
