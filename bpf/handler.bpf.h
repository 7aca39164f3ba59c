/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Handler threads: where the state of each is, and what it does.
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
GLOBAL __u32
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
GLOBAL __u32
handler_take(__u32 tid)
{
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < UPCALL_HANDLER_TRIES; i++) {
        struct upcall_handler *h = handler_at(tid, i);
        __u64 none = 0;

        if (h && __sync_val_compare_and_swap(&h->tid, none, tid) == none) {
            h->place = (tid + i) & handler_mask;
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

/* Returns a record that the current thread, 'h', may use for a while. */
static __always_inline struct upcall_record *
handler_scratch(const struct upcall_handler *h)
{
    return slot_record((bucket_mask + 1) * UPCALL_BUCKET + h->place);
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
    struct upcall_record *rec = entry_record(h->last_entry);

    if (rec && !(rec->flags & UPCALL_F_TRANSLATED)) {
        rec->translated_ts = now;
        rec->flags |= UPCALL_F_TRANSLATED;
    }
}

/* The current thread, 'h', sends an operation of what it has received. */
static __always_inline void
handler_begin_operations(struct upcall_handler *h)
{
    if (!h->processing) {
        h->processing = 1;
        if (!h->drained) {
            handler_translated(h, bpf_ktime_get_ns());
        }
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

/* The current thread, 'h', has received something at 'now', and had been
 * without a CPU for 'delay'.  Notes when it has slept before.  That is not
 * known if it may have waited for a lock while it translated a packet, rather
 * than for this upcall. */
static __always_inline void
handler_slept(struct upcall_handler *h, __u64 now, __u64 delay)
{
    bool slept = get_switches() != h->active_switches;

    if (!h->active_ts || (slept && h->translating)) {
        handler_know_from(h, now);
    } else if (slept) {
        h->idle_from = h->active_ts;
        h->idle_until = now;
        h->idle_delay = delay - h->active_delay;
    }
}

/* The current thread, 'h', has received 'rec', which says when.  Notes when it
 * has slept before. */
static __always_inline void
handler_note_sleep(struct upcall_handler *h, struct upcall_record *rec)
{
    rec->recv_delay = get_run_delay();
    rec->end_delay = rec->recv_delay;
    rec->flags |= UPCALL_F_DELAY;
    handler_slept(h, rec->recv_ts, rec->recv_delay);
    if (rec->enqueue_ts >= h->known_from) {
        rec->idle_from = h->idle_from;
        rec->idle_until = h->idle_until;
        rec->idle_delay = h->idle_delay;
        rec->flags |= UPCALL_F_IDLE;
    }
    handler_is_active(h, NULL, rec->recv_ts);
}

#endif /* bpf/handler.bpf.h */
