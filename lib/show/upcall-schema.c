/* SPDX-License-Identifier: Apache-2.0 */

/* What is upcall-json.c's and upcall-json-events.c's, and the "raw" of upcalls
 * in record-raw.c. */

#include <config.h>

#include "show/record-schema-private.h"

#include <stdlib.h>

#include "base/json-schema.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "show/record-json.h"
#include "show/record-schema.h"
#include "util.h"

static const struct schema_member latency_members[] = {
#define X(ENUM, NAME, DESCRIPTION)                                      \
    MEMBER_OF(NAME, "uint|null", "In ns, " DESCRIPTION "; null if it is " \
              "not known."),
    UPCALL_STAGES
#undef X
};

static const struct schema_member put_members[] = {
    MEMBER_OF("error", "string|null", "Why the kernel has refused the flow, "
              "such as \"ENOSPC (No space left on device)\"; null if it has "
              "not."),
    MEMBER_NAMES("result", "names", upcall_put_name, "What became of it."),
};

static const struct schema_member waits_members[] = {
    MEMBER_OF("handle_delay", "uint|null", "In ns, how long the handler had "
              "no CPU after the receive; null if it is not known."),
    MEMBER_OF("queue_busy", "uint|null", "In ns, how long the upcall was in "
              "the queue while the handler worked on others; null if it is "
              "not known."),
    MEMBER_OF("queue_delay", "uint|null", "In ns, how long meanwhile the "
              "handler could have run but had no CPU; null if it is not "
              "known."),
    MEMBER_OF("queue_idle", "uint|null", "In ns, how long the upcall was in "
              "the queue while the handler slept; null if it is not known."),
};

static const struct schema_member raw_members[] = {
    MEMBER_OF("asked", "boolean", "Is ovs-vswitchd asked about flows?"),
    MEMBER_OF("dp_ifindex", "uint|null", "The network device of the "
              "datapath; null if it is not known."),
    MEMBER_OF("execute", "base64|null", "Attributes of the executes; null if "
              "there are none."),
    MEMBER_OF("put", "base64|null", "Attributes of the flow put; null if "
              "there was none."),
    MEMBER_OF("rules", "string|null", "What ovs-vswitchd said of the rules, "
              "if it cannot be made again of what is in \"flow\"; otherwise "
              "null."),
    MEMBER_OF("segment", "uint", "Which segment of the packet it is, from "
              "0."),
    MEMBER_OF("sent", "uint", "Bytes of the packet that the message had."),
    MEMBER_OF("tgid", "uint", "The process of the handler, 0 if it is not "
              "known."),
    MEMBER_OF("track", "pass|null", "The first pass of the packet; null if "
              "it is not known."),
    MEMBER_OF("unsure", "boolean", "May a put or an execute belong to this "
              "upcall or to another?"),
    MEMBER_OF("upcall", "base64|null", "The message, up to the bytes of the "
              "packet that are known; null if there was none."),
};

static const struct schema_member upcall_members[] = {
    MEMBER_NAMES("class", "names|null", upcall_class_name, "Why it happened; "
                 "null if that is not known."),
    MEMBER_NAMES("conflicts", "[names]|null", upcall_conflict_name, "Events "
                 "where the probes of ovs-vswitchd contradict the kernel's "
                 "hooks; null if these were not asked."),
    MEMBER_OF("datapath", "string|null", "The datapath, as OVS's commands "
              "call it; null if it is not known."),
    MEMBER_OF("error", "string|null", "Why it was lost, or failed, such as "
              "\"EAGAIN (Resource temporarily unavailable)\"; otherwise "
              "null."),
    MEMBER_OF("events", "[@event]", "What happened to it, by time."),
    MEMBER_OF("flow", "@flow|null", "The flow that was put; null if none "
              "was."),
    MEMBER_OF("group", "id|null", "The first segment of its packet; null if "
              "that was not cut into segments."),
    MEMBER_HOST,
    MEMBER_OF("id", "id", "Its number."),
    MEMBER_OF("kind", "=" RECORD_SCHEMA_UPCALL, "What the line is about."),
    MEMBER_OF("latency", "@latency", "How long it took."),
    MEMBER_NAMES("outcome", "names|null", upcall_outcome_name, "What came of "
                 "it; null if that is not known."),
    MEMBER_OF("packet", "@packet", "Its packet."),
    MEMBER_OF("parent", "id|null", "The upcall in whose execute it happened; "
              "null if it did not."),
    MEMBER_OF("pass", "pass|null", "The pass within which it happened; null "
              "if it is not known."),
    MEMBER_IF("passes", "[@pass]|null", "Its passes through the datapath, if "
              "these were asked for; null if there are too many.  Files do "
              "not have this: there, passes are lines."),
    MEMBER_OF("port", "@port|null", "Where the packet came from; null if "
              "that is not known."),
    MEMBER_OF("put", "@put|null", "What became of the flow; null if that is "
              "not known, or if it is no miss."),
    MEMBER_IF("raw", "@raw_upcall", "What programs need to make the record "
              "again."),
    MEMBER_OF("reason", "string|null", "Why it took the slow path, or is for "
              "a controller; null if it does not, or that is not known."),
    MEMBER_OF("seq", "uint", "Its place in the trace, from 1."),
    MEMBER_SYSTEM_ID,
    MEMBER_OF("userdata", "@userdata|null", "What ovs-vswitchd has noted for "
              "upcalls of its class; null if that is nothing."),
    MEMBER_OF("waits", "@waits|null", "Whom it waited for; null if that is "
              "not known, as without --track=full."),
};

static const struct schema_object objects[] = {
    OBJECT_OF("latency", latency_members, "The stages of an upcall."),
    OBJECT_OF("put", put_members, "What became of the flow of a miss."),
    OBJECT_OF("waits", waits_members, "What the handler did while an upcall "
              "waited for it."),
    OBJECT_OF("raw_upcall", raw_members, "What programs need to make the "
              "record of an upcall again."),
    OBJECT_OF(RECORD_SCHEMA_UPCALL, upcall_members, "An upcall."),
};

/* Events. */

static const struct schema_member event_upcall_members[] = {
    MEMBER_OF("cmd", "=miss|=action|null", "The netlink command; null if it "
              "is not known."),
    MEMBER_COMM("the thread that the CPU was in"),
    MEMBER_CONTEXT,
    MEMBER_OF("cpu", "uint", "The CPU."),
    MEMBER_OF("hash", "uint|null", "The hash of the packet; null if it has "
              "none."),
    MEMBER_OF("napi_id", "uint|null", "The number of the device's receive "
              "queue for NAPI; null if it has none."),
    MEMBER_OF("portid", "uint", "The netlink socket that it is for."),
    MEMBER_OF("rx_queue", "uint|null", "The receive queue of the device; "
              "null if there is none."),
    MEMBER_OF("tid", "uint", "The thread that the CPU was in, 0 for an idle "
              "one."),
    MEMBER_TS("When it began"),
};

static const struct schema_member event_enqueue_members[] = {
    MEMBER_OF("portid", "uint", "The netlink socket."),
    MEMBER_OF("ret", "integer", "0, or the negative errno value with which "
              "it was lost."),
    MEMBER_OF("segment", "uint", "Which segment of the packet it is, from "
              "0."),
    MEMBER_TS("When its message was written"),
};

static const struct schema_member event_return_members[] = {
    MEMBER_RET("ovs_dp_upcall()", "it is not known"),
    MEMBER_TS("When it returned"),
};

#define RECV_MEMBERS                                                        \
    MEMBER_OF("batch", "uint", "The number of the handler's batch."),       \
    MEMBER_OF("batch_idx", "uint", "The place in the batch, from 0."),      \
    MEMBER_OF("batch_size", "uint", "How many were received in the batch."), \
    MEMBER_COMM("the handler"),                                             \
    MEMBER_OF("tid", "uint", "The thread of the handler."),                 \
    MEMBER_TS("When the handler had received it")

static const struct schema_member event_recv_members[] = {
    RECV_MEMBERS,
    MEMBER_OF("cpu", "uint", "The CPU of the handler."),
    MEMBER_OF("queue_drops", "uint", "How many messages the socket had "
              "dropped until then."),
    MEMBER_OF("queue_len", "uint", "How many messages were behind it in the "
              "socket."),
    MEMBER_OF("source", "=" SOURCE_KERNEL, "Who tells of it."),
};

static const struct schema_member event_usdt_recv_members[] = {
    RECV_MEMBERS,
    MEMBER_OF("source", "=" SOURCE_USDT, "Who tells of it."),
};

static const struct schema_member event_translated_members[] = {
    MEMBER_OF("source", "=" SOURCE_KERNEL, "Who tells of it."),
    MEMBER_TS("When its translation had ended"),
};

static const struct schema_member event_usdt_members[] = {
    MEMBER_OF("source", "=" SOURCE_USDT, "Who tells of it."),
    MEMBER_TS("When ovs-vswitchd made the request"),
};

static const struct schema_member event_put_members[] = {
    MEMBER_OF("actions", "string|null", "The actions, as dpctl prints them; "
              "null if they are not known."),
    MEMBER_OF("duration", "uint|null", "In ns; null if it is not known."),
    MEMBER_OF("key", "string|null", "What the flow matches, as dpctl prints "
              "it; null if it is not known."),
    MEMBER_RET("the kernel", "it is not known"),
    MEMBER_TS("When it began"),
    MEMBER_UFID,
};

static const struct schema_member event_exec_members[] = {
    MEMBER_OF("duration", "uint|null", "In ns, until the last one returned; "
              "null if it is not known."),
    MEMBER_NAMES("match", "names", upcall_rule_name, "How it was found "
                 "to be of this upcall."),
    MEMBER_OF("requests", "uint|null", "How many executes there were, which "
              "are several if ovs-vswitchd helps; null if it is not known."),
    MEMBER_RET("the last one", "it is not known"),
    MEMBER_TS("When the first began"),
};

/* By enum upcall_event_kind; actions have a schema of their own. */
static const struct {
    struct schema_object object;
    const char *suffix;         /* To tell it from one with the same name. */
} events[] = {
#define EVENT(ENUM, MEMBERS, SUFFIX, HELP) \
    [UPCALL_EVENT_##ENUM] = { OBJECT_OF(NULL, MEMBERS, HELP), SUFFIX }
    EVENT(UPCALL, event_upcall_members, "", "The packet leaves the "
          "datapath."),
    EVENT(ENQUEUE, event_enqueue_members, "", "Its message goes to the "
          "handler's socket."),
    EVENT(RETURN, event_return_members, "", "The datapath is done with it."),
    EVENT(RECV, event_recv_members, "", "The handler receives it."),
    EVENT(USDT_RECV, event_usdt_recv_members, "_usdt", "The same, as "
          "ovs-vswitchd tells."),
    EVENT(TRANSLATED, event_translated_members, "", "Its translation has "
          "ended, at the latest."),
    EVENT(USDT_PUT, event_usdt_members, "", "ovs-vswitchd makes the request "
          "to put a flow."),
    EVENT(PUT, event_put_members, "", "The flow is put."),
    EVENT(USDT_EXEC, event_usdt_members, "", "ovs-vswitchd makes the request "
          "to execute the packet."),
    EVENT(EXEC, event_exec_members, "", "The packet is executed."),
#undef EVENT
};
BUILD_ASSERT_DECL(ARRAY_SIZE(events) == UPCALL_EVENT_ACTION);

static void
add_event(struct json *defs, struct json *any, enum upcall_event_kind kind)
{
    const struct schema_object *o = &events[kind].object;
    char *name = xasprintf(EVENT_PREFIX "%s%s", upcall_event_name(kind),
                           events[kind].suffix);
    char *type = xasprintf("=%s", upcall_event_name(kind));
    char *ref = xasprintf("@%s", name);
    struct json *json = schema_object_to_json(o->help);

    schema_object_add(json, &(struct schema_member) {
        .name = "event", .type = type, .help = "What happened.",
    });
    for (size_t i = 0; i < o->n; i++) {
        schema_object_add(json, &o->members[i]);
    }
    json_object_put(defs, name, json);
    json_array_add(any, schema_type_to_json(ref, NULL));
    free(name);
    free(type);
    free(ref);
}

/* Adds upcalls, and what is in them, to 'defs'. */
void
upcall_schema_add(struct json *defs)
{
    struct json *any = json_array_create_empty();
    struct json *json = json_object_create();

    schema_add_objects(defs, objects, ARRAY_SIZE(objects));
    for (int kind = 0; kind < ARRAY_SIZE(events); kind++) {
        add_event(defs, any, kind);
    }
    json_array_add(any, schema_type_to_json("@" EVENT_PREFIX "action",
                                            NULL));
    json_object_put_string(json, "description", "An event of an upcall.");
    json_object_put(json, "anyOf", any);
    json_object_put(defs, "event", json);
}
