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

/* Size of the largest record. */
#define RECORD_MAX (sizeof(struct upcall_record) + msg_max + UPCALL_PUT_MAX \
                    + UPCALL_EXEC_MAX)

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

    return bucket ? &bucket->keys[MODULO(slot, UPCALL_BUCKET)] : NULL;
}

/* Takes a free slot in bucket 'b' for 'skb' and marks it as busy.  Returns its
 * number plus 1, or 0 if the bucket is full. */
static __noinline __u32
bucket_take(__u32 b, __u64 skb)
{
    struct upcall_bucket *bucket = bpf_map_lookup_elem(&buckets, &b);
    __u64 *keyp;
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
    keyp = &bucket->keys[MODULO(free, UPCALL_BUCKET)];
    if (__sync_val_compare_and_swap(keyp, UPCALL_SLOT_FREE, UPCALL_SLOT_BUSY)
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

/* Returns the number plus 1 of the slot in bucket 'b' whose key is 'skb', 0 if
 * there is none. */
static __always_inline __u32
bucket_find(__u32 b, __u64 skb)
{
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

/* Takes a free slot for 'skb' and marks it as busy: in its bucket or, if that
 * is full, in the one beside it.  Returns its number plus 1, or 0 if both are
 * full. */
static __always_inline __u32
slot_take(__u64 skb)
{
    __u32 b = bucket_of(skb);
    __u32 slot = bucket_take(b, skb);

    if (slot) {
        __u32 other = displaced ? bucket_find(b ^ 1, skb) : 0;

        if (other) {
            slot_change(other - 1, skb, UPCALL_SLOT_STALE);
        }
        return slot;
    }
    slot = bucket_take(b ^ 1, skb);
    if (slot) {
        displaced = 1;
    }
    return slot;
}

/* Returns the number plus 1 of the slot whose key is 'skb', 0 if none. */
static __always_inline __u32
slot_find(__u64 skb)
{
    __u32 b = bucket_of(skb);
    __u32 slot = bucket_find(b, skb);

    return slot || !displaced ? slot : bucket_find(b ^ 1, skb);
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

/* Returns the number of the next upcall on 'cpu'.  CPUs take numbers in
 * blocks, so that they seldom write to the same memory. */
static __always_inline __u64
next_id(struct upcall_cpu *cpu)
{
    if (!(cpu->last_id % UPCALL_ID_BLOCK)) {
        cpu->last_id = __sync_fetch_and_add(&last_id.n, UPCALL_ID_BLOCK);
    }
    return ++cpu->last_id;
}

/* Fills in what the upcall in progress on 'cpu' has in common.  'flags' have
 * been set. */
static __always_inline void
record_init(struct upcall_record *rec, struct upcall_cpu *cpu)
{
    rec->id = next_id(cpu);
    rec->parent = cpu->parent;
    rec->pass = cpu->pass;
    rec->track = cpu->track;
    rec->group = 0;
    rec->ts = cpu->ts;
    rec->ret = 0;
    rec->ret_word = UPCALL_RET_TAG(rec->id);
    rec->cpu = bpf_get_smp_processor_id();
    rec->tid = cpu->tid;
    rec->segment = 0;
    rec->flags |= cpu->context_flags;
    if (cpu->nested) {
        rec->flags |= UPCALL_F_NESTED;
    }
    rec->hash = cpu->hash;
    rec->napi_id = cpu->napi_id;
    rec->rx_queue = cpu->rx_queue;
    rec->put_len = 0;
    rec->exec_len = 0;
    rec->n_execs = 0;
    rec->conflicts = 0;
    rec->exec_rule = 0;
    rec->packet_addr = 0;
    __builtin_memcpy(rec->comm, cpu->comm, sizeof rec->comm);
}

/* Sends 'rec' to user space and frees 'slot'.  The caller has made the slot
 * busy, so that nobody else touches it. */
static __noinline int
slot_submit(struct upcall_record *rec, __u32 slot)
{
    struct upcall_cpu *cpu = this_cpu();
    __u32 size = (sizeof *rec + ALIGN8(rec->msg_len) + ALIGN8(rec->put_len)
                  + rec->exec_len);

    COUNT(cpu->produced);
    if (!ring_write(rec, size, RING_BLOCKS(sizeof *rec), RECORD_MAX)) {
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
