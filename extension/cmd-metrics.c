/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"
#include "cost.h"
#include "file/trigger.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/names.h"
#include "record/pass.h"
#include "reply.h"
#include "session.h"
#include "show/metrics.h"
#include "show/pass-stats-show.h"
#include "show/stats-metrics.h"
#include "show/trace-counts.h"
#include "show/vswitchd-show.h"
#include "store/history.h"
#include "target.h"
#include "traces.h"
#include "unixctl.h"
#include "util.h"

/* Writes a metric that has one sample, without labels. */
static void
put_one(struct metrics *m, enum metrics_type type, const char *name,
        const char *unit, const char *help, double value)
{
    metrics_begin(m, type, name, unit, help);
    metrics_put(m, NULL, value);
}

static void
put_records(const struct session *s, struct metrics *m)
{
    struct session_counters c;

    session_get_counters(s, &c);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "records_produced", NULL,
            "Records that the BPF programs completed.", c.produced);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "records_delivered", NULL,
            "Records that were put into the history.", c.delivered);
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "records_dropped", NULL,
                  "Records that were lost on the way, by cause.");
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        metrics_put(m, METRICS_LABELS({ "cause", upcall_drop_name(i) }),
                    c.by_cause[i]);
    }
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "pending_upcalls", NULL,
            "Upcalls that have not ended.", c.in_flight);
}

static void
put_pass_records(const struct session *s, struct metrics *m)
{
    struct trace_pass_counts c;

    if (!session_get_pass_counters(s, &c)) {
        return;
    }
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "passes_seen", NULL,
            "Passes that began and were chosen.", c.seen);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "pass_records_produced", NULL,
            "Records of passes that the BPF programs completed.", c.produced);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "pass_records_delivered", NULL,
            "Records of passes that were put into the history.", c.delivered);
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "pass_records_dropped",
                  NULL, "Records of passes that were lost on the way, by "
                  "cause.");
    for (int i = 0; i < PASS_N_DROPS; i++) {
        metrics_put(m, METRICS_LABELS({ "cause", pass_drop_name(i) }),
                    c.by_cause[i]);
    }
}

/* Adds how often the programs of 'hooks', of which there are 'n', were not
 * run. */
static void
put_missed(struct metrics *m, const char *name, const char *help,
           const struct attach_hook *hooks, size_t n)
{
    metrics_begin(m, METRICS_COUNTER, name, NULL, help);
    for (size_t i = 0; i < n; i++) {
        metrics_put(m, METRICS_LABELS({ "hook", hooks[i].name },
                                      { "where", hooks[i].where }),
                    hooks[i].missed);
    }
}

static void
put_all_missed(const struct session *s, struct metrics *m)
{
    struct attach_hook pass_hooks[PASS_N_HOOKS];
    struct attach_hook hooks[UPCALL_N_HOOKS];
    size_t n_pass_hooks = session_get_pass_hooks(s, pass_hooks);

    session_get_hooks(s, hooks);
    put_missed(m, METRICS_PREFIX "missed_runs",
               "Runs of BPF programs that the kernel has missed, at most.",
               hooks, UPCALL_N_HOOKS);
    if (n_pass_hooks) {
        put_missed(m, METRICS_PREFIX "pass_missed_runs",
                   "The same of the programs for passes.", pass_hooks,
                   n_pass_hooks);
    }
}

static void
put_history(const struct session *s, struct metrics *m)
{
    const struct history *h = session_view(s).history;
    struct history_stats stats;

    history_get_stats(h, HISTORY_ALL, &stats);
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_records", NULL,
            "Records in the history.", stats.records);
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_bytes", "bytes",
            "Memory that the records in the history take.", stats.bytes);
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_limit_bytes", "bytes",
            "Memory that the history may take.", stats.limit);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "history_forgotten", NULL,
            "Records that the history has forgotten.", stats.forgotten);
    if (history_has_passes(h)) {
        history_get_stats(h, HISTORY_PASSES, &stats);
        put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_pass_records", NULL,
                "Records in the history that are of passes.", stats.records);
        put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_pass_bytes", "bytes",
                "Memory that these take.", stats.bytes);
        put_one(m, METRICS_GAUGE, METRICS_PREFIX "history_pass_limit_bytes",
                "bytes", "Memory that these may take.", stats.limit);
        put_one(m, METRICS_COUNTER, METRICS_PREFIX "history_passes_forgotten",
                NULL, "Records of passes that the history has forgotten.",
                stats.forgotten);
    }
}

static void
put_gaps(const struct session *s, struct metrics *m)
{
    const struct session_view v = session_view(s);

    put_one(m, METRICS_COUNTER, METRICS_PREFIX "reader_gaps", NULL,
            "How often readers were told of a gap.", v.n_gaps);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "reader_gap_records", NULL,
            "Records that readers have missed.", v.gap_records);
}

static void
put_trigger(const struct session *s, struct metrics *m)
{
    struct trigger_stats stats;

    if (session_get_trigger(s, &stats)) {
        put_one(m, METRICS_COUNTER, METRICS_PREFIX "trigger_events", NULL,
                "Upcalls that met a condition of --trigger.", stats.events);
        put_one(m, METRICS_COUNTER, METRICS_PREFIX "trigger_files", NULL,
                "Files that were written because of that.", stats.files);
    }
}

static void
put_cost(const struct session *s, struct metrics *m)
{
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "resident_memory_bytes", "bytes",
            "Resident memory of the daemon.", cost_resident_kb() * 1024.0);
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "kernel_memory_bytes", "bytes",
            "Memory in the kernel.", s ? session_get_memory(s) : 0);
    put_one(m, METRICS_COUNTER, METRICS_PREFIX "cpu_seconds", "seconds",
            "CPU time of the daemon.", cost_cpu_ms() / 1e3);
}

static void
put_session(const struct session *s, struct metrics *m)
{
    const struct session_view v = session_view(s);
    struct stats_datapath dps[VPORT_DATAPATHS_MAX];
    struct stats_frame frame;

    session_get_stats_frame(s, &frame, dps);
    stats_put_metrics(v.stats, &frame, m);
    if (v.passes) {
        pass_stats_put_metrics(v.passes, v.layout, m);
    }
    if (v.vswitchd) {
        vswitchd_stats_put_metrics(v.vswitchd, m);
    }
    put_records(s, m);
    put_pass_records(s, m);
    put_all_missed(s, m);
    put_history(s, m);
    put_gaps(s, m);
    put_trigger(s, m);
}

static void
put_all(const struct session *s, struct metrics *m)
{
    put_one(m, METRICS_GAUGE, METRICS_PREFIX "running", NULL,
            "Whether a trace is running.", session_view(s).running);
    if (s) {
        put_session(s, m);
    }
    put_cost(s, m);
}

/* upcall-trace/metrics.  A monitoring system asks again and again, so that
 * there is no trace is no error. */
void
cmd_metrics(struct commands *c, const struct request *request)
{
    const struct metrics_options *options = request->options;
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json *json = NULL;
    struct session *s = traces_recorder(c->traces);
    struct metrics *m;

    /* Of what is going on, which may not be what is shown. */
    s = s ? s : c->session;
    if (s) {
        session_catch_up(s);
    }
    m = metrics_create(request->json ? METRICS_JSON
                       : options->openmetrics ? METRICS_OPENMETRICS
                       : METRICS_PROMETHEUS);
    put_all(s, m);
    metrics_finish(m, &text, &json);
    if (json) {
        reply_json(request->conn, json);
        ds_destroy(&text);
    } else {
        reply_text(request->conn, &text);
    }
}
