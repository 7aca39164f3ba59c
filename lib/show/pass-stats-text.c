/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of passes for people, on a terminal of 80 columns: a part of
 * pass-stats-show.h. */

#include <config.h>

#include "show/pass-stats-show.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "show/stats-row.h"
#include "show/stats-show.h"
#include "show/stats-times.h"
#include "store/pass-stats.h"
#include "util.h"

/* Appends how long lookups and passes took, and how many masks were tried. */
static void
put_numbers(const struct pass_stats *s, struct ds *ds)
{
    struct pass_group all;

    pass_stats_get_all(s, &all);
    stats_put_times_title("pass", ds);
    if (all.lookup.count) {
        stats_put_times("lookup", &all.lookup, ds);
    }
    if (all.total.count) {
        stats_put_times("total", &all.total, ds);
    }
    if (all.masks.count) {
        stats_put_numbers("masks", &all.masks, ds);
    }
    pass_stats_group_class.clear(&all);
}

/* Appends the mean of masks and cache hits, the percentiles of lookups, and
 * how many passes dropped their packet. */
static void
put_row(const struct stats_row *row, struct ds *ds)
{
    const struct pass_group *g = row->group;

    if (g->masks.count) {
        ds_put_format(ds, "%8.1f ", histogram_mean(&g->masks));
        stats_put_share(g->cache, g->masks.count, ds);
    } else {
        ds_put_format(ds, "%8s%8s", "-", "-");
    }
    stats_put_percentile(&g->lookup, 500, ds);
    stats_put_percentile(&g->lookup, 990, ds);
    ds_put_format(ds, "%8"PRIu64, g->dropped);
}

/* Appends 'rows', and frees them. */
static void
put_rows(const struct pass_stats *s, struct stats_rows *rows,
         const char *title, const char *plural, struct ds *ds)
{
    const struct stats_table table = {
        .title = title,
        .plural = plural,
        .records = "passes",
        .columns = "   masks   cache     p50     p99 dropped",
        .all = s->count,
        .put = put_row,
    };

    stats_rows_format(rows, &table, ds);
    stats_rows_destroy(rows);
}

static void
put_outcomes(const struct pass_stats *s, struct ds *ds)
{
    struct stats_rows rows;

    stats_rows_init(&rows, &pass_stats_group_class);
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        stats_rows_add(&rows, pass_lookup_name(i), &s->outcomes[i]);
    }
    put_rows(s, &rows, "outcome", "outcomes", ds);
}

/* Appends the datapaths if there are several. */
static void
put_datapaths(const struct pass_stats *s, struct ds *ds)
{
    struct stats_rows rows;

    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_datapaths(&rows, &s->ports);
    stats_rows_sort(&rows);
    if (rows.n > 1) {
        put_rows(s, &rows, "datapath", "datapaths", ds);
    } else {
        stats_rows_destroy(&rows);
    }
}

static void
put_ports(const struct pass_stats *s, struct ds *ds)
{
    struct stats_rows rows;

    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_ports(&rows, &s->ports);
    stats_rows_sort(&rows);
    put_rows(s, &rows, "port", "ports", ds);
}

/* Appends for which reasons passes have dropped their packet, if any has. */
static void
put_drops(const struct pass_stats *s, const struct kernel_layout *layout,
          struct ds *ds)
{
    size_t n;
    struct pass_reason_row *rows = pass_stats_get_reasons(s, layout, &n);
    uint64_t dropped = 0;

    for (size_t i = 0; i < n; i++) {
        dropped += rows[i].n;
    }
    if (n) {
        ds_put_format(ds, "\n%-36s%11s %7s\n", "dropped", "passes", "share");
    }
    for (size_t i = 0; i < n && i < STATS_MAX_ROWS; i++) {
        stats_put_left(rows[i].name, 36, ds);
        ds_put_format(ds, "%11"PRIu64" ", rows[i].n);
        stats_put_share(rows[i].n, dropped, ds);
        ds_put_char(ds, '\n');
    }
    if (n > STATS_MAX_ROWS) {
        ds_put_format(ds, "(%"PRIuSIZE" more reasons: --json shows all)\n",
                      n - STATS_MAX_ROWS);
    }
    pass_reasons_destroy(rows, n);
}

/* Appends 's' to 'ds' for people. */
void
pass_stats_format(const struct pass_stats *s, const struct stats_frame *frame,
                  const struct kernel_layout *layout, struct ds *ds)
{
    ds_put_format(ds, "\n%"PRIu64" passes\n", s->count);
    stats_put_rates(&s->rates, frame->since, frame->now, ds);
    ds_put_char(ds, '\n');
    if (s->count) {
        put_numbers(s, ds);
        put_outcomes(s, ds);
        put_datapaths(s, ds);
        put_ports(s, ds);
        put_drops(s, layout, ds);
        ds_put_char(ds, '\n');
    }
}
