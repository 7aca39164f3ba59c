/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What ovs-vswitchd does beside upcalls, as far as --track=full tells: its
 * main loop and its revalidators.  Like upcall-record.h, both the BPF programs
 * and the user space part include this.
 */
#ifndef BPF_VSWITCHD_RECORD_H
#define BPF_VSWITCHD_RECORD_H 1

#include <linux/types.h>

/* The USDT probes, of which some are in later versions of Open vSwitch only,
 * and the arguments that are needed, as bits.
 *
 * X(ENUM, PROGRAM, "PROVIDER:NAME", ARGS) */
#define VSWITCHD_PROBES                                                     \
    X(RUN_START, run_start, "main:run_start", 0)                            \
    X(POLL_BLOCK, poll_block, "main:poll_block", 0)                         \
    X(START_DUMP, start_dump, "udpif_revalidator:start_dump",               \
      1 << 0 | 1 << 1)                                                      \
    X(SWEEP_DONE, sweep_done, "udpif_revalidator:sweep_done", 1 << 0)       \
    X(FLOW_DEL, flow_del, "dpif_netlink_operate__:op_flow_del", 0)          \
    X(FLOW_GET, flow_get, "dpif_netlink_operate__:op_flow_get", 0)          \
    X(FLOW_RESULT, flow_result, "revalidate:flow_result", 1 << 2 | 1 << 3)  \
    X(SWEEP_RESULT, sweep_result, "revalidator_sweep__:flow_sweep_result",  \
      1 << 2 | 1 << 3)

enum vswitchd_probe {
#define X(ENUM, PROGRAM, NAME, ARGS) VSWITCHD_PROBE_##ENUM,
    VSWITCHD_PROBES
#undef X
    VSWITCHD_N_PROBES
};

/* The first of those that are hit for each flow of each dump. */
#define VSWITCHD_PROBE_FIRST_FLOW VSWITCHD_PROBE_FLOW_RESULT

/* When a revalidator looked at a flow.
 *
 * X(ENUM, NAME) */
#define VSWITCHD_PHASES                         \
    X(DUMP, "dump")                             \
    X(SWEEP, "sweep")

enum vswitchd_phase {
#define X(ENUM, NAME) VSWITCHD_PHASE_##ENUM,
    VSWITCHD_PHASES
#undef X
    VSWITCHD_N_PHASES
};

/* What became of the flow: enum reval_result in ofproto/
 * ofproto-dpif-upcall.c of OVS 3.4 to 4.0.
 *
 * X(ENUM, NAME) */
#define VSWITCHD_RESULTS                        \
    X(KEEP, "keep")                             \
    X(DELETE, "delete")                         \
    X(MODIFY, "modify")                         \
    X(OTHER, "other")

enum vswitchd_result {
#define X(ENUM, NAME) VSWITCHD_RESULT_##ENUM,
    VSWITCHD_RESULTS
#undef X
    VSWITCHD_N_RESULTS
};

/* Why: enum flow_del_reason there.  3.4.0 does not have the last.
 *
 * X(ENUM, NAME) */
#define VSWITCHD_REASONS                        \
    X(NONE, "none")                             \
    X(AVOID_CACHING, "avoid_caching")           \
    X(BAD_ODP_FIT, "bad_odp_fit")               \
    X(FLOW_IDLE, "flow_idle")                   \
    X(FLOW_LIMIT, "flow_limit")                 \
    X(FLOW_WILDCARDED, "flow_wildcarded")       \
    X(NO_OFPROTO, "no_ofproto")                 \
    X(PURGE, "purge")                           \
    X(TOO_EXPENSIVE, "too_expensive")           \
    X(UPDATE_FAIL, "update_fail")               \
    X(XLATION_ERROR, "xlation_error")           \
    X(FLOW_MISSING_DP, "flow_missing_dp")       \
    X(OTHER, "other")

enum vswitchd_reason {
#define X(ENUM, NAME) VSWITCHD_REASON_##ENUM,
    VSWITCHD_REASONS
#undef X
    VSWITCHD_N_REASONS
};

/* What is counted; all members are __u64. */
struct vswitchd_counts {
    __u64 hits[VSWITCHD_N_PROBES];
    __u64 results[VSWITCHD_N_PHASES][VSWITCHD_N_RESULTS][VSWITCHD_N_REASONS];
    __u64 dropped;              /* Samples for which there was no room. */
};

/* What is timed, a sample for each time.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define VSWITCHD_TIMES                                                  \
    X(LOOP, "main loop", "from main:run_start to main:poll_block")      \
    X(DUMP, "dump", "from start_dump to sweep_done of a revalidator")

enum vswitchd_time {
#define X(ENUM, NAME, DESCRIPTION) VSWITCHD_TIME_##ENUM,
    VSWITCHD_TIMES
#undef X
    VSWITCHD_N_TIMES
};

struct vswitchd_sample {
    __u64 time;                 /* enum vswitchd_time. */
    __u64 ts;                   /* Its end, CLOCK_MONOTONIC, ns. */
    __u64 ns;                   /* How long it took. */
    __u32 n_flows;              /* Of a dump, when it started. */
    __u32 counted;              /* Was each of them counted? */
};

/* A revalidator's dumps, for each type of datapath. */
struct vswitchd_dump {
    __u64 last;                 /* When the last began, CLOCK_MONOTONIC, ns. */
    __u32 n_flows;              /* Then. */
    __u8 running;               /* Has it not ended? */
    __u8 counted;               /* Is each of its flows counted? */
    __u8 pad[2];
};

/* Most types of datapaths.  Open vSwitch has two. */
#define VSWITCHD_DUMPS_MAX 64

#endif /* bpf/vswitchd-record.h */
