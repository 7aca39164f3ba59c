/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What all programs need: what user space sets before they are loaded, so that
 * the verifier removes what is off, and small functions.  Each object has
 * variables of its own, so user space sets those of both.
 */
#ifndef BPF_COMMON_BPF_H
#define BPF_COMMON_BPF_H 1

/* What is set before the programs are loaded. */
#ifdef __bpf__
#define SETTING const volatile
#else
#define SETTING                         /* As part of a test. */
#endif

/* Packet bytes to keep, at least UPCALL_MATCH_MAX. */
SETTING __u32 snap_max = UPCALL_MATCH_MAX;

/* Inode of the network namespace whose upcalls are followed; 0 for all. */
__u32 target_netns = 0;

/* Whether softirqs have a stack of their own, so that the address of the stack
 * tells what a handler does from what interrupts it. */
SETTING bool stacks_apart = false;

/* Number of possible CPUs. */
SETTING __u32 n_cpus = 0;

/* Set by user space when all programs are attached, and unset before the
 * first is detached: between that, each upcall is seen by all or by none. */
__u32 enabled = 0;

/* Programs in process context can be interrupted by those in softirq, so
 * what both count is counted with an atomic operation. */
#define COUNT(MEMBER) __sync_fetch_and_add(&(MEMBER), 1)

static __always_inline __u32
min_u32(__u32 a, __u32 b)
{
    return a < b ? a : b;
}

/* Copies 'n' bytes, at most 'max', from kernel memory.  Returns false if they
 * are more or can't be read. */
static __always_inline bool
read_kernel(void *dst, __u32 n, __u32 max, const void *src)
{
    return n <= max && !bpf_probe_read_kernel(dst, bounded(n, max), src);
}

/* Copies 'n' bytes, at most COPY_MAX, and up to 7 more, within what the
 * programs can access; to lower addresses if the two overlap.  Addresses and
 * 'n' are multiples of 4.  This is cheaper than read_kernel(). */
#define COPY_MAX 128

static __always_inline void
copy_words(void *dst_, const void *src_, __u32 n)
{
    /* Not all machines take addresses that are no multiple of 8. */
#if defined(__TARGET_ARCH_x86) || defined(__TARGET_ARCH_arm64) \
    || defined(__TARGET_ARCH_s390) || defined(__TARGET_ARCH_powerpc)
    const __u64 *src = src_;
    __u64 *dst = dst_;
#else
    const __u32 *src = src_;
    __u32 *dst = dst_;
#endif
#define COPY(I)                                         \
    if ((I) * sizeof *dst >= COPY_MAX                   \
        || n <= (I) * (__u32) sizeof *dst) {            \
        return;                                         \
    }                                                   \
    dst[I] = src[I];
#define COPY_8(I)                                       \
    COPY((I)) COPY((I) + 1) COPY((I) + 2) COPY((I) + 3) \
    COPY((I) + 4) COPY((I) + 5) COPY((I) + 6) COPY((I) + 7)
    COPY_8(0)
    COPY_8(8)
    COPY_8(16)
    COPY_8(24)
#undef COPY_8
#undef COPY
}

/* Returns the address 'p' as a number, by way of 'store'.  The verifier does
 * not allow to calculate with a kernel pointer, but to store it. */
static __always_inline __u64
address(__u64 *store, const void *p)
{
    volatile __u64 *v = store;

    *v = (__u64) p;
    return *v;
}

/* Returns 'x' by way of 'store', in a map, so that the verifier forgets by
 * which path it came about: it would follow each of them to the end. */
static __always_inline __u64
forget(__u64 *store, __u64 x)
{
    volatile __u64 *v = store;

    *v = x;
    return *v;
}

/* Returns true if 'stack' is an address on the same kernel stack as 'base',
 * and deeper: stacks grow down and have 16 kB. */
static __always_inline bool
is_deeper(__u64 stack, __u64 base)
{
    return stack < base && base - stack < 16384;
}

/* Returns whether the current thread's own stack has 'stack', so whether it is
 * the thread and not a softirq that does what is done there, as a flag of
 * records; 0 if that does not tell. */
static __always_inline __u32
find_context(__u64 stack)
{
    const struct task_struct *task = (const void *) bpf_get_current_task_btf();
    __u64 base = (__u64) task->stack;

    return (!stacks_apart ? 0
            : stack - base < 16384 ? UPCALL_F_PROCESS : UPCALL_F_SOFTIRQ);
}

#define AF_NETLINK 16

#define ALIGN8(X) (((X) + 7) & ~7U)

#endif /* bpf/common.bpf.h */
