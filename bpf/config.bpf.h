/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What user space sets before the programs of upcall.bpf.c are loaded, so that
 * the verifier removes what is off, and the maps and counters that they share.
 */
#ifndef BPF_CONFIG_BPF_H
#define BPF_CONFIG_BPF_H 1

/* Number of buckets of slots less 1; buckets are a power of 2. */
SETTING __u32 bucket_mask = 0;

/* UPCALL_KEY_MAX plus 'snap_max', a multiple of 8. */
SETTING __u32 msg_max = UPCALL_KEY_MAX + UPCALL_MATCH_MAX;

/* Bit (1 << enum upcall_class) for each chosen class. */
SETTING __u32 class_mask = ~0;

/* Whether USDT probes of the target are used (--track=full or all). */
SETTING bool full = false;

/* Number of places for handlers, a power of 2, minus 1. */
SETTING __u32 handler_mask = 0;

/* Whether there is room in 'unread'. */
SETTING bool keep_unread = false;

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

/* By place in 'handlers': messages that it has received and that are not
 * looked at unless it matters what is in them. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);             /* Set by user space. */
    __type(key, __u32);
    __type(value, struct upcall_unread);
} unread SEC(".maps");

/* For filter.bpf.h, by CPU.  The size is set by user space if there is a
 * filter. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 8);
} filter_buffers SEC(".maps");

/* Returns that of this CPU. */
static __always_inline struct filter_buffer *
filter_buffer(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&filter_buffers, &zero);
}

static __always_inline struct upcall_cpu *
this_cpu(void)
{
    return &cpus[MODULO(bpf_get_smp_processor_id(), UPCALL_CPUS_MAX)];
}

#endif /* bpf/config.bpf.h */
