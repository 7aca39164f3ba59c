/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-schema.h"

#include <stdlib.h>

#include "base/json-schema.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/record-schema.h"
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

/* What lib/file/trace-writer.c writes. */
static const struct schema_member file_members[] = {
    MEMBER_OF("missed", "uint", "Records in the gaps of this file."),
    MEMBER_OF("next", "string|null", "The file that the trace goes on in; "
              "null if it does not."),
    MEMBER_OF("records", "uint", "Records of this file."),
};

/* What extension/stream-socket.c and extension/record-counts.c write, or, for
 * a file that is not the last one, lib/file/trace-writer.c. */
static const struct schema_member end_members[] = {
    MEMBER_IF("by_cause", "@by_cause", "Why records of upcalls were "
              "dropped."),
    MEMBER_OF("delivered", "uint|null", "Records of upcalls that came to the "
              "daemon; null if it is not known."),
    MEMBER_OF("dropped", "uint|null", "Records of upcalls that were lost on "
              "their way to the daemon; null if it is not known."),
    MEMBER_OF("event", "=end", "What the line is about."),
    MEMBER_OF("file", "@file", "What is in this file."),
    MEMBER_IF("in_flight", "uint", "Upcalls that had not ended."),
    MEMBER_OF("produced", "uint|null", "Records of upcalls that were made; "
              "null if it is not known."),
    MEMBER_IF("stopped", "string|null", "Why the trace, or this file, has "
              "ended; null if that is not known."),
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
