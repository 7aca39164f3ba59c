/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "vswitchd-stats.h"

#include <stddef.h>

#include "openvswitch/util.h"
#include "util.h"

/* Starts 's' anew, from what has been counted by now: 's->now'. */
void
vswitchd_stats_clear(struct vswitchd_stats *s)
{
    for (int i = 0; i < VSWITCHD_N_TIMES; i++) {
        histogram_clear(&s->times[i]);
    }
    s->last_flows = s->max_flows = s->unseen_dumps = 0;
    s->before = s->now;
}

/* Adds 'sample' to 's'.  'counts_flows' is whether the probes that are hit for
 * each flow are attached. */
void
vswitchd_stats_add(struct vswitchd_stats *s,
                   const struct vswitchd_sample *sample, bool counts_flows)
{
    if (sample->time >= VSWITCHD_N_TIMES) {
        return;
    }
    histogram_add(&s->times[sample->time], sample->ns);
    if (sample->time == VSWITCHD_TIME_DUMP) {
        s->last_flows = sample->n_flows;
        s->max_flows = MAX(s->max_flows, sample->n_flows);
        s->unseen_dumps += sample->n_flows && !counts_flows;
    }
}

/* Stores in '*counts' what has been counted since 's' began. */
void
vswitchd_stats_get_counts(const struct vswitchd_stats *s,
                          struct vswitchd_counts *counts)
{
    const __u64 *before = (const __u64 *) &s->before;
    const __u64 *now = (const __u64 *) &s->now;
    __u64 *dst = (__u64 *) counts;

    for (size_t i = 0; i < sizeof *counts / sizeof *dst; i++) {
        dst[i] = now[i] - MIN(now[i], before[i]);
    }
}
