/* SPDX-License-Identifier: Apache-2.0 */

/* What is pass-json.c's, and the "raw" of passes in record-raw.c. */

#include <config.h>

#include "show/record-schema-private.h"

#include "base/json-schema.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "show/record-schema.h"
#include "util.h"

/* Returns what can come of a lookup, by number, or NULL. */
static const char *
get_lookup_name(int number)
{
    BUILD_ASSERT(PASS_NONE == PASS_N_LOOKUPS - 1);
    return number < PASS_NONE ? pass_lookup_name(number) : NULL;
}

static const struct schema_member drop_members[] = {
    MEMBER_OF("action", "@action|null", "The last action before it; null if "
              "it is not known."),
    MEMBER_OF("count", "uint", "How often the packet, or a copy of it, was "
              "dropped.  The rest is about the first time, or the first one "
              "that was not for having no more actions."),
    MEMBER_OF("number", "uint|null", "The kernel's number for why; null if "
              "it is not known."),
    MEMBER_OF("reason", "string|null", "The kernel's name for it; null if it "
              "is not known."),
    MEMBER_TS("When"),
};

static const struct schema_member latency_members[] = {
    MEMBER_OF("lookup", "uint|null", "In ns, until its lookup had ended; "
              "null if it has none."),
    MEMBER_OF("total", "uint|null", "In ns, until it ended; null if that was "
              "not seen, as with --datapath=flows."),
};

static const struct schema_member raw_members[] = {
    MEMBER_OF("actions", "base64|null", "The actions, as in a request, as "
              "far as they are known; null if they are not."),
    MEMBER_OF("asked", "boolean", "Is ovs-vswitchd asked about flows?"),
    MEMBER_OF("ct_state", "uint", "The state of its connection, as the "
              "kernel has it, 0 if it has none."),
    MEMBER_OF("ct_zone", "uint", "The zone of that, 0 if it has none."),
    MEMBER_OF("dp_ifindex", "uint|null", "The network device of the "
              "datapath; null if it is not known."),
    MEMBER_OF("drop_action", "uint|null", "Which of the actions it was "
              "dropped in, from 0; null if it is not known."),
    MEMBER_OF("drop_told", "boolean", "Has the kernel told of the drop?"),
    MEMBER_OF("ethertype", "uint|null", "The Ethernet type of a packet "
              "without an Ethernet header, in network order; otherwise "
              "null."),
    MEMBER_OF("executed", "[[integer|null]]|null", "Of each action that was "
              "executed: its place, from 0; in ns, when it was, since the "
              "pass began; what it returned.  Null in it, or as a whole, is "
              "what is not known."),
    MEMBER_OF("executed_cut", "boolean", "May others have been executed?"),
    MEMBER_OF("first_actions", "boolean", "Are the first actions known "
              "only?"),
    MEMBER_OF("port", "uint|null", "The number of the port; null if it is "
              "not known."),
    MEMBER_OF("root", "pass", "The outermost pass that it is within, or "
              "comes from by recirculation."),
};

static const struct schema_member event_lookup_members[] = {
    MEMBER_OF("cache", "uint", "How many of the masks were in the cache."),
    MEMBER_COMM("the thread that the CPU was in"),
    MEMBER_CONTEXT,
    MEMBER_OF("cpu", "uint", "The CPU."),
    MEMBER_OF("event", "=" PASS_EVENT_LOOKUP, "What happened."),
    MEMBER_OF("masks", "uint", "How many masks were tried."),
    MEMBER_NAMES("result", "names", get_lookup_name, "What came of it."),
    MEMBER_OF("tid", "uint", "The thread that the CPU was in, 0 for an idle "
              "one."),
    MEMBER_TS_KNOWN("When it had ended"),
    MEMBER_UFID,
};

static const struct schema_member event_execute_members[] = {
    MEMBER_COMM("the handler"),
    MEMBER_CONTEXT,
    MEMBER_OF("cpu", "uint", "The CPU."),
    MEMBER_OF("duration", "uint|null", "In ns; null if its end was not "
              "seen."),
    MEMBER_OF("event", "=" PASS_EVENT_EXECUTE, "What happened."),
    MEMBER_RET("the kernel", "its end was not seen"),
    MEMBER_OF("tid", "uint", "The thread of the handler."),
    MEMBER_TS_KNOWN("When it began"),
};

static const struct schema_member pass_members[] = {
    MEMBER_OF("actions_missing", "uint|null", "Bytes of actions that follow "
              "those that are known, as the kernel has them; null if none "
              "are known."),
    MEMBER_OF("cache", "uint|null", "How many of the masks were in the "
              "cache; null if it has no lookup."),
    MEMBER_OF("datapath", "string|null", "The datapath, as OVS's commands "
              "call it; null if it is not known."),
    MEMBER_OF("drop", "@drop|null", "How the packet was dropped; null if it "
              "was not, or if that is not known."),
    MEMBER_OF("error", "string|null", "Why the kernel has refused the "
              "execute; null if it has not."),
    MEMBER_OF("events", "[@event_pass]", "The lookup, or the execute, and "
              "the actions of the flow, or of the request."),
    MEMBER_OF("flow", "@flow|null", "The flow that it has hit; null if it "
              "has hit none, or one that has no UFID."),
    MEMBER_HOST,
    MEMBER_OF("id", "pass", "Its number."),
    MEMBER_OF("kind", "=" RECORD_SCHEMA_PASS, "What the line is about."),
    MEMBER_OF("latency", "@latency_pass", "How long it took."),
    MEMBER_NAMES("lookup", "names|null", get_lookup_name, "What came of the "
                 "lookup; null if it is an execute, which has none."),
    MEMBER_OF("masks", "uint|null", "How many masks were tried; null if it "
              "has no lookup."),
    MEMBER_OF("packet", "@packet", "Its packet, as it came."),
    MEMBER_OF("parent", "pass|null", "The pass within which it began, or "
              "which recirculated the packet; null if there is none, or it "
              "is not known."),
    MEMBER_OF("port", "@port|null", "Where the packet came from; null if "
              "that is not known."),
    MEMBER_IF("raw", "@raw_pass", "What programs need to make the record "
              "again."),
    MEMBER_OF("recirc_id", "uint|null", "The recirculation that it continues, "
              "0 for none; null if it has no lookup."),
    MEMBER_OF("seq", "uint", "Its place in the trace, from 1."),
    MEMBER_SYSTEM_ID,
    MEMBER_OF("track", "pass|null", "The first pass of the packet, the same "
              "for all of them; null if it is not known."),
    MEMBER_UFID,
    MEMBER_OF("upcall", "id|null", "The upcall of a miss, or the one of "
              "which an execute is; null if there is none, or it is not "
              "known."),
};

static const struct schema_object objects[] = {
    OBJECT_OF("drop", drop_members, "How a packet was dropped."),
    OBJECT_OF("latency_pass", latency_members, "How long a pass took."),
    OBJECT_OF("raw_pass", raw_members, "What programs need to make the "
              "record of a pass again."),
    OBJECT_OF(EVENT_PREFIX PASS_EVENT_LOOKUP, event_lookup_members,
              "The flow of the packet is looked up."),
    OBJECT_OF(EVENT_PREFIX PASS_EVENT_EXECUTE "_pass", event_execute_members,
              "The packet is executed."),
    OBJECT_OF(RECORD_SCHEMA_PASS, pass_members, "A packet's pass through the "
              "datapath."),
};

/* Adds passes, and what is in them, to 'defs'. */
void
pass_schema_add(struct json *defs)
{
    struct json *event = schema_type_to_json(
        "@" EVENT_PREFIX PASS_EVENT_LOOKUP
        "|@" EVENT_PREFIX PASS_EVENT_EXECUTE "_pass"
        "|@" EVENT_PREFIX "action", NULL);

    schema_add_objects(defs, objects, ARRAY_SIZE(objects));
    json_object_put_string(event, "description", "An event of a pass.");
    json_object_put(defs, "event_pass", event);
}
