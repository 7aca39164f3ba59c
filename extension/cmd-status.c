/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-status.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cmd-probes.h"
#include "cmd-start.h"
#include "commands-private.h"
#include "cost.h"
#include "file/trigger.h"
#include "flow/enricher.h"
#include "flow/flow-table.h"
#include "limited.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record-counts.h"
#include "record/names.h"
#include "recorder-status.h"
#include "reply.h"
#include "session.h"
#include "store/port-names.h"
#include "stream-socket.h"
#include "svec.h"
#include "target.h"
#include "timeval.h"
#include "traces.h"
#include "util.h"

static void
put_integer(struct json *object, const char *name, long long int value)
{
    json_object_put(object, name, json_integer_create(value));
}

static struct json *
string_or_null(const char *s)
{
    return s ? json_string_create(s) : json_null_create();
}

static const char *
track_name(const struct session *s)
{
    return start_track_name(session_view(s).options->track);
}

/* Returns the names of ports that 's' was started with of which there is no
 * port now, null if it was started without. */
static struct json *
absent_ports_to_json(const struct session *s)
{
    struct svec absent = SVEC_EMPTY_INITIALIZER;
    struct json *array;
    const char *name;
    size_t i;

    if (!session_get_absent_ports(s, &absent)) {
        return json_null_create();
    }
    array = json_array_create_empty();
    SVEC_FOR_EACH (i, name, &absent) {
        json_array_add(array, json_string_create(name));
    }
    svec_destroy(&absent);
    return array;
}

/* Appends the same to 'ds', in a line that begins with 'label'; nothing if
 * there are none. */
void
status_format_absent_ports(const struct session *s, const char *label,
                           struct ds *ds)
{
    struct svec absent = SVEC_EMPTY_INITIALIZER;

    session_get_absent_ports(s, &absent);
    if (absent.n) {
        ds_put_cstr(ds, label);
        port_names_put_some(&absent, ds);
        ds_put_cstr(ds, " (not in a datapath now; recorded when added, see "
                    "ovs-appctl dpctl/show)\n");
    }
    svec_destroy(&absent);
}

/* Returns what the filter of 's' has counted, null if it has none. */
static struct json *
filter_to_json(const struct session *s)
{
    struct session_counters c;
    struct json *json;

    if (!session_view(s).options->filter) {
        return json_null_create();
    }
    session_get_counters(s, &c);
    json = json_object_create();
    put_integer(json, "undecided", c.undecided);
    return json;
}

/* Returns what the datapaths have counted beside what was seen of it, null if
 * that cannot be compared. */
static struct json *
datapath_to_json(struct session *s)
{
    struct datapath_comparison c;
    struct json *json;

    if (!session_get_comparison(s, &c)) {
        return json_null_create();
    }
    json = json_object_create();
    put_integer(json, "missed", c.missed);
    put_integer(json, "missed_seen", c.missed_seen);
    put_integer(json, "lost", c.lost);
    put_integer(json, "lost_seen", c.lost_seen);
    put_integer(json, "unseen", c.unseen);
    return json;
}

/* Returns how often stages of an upcall were linked, by rule, and how often
 * the two tiers contradict each other. */
static struct json *
links_to_json(const struct session *s)
{
    struct json *json = json_object_create();
    struct json *conflicts = json_object_create();
    struct upcall_counts counts;

    session_get_counts(s, &counts);
    for (int i = 0; i < UPCALL_N_RULES; i++) {
        put_integer(json, upcall_rule_name(i), counts.matches[i]);
    }
    for (int i = 0; i < UPCALL_N_CONFLICTS; i++) {
        put_integer(conflicts, upcall_conflict_name(i), counts.conflicts[i]);
    }
    json_object_put(json, "conflicts", conflicts);
    return json;
}

/* Returns how the records of 'kind', or all with HISTORY_ALL, stand in 'h'. */
static struct json *
kind_to_json(const struct history *h, enum history_kind kind)
{
    struct json *json = json_object_create();
    struct history_stats stats;

    history_get_stats(h, kind, &stats);
    put_integer(json, "bytes", stats.bytes);
    put_integer(json, "limit", stats.limit);
    put_integer(json, "records", stats.records);
    put_integer(json, "forgotten", stats.forgotten);
    return json;
}

static struct json *
history_to_json(const struct session *s)
{
    const struct history *h = session_view(s).history;
    struct json *json = kind_to_json(h, HISTORY_ALL);

    json_object_put(json, "passes", history_has_passes(h)
                    ? kind_to_json(h, HISTORY_PASSES) : json_null_create());
    return json;
}

/* Returns what the flight recorder has written, null if there is none. */
struct json *
status_trigger_to_json(const struct session *s)
{
    struct trigger_stats stats;
    struct json *json;

    if (!session_get_trigger(s, &stats)) {
        return json_null_create();
    }
    json = json_object_create();
    put_integer(json, "events", stats.events);
    put_integer(json, "files", stats.files);
    json_object_put(json, "last_file", string_or_null(stats.last_file));
    json_object_put(json, "error", string_or_null(stats.error));
    return json;
}

/* Returns how asking ovs-vswitchd about flows stands, null if it is not
 * asked. */
static struct json *
enrichment_to_json(const struct session *s)
{
    struct json *json, *commands;
    struct flow_table_stats flows;
    struct enrich_stats stats;

    if (!session_get_enrichment(s, &stats)) {
        return json_null_create();
    }
    flow_table_get_stats(session_view(s).flows, &flows);
    json = json_object_create();
    commands = json_object_create();
    put_integer(json, "rate", stats.rate);
    put_integer(json, "tokens", stats.tokens);
    put_integer(json, "requests", stats.requests);
    put_integer(json, "answers", stats.answers);
    put_integer(json, "errors", stats.errors);
    put_integer(json, "timeouts", stats.timeouts);
    put_integer(json, "failures", stats.failures);
    json_object_put(json, "last_error", string_or_null(stats.last_error));
    put_integer(json, "flows", flows.n_flows);
    put_integer(json, "queue", flows.n_queued);
    put_integer(json, "rechecks", flows.n_check_queued);
    put_integer(json, "dropped", flows.n_dropped);
    put_integer(json, "bytes", flows.bytes);
    put_integer(json, "limit", flows.limit);
    for (int i = 0; i < ENRICH_N_COMMANDS; i++) {
        struct json *command = json_object_create();

        put_integer(command, "answers", stats.commands[i].count);
        put_integer(command, "total_us", stats.commands[i].total);
        put_integer(command, "max_us", stats.commands[i].max);
        json_object_put(commands, enrich_command_name(i), command);
    }
    json_object_put(json, "commands", commands);
    free(stats.last_error);
    return json;
}

static struct json *
cost_to_json(const struct session *s, const struct measured *measured)
{
    struct json *json = json_object_create();

    put_integer(json, "rss_kb", cost_resident_kb());
    put_integer(json, "kernel_bytes", s ? session_get_memory(s) : 0);
    put_integer(json, "cpu_ms", cost_cpu_ms());
    json_object_put(json, "measured", measured_to_json(measured));
    return json;
}

/* Returns the state of 's', and what was 'measured'.  The caller sets
 * "waiting" if a trace is about to start by itself. */
struct json *
status_to_json(struct session *s, const struct measured *measured)
{
    const struct session_view v = session_view(s);
    struct json *json = json_object_create();

    json_object_put(json, "running",
                    json_boolean_create(v.running));
    json_object_put(json, "since_ms",
                    s ? json_integer_create(v.started)
                    : json_null_create());
    json_object_put(json, "waiting", json_null_create());
    json_object_put(json, "stopped", string_or_null(v.why_stopped));
    json_object_put(json, "target", target_to_json(v.target));
    json_object_put(json, "track", string_or_null(s ? track_name(s) : NULL));
    json_object_put(json, "usdt_error", string_or_null(v.usdt_error));
    json_object_put(json, "options",
                    s ? start_options_to_json(v.options)
                    : json_null_create());
    json_object_put(json, "absent_ports",
                    s ? absent_ports_to_json(s) : json_null_create());
    json_object_put(json, "limited", s ? limited_to_json(s)
                    : json_null_create());
    json_object_put(json, "hooks", probes_hooks_to_json(s));
    json_object_put(json, "records",
                    s ? record_counts_to_json(s) : json_null_create());
    json_object_put(json, "passes", s ? record_counts_passes_to_json(s)
                    : json_null_create());
    json_object_put(json, "filter",
                    s ? filter_to_json(s) : json_null_create());
    json_object_put(json, "datapath",
                    s ? datapath_to_json(s) : json_null_create());
    json_object_put(json, "links", s ? links_to_json(s) : json_null_create());
    json_object_put(json, "history",
                    s ? history_to_json(s) : json_null_create());
    json_object_put(json, "enrichment",
                    s ? enrichment_to_json(s) : json_null_create());
    json_object_put(json, "trigger",
                    s ? status_trigger_to_json(s) : json_null_create());
    json_object_put(json, "followers", stream_socket_to_json(s));
    json_object_put(json, "cost", cost_to_json(s, measured));
    return json;
}

static void
format_target(const struct target *t, struct ds *ds)
{
    ds_put_format(ds, "target:   ovs-vswitchd %s, pid %ld",
                  t->version ? t->version : "of unknown version",
                  (long) t->pid);
    if (t->binary) {
        ds_put_format(ds, ", %s", t->binary);
    }
    if (!target_is_alive(t)) {
        ds_put_format(ds, ", which has ended%s", t->by_pid
                      ? "; another is not looked for, as --target names it by "
                      "its pid" : "");
    }
    ds_put_char(ds, '\n');
}

static void
format_track(const struct session *s, struct ds *ds)
{
    const char *error = session_view(s).usdt_error;

    ds_put_format(ds, "track:    %s", track_name(s));
    if (error) {
        ds_put_format(ds, ", now kernel: %s", error);
    }
    ds_put_char(ds, '\n');
}

static void
format_datapath(struct session *s, struct ds *ds)
{
    struct datapath_comparison c;

    if (!session_get_comparison(s, &c)) {
        return;
    }
    ds_put_format(ds, "datapath: %"PRIu64" packets without a flow, of which "
                  "%"PRIu64" were seen, %"PRIu64" lost, of which %"PRIu64" "
                  "were seen\n", c.missed, MIN(c.missed, c.missed_seen),
                  c.lost, MIN(c.lost, c.lost_seen));
    if (c.unseen) {
        ds_put_format(ds, "          %"PRIu64" upcalls were not seen: the "
                      "kernel has not run the programs, see the hooks below, "
                      "or has ovs_dp_upcall() inlined\n",
                      c.unseen);
    }
}

/* Says so if the filter could not decide. */
static void
format_filter(const struct session *s, struct ds *ds)
{
    struct session_counters c;

    session_get_counters(s, &c);
    if (c.undecided) {
        ds_put_format(ds, "filter:   %"PRIu64" packets were chosen since not "
                      "all bytes that it reads could be had\n", c.undecided);
    }
}

static void
format_links(const struct session *s, struct ds *ds)
{
    struct upcall_counts counts;
    uint64_t conflicts = 0;

    session_get_counts(s, &counts);
    ds_put_cstr(ds, "links:    ");
    for (int i = 0; i < UPCALL_N_RULES; i++) {
        ds_put_format(ds, "%"PRIu64" by %s, ",
                      (uint64_t) counts.matches[i], upcall_rule_name(i));
    }
    for (int i = 0; i < UPCALL_N_CONFLICTS; i++) {
        conflicts += counts.conflicts[i];
    }
    ds_put_format(ds, "%"PRIu64" conflicts\n", conflicts);
}

static void
format_history(const struct session *s, struct ds *ds)
{
    const struct history *h = session_view(s).history;
    struct history_stats stats;

    history_get_stats(h, HISTORY_ALL, &stats);
    ds_put_format(ds, "history:  %"PRIu64" records, %"PRIuSIZE" of "
                  "%"PRIuSIZE" bytes, %"PRIu64" forgotten\n",
                  stats.records, stats.bytes, stats.limit, stats.forgotten);
    if (history_has_passes(h)) {
        history_get_stats(h, HISTORY_PASSES, &stats);
        ds_put_format(ds, "          of these %"PRIu64" passes, %"PRIuSIZE" "
                      "of %"PRIuSIZE" bytes, %"PRIu64" forgotten\n",
                      stats.records, stats.bytes, stats.limit,
                      stats.forgotten);
    }
}

static void
format_enrichment(const struct session *s, struct ds *ds)
{
    struct flow_table_stats flows;
    struct enrich_stats stats;

    if (!session_get_enrichment(s, &stats)) {
        return;
    }
    flow_table_get_stats(session_view(s).flows, &flows);
    ds_put_format(ds, "flows:    %"PRIu64" known, %"PRIu64" to be asked "
                  "about, %"PRIu64" again, %"PRIu64" dropped, %"PRIuSIZE" of "
                  "%"PRIuSIZE" bytes\n", flows.n_flows,
                  flows.n_queued - flows.n_check_queued, flows.n_check_queued,
                  flows.n_dropped, flows.bytes, flows.limit);
    ds_put_format(ds, "requests: %"PRIu64", at most %"PRIu64" a second, "
                  "%"PRIu64" answers, %"PRIu64" errors, %"PRIu64" timeouts, "
                  "%"PRIu64" failures", stats.requests, stats.rate,
                  stats.answers, stats.errors, stats.timeouts,
                  stats.failures);
    if (stats.last_error) {
        ds_put_format(ds, " (%s)", stats.last_error);
    }
    ds_put_char(ds, '\n');
    for (int i = 0; i < ENRICH_N_COMMANDS; i++) {
        uint64_t n = stats.commands[i].count;

        if (n) {
            ds_put_format(ds, "          %-16s%8"PRIu64" answers, in %"PRIu64
                          " us on average, %"PRIu64" us at most\n",
                          enrich_command_name(i), n,
                          stats.commands[i].total / n, stats.commands[i].max);
        }
    }
    free(stats.last_error);
}

static void
format_trigger(const struct session *s, struct ds *ds)
{
    uint64_t kept = session_view(s).options->trigger_files;
    struct trigger_stats stats;

    if (!session_get_trigger(s, &stats)) {
        return;
    }
    ds_put_format(ds, "trigger:  met %"PRIu64" times, %"PRIu64" files written",
                  stats.events, stats.files);
    if (stats.files > kept) {
        ds_put_format(ds, " (the last %"PRIu64" are kept)", kept);
    }
    if (stats.last_file) {
        ds_put_format(ds, ", last %s", stats.last_file);
    }
    if (stats.error) {
        ds_put_format(ds, " (%s)", stats.error);
    }
    ds_put_char(ds, '\n');
}

static void
format_state(const struct session *s, struct ds *ds)
{
    const struct session_view v = session_view(s);
    char *when = xastrftime_msec("%Y-%m-%d %H:%M:%S", v.started, false);

    if (v.running) {
        ds_put_format(ds, "state:    running since %s\n", when);
    } else {
        ds_put_format(ds, "state:    not running (started %s, %s)\n", when,
                      v.why_stopped);
    }
    free(when);
}

/* Appends the state of 's', and what was 'measured', for people. */
void
status_format(struct session *s, const struct measured *measured,
              struct ds *ds)
{
    const struct session_view v = session_view(s);

    if (!s) {
        ds_put_cstr(ds, "state:    not running, nothing recorded\n");
    } else {
        format_state(s, ds);
        format_target(v.target, ds);
        format_track(s, ds);
        ds_put_cstr(ds, "options:  ");
        start_options_format(v.options, ds);
        ds_put_char(ds, '\n');
        status_format_absent_ports(s, "absent:   ", ds);
        limited_format(s, "limited:  ", ds);
        record_counts_format(s, ds);
        format_filter(s, ds);
        format_datapath(s, ds);
        format_links(s, ds);
        format_history(s, ds);
        format_enrichment(s, ds);
        format_trigger(s, ds);
    }
    stream_socket_format(s, ds);
    ds_put_format(ds, "cost:     %ld kB resident, %"PRIuSIZE" kB in the "
                  "kernel, %lld ms CPU time\n", cost_resident_kb(),
                  s ? session_get_memory(s) / 1024 : 0, cost_cpu_ms());
    measured_format(measured, ds);
    probes_format_hooks(s, ds);
}

/* Replies to the client at 'conn' with the state of 's', and what was
 * 'measured', as JSON if 'json' is true. */
void
status_reply(struct session *s, const struct measured *measured,
             struct unixctl_conn *conn, bool json)
{
    if (json) {
        reply_json(conn, status_to_json(s, measured));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        status_format(s, measured, &text);
        reply_text(conn, &text);
    }
}

static void
catch_up(struct session *s)
{
    if (s) {
        session_catch_up(s);
    }
}

/* Replies to 'request' with the state of the trace that is shown, and of the
 * recorder. */
void
commands_reply_status(struct commands *c, const struct request *request)
{
    catch_up(c->session);
    if (traces_recorder(c->traces) != c->session) {
        catch_up(traces_recorder(c->traces));
    }
    if (request->json) {
        struct json *json = status_to_json(c->session, NULL);

        recorder_put_json(c, json);
        starting_put_json(c, json);
        reply_json(request->conn, json);
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        recorder_format(c, &text);
        starting_format(c, &text);
        status_format(c->session, NULL, &text);
        reply_text(request->conn, &text);
    }
}

/* Begins to measure for 'seconds', before the reply to 'request'. */
static void
measure(struct commands *c, const struct request *request, uint64_t seconds)
{
    char *error;

    error = (request->may_wait
             ? measures_add(c->measures, c->session, request->conn,
                            request->json, seconds)
             : xstrdup("cannot measure while other commands are being "
                       "answered: try again"));
    if (error) {
        reply_error(request->conn, error);
    }
}

/* upcall-trace/status. */
void
cmd_status(struct commands *c, const struct request *request)
{
    const struct status_options *options = request->options;

    if (options->measure) {
        measure(c, request, options->measure);
    } else {
        commands_reply_status(c, request);
    }
}
