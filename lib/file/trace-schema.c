/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-schema.h"

#include <stdlib.h>

#include "base/json-schema.h"
#include "bpf/pass-record.h"
#include "bpf/upcall-record.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
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
    MEMBER_HOST,
    MEMBER_OF("kernel", "string", "The release of the kernel."),
    MEMBER_OF("openvswitch", "string|null", "The version of Open vSwitch; "
              "null if it is not known."),
    MEMBER_OF("options", "@options", "The options of the trace."),
    MEMBER_IF("sender", "string|null", "In a file of receive, from where "
              "forward was connected: method, address and port."),
    MEMBER_IF("sender-certificate", "string|null", "In a file of receive, the "
              "common name in the certificate of forward; null if it has "
              "none."),
    MEMBER_IF("session", "string", "In a file of receive, the UUID of the "
              "run of forward that has sent the trace."),
    MEMBER_IF(TRACE_SORTED, "=" TRACE_SORTED_BY_PACKET, "In a file that was "
              "sorted: records are in the order of packets, not of seq."),
    MEMBER_OF("started_ms", "integer", "When it started, in ms since 1970."),
    MEMBER_SYSTEM_ID,
    MEMBER_OF("target", "@target|null", "The ovs-vswitchd that is traced; "
              "null if it is not known."),
    MEMBER_IF("trigger", "@trigger", "In a file of the flight recorder: "
              "what it is about."),
    MEMBER_OF("version", "string", "The version of ovs-upcall-traced."),
    MEMBER_OF("wall_offset", "integer", "In ns, what is added to a time of "
              "CLOCK_MONOTONIC for one since 1970."),
};

/* What lib/show/trace-counts.c writes. */
#define X(ENUM, NAME, DESCRIPTION) \
    MEMBER_OF(NAME, "uint", "Records: " DESCRIPTION "."),
static const struct schema_member by_cause_members[] = {
    UPCALL_DROPS
};
static const struct schema_member pass_by_cause_members[] = {
    PASS_DROPS
};
#undef X

#define MISSED_HELP "How often programs were not run, by hook."
static const struct schema_member pass_count_members[] = {
    MEMBER_OF("by_cause", "@pass_by_cause", "Why they were dropped."),
    MEMBER_OF("delivered", "uint", "Records that came to the daemon."),
    MEMBER_OF("dropped", "uint", "Records that were lost on their way to the "
              "daemon."),
    MEMBER_OF("missed", "{uint}", MISSED_HELP),
    MEMBER_OF("produced", "uint", "Records that were made."),
    MEMBER_OF("seen", "uint", "Passes that were chosen, or not."),
};

/* What lib/file/trace-end.c writes. */
static const struct schema_member end_datapath_members[] = {
    MEMBER_OF("dp_ifindex", "uint", "Its number in the kernel."),
    MEMBER_OF("lost", "uint", "Upcalls that it could not send."),
    MEMBER_OF("name", "string|null", "Its name; null if it is not known."),
};

/* What lib/show/stats-times.c writes. */
static const struct schema_member times_members[] = {
    MEMBER_OF("buckets", "[[uint]]", "The least and the largest time of each "
              "bucket, in ns, and how many there were."),
    MEMBER_OF("count", "uint", "How many there were."),
    MEMBER_OF("max", "uint|null", "The largest, in ns; null if there was "
              "none, as for the others."),
    MEMBER_OF("mean", "number|null", "Their mean, in ns."),
    MEMBER_OF("min", "uint|null", "The least, in ns."),
#define X(NAME, TITLE, PERMILLE) \
    MEMBER_OF(NAME, "uint|null", "The percentile " TITLE ", in ns."),
    STATS_PERCENTILES
#undef X
};

/* What lib/show/vswitchd-show.c writes. */
static const struct schema_member vswitchd_flows_members[] = {
    MEMBER_OF("last", "uint|null", "In the last dump; null if there was "
              "none."),
    MEMBER_OF("max", "uint|null", "Most in a dump; null if there was none."),
};
static const struct schema_member vswitchd_requests_members[] = {
    MEMBER_OF("flow_del", "uint|null", "Flows that it deleted; null if it is "
              "not known."),
    MEMBER_OF("flow_get", "uint|null", "Flows that it asked for; null if it "
              "is not known."),
};
static const struct schema_member vswitchd_members[] = {
    MEMBER_OF("busy", "number|null", "Which part of the time the main loop "
              "was busy; null if it is not known."),
    MEMBER_OF("current_loop", "uint|null", "How long the iteration in "
              "progress had run, in ns; null if none was known."),
    MEMBER_OF("dropped", "uint", "Records about these that were lost."),
    MEMBER_OF("dump", "@times|null", "How long dumps of flows took; null if "
              "it is not known."),
    MEMBER_OF("flow_results", "{{{uint}}}|null", "What became of flows, by "
              "phase, result and reason; null if it is not known."),
    MEMBER_OF("flows", "@vswitchd_flows", "How many flows there were."),
    MEMBER_OF("main_loop", "@times|null", "How long iterations of the main "
              "loop took; null if it is not known."),
    MEMBER_OF("requests", "@vswitchd_requests", "What it asked of the "
              "datapath."),
    MEMBER_OF("unseen_dumps", "uint", "Dumps of which not each flow was "
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
 * lib/file/trace-writer.c. */
static const struct schema_member end_members[] = {
    MEMBER_IF("by_cause", "@by_cause", "Why records of upcalls were "
              "dropped."),
    MEMBER_IF("datapaths", "[@end_datapath]|null", "What the datapaths have "
              "counted; null if statistics were reset meanwhile.  Those of "
              "which nothing is known are not there."),
    MEMBER_OF("delivered", "uint|null", "Records of upcalls that came to the "
              "daemon; null if it is not known."),
    MEMBER_OF("dropped", "uint|null", "Records of upcalls that were lost on "
              "their way to the daemon; null if it is not known."),
    MEMBER_OF("event", "=end", "What the line is about."),
    MEMBER_OF("file", "@file", "What is in this file."),
    MEMBER_HOST,
    MEMBER_IF("in_flight", "uint", "Upcalls that had not ended."),
    MEMBER_IF("missed", "{uint}", MISSED_HELP),
    MEMBER_IF("passes", "@pass_counts|null", "The same of passes; null if "
              "none were recorded, or it is not known."),
    MEMBER_OF("produced", "uint|null", "Records of upcalls that were made; "
              "null if it is not known."),
    MEMBER_IF("since", "uint", "When it began, as times of events."),
    MEMBER_IF("since_ms", "integer", "When it began, in ms since 1970."),
    MEMBER_OF("started_ms", "integer|null", "That of the first line."),
    MEMBER_IF("stopped", "string|null", "Why the trace, or this file, has "
              "ended; null if that is not known."),
    MEMBER_SYSTEM_ID,
    MEMBER_IF("until", "uint", "When it ended, as times of events."),
    MEMBER_IF("vswitchd", "@vswitchd|null", "With --track=full, what "
              "ovs-vswitchd did besides; null if it is not known."),
};

/* What lib/file/trace-lines.c writes, and lib/file/forward-file.c. */
static const struct schema_member gap_members[] = {
    MEMBER_IF("dropped", "uint", "In a file of receive, those of the records "
              "that forward has dropped because they waited for too long."),
    MEMBER_OF("event", "=gap", "What the line is about."),
    MEMBER_HOST,
    MEMBER_OF("next", "uint", "The \"seq\" of the record that follows, 0 if "
              "it is not known."),
    MEMBER_OF("records", "uint", "How many records are missing before it."),
    MEMBER_SYSTEM_ID,
};

static const struct schema_object objects[] = {
    OBJECT_OF("target", target_members, "What is traced."),
    OBJECT_OF("trigger", trigger_members, "What a file of the flight recorder "
              "is about."),
    OBJECT_OF("startup", startup_members, "The first line of a trace."),
    OBJECT_OF("by_cause", by_cause_members, "Why records were dropped."),
    OBJECT_OF("pass_by_cause", pass_by_cause_members, "Why records of passes "
              "were dropped."),
    OBJECT_OF("pass_counts", pass_count_members, "How many passes there "
              "were."),
    OBJECT_OF("end_datapath", end_datapath_members, "What a datapath has "
              "counted."),
    OBJECT_OF("times", times_members, "How long something took."),
    OBJECT_OF("vswitchd_flows", vswitchd_flows_members, "Flows that "
              "revalidators have dumped."),
    OBJECT_OF("vswitchd_requests", vswitchd_requests_members, "Requests of "
              "revalidators."),
    OBJECT_OF("vswitchd", vswitchd_members, "What the main loop and the "
              "revalidators of ovs-vswitchd did."),
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
