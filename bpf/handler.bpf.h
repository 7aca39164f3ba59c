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
 * An upcall ends with its execute, unless ovs-vswitchd helps with its actions
 * (UPCALL_F_HELP), or when its batch has ended: the thread
 * receives again after it has sent operations.  What a thread leaves behind
 * when it goes to sleep is collected by the daemon.
 *
 * Upcalls for sFlow, IPFIX and controllers never have operations
 * (process_upcall()), so they end with the receive.
 *
 * Concurrency: only the thread itself changes its struct upcall_handler, but
 * for 'idle_seq', which the daemon writes, and for the place of a thread that
 * has ended, which the daemon frees.
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

/* Returns the i-th place where the state of thread 'tid' can be. */
static __always_inline struct upcall_handler *
handler_at(__u32 tid, __u32 i)
{
    __u32 place = (tid + i) & handler_mask;

    return bpf_map_lookup_elem(&handlers, &place);
}

/* Returns the number of the place of thread 'tid', which is not the first, or
 * UPCALL_HANDLER_TRIES if it has none. */
static __noinline __u32
handler_search(__u32 tid)
{
#pragma clang loop unroll(disable)
    for (__u32 i = 1; i < UPCALL_HANDLER_TRIES; i++) {
        struct upcall_handler *h = handler_at(tid, i);

        if (h && h->tid == tid) {
            return i;
        }
    }
    return UPCALL_HANDLER_TRIES;
}

/* Takes a place for thread 'tid', which has none, and returns its number, or
 * UPCALL_HANDLER_TRIES if all are taken. */
static __noinline __u32
handler_take(__u32 tid)
{
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < UPCALL_HANDLER_TRIES; i++) {
        struct upcall_handler *h = handler_at(tid, i);
        __u64 none = 0;

        if (h && __sync_val_compare_and_swap(&h->tid, none, tid) == none) {
            if (i) {
                handlers_displaced = 1;
            }
            return i;
        }
    }
    return UPCALL_HANDLER_TRIES;
}

/* Returns the state of thread 'tid', which must be the current one, NULL if it
 * is not a handler.  If 'take' is true, it is one from now on, and NULL means
 * that there are too many. */
static __always_inline struct upcall_handler *
handler_find__(__u32 tid, bool take)
{
    struct upcall_handler *h = handler_at(tid, 0);
    __u32 i;

    if (h && h->tid == tid) {
        return h;
    }
    i = handlers_displaced ? handler_search(tid) : UPCALL_HANDLER_TRIES;
    if (i >= UPCALL_HANDLER_TRIES && take) {
        i = handler_take(tid);
    }
    return i < UPCALL_HANDLER_TRIES ? handler_at(tid, i) : NULL;
}

static __always_inline struct upcall_handler *
handler_find(void)
{
    return handler_find__(bpf_get_current_pid_tgid(), false);
}

static __always_inline struct upcall_handler *
handler_get(__u32 tid)
{
    struct upcall_handler *h = handler_find__(tid, true);

    if (h && !h->comm[0]) {
        get_comm(h->comm);
    }
    return h;
}

/* Returns the entry at 'pos' of the list of 'h'. */
static __always_inline __u64 *
handler_entry(struct upcall_handler *h, __u32 pos)
{
    return &h->entries[MODULO(pos, UPCALL_BATCH_MAX)];
}

/* Returns the record of 'entry' of the list of the current thread, NULL if
 * there is none any more.  (The daemon may have collected it, but only after
 * it told us that the thread is idle: then the next receive empties the list
 * before the thread does anything with it, and record_close() notices.) */
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

/* Marks 'rec': 'what' its USDT probe and the kernel say differ. */
static __always_inline void
record_conflict(struct upcall_handler *h, struct upcall_record *rec,
                enum upcall_conflict what)
{
    rec->conflicts |= 1U << what;
    h->counts.conflicts[what]++;
}

/* Ends the upcall in 'slot' with 'rec', which the current thread, 'h', has
 * received, unless the daemon has collected it. */
static __always_inline void
record_close(struct upcall_handler *h, struct upcall_record *rec, __u32 slot)
{
    __u32 tid = bpf_get_current_pid_tgid();

    if (slot_change(slot, UPCALL_SLOT_RECEIVED(tid), UPCALL_SLOT_BUSY)) {
        rec->batch_size = h->batch_recv;
        rec->outcome = upcall_record_outcome(rec);
        slot_submit(rec, slot);
    }
}

/* Ends the upcall at 'pos' in the list, if it has not ended. */
static __noinline void
entry_close(struct upcall_handler *h, __u32 pos)
{
    __u64 *entryp = handler_entry(h, pos);
    __u64 entry = *entryp;
    struct upcall_record *rec = entry_record(entry);

    *entryp = 0;
    if (rec) {
        record_close(h, rec, UPCALL_ENTRY_SLOT(entry));
    }
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
    if (full) {
        h->usdt_entry = 0;
        h->usdt_cursor = h->tail;
        h->plan_head = h->plan_tail;
        h->put_head = h->put_tail;
    }
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
handler_was_idle(const struct upcall_handler *h)
{
    return h->idle_seq == h->recv_seq && h->recv_seq;
}

/* The current thread, 'h', has translated what it received last. */
static __always_inline void
handler_translated(struct upcall_handler *h, __u64 now)
{
    struct upcall_record *rec;

    if (h->tail == h->head) {
        return;
    }
    rec = entry_record(*handler_entry(h, h->tail - 1));
    if (rec && !(rec->flags & UPCALL_F_TRANSLATED)) {
        rec->translated_ts = now;
        rec->flags |= UPCALL_F_TRANSLATED;
    }
}

/* The current thread, 'h', is at work, at 'now'; on 'rec', unless that is
 * NULL. */
static __always_inline void
handler_is_active(struct upcall_handler *h, struct upcall_record *rec,
                  __u64 now)
{
    h->active_ts = now;
    h->active_delay = get_run_delay();
    h->active_switches = get_switches();
    h->translating = 0;
    if (rec) {
        rec->end_delay = h->active_delay;
    }
}

/* From 'now' on, it is known when the current thread, 'h', sleeps. */
static __always_inline void
handler_know_from(struct upcall_handler *h, __u64 now)
{
    h->known_from = now;
    h->idle_from = now;
    h->idle_until = now;
    h->idle_delay = 0;
}

/* The current thread, 'h', has received 'rec', which says when.  Notes when it
 * has slept before.  That is not known if it may have waited for a lock while
 * it translated a packet, rather than for this upcall. */
static __always_inline void
handler_note_sleep(struct upcall_handler *h, struct upcall_record *rec)
{
    bool slept = get_switches() != h->active_switches;

    rec->recv_delay = get_run_delay();
    rec->end_delay = rec->recv_delay;
    rec->flags |= UPCALL_F_DELAY;
    if (!h->active_ts || (slept && h->translating)) {
        handler_know_from(h, rec->recv_ts);
    } else if (slept) {
        h->idle_from = h->active_ts;
        h->idle_until = rec->recv_ts;
        h->idle_delay = rec->recv_delay - h->active_delay;
    }
    if (rec->enqueue_ts >= h->known_from) {
        rec->idle_from = h->idle_from;
        rec->idle_until = h->idle_until;
        rec->idle_delay = h->idle_delay;
        rec->flags |= UPCALL_F_IDLE;
    }
    handler_is_active(h, NULL, rec->recv_ts);
}

/* Makes room for one more upcall in the list of 'h'. */
static __always_inline void
handler_make_room(struct upcall_handler *h)
{
    if (h->tail - h->head >= UPCALL_BATCH_MAX) {
        entry_close(h, h->head++);
        if ((int) (h->cursor - h->head) < 0) {
            h->cursor = h->head;
        }
        if ((int) (h->usdt_cursor - h->head) < 0) {
            h->usdt_cursor = h->head;
        }
    }
}

/* Ends the last upcall if it is one without operations that was left open for
 * its USDT probe, which was not hit. */
static __always_inline void
handler_close_unseen(struct upcall_handler *h)
{
    struct upcall_record *rec;

    if (!full || !h->usdt_entry || h->tail == h->head) {
        return;
    }
    rec = entry_record(h->usdt_entry);
    if (rec && !class_has_operations(rec->class_)) {
        entry_close(h, --h->tail);
    }
    h->usdt_entry = 0;
}

/* The current thread, 'h', is about to receive an upcall.
 *
 * The receive is counted before its slot says so, or the daemon could take
 * what was received for something that the thread had when it was idle. */
static __always_inline void
handler_count_receive(struct upcall_handler *h)
{
    handler_close_unseen(h);
    if (h->processing || handler_was_idle(h)) {
        batch_close(h);
    }
    h->put_nlh = 0;
    h->exec_nlh = 0;
    h->recv_seq++;
}

/* The current thread, 'h', has received the upcall in 'slot'. */
static __always_inline void
handler_receive(struct upcall_handler *h, struct upcall_record *rec,
                __u32 slot, __u64 pid_tgid)
{
    rec->recv_ts = bpf_ktime_get_ns();
    if (full) {
        handler_translated(h, rec->recv_ts);
        handler_note_sleep(h, rec);
    }
    rec->recv_tid = pid_tgid;
    rec->recv_tgid = pid_tgid >> 32;
    rec->batch = h->batch;
    rec->batch_idx = h->batch_recv++;
    rec->batch_size = h->batch_recv;
    __builtin_memcpy(rec->recv_comm, h->comm, sizeof rec->recv_comm);
    rec->flags |= UPCALL_F_RECEIVED;
    h->counts.hits[UPCALL_HOOK_RECV]++;
    h->counts.matches[UPCALL_RULE_POINTER]++;

    handler_make_room(h);
    *handler_entry(h, h->tail) = UPCALL_ENTRY(rec->id, slot);
    h->tail++;
    if (full) {
        h->usdt_entry = UPCALL_ENTRY(rec->id, slot);
    } else if (!class_has_operations(rec->class_)) {
        entry_close(h, --h->tail);
    }
}

/* Returns true if 'sk' is the netlink socket 'portid'.  The skb of an upcall
 * vanishes with its socket, and then its address may be that of any other
 * datagram. */
static __always_inline bool
sock_has_portid(struct sock *sk, __u32 portid)
{
    return BPF_CORE_READ((struct netlink_sock *) sk, portid) == portid;
}

static __always_inline int
recv(struct sk_buff *skb_, int twin)
{
    __u64 *scratch = &this_cpu()->received[twin];
    struct sock *sk = skb_->sk;
    __u64 skb, pid_tgid;
    struct upcall_record *rec;
    struct upcall_handler *h;
    __u32 slot;

    if (!sk || sk->__sk_common.skc_family != AF_NETLINK) {
        return 0;
    }
    skb = address(scratch, skb_);
    slot = slot_find(skb);
    if (!slot) {
        return 0;                       /* Not an upcall that we follow. */
    }
    slot--;
    rec = slot_record(slot);
    pid_tgid = bpf_get_current_pid_tgid();
    if (!rec) {
        return 0;
    }
    if (!sock_has_portid(sk, rec->portid)) {
        slot_change(slot, skb, UPCALL_SLOT_STALE);
        return 0;
    }
    h = handler_get(pid_tgid);
    if (!h) {
        if (slot_change(slot, skb, UPCALL_SLOT_BUSY)) {
            slot_drop(slot, UPCALL_DROP_HANDLERS_FULL);
        }
        return 0;
    }
    handler_count_receive(h);
    if (slot_change(slot, skb, UPCALL_SLOT_RECEIVED(pid_tgid))) {
        handler_receive(h, rec, slot, pid_tgid);
    }
    return 0;
}

/* A request of a handler, and the search for its upcall: from 'start', a
 * cursor, to the end of the list.  Operations come in the order of the
 * upcalls, so the upcall is not before the cursor. */
struct find_ctx {
    struct upcall_handler *h;
    const void *nlh;            /* The request. */
    __u32 len;                  /* Of the request. */
    __u32 start;                /* Where the search starts. */
    __u32 pos;                  /* Where it was found. */
    bool found;
    __u32 put_read;             /* For a put: bytes of attributes that
                                 * put_matches() has read. */

    /* For an execute.  'h->exec_start' has the start of the packet. */
    __u64 addr;                 /* Of the packet in user memory. */
    __u32 packet_len;
    __u32 dp_ifindex;
};

/* Returns how many upcalls there are from 'start' on. */
static __always_inline __u32
find_count(const struct find_ctx *f)
{
    __u32 n = f->h->tail - f->start;

    return n <= UPCALL_BATCH_MAX ? n : 0;
}

/* Returns the record of the i-th upcall from 'start' on, NULL if it has
 * ended. */
static __always_inline struct upcall_record *
find_record(const struct find_ctx *f, __u32 i)
{
    return entry_record(*handler_entry(f->h, f->start + i));
}

/* Returns the entry of what was found. */
static __always_inline __u64
find_entry(const struct find_ctx *f)
{
    return *handler_entry(f->h, f->pos);
}

/* Offset from which the parts of 'rec' behind the message start. */
static __always_inline __u64
tail_ofs(const struct upcall_record *rec)
{
    return bounded(ALIGN8((__u64) rec->msg_len), msg_max);
}

#endif /* bpf/handler.bpf.h */
