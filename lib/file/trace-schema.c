/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-schema.h"

#include <stdlib.h>

#include "base/json-schema.h"
#include "bpf/pass-record.h"
#include "bpf/upcall-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/record-schema.h"
#include "show/stats-times.h"
#include "store/commands.h"
#include "util.h"

/* What the schema is called.  Nothing has to be there. */
#define SCHEMA_ID "urn:ovs-upcall-trace:line"

/* What extension/target.c writes. */
static const struct schema_member target_members[] = {
    MEMBER_OF("alive", "boolean", "Was it running?"),
    MEMBER_OF("binary", "string|null", "Its file; null if it is not known."),
    MEMBER_OF("name", "string", "Its pidfile, or its process id, as it was "
              "given."),
    MEMBER_OF("netns", "uint", "The number of its network namespace, 0 if it "
              "is not known."),
    MEMBER_OF("pid", "uint", "Its process id."),
    MEMBER_OF("usdt", "boolean", "Has it USDT probes?"),
    MEMBER_OF("version", "string|null", "Its version; null if it is not "
              "known."),
};

/* What lib/file/trigger.c writes. */
static const struct schema_member trigger_members[] = {
    MEMBER_OF("cut", "boolean", "Is less than asked for after the upcall, "
              "because the trace or the daemon ended, or too much came?"),
    MEMBER_OF("id", "id", "The number of the upcall that met the "
              "condition."),
    MEMBER_OF("seq", "uint", "Its place in the trace."),
};

/* What extension/startup-line.c writes. */
static const struct schema_member startup_members[] = {
    MEMBER_OF("event", "=startup", "What the line is about."),
    MEMBER_OF("kernel", "string", "The release of the kernel."),
    MEMBER_OF("openvswitch", "string|null", "The version of Open vSwitch; "
              "null if it is not known."),
    MEMBER_OF("options", "@options", "The options of the trace."),
    MEMBER_OF("started_ms", "integer", "When it started, in ms since 1970."),
    MEMBER_OF("target", "@target|null", "The ovs-vswitchd that is traced; "
              "null if it is not known."),
    MEMBER_IF("trigger", "@trigger", "In a file of the flight recorder: "
              "what it is about."),
    MEMBER_OF("version", "string", "The version of ovs-upcall-traced."),
    MEMBER_OF("wall_offset", "integer", "In ns, what is added to a time of "
              "CLOCK_MONOTONIC for one since 1970."),
};

static const struct schema_member by_cause_members[] = {
#define X(ENUM, NAME, DESCRIPTION) \
    MEMBER_OF(NAME, "uint", "Records: " DESCRIPTION "."),
    UPCALL_DROPS
#undef X
};

/* Likewise for passes. */
static const struct schema_member pass_by_cause_members[] = {
#define X(ENUM, NAME, DESCRIPTION) \
    MEMBER_OF(NAME, "uint", "Records: " DESCRIPTION "."),
    PASS_DROPS
#undef X
};

static const struct schema_member end_passes_members[] = {
    MEMBER_OF("by_cause", "@by_cause_passes", "Why records were dropped."),
    MEMBER_OF("delivered", "uint", "Records of passes that came to the "
              "daemon."),
    MEMBER_OF("dropped", "uint", "Records of passes that were lost on their "
              "way to the daemon."),
    MEMBER_OF("missed", "{uint}", "How often programs were not run, by "
              "hook."),
    MEMBER_OF("produced", "uint", "Records of passes that were made."),
    MEMBER_OF("seen", "uint", "Passes that were chosen."),
};

static const struct schema_member end_datapath_members[] = {
    MEMBER_OF("dp_ifindex", "uint", "Its network device."),
    MEMBER_OF("lost", "uint", "Packets that it has lost by its own count."),
    MEMBER_OF("name", "string|null", "The datapath, as OVS's commands call "
              "it; null if it is not known."),
};

/* What lib/show/stats-times.c writes. */
static const struct schema_member times_members[] = {
    MEMBER_OF("buckets", "[[uint]]", "How many there were: from a time, until "
              "a time, in ns, and how many."),
    MEMBER_OF("count", "uint", "How many there were."),
    MEMBER_OF("max", "uint|null", "The longest, in ns; null if there was "
              "none."),
    MEMBER_OF("mean", "number|null", "Their mean, in ns; null if there was "
              "none."),
    MEMBER_OF("min", "uint|null", "The shortest, in ns; null if there was "
              "none."),
#define X(NAME, TITLE, PERMILLE)                                            \
    MEMBER_OF(NAME, "uint|null", "Their percentile " TITLE ", in ns; null " \
              "if there was none."),
    STATS_PERCENTILES
#undef X
};

/* What lib/show/vswitchd-show.c writes. */
static const struct schema_member vswitchd_flows_members[] = {
    MEMBER_OF("last", "uint|null", "Flows in the last dump; null if there "
              "was none."),
    MEMBER_OF("max", "uint|null", "Flows in the largest dump; null if there "
              "was none."),
};

static const struct schema_member vswitchd_requests_members[] = {
    MEMBER_OF("flow_del", "uint|null", "Requests to delete a flow; null if "
              "they were not counted."),
    MEMBER_OF("flow_get", "uint|null", "Requests for a flow; null if they "
              "were not counted."),
};

static const struct schema_member vswitchd_members[] = {
    MEMBER_OF("busy", "number|null", "Which part of the time the main loop "
              "was busy, 0 to 1; null if it is not known."),
    MEMBER_OF("current_loop", "uint|null", "In ns, how long the iteration of "
              "the main loop that was in progress had been running; null if "
              "none was."),
    MEMBER_OF("dropped", "uint", "Times that are missing, as there was no "
              "room."),
    MEMBER_OF("dump", "@times|null", "How long revalidators took for dumps "
              "of the flows; null if it is not known."),
    MEMBER_OF("flow_results", "{{{uint}}}|null", "What revalidators did with "
              "flows: by phase, result and reason, how often; null if it is "
              "not known."),
    MEMBER_OF("flows", "@vswitchd_flows", "How many flows there were."),
    MEMBER_OF("main_loop", "@times|null", "How long iterations of the main "
              "loop took; null if it is not known."),
    MEMBER_OF("requests", "@vswitchd_requests", "Requests of "
              "revalidators."),
    MEMBER_OF("unseen_dumps", "uint", "Dumps in which not each flow was "
              "counted."),
};

/* What lib/file/trace-writer.c writes. */
static const struct schema_member file_members[] = {
    MEMBER_OF("missed", "uint", "Records in the gaps of this file."),
    MEMBER_OF("next", "string|null", "The file that the trace goes on in; "
              "null if it does not."),
    MEMBER_OF("records", "uint", "Records of this file."),
};

/* What lib/file/trace-end.c writes, or, for a file that is not the last one,
 * lib/file/trace-writer.c: this has not what may be missing. */
static const struct schema_member end_members[] = {
    MEMBER_IF("by_cause", "@by_cause", "Why records of upcalls were "
              "dropped."),
    MEMBER_IF("datapaths", "[@datapath]|null", "What the datapaths have "
              "lost; null if it is not known."),
    MEMBER_OF("delivered", "uint|null", "Records of upcalls that came to the "
              "daemon; null if it is not known."),
    MEMBER_OF("dropped", "uint|null", "Records of upcalls that were lost on "
              "their way to the daemon; null if it is not known."),
    MEMBER_OF("event", "=end", "What the line is about."),
    MEMBER_OF("file", "@file", "What is in this file."),
    MEMBER_IF("in_flight", "uint", "Upcalls that had not ended."),
    MEMBER_IF("missed", "{uint}", "How often programs were not run, by "
              "hook."),
    MEMBER_OF("passes", "@end_passes|null", "What became of records of "
              "passes; null if there were none, or if it is not known."),
    MEMBER_OF("produced", "uint|null", "Records of upcalls that were made; "
              "null if it is not known."),
    MEMBER_IF("since", "uint", "When statistics of the trace began, in ns of "
              "CLOCK_MONOTONIC."),
    MEMBER_IF("since_ms", "uint", "The same, in ms since 1970."),
    MEMBER_OF("started_ms", "integer|null", "As in the first line; null if "
              "that is not known."),
    MEMBER_IF("stopped", "string|null", "Why the trace, or this file, has "
              "ended; null if that is not known."),
    MEMBER_IF("until", "uint", "When the trace ended, in ns of "
              "CLOCK_MONOTONIC."),
    MEMBER_IF("vswitchd", "@vswitchd|null", "What ovs-vswitchd did beside "
              "upcalls; null if it is not known."),
};

/* What lib/file/trace-lines.c writes. */
static const struct schema_member gap_members[] = {
    MEMBER_OF("event", "=gap", "What the line is about."),
    MEMBER_OF("next", "uint", "The \"seq\" of the record that follows."),
    MEMBER_OF("records", "uint", "How many records are missing before it."),
};

static const struct schema_object objects[] = {
    OBJECT_OF("target", target_members, "What is traced."),
    OBJECT_OF("trigger", trigger_members, "What a file of the flight recorder "
              "is about."),
    OBJECT_OF("startup", startup_members, "The first line of a trace."),
    OBJECT_OF("by_cause", by_cause_members, "Why records were dropped."),
    OBJECT_OF("by_cause_passes", pass_by_cause_members, "Why records of "
              "passes were dropped."),
    OBJECT_OF("end_passes", end_passes_members, "What became of records of "
              "passes."),
    OBJECT_OF("datapath", end_datapath_members, "A datapath."),
    OBJECT_OF("times", times_members, "Times of some kind."),
    OBJECT_OF("vswitchd_flows", vswitchd_flows_members, "Flows of "
              "revalidators."),
    OBJECT_OF("vswitchd_requests", vswitchd_requests_members, "Requests of "
              "revalidators."),
    OBJECT_OF("vswitchd", vswitchd_members, "What ovs-vswitchd did beside "
              "upcalls."),
    OBJECT_OF("file", file_members, "What is in a file."),
    OBJECT_OF("end", end_members, "The last line of a trace, or of a file "
              "that another follows."),
    OBJECT_OF("gap", gap_members, "Records are missing: whoever wrote the "
              "file was too slow."),
};

/* Adds the options of start. */
static void
add_options(struct json *defs)
{
    struct json *json = schema_object_to_json(
        "The options of the trace.  Null, or false, is what was not given "
        "and has no default.");

    FOR_EACH_COMMAND_OPTION (option, &command_start) {
        schema_object_add(json, &(struct schema_member) {
            .name = option->json_name ? option->json_name : option->name,
            .type = option->kind->type,
            .help = option->help,
            .names = option->kind->get_name,
        });
    }
    json_object_put(defs, "options", json);
}

/* Returns the schema.  The caller frees it. */
static struct json *
trace_schema_to_json(void)
{
    struct json *defs = json_object_create();
    struct json *json = schema_type_to_json(
        "@startup|@" RECORD_SCHEMA_UPCALL "|@" RECORD_SCHEMA_PASS
        "|@gap|@end", NULL);

    schema_add_objects(defs, objects, ARRAY_SIZE(objects));
    add_options(defs);
    record_schema_add(defs);
    json_object_put_string(json, "$schema",
                           "https://json-schema.org/draft/2020-12/schema");
    json_object_put_string(json, "$id", SCHEMA_ID);
    json_object_put_string(json, "title", "ovs-upcall-trace");
    json_object_put_string(
        json, "description", "A line of a file with a trace of "
        "ovs-upcall-traced " VERSION ", see ovs-upcall-trace(5).  Later "
        "versions may have other lines and other members, which are to be "
        "ignored.");
    json_object_put(json, "$defs", defs);
    return json;
}

/* Appends the schema to 'ds', a line for each value. */
void
trace_schema_format(struct ds *ds)
{
    struct json *json = trace_schema_to_json();

    json_to_ds(json, JSSF_PRETTY | JSSF_SORT, ds);
    ds_put_char(ds, '\n');
    json_destroy(json);
}
