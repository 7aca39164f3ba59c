/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What user space sets before the programs are loaded, so that the verifier
 * removes what is off, and the maps and counters that all programs share.
 */
#ifndef BPF_CONFIG_BPF_H
#define BPF_CONFIG_BPF_H 1

/* What is set before the programs are loaded. */
#ifdef __bpf__
#define SETTING const volatile
#else
#define SETTING                         /* As part of a test. */
#endif

/* Number of buckets of slots less 1; buckets are a power of 2. */
SETTING __u32 bucket_mask = 0;

/* Packet bytes to keep, at least UPCALL_MATCH_MAX. */
SETTING __u32 snap_max = UPCALL_MATCH_MAX;

/* UPCALL_KEY_MAX plus 'snap_max', a multiple of 8. */
SETTING __u32 msg_max = UPCALL_KEY_MAX + UPCALL_MATCH_MAX;

/* Inode of the network namespace whose upcalls are followed; 0 for all. */
__u32 target_netns = 0;

/* Bit (1 << enum upcall_class) for each chosen class. */
SETTING __u32 class_mask = ~0;

/* Whether only the ports in 'ports' are chosen. */
SETTING bool choose_ports = false;

/* Whether softirqs have a stack of their own, so that the address of the stack
 * tells what a handler does from what interrupts it. */
SETTING bool stacks_apart = false;

/* Whether USDT probes of the target are used (--track=full or all). */
SETTING bool full = false;

/* Number of places for handlers, a power of 2, minus 1. */
SETTING __u32 handler_mask = 0;

/* Where the kernel has the struct page of the first page of the memory, and
 * where that page; 0 if unknown.  The size of a page. */
SETTING __u64 vmemmap = 0;
SETTING __u64 page_offset = 0;
SETTING __u32 page_size = 4096;

/* Key of fingerprints: any odd number. */
SETTING __u64 print_key = 1;

/* Whether recvmsg() of a handler fails with EAGAIN at the end of a batch. */
__u32 ends_visible = 1;

/* Type of the netlink messages that are upcalls. */
SETTING __u16 packet_family = 0;

/* Until when (CLOCK_MONOTONIC, ns) upcalls can be received that have no record
 * although those that are alike may have one: they were queued before the
 * start, were not chosen, or there was no slot. */
__u64 unseen_until = 0;

/* Number of possible CPUs. */
SETTING __u32 n_cpus = 0;

/* Set by user space when all programs are attached, and unset before the
 * first is detached: between that, each upcall is seen by all or by none. */
__u32 enabled = 0;

/* Set by user space before it sleeps, so that one upcall wakes it up; after
 * that it reads the ring buffer every now and then. */
__u32 reader_sleeps = 0;

/* Whether a slot was ever taken in another bucket than its own. */
__u32 displaced = 0;

/* Whether a handler has ever taken another place than its own. */
__u32 handlers_displaced = 0;

/* The last number of upcalls that a CPU has taken for itself, see
 * next_id(). */
struct upcall_line last_id;

/* Threads that are in ovs_packet_cmd_execute() for a traced upcall. */
struct upcall_line n_executing;

struct upcall_cpu cpus[UPCALL_CPUS_MAX];

/* The places of USDT probes, by the cookie of the attachment.  Written by user
 * space before it attaches there. */
struct upcall_site sites[UPCALL_SITES_MAX];

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);          /* Set by user space. */
} ring SEC(".maps");

/* Keys of the slots, apart from their contents so that a search touches one
 * cache line, and user space can map and scan them. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);             /* Set by user space. */
    __type(key, __u32);
    __type(value, struct upcall_bucket);
} buckets SEC(".maps");

/* Handler threads.  The state of a thread is at the place that the lower bits
 * of its id say or, if that is taken, a little behind.  A thread takes a
 * place, user space frees it when the thread has ended. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);             /* handler_mask + 1. */
    __type(key, __u32);
    __type(value, struct upcall_handler);
} handlers SEC(".maps");

/* Records in the making, and one for each place of 'handlers', which that
 * thread may use for a while. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, UPCALL_BUCKET); /* Set by user space. */
    __uint(key_size, sizeof(__u32));
    __uint(value_size, UPCALL_SLOT_SIZE(UPCALL_KEY_MAX + UPCALL_MATCH_MAX));
} slots SEC(".maps");

/* Bits of the numbers of the ports that were chosen, in any datapath. */
__u64 port_bits[UPCALL_PORTS_MAX / 64];

/* The ports that were chosen. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 8192);
    __type(key, struct upcall_port_key);
    __type(value, __u8);
} ports SEC(".maps");

static __always_inline struct upcall_cpu *
this_cpu(void)
{
    return &cpus[MODULO(bpf_get_smp_processor_id(), UPCALL_CPUS_MAX)];
}

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

#define AF_NETLINK 16

#define ALIGN8(X) (((X) + 7) & ~7U)

#endif /* bpf/config.bpf.h */
