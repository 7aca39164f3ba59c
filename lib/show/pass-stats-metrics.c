/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of passes as metrics: a part of pass-stats-show.h. */

#include <config.h>

#include "show/pass-stats-show.h"

#include "record/pass.h"
#include "show/metrics.h"
#include "show/stats-metrics.h"
#include "show/stats-row.h"
#include "store/pass-stats.h"

static void
put_outcomes(const struct pass_stats *s, struct metrics *m)
{
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "passes", NULL,
                  "Passes of packets through the datapath, by outcome.");
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        metrics_put(m, METRICS_LABELS({ "outcome", pass_lookup_name(i) }),
                    s->outcomes[i].outcomes[i]);
    }
}

static void
put_numbers(const struct pass_stats *s, struct metrics *m)
{
    struct pass_group all;

    pass_stats_get_all(s, &all);
    metrics_begin(m, METRICS_HISTOGRAM, METRICS_PREFIX "pass_latency_seconds",
                  "seconds", "How long lookups of flows and passes took.");
    metrics_put_times(m, METRICS_LABELS({ "stage", "lookup" }), &all.lookup);
    metrics_put_times(m, METRICS_LABELS({ "stage", "total" }), &all.total);
    metrics_begin(m, METRICS_HISTOGRAM, METRICS_PREFIX "pass_masks", NULL,
                  "How many masks lookups of flows have tried.");
    metrics_put_numbers(m, NULL, &all.masks);
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "pass_cache_hits", NULL,
                  "Lookups that found the mask of the flow in the cache.");
    metrics_put(m, NULL, all.cache);
    pass_stats_group_class.clear(&all);
}

static void
put_drops(const struct pass_stats *s, const struct kernel_layout *layout,
          struct metrics *m)
{
    size_t n;
    struct pass_reason_row *rows = pass_stats_get_reasons(s, layout, &n);

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "passes_dropped", NULL,
                  "Passes that dropped their packet or a copy, by reason.");
    for (size_t i = 0; i < n; i++) {
        metrics_put(m, METRICS_LABELS({ "reason", rows[i].name }), rows[i].n);
    }
    pass_reasons_destroy(rows, n);
}

static void
put_port(struct metrics *m, const struct stats_row *row)
{
    const struct pass_group *g = row->group;

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        if (g->outcomes[i]) {
            stats_metrics_put_port(m, row, "outcome", pass_lookup_name(i),
                                   g->outcomes[i]);
        }
    }
}

static void
put_ports(const struct pass_stats *s, struct metrics *m)
{
    struct stats_rows rows;

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "port_passes", NULL,
                  "Passes by input port and outcome.");
    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_ports(&rows, &s->ports);
    stats_rows_merge_ports(&rows);
    for (size_t i = 0; i < rows.n; i++) {
        put_port(m, &rows.rows[i]);
    }
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "port_passes_dropped",
                  NULL, "Passes that dropped their packet or a copy, by input "
                  "port.");
    for (size_t i = 0; i < rows.n; i++) {
        const struct pass_group *g = rows.rows[i].group;

        stats_metrics_put_port(m, &rows.rows[i], NULL, NULL, g->dropped);
    }
    stats_rows_destroy(&rows);
}

/* Writes all that is in 's' to 'm'. */
void
pass_stats_put_metrics(const struct pass_stats *s,
                       const struct kernel_layout *layout, struct metrics *m)
{
    put_outcomes(s, m);
    put_drops(s, layout, m);
    put_numbers(s, m);
    put_ports(s, m);
}
