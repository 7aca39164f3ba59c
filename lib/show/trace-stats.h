/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_STATS_H
#define LIB_TRACE_STATS_H 1

/* All statistics of a trace, of the daemon's and of one in a file: those of
 * upcalls, of passes and of ovs-vswitchd, and what became of records. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/pass-record.h"
#include "bpf/upcall-record.h"
#include "show/stats-show.h"
#include "show/trace-counts.h"

struct json_read;
struct kernel_layout;
struct pass_stats;
struct upcall_stats;
struct vswitchd_stats;

/* How often a program was not run. */
struct trace_missed {
    const char *name, *where;   /* Of its hook. */
    uint64_t n;
};

struct trace_missed_all {
    struct trace_missed hooks[UPCALL_N_HOOKS + PASS_N_HOOKS];
    size_t n;
};

/* What is told at the end of a trace, or any time by the daemon. */
struct trace_told {
    struct trace_counts records;
    struct trace_missed_all missed;
    bool has_passes;
    struct trace_pass_counts passes;
    struct trace_missed_all passes_missed;
};

struct trace_stats {
    const struct upcall_stats *upcalls;
    const struct pass_stats *passes;    /* NULL if none are recorded. */
    const struct kernel_layout *layout; /* For 'passes', may be NULL. */
    struct stats_frame frame;
    const struct trace_told *told;      /* NULL if it is unknown. */
    uint64_t n_gaps, gap_records;       /* Of which readers were told. */

    /* Of ovs-vswitchd, NULL if there are none: for people, and as JSON. */
    const struct vswitchd_stats *vswitchd;
    const struct json *vswitchd_json;
};

struct json *trace_stats_to_json(const struct trace_stats *);
void trace_stats_format(const struct trace_stats *, enum upcall_stage,
                        struct ds *);

struct json *trace_missed_to_json(const struct trace_missed_all *);
void trace_missed_from_json(struct trace_missed_all *, struct json_read *,
                            const struct json *);
void trace_pass_missed_from_json(struct trace_missed_all *,
                                 struct json_read *, const struct json *);

#endif /* lib/show/trace-stats.h */
