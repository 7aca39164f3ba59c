/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What ovs-vswitchd does beside upcalls (--track=full): its main loop and its
 * revalidators.
 *
 * The main thread passes main:run_start and main:poll_block in each iteration
 * (main() in vswitchd/ovs-vswitchd.c of OVS 3.1 to 4.0).  For each type of
 * datapath there is a "udpif", in which one revalidator, the leader, begins a
 * dump and ends it with the sweep, and all of them look at flows meanwhile
 * (udpif_revalidator(), revalidate() and revalidator_sweep__() in
 * ofproto/ofproto-dpif-upcall.c of OVS 3.4 to 4.0).
 */
#ifndef BPF_VSWITCHD_BPF_H
#define BPF_VSWITCHD_BPF_H 1

struct vswitchd_counts vswitchd_counts;

/* When the iteration of the main loop began, 0 if none is in progress. */
struct upcall_line loop_start;

/* Whether programs are attached to the probes that are hit for each flow. */
__u32 counts_flows = 0;

/* Samples.  They are few and nobody waits for them, so nobody is woken up. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 * 1024);    /* Or the size of a page, if larger. */
} samples SEC(".maps");

/* Dumps, by the address of the udpif. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, VSWITCHD_DUMPS_MAX);
    __type(key, __u64);
    __type(value, struct vswitchd_dump);
} dumps SEC(".maps");

static __always_inline void
vswitchd_hit(enum vswitchd_probe probe)
{
    COUNT(vswitchd_counts.hits[probe]);
}

static __always_inline void
vswitchd_sample(enum vswitchd_time time, __u64 start, __u32 n_flows,
                bool counted)
{
    __u64 now = bpf_ktime_get_ns();
    struct vswitchd_sample *s;

    s = bpf_ringbuf_reserve(&samples, sizeof *s, 0);
    if (!s) {
        COUNT(vswitchd_counts.dropped);
        return;
    }
    s->time = time;
    s->ts = now;
    s->ns = now - start;
    s->n_flows = n_flows;
    s->counted = counted;
    bpf_ringbuf_submit(s, BPF_RB_NO_WAKEUP);
}

static __always_inline int
vswitchd_loop_begin(void)
{
    vswitchd_hit(VSWITCHD_PROBE_RUN_START);
    loop_start.n = bpf_ktime_get_ns();
    return 0;
}

static __always_inline int
vswitchd_loop_end(void)
{
    __u64 start = loop_start.n;

    vswitchd_hit(VSWITCHD_PROBE_POLL_BLOCK);
    loop_start.n = 0;
    if (start) {
        vswitchd_sample(VSWITCHD_TIME_LOOP, start, 0, false);
    }
    return 0;
}

/* start_dump(udpif, n_flows) */
static __always_inline int
vswitchd_dump_begin(struct pt_regs *ctx)
{
    const struct upcall_site *site = usdt_site(ctx);
    struct user_arg udpif = usdt_arg(ctx, site, 0);
    struct user_arg n_flows = usdt_arg(ctx, site, 1);
    struct vswitchd_dump dump = {
        .last = bpf_ktime_get_ns(), .running = 1,
        .n_flows = n_flows.value, .counted = counts_flows,
    };

    vswitchd_hit(VSWITCHD_PROBE_START_DUMP);
    if (udpif.known && n_flows.known) {
        bpf_map_update_elem(&dumps, &udpif.value, &dump, BPF_ANY);
    }
    return 0;
}

/* sweep_done(udpif, n_flows, max_idle) */
static __always_inline int
vswitchd_dump_end(struct pt_regs *ctx)
{
    struct user_arg udpif = usdt_arg(ctx, usdt_site(ctx), 0);
    struct vswitchd_dump *dump;

    vswitchd_hit(VSWITCHD_PROBE_SWEEP_DONE);
    dump = bpf_map_lookup_elem(&dumps, &udpif.value);
    if (udpif.known && dump && dump->running) {
        vswitchd_sample(VSWITCHD_TIME_DUMP, dump->last, dump->n_flows,
                        dump->counted && counts_flows);
        dump->running = 0;
    }
    return 0;
}

/* flow_result(udpif, ukey, result, reason), and flow_sweep_result() alike. */
static __always_inline int
vswitchd_flow(struct pt_regs *ctx, enum vswitchd_probe probe,
              enum vswitchd_phase phase)
{
    const struct upcall_site *site = usdt_site(ctx);
    struct user_arg arg_2 = usdt_arg(ctx, site, 2);
    struct user_arg arg_3 = usdt_arg(ctx, site, 3);
    __u32 result = arg_2.known ? arg_2.value : VSWITCHD_RESULT_OTHER;
    __u32 reason = arg_3.known ? arg_3.value : VSWITCHD_REASON_OTHER;
    __u64 *counters;

    vswitchd_hit(probe);
    /* Those that this version does not know are counted as others. */
    result = min_u32(result, VSWITCHD_RESULT_OTHER);
    reason = min_u32(reason, VSWITCHD_REASON_OTHER);
    counters = vswitchd_counts.results[phase][bounded(result,
                                                      VSWITCHD_RESULT_OTHER)];
    COUNT(counters[bounded(reason, VSWITCHD_REASON_OTHER)]);
    return 0;
}

#define VSWITCHD_PROGRAM(NAME, BODY)            \
SEC("uprobe")                                   \
int NAME(struct pt_regs *ctx)                   \
{                                               \
    forgo_private_stack(ctx, uprobe_programs);  \
    BODY;                                       \
}
VSWITCHD_PROGRAM(vswitchd_run_start, return vswitchd_loop_begin())
VSWITCHD_PROGRAM(vswitchd_poll_block, return vswitchd_loop_end())
VSWITCHD_PROGRAM(vswitchd_start_dump, return vswitchd_dump_begin(ctx))
VSWITCHD_PROGRAM(vswitchd_sweep_done, return vswitchd_dump_end(ctx))
VSWITCHD_PROGRAM(vswitchd_flow_del,
                 vswitchd_hit(VSWITCHD_PROBE_FLOW_DEL); return 0)
VSWITCHD_PROGRAM(vswitchd_flow_get,
                 vswitchd_hit(VSWITCHD_PROBE_FLOW_GET); return 0)
VSWITCHD_PROGRAM(vswitchd_flow_result,
                 return vswitchd_flow(ctx, VSWITCHD_PROBE_FLOW_RESULT,
                                      VSWITCHD_PHASE_DUMP))
VSWITCHD_PROGRAM(vswitchd_sweep_result,
                 return vswitchd_flow(ctx, VSWITCHD_PROBE_SWEEP_RESULT,
                                      VSWITCHD_PHASE_SWEEP))

#endif /* bpf/vswitchd.bpf.h */
