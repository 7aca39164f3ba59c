/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Slots: where records are made.
 *
 * An upcall is identified by the address of the netlink skb that carries it,
 * from the moment it is about to be queued to the handler's socket until it
 * has been copied to the handler.  During that time no other skb can have
 * the address.  The address is the key of a slot, found in a bucket of 8.
 *
 * Concurrency: a slot is taken, received, submitted and freed by changing
 * its key with compare-and-exchange, so exactly one party wins: the CPU that
 * does the upcall, the handler thread, or the daemon, which collects what
 * was never received.  Only the winner touches the record, with one
 * exception, 'ret_word' (see upcall-record.h).
 *
 * When a socket is closed, its skbs vanish without notice and their
 * addresses are used anew.  So a key that is found when the same address is
 * about to be queued belongs to an upcall that was never received; it
 * becomes UPCALL_SLOT_STALE and the daemon collects it.
 */
#ifndef BPF_SLOT_BPF_H
#define BPF_SLOT_BPF_H 1

static __always_inline __u32
bucket_of(__u64 skb)
{
    /* The addresses are multiples of 64 or more; Fibonacci hashing. */
    return (__u32) ((skb >> 6) * 0x9e3779b97f4a7c15ULL >> 40) & bucket_mask;
}

static __always_inline struct upcall_record *
slot_record(__u32 slot)
{
    return bpf_map_lookup_elem(&slots, &slot);
}

/* Returns the key of 'slot', or NULL if there is no such slot. */
static __always_inline __u64 *
slot_key(__u32 slot)
{
    __u32 b = slot / UPCALL_BUCKET;
    struct upcall_bucket *bucket = bpf_map_lookup_elem(&buckets, &b);

    return bucket ? &bucket->keys[slot % UPCALL_BUCKET] : NULL;
}

/* Takes a free slot in the bucket of 'skb' and marks it as busy.  Returns its
 * number plus 1, or 0 if the bucket is full. */
static __always_inline __u32
slot_take(__u64 skb)
{
    __u32 b = bucket_of(skb);
    struct upcall_bucket *bucket = bpf_map_lookup_elem(&buckets, &b);
    int free = -1;

    if (!bucket) {
        return 0;
    }
#pragma unroll
    for (int i = UPCALL_BUCKET - 1; i >= 0; i--) {
        __u64 key = bucket->keys[i];

        if (key == skb) {
            __sync_val_compare_and_swap(&bucket->keys[i], skb,
                                        UPCALL_SLOT_STALE);
        } else if (key == UPCALL_SLOT_FREE) {
            free = i;
        }
    }
    if (free < 0) {
        return 0;
    }
    if (__sync_val_compare_and_swap(&bucket->keys[free & 7],
                                    UPCALL_SLOT_FREE, UPCALL_SLOT_BUSY)
        == UPCALL_SLOT_FREE) {
        return b * UPCALL_BUCKET + free + 1;
    }

    /* Another CPU was quicker. */
    for (int i = 0; i < UPCALL_BUCKET; i++) {
        if (__sync_val_compare_and_swap(&bucket->keys[i], UPCALL_SLOT_FREE,
                                        UPCALL_SLOT_BUSY)
            == UPCALL_SLOT_FREE) {
            return b * UPCALL_BUCKET + i + 1;
        }
    }
    return 0;
}

/* Returns the number plus 1 of the slot whose key is 'skb', 0 if none. */
static __always_inline __u32
slot_find(__u64 skb)
{
    __u32 b = bucket_of(skb);
    struct upcall_bucket *bucket = bpf_map_lookup_elem(&buckets, &b);

    if (!bucket) {
        return 0;
    }
#pragma unroll
    for (int i = 0; i < UPCALL_BUCKET; i++) {
        if (bucket->keys[i] == skb) {
            return b * UPCALL_BUCKET + i + 1;
        }
    }
    return 0;
}

/* Changes the key of 'slot' from 'from' to 'to'.  Returns true if it was
 * 'from', so if the caller has won. */
static __always_inline bool
slot_change(__u32 slot, __u64 from, __u64 to)
{
    __u64 *key = slot_key(slot);

    return key && __sync_val_compare_and_swap(key, from, to) == from;
}

/* Makes all that was written to the record visible before the new key. */
static __always_inline void
slot_publish(__u32 slot, __u64 to)
{
    __u64 *key = slot_key(slot);

    if (key) {
        __sync_lock_test_and_set(key, to);
    }
}

/* Fills in what the upcall in progress on 'cpu' has in common. */
static __always_inline void
record_init(struct upcall_record *rec, struct upcall_cpu *cpu)
{
    rec->id = __sync_fetch_and_add(&last_id, 1) + 1;
    rec->parent = cpu->parent;
    rec->group = 0;
    rec->ts = cpu->ts;
    rec->ret = 0;
    rec->ret_word = UPCALL_RET_TAG(rec->id);
    rec->cpu = bpf_get_smp_processor_id();
    rec->tid = cpu->tid;
    rec->segment = 0;
    rec->flags = cpu->nested ? UPCALL_F_NESTED : 0;
    rec->put_len = 0;
    rec->exec_len = 0;
    __builtin_memcpy(rec->comm, cpu->comm, sizeof rec->comm);
}

/* Returns the flags for bpf_ringbuf_output(): whether to wake the reader up.
 * It is woken up for the first record after it went to sleep, and when there
 * is much to read; otherwise it comes by itself. */
static __always_inline __u64
wake_flags(void)
{
    if (reader_sleeps) {
        reader_sleeps = 0;
        return BPF_RB_FORCE_WAKEUP;
    }
    return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wake_bytes
           ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* Sends 'rec' to user space and frees 'slot'.  The caller has made the slot
 * busy, so that nobody else touches it. */
static __noinline int
slot_submit(struct upcall_record *rec, __u32 slot)
{
    struct upcall_cpu *cpu = this_cpu();
    __u32 msg_len = rec->msg_len;
    __u32 put_len = rec->put_len;
    __u32 exec_len = rec->exec_len;

    if (msg_len > msg_max || put_len > UPCALL_PUT_MAX
        || exec_len > UPCALL_EXEC_MAX) {
        return 0;                       /* Not possible; for the verifier. */
    }

    __u32 size = sizeof *rec + ALIGN8(msg_len) + ALIGN8(put_len) + exec_len;

    COUNT(cpu->produced);
    if (bpf_ringbuf_output(&ring, rec, size, wake_flags())) {
        COUNT(cpu->dropped[UPCALL_DROP_RING_FULL]);
    }
    rec->id = 0;
    slot_publish(slot, UPCALL_SLOT_FREE);
    return 0;
}

/* Gives up the upcall in busy 'slot' without a record. */
static __always_inline void
slot_drop(__u32 slot, enum upcall_drop why)
{
    struct upcall_cpu *cpu = this_cpu();

    COUNT(cpu->produced);
    COUNT(cpu->dropped[why]);
    slot_publish(slot, UPCALL_SLOT_FREE);
}

#endif /* bpf/slot.bpf.h */
