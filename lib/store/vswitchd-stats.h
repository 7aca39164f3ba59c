/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_VSWITCHD_STATS_H
#define LIB_VSWITCHD_STATS_H 1

/* Statistics of what ovs-vswitchd does beside upcalls: its main loop, its
 * revalidators, and requests of theirs. */

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "bpf/vswitchd-record.h"

struct vswitchd_stats {
    uint64_t since;             /* When they began, CLOCK_MONOTONIC, ns. */
    uint64_t busy;              /* Of the main loop, since then, in ns. */
    uint64_t loop_start;        /* When the iteration in progress began, 0 if
                                 * none is. */
    uint32_t known;             /* Bit (1u << enum vswitchd_probe) of probes
                                 * that were there. */
    struct histogram times[VSWITCHD_N_TIMES];
    uint64_t last_flows, max_flows;     /* When a dump began. */
    uint64_t unseen_dumps;      /* Dumps in which not each flow was counted. */
    struct vswitchd_counts before;      /* Counted when they began, */
    struct vswitchd_counts now;         /* and now. */
};

/* All zeros are no statistics. */
void vswitchd_stats_clear(struct vswitchd_stats *, uint64_t since);
void vswitchd_stats_add(struct vswitchd_stats *,
                        const struct vswitchd_sample *);
bool vswitchd_stats_knows(const struct vswitchd_stats *, enum vswitchd_probe);
void vswitchd_stats_get_counts(const struct vswitchd_stats *,
                               struct vswitchd_counts *);

#endif /* lib/store/vswitchd-stats.h */
