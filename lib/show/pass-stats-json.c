/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of passes as JSON: a part of pass-stats-show.h. */

#include <config.h>

#include "show/pass-stats-show.h"

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "show/json-values.h"
#include "show/stats-row.h"
#include "show/stats-show.h"
#include "show/stats-times.h"
#include "store/pass-stats.h"
#include "util.h"

/* Returns how many masks lookups found in the cache. */
static struct json *
cache_to_json(const struct pass_group *g)
{
    struct json *o = json_object_create();
    uint64_t lookups = g->masks.count;

    put(o, "hits", stats_count(g->cache));
    put(o, "mean", lookups ? json_real_create((double) g->cache / lookups)
                   : json_null_create());
    return o;
}

static struct json *
outcomes_to_json(const struct pass_group *g, bool with_zeros)
{
    struct json *o = json_object_create();

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        if (g->outcomes[i] || with_zeros) {
            put(o, pass_lookup_name(i), stats_count(g->outcomes[i]));
        }
    }
    return o;
}

/* Puts drops, masks, cache and times of 'g' into 'o', with all that 'to_json'
 * says of a histogram. */
static void
put_numbers(struct json *o, const struct pass_group *g,
            struct json *(*to_json)(const struct histogram *))
{
    struct json *latency = json_object_create();

    put(o, "dropped", stats_count(g->dropped));
    put(o, "masks", to_json(&g->masks));
    put(o, "cache", cache_to_json(g));
    put(latency, "lookup", to_json(&g->lookup));
    put(latency, "total", to_json(&g->total));
    put(o, "latency", latency);
}

/* Returns 'h' with its buckets. */
static struct json *
histogram_to_json(const struct histogram *h)
{
    struct json *o = stats_times_to_json(h);

    put(o, "buckets", stats_buckets_to_json(h));
    return o;
}

static struct json *
drops_to_json(const struct pass_stats *s, const struct kernel_layout *layout)
{
    struct json *o = json_object_create();
    size_t n;
    struct pass_reason_row *rows = pass_stats_get_reasons(s, layout, &n);

    for (size_t i = 0; i < n; i++) {
        put(o, rows[i].name, stats_count(rows[i].n));
    }
    pass_reasons_destroy(rows, n);
    return o;
}

/* Returns the numbers of each outcome that there was. */
static struct json *
by_outcome_to_json(const struct pass_stats *s)
{
    struct json *o = json_object_create();

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        const struct pass_group *g = &s->outcomes[i];

        if (g->outcomes[i]) {
            struct json *numbers = json_object_create();

            put_numbers(numbers, g, stats_times_to_json);
            put(o, pass_lookup_name(i), numbers);
        }
    }
    return o;
}

static void
put_passes(struct json *o, const struct stats_row *row)
{
    put(o, "outcomes", outcomes_to_json(row->group, false));
    put_numbers(o, row->group, stats_times_to_json);
}

/* Returns a row for each of what 'add' adds of the ports of 's'. */
static struct json *
rows_to_json(const struct pass_stats *s,
             void (*add)(struct stats_rows *, const struct stats_ports *),
             stats_row_json_cb *put_what)
{
    struct stats_rows rows;
    struct json *array;

    stats_rows_init(&rows, &pass_stats_group_class);
    add(&rows, &s->ports);
    stats_rows_sort(&rows);
    array = stats_rows_to_json(&rows, put_what, put_passes);
    stats_rows_destroy(&rows);
    return array;
}

/* Returns 's' as a JSON object, which the caller has to destroy.  Times are in
 * ns. */
struct json *
pass_stats_to_json(const struct pass_stats *s, const struct stats_frame *frame,
                   const struct kernel_layout *layout)
{
    struct json *o = json_object_create();
    struct pass_group all;

    pass_stats_get_all(s, &all);
    put(o, "count", stats_count(s->count));
    put(o, "rates", stats_rates_to_json(&s->rates, frame->since, frame->now,
                                        "passes", "dropped"));
    put(o, "outcomes", outcomes_to_json(&all, true));
    put_numbers(o, &all, histogram_to_json);
    put(o, "drops", drops_to_json(s, layout));
    put(o, "by_outcome", by_outcome_to_json(s));
    put(o, "datapaths", rows_to_json(s, stats_rows_add_datapaths,
                                     stats_row_put_datapath));
    put(o, "ports", rows_to_json(s, stats_rows_add_ports,
                                 stats_row_put_port));
    pass_stats_group_class.clear(&all);
    return o;
}
