/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/vswitchd-show.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/metrics.h"
#include "show/stats-metrics.h"
#include "show/stats-times.h"
#include "show/json-values.h"
#include "store/vswitchd-stats.h"
#include "util.h"

/* An iteration of the main loop that is worth a notice, in ns: ovs-vswitchd
 * itself logs those of more than a second (lib/timeval.c). */
#define LONG_LOOP 1000000000

/* Returns for how long, in ns, the iteration of the main loop that is in
 * progress has been running at 'now', 0 if none is. */
static uint64_t
get_current_loop(const struct vswitchd_stats *s, uint64_t now)
{
    return s->loop_start && now > s->loop_start ? now - s->loop_start : 0;
}

/* Returns which part of the time until 'now' the main loop was busy. */
static double
get_busy(const struct vswitchd_stats *s, uint64_t now)
{
    uint64_t duration = now > s->since ? now - s->since : 0;
    uint64_t current = MIN(get_current_loop(s, now), duration);

    return duration ? (double) MIN(s->busy + current, duration) / duration : 0;
}

/* Returns true if the main loop, or dumps, could be timed. */
static bool
knows_time(const struct vswitchd_stats *s, enum vswitchd_time time)
{
    return vswitchd_stats_knows(s, (time == VSWITCHD_TIME_LOOP
                                    ? VSWITCHD_PROBE_POLL_BLOCK
                                    : VSWITCHD_PROBE_SWEEP_DONE));
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

/* Returns the times of 'time', null if they are not known. */
static struct json *
time_to_json(const struct vswitchd_stats *s, enum vswitchd_time time)
{
    const struct histogram *h = &s->times[time];
    struct json *o;

    if (!knows_time(s, time)) {
        return json_null_create();
    }
    o = stats_times_to_json(h);
    put(o, "buckets", stats_buckets_to_json(h));
    return o;
}

/* Returns how often 'probe' was hit, 'n' times, null if that is not known. */
static struct json *
hits_to_json(const struct vswitchd_stats *s, enum vswitchd_probe probe,
             uint64_t n)
{
    return (vswitchd_stats_knows(s, probe) ? stats_count(n)
            : json_null_create());
}

static struct json *
flows_to_json(const struct vswitchd_stats *s)
{
    bool known = s->times[VSWITCHD_TIME_DUMP].count > 0;
    struct json *o = json_object_create();

    put(o, "last", value_integer(known, s->last_flows));
    put(o, "max", value_integer(known, s->max_flows));
    return o;
}

/* Returns 's' at 'now', in ns of CLOCK_MONOTONIC, as a JSON object, which the
 * caller has to destroy.  Times are in ns.  What there are no probes for is
 * null. */
struct json *
vswitchd_stats_to_json(const struct vswitchd_stats *s, uint64_t now)
{
    bool knows_loop = knows_time(s, VSWITCHD_TIME_LOOP);
    struct json *requests = json_object_create();
    struct json *o = json_object_create();
    struct vswitchd_counts c;

    vswitchd_stats_get_counts(s, &c);
    put(o, "main_loop", time_to_json(s, VSWITCHD_TIME_LOOP));
    put(o, "current_loop", value_integer(knows_loop && s->loop_start,
                                         get_current_loop(s, now)));
    put(o, "busy", knows_loop ? json_real_create(get_busy(s, now))
                   : json_null_create());
    put(o, "dump", time_to_json(s, VSWITCHD_TIME_DUMP));
    put(o, "flows", flows_to_json(s));
    put(o, "flow_results",
        vswitchd_stats_knows(s, VSWITCHD_PROBE_FLOW_RESULT)
        ? results_to_json(&c) : json_null_create());
    put(o, "unseen_dumps", stats_count(s->unseen_dumps));
    put(requests, "flow_del", hits_to_json(s, VSWITCHD_PROBE_FLOW_DEL,
                                           c.hits[VSWITCHD_PROBE_FLOW_DEL]));
    put(requests, "flow_get", hits_to_json(s, VSWITCHD_PROBE_FLOW_GET,
                                           c.hits[VSWITCHD_PROBE_FLOW_GET]));
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

static void
put_loop(const struct vswitchd_stats *s, uint64_t now, struct ds *ds)
{
    uint64_t current = get_current_loop(s, now);

    if (knows_time(s, VSWITCHD_TIME_LOOP)) {
        ds_put_format(ds, "main loop busy: %.1f %%", 100 * get_busy(s, now));
        if (current > LONG_LOOP) {
            ds_put_format(ds, ", now in an iteration for %.1f s",
                          current / 1e9);
        }
        ds_put_char(ds, '\n');
    }
}

/* Appends 's' at 'now', in ns of CLOCK_MONOTONIC, to 'ds' for people: nothing
 * if there are no probes. */
void
vswitchd_stats_format(const struct vswitchd_stats *s, uint64_t now,
                      struct ds *ds)
{
    struct vswitchd_counts c;

    if (!s->known) {
        return;
    }
    vswitchd_stats_get_counts(s, &c);
    ds_put_char(ds, '\n');
    stats_put_times_title("vswitchd", ds);
    for (int i = 0; i < VSWITCHD_N_TIMES; i++) {
        if (s->times[i].count) {
            stats_put_times(vswitchd_time_name(i), &s->times[i], ds);
        }
    }
    put_loop(s, now, ds);
    put_dumps(s, ds);
    for (int i = 0; i < VSWITCHD_N_PHASES; i++) {
        put_phase(&c, i, ds);
    }
    if (vswitchd_stats_knows(s, VSWITCHD_PROBE_FLOW_DEL)) {
        ds_put_format(ds, "requests: %llu flow_del, %llu flow_get\n",
                      c.hits[VSWITCHD_PROBE_FLOW_DEL],
                      c.hits[VSWITCHD_PROBE_FLOW_GET]);
    }
    if (c.dropped) {
        ds_put_format(ds, "%llu times of ovs-vswitchd were dropped\n",
                      c.dropped);
    }
}

/* Metrics. */

static void
put_times_metric(const struct vswitchd_stats *s, enum vswitchd_time time,
                 const char *name, const char *help, struct metrics *m)
{
    if (knows_time(s, time)) {
        metrics_begin(m, METRICS_HISTOGRAM, name, "seconds", help);
        metrics_put_times(m, NULL, &s->times[time]);
    }
}

static void
put_one(struct metrics *m, enum metrics_type type, const char *name,
        const char *help, double value)
{
    metrics_begin(m, type, name, NULL, help);
    metrics_put(m, NULL, value);
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

static void
put_requests_metric(const struct vswitchd_counts *c, struct metrics *m)
{
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "flow_requests", NULL,
                  "Requests to delete or to get a flow.");
    metrics_put(m, METRICS_LABELS({ "request", "flow_del" }),
                c->hits[VSWITCHD_PROBE_FLOW_DEL]);
    metrics_put(m, METRICS_LABELS({ "request", "flow_get" }),
                c->hits[VSWITCHD_PROBE_FLOW_GET]);
}

/* Writes 's' to 'm', as far as there are probes. */
void
vswitchd_stats_put_metrics(const struct vswitchd_stats *s, struct metrics *m)
{
    struct vswitchd_counts c;

    vswitchd_stats_get_counts(s, &c);
    put_times_metric(s, VSWITCHD_TIME_LOOP, METRICS_PREFIX "main_loop_seconds",
                     "How long iterations of ovs-vswitchd's main loop took.",
                     m);
    put_times_metric(s, VSWITCHD_TIME_DUMP, METRICS_PREFIX "dump_seconds",
                     "How long revalidators took for all flows.", m);
    if (s->times[VSWITCHD_TIME_DUMP].count) {
        put_one(m, METRICS_GAUGE, METRICS_PREFIX "flows",
                "Flows when the last dump began.", s->last_flows);
    }
    if (vswitchd_stats_knows(s, VSWITCHD_PROBE_FLOW_RESULT)) {
        put_results_metric(&c, m);
    }
    if (knows_time(s, VSWITCHD_TIME_DUMP)) {
        put_one(m, METRICS_COUNTER, METRICS_PREFIX "unseen_dumps",
                "Dumps in which not each flow was counted.", s->unseen_dumps);
    }
    if (vswitchd_stats_knows(s, VSWITCHD_PROBE_FLOW_DEL)) {
        put_requests_metric(&c, m);
    }
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "dropped_times",
            "Times of ovs-vswitchd that were lost.", c.dropped);
}
