/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_VSWITCHD_STATS_H
#define LIB_VSWITCHD_STATS_H 1

/* Statistics of what ovs-vswitchd does beside upcalls: its main loop, its
 * revalidators, and requests of theirs. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/vswitchd-record.h"
#include "histogram.h"

struct vswitchd_stats {
    struct histogram times[VSWITCHD_N_TIMES];
    uint64_t last_flows, max_flows;     /* When a dump began. */
    uint64_t unseen_dumps;      /* Dumps in which not each flow was counted. */
    struct vswitchd_counts before;      /* Counted when they began, */
    struct vswitchd_counts now;         /* and now. */
};

/* All zeros are no statistics. */
void vswitchd_stats_clear(struct vswitchd_stats *);
void vswitchd_stats_add(struct vswitchd_stats *,
                        const struct vswitchd_sample *, bool counts_flows);
void vswitchd_stats_get_counts(const struct vswitchd_stats *,
                               struct vswitchd_counts *);

#endif /* lib/vswitchd-stats.h */
