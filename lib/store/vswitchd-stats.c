/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/vswitchd-stats.h"

#include <stddef.h>

#include "openvswitch/util.h"
#include "util.h"

/* Starts 's' anew, at 'since', from what has been counted by then:
 * 's->now'. */
void
vswitchd_stats_clear(struct vswitchd_stats *s, uint64_t since)
{
    s->since = since;
    s->busy = 0;
    for (int i = 0; i < VSWITCHD_N_TIMES; i++) {
        histogram_clear(&s->times[i]);
    }
    s->last_flows = s->max_flows = s->unseen_dumps = 0;
    s->before = s->now;
}

/* Adds 'sample' to 's'. */
void
vswitchd_stats_add(struct vswitchd_stats *s,
                   const struct vswitchd_sample *sample)
{
    if (sample->time >= VSWITCHD_N_TIMES) {
        return;
    }
    histogram_add(&s->times[sample->time], sample->ns);
    if (sample->time == VSWITCHD_TIME_LOOP) {
        /* It may have begun before. */
        s->busy += MIN(sample->ns, sample->ts - MIN(sample->ts, s->since));
    } else {
        s->last_flows = sample->n_flows;
        s->max_flows = MAX(s->max_flows, sample->n_flows);
        s->unseen_dumps += sample->n_flows && !sample->counted;
    }
}

/* Returns true if the hits of 'probe' have been counted, at least for some
 * time. */
bool
vswitchd_stats_knows(const struct vswitchd_stats *s, enum vswitchd_probe probe)
{
    return s->known & 1u << probe;
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
