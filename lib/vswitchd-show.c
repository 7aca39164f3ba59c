/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "vswitchd-show.h"

#include <inttypes.h>

#include "metrics.h"
#include "names.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "stats-metrics.h"
#include "stats-times.h"
#include "upcall-json-values.h"
#include "vswitchd-stats.h"

/* Returns which part of 'duration', in ns, the main loop was busy. */
static double
get_busy(const struct vswitchd_stats *s, uint64_t duration)
{
    return (duration
            ? (double) s->times[VSWITCHD_TIME_LOOP].sum / duration : 0);
}

static uint64_t
count_result(const __u64 reasons[VSWITCHD_N_REASONS])
{
    uint64_t n = 0;

    for (int i = 0; i < VSWITCHD_N_REASONS; i++) {
        n += reasons[i];
    }
    return n;
}

/* JSON. */

static struct json *
reasons_to_json(const __u64 reasons[VSWITCHD_N_REASONS])
{
    struct json *o = json_object_create();

    for (int i = 0; i < VSWITCHD_N_REASONS; i++) {
        if (reasons[i]) {
            put(o, vswitchd_reason_name(i), stats_count(reasons[i]));
        }
    }
    return o;
}

/* Returns by phase and result for which reasons, and how often. */
static struct json *
results_to_json(const struct vswitchd_counts *counts)
{
    struct json *o = json_object_create();

    for (int i = 0; i < VSWITCHD_N_PHASES; i++) {
        struct json *phase = json_object_create();

        for (int j = 0; j < VSWITCHD_N_RESULTS; j++) {
            if (count_result(counts->results[i][j])) {
                put(phase, vswitchd_result_name(j),
                    reasons_to_json(counts->results[i][j]));
            }
        }
        put(o, vswitchd_phase_name(i), phase);
    }
    return o;
}

static struct json *
time_to_json(const struct histogram *h)
{
    struct json *o = stats_times_to_json(h);

    put(o, "buckets", stats_buckets_to_json(h));
    return o;
}

/* Returns 's', of 'duration' in ns, as a JSON object, which the caller has to
 * destroy.  Times are in ns. */
struct json *
vswitchd_stats_to_json(const struct vswitchd_stats *s, uint64_t duration)
{
    struct json *o = json_object_create();
    struct json *flows = json_object_create();
    struct json *requests = json_object_create();
    struct vswitchd_counts c;

    vswitchd_stats_get_counts(s, &c);
    put(o, "main_loop", time_to_json(&s->times[VSWITCHD_TIME_LOOP]));
    put(o, "busy", json_real_create(get_busy(s, duration)));
    put(o, "dump", time_to_json(&s->times[VSWITCHD_TIME_DUMP]));
    put(flows, "last", stats_count(s->last_flows));
    put(flows, "max", stats_count(s->max_flows));
    put(o, "flows", flows);
    put(o, "flow_results", results_to_json(&c));
    put(o, "unseen_dumps", stats_count(s->unseen_dumps));
    put(requests, "flow_del", stats_count(c.hits[VSWITCHD_PROBE_FLOW_DEL]));
    put(requests, "flow_get", stats_count(c.hits[VSWITCHD_PROBE_FLOW_GET]));
    put(o, "requests", requests);
    put(o, "dropped", stats_count(c.dropped));
    return o;
}

/* Text. */

static void
put_result(const char *name, const __u64 reasons[VSWITCHD_N_REASONS],
           struct ds *ds)
{
    const char *separator = " (";

    ds_put_format(ds, " %"PRIu64" %s", count_result(reasons), name);
    for (int i = 0; i < VSWITCHD_N_REASONS; i++) {
        if (reasons[i] && i != VSWITCHD_REASON_NONE) {
            ds_put_format(ds, "%s%llu %s", separator, reasons[i],
                          vswitchd_reason_name(i));
            separator = ", ";
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? ")" : "");
}

/* Appends what became of flows in 'phase', if there were any. */
static void
put_phase(const struct vswitchd_counts *c, enum vswitchd_phase phase,
          struct ds *ds)
{
    const char *separator = "";

    for (int i = 0; i < VSWITCHD_N_RESULTS; i++) {
        if (!count_result(c->results[phase][i])) {
            continue;
        }
        if (!separator[0]) {
            ds_put_format(ds, "flows in the %s:", vswitchd_phase_name(phase));
        }
        ds_put_cstr(ds, separator);
        put_result(vswitchd_result_name(i), c->results[phase][i], ds);
        separator = ",";
    }
    ds_put_cstr(ds, separator[0] ? "\n" : "");
}

static void
put_dumps(const struct vswitchd_stats *s, struct ds *ds)
{
    uint64_t n_dumps = s->times[VSWITCHD_TIME_DUMP].count;

    if (n_dumps) {
        ds_put_format(ds, "flows: %"PRIu64" in the last dump, %"PRIu64
                      " at most\n", s->last_flows, s->max_flows);
    }
    if (s->unseen_dumps) {
        ds_put_format(ds, "not each flow was counted in %"PRIu64" of %"PRIu64
                      " dumps\n", s->unseen_dumps, n_dumps);
    }
}

/* Appends 's', of 'duration' in ns, to 'ds' for people. */
void
vswitchd_stats_format(const struct vswitchd_stats *s, uint64_t duration,
                      struct ds *ds)
{
    struct vswitchd_counts c;

    vswitchd_stats_get_counts(s, &c);
    ds_put_char(ds, '\n');
    stats_put_times_title("vswitchd", ds);
    for (int i = 0; i < VSWITCHD_N_TIMES; i++) {
        if (s->times[i].count) {
            stats_put_times(vswitchd_time_name(i), &s->times[i], ds);
        }
    }
    ds_put_format(ds, "main loop busy: %.1f %%\n",
                  100 * get_busy(s, duration));
    put_dumps(s, ds);
    for (int i = 0; i < VSWITCHD_N_PHASES; i++) {
        put_phase(&c, i, ds);
    }
    ds_put_format(ds, "requests: %llu flow_del, %llu flow_get\n",
                  c.hits[VSWITCHD_PROBE_FLOW_DEL],
                  c.hits[VSWITCHD_PROBE_FLOW_GET]);
    if (c.dropped) {
        ds_put_format(ds, "%llu times of ovs-vswitchd were dropped\n",
                      c.dropped);
    }
}

/* Metrics. */

static void
put_times_metric(struct metrics *m, const char *name, const char *help,
                 const struct histogram *h)
{
    metrics_begin(m, METRICS_HISTOGRAM, name, "seconds", help);
    metrics_put_times(m, NULL, h);
}

static void
put_results_metric(const struct vswitchd_counts *c, struct metrics *m)
{
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "flow_results", NULL,
                  "What revalidators decided about flows.");
    for (int i = 0; i < VSWITCHD_N_PHASES; i++) {
        for (int j = 0; j < VSWITCHD_N_RESULTS; j++) {
            for (int k = 0; k < VSWITCHD_N_REASONS; k++) {
                if (c->results[i][j][k]) {
                    metrics_put(m, METRICS_LABELS(
                                    { "phase", vswitchd_phase_name(i) },
                                    { "result", vswitchd_result_name(j) },
                                    { "reason", vswitchd_reason_name(k) }),
                                c->results[i][j][k]);
                }
            }
        }
    }
}

/* Writes 's' to 'm'. */
void
vswitchd_stats_put_metrics(const struct vswitchd_stats *s, struct metrics *m)
{
    struct vswitchd_counts c;

    vswitchd_stats_get_counts(s, &c);
    put_times_metric(m, METRICS_PREFIX "main_loop_seconds",
                     "How long iterations of ovs-vswitchd's main loop took.",
                     &s->times[VSWITCHD_TIME_LOOP]);
    put_times_metric(m, METRICS_PREFIX "dump_seconds",
                     "How long revalidators took for all flows.",
                     &s->times[VSWITCHD_TIME_DUMP]);
    metrics_begin(m, METRICS_GAUGE, METRICS_PREFIX "flows", NULL,
                  "Flows when the last dump began.");
    metrics_put(m, NULL, s->last_flows);
    put_results_metric(&c, m);
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "flow_requests", NULL,
                  "Requests to delete or to get a flow.");
    metrics_put(m, METRICS_LABELS({ "request", "flow_del" }),
                c.hits[VSWITCHD_PROBE_FLOW_DEL]);
    metrics_put(m, METRICS_LABELS({ "request", "flow_get" }),
                c.hits[VSWITCHD_PROBE_FLOW_GET]);
}
