/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_METRICS_H
#define LIB_STATS_METRICS_H 1

/* Statistics as metrics. */

#include <stdint.h>

struct metrics;
struct stats_frame;
struct stats_row;
struct upcall_stats;

/* What the names of all metrics begin with. */
#define METRICS_PREFIX "ovs_upcall_trace_"

void stats_put_metrics(const struct upcall_stats *, const struct stats_frame *,
                       struct metrics *);
void stats_metrics_put_port(struct metrics *, const struct stats_row *,
                            const char *label, const char *value, uint64_t n);

#endif /* lib/show/stats-metrics.h */
