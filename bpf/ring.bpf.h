/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The ring buffer, by which records get to user space.
 */
#ifndef BPF_RING_BPF_H
#define BPF_RING_BPF_H 1

/* Set by user space before it sleeps, so that one upcall wakes it up; after
 * that it reads the ring buffer every now and then. */
__u32 reader_sleeps = 0;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);          /* Set by user space. */
} ring SEC(".maps");

/* Records up to RING_BLOCKS_MAX blocks are written to the ring buffer in whole
 * blocks. */
#define RING_BLOCK 64
#define RING_BLOCKS_MAX 16
#define RING_BLOCKS(SIZE) (((SIZE) + RING_BLOCK - 1) / RING_BLOCK)

/* Wakes the reader up if it sleeps.
 *
 * This must be called with bottom halves disabled, so not by what runs in a
 * handler: the reader might preempt it in the middle of a program, and the
 * kernel does not run this program then for other handlers on the same CPU
 * (__bpf_prog_enter_recur() in kernel/bpf/trampoline.c). */
static __always_inline void
wake_reader(void)
{
    void *p;

    if (reader_sleeps) {
        p = bpf_ringbuf_reserve(&ring, 8, 0);
        if (p) {
            reader_sleeps = 0;
            bpf_ringbuf_discard(p, BPF_RB_FORCE_WAKEUP);
        }
    }
}

/* Returns 'size' rounded up to a multiple of RING_BLOCK, or 0 if that is not a
 * usual size of a record: it is at least 'least' blocks, a constant, and up to
 * RING_BLOCKS_MAX.  It is a constant by each path that the verifier
 * follows. */
static __always_inline __u32
ring_size(__u32 size, __u32 least)
{
    __u32 n = RING_BLOCKS(size);

    if (n < least) {
        return 0;
    }
#define RING_CASE(I)                                    \
    case (I):                                           \
        return constant((I) * RING_BLOCK);
    switch (n) {
    RING_CASE(3) RING_CASE(4) RING_CASE(5) RING_CASE(6)
    RING_CASE(7) RING_CASE(8) RING_CASE(9) RING_CASE(10)
    RING_CASE(11) RING_CASE(12) RING_CASE(13) RING_CASE(14)
    RING_CASE(15) RING_CASE(16)
    default:
        return 0;
    }
#undef RING_CASE
}

/* Writes the record at 'rec', 'size' bytes, which are at most 'max' and seldom
 * less than 'least' blocks, to the ring buffer.  Returns false if there is no
 * room.
 *
 * Ordinary records are copied here, in blocks, and take up to RING_BLOCK bytes
 * more than they have: bpf_ringbuf_output() copies with an instruction for
 * each byte, or for some. */
static __always_inline bool
ring_write(const void *rec, __u32 size, __u32 least, __u32 max)
{
    const __u64 *src = rec;
    __u32 n = ring_size(size, least);
    __u64 *dst;

    if (!n) {
        return !bpf_ringbuf_output(&ring, (void *) rec,
                                   bounded(size, max),
                                   BPF_RB_NO_WAKEUP);
    }
    dst = bpf_ringbuf_reserve(&ring, n, 0);
    if (!dst) {
        return false;
    }
#pragma unroll
    for (__u32 i = 0; i < RING_BLOCKS_MAX; i++) {
        if (n > i * RING_BLOCK) {
            __builtin_memcpy(dst + i * (RING_BLOCK / 8),
                             src + i * (RING_BLOCK / 8), RING_BLOCK);
        }
    }
    bpf_ringbuf_submit(dst, BPF_RB_NO_WAKEUP);
    return true;
}

#endif /* bpf/ring.bpf.h */
