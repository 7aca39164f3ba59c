/* SPDX-License-Identifier: Apache-2.0 */

/* What is action-json*.c's, whose tables have most of it. */

#include <config.h>

#include "show/record-schema-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-schema.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "show/action-json-private.h"
#include "show/record-json.h"
#include "svec.h"
#include "util.h"

/* Numbers of actions end before this. */
#define ACTIONS_MAX 256

static const struct schema_member mark_members[] = {
    MEMBER_OF("mask", "uint", "Which bits are set."),
    MEMBER_OF("value", "uint", "The value."),
};

static const struct schema_member labels_members[] = {
    MEMBER_OF("mask", "0x", "Which bits are set."),
    MEMBER_OF("value", "0x", "The value."),
};

static const struct schema_member nat_members[] = {
    MEMBER_OF("addr_max", "string|null", "The last address; null if there "
              "is none."),
    MEMBER_OF("addr_min", "string|null", "The first address; null if there "
              "is none."),
    MEMBER_OF("hash", "boolean", "Is the port chosen by a hash?"),
    MEMBER_OF("persistent", "boolean", "Is the address always the same?"),
    MEMBER_OF("port_max", "uint|null", "The last port; null if there is "
              "none."),
    MEMBER_OF("port_min", "uint|null", "The first port; null if there is "
              "none."),
    MEMBER_OF("random", "boolean", "Is the port chosen at random?"),
    MEMBER_OF("type", "=src|=dst|null", "Which address is changed; null if "
              "it is that of an existing connection."),
};

static const struct schema_object objects[] = {
    OBJECT_OF("ct_mark", mark_members, "A mark of a connection."),
    OBJECT_OF("ct_labels", labels_members, "Labels of a connection."),
    OBJECT_OF("ct_nat", nat_members, "Translation of addresses."),
};

/* What is known of the execution of an action, if something is. */
static const struct schema_member executed_members[] = {
    MEMBER_IF("executed", "boolean|null", "Of a pass: was it executed?  Null "
              "if that is not known."),
    MEMBER_IF("ret", "integer|null", "Of a pass: what came of it; null if "
              "that is not known, or if nothing does."),
    MEMBER_IF("ts", "uint|null", "When it was executed, in ns of "
              "CLOCK_MONOTONIC, at the latest; null if it is not known."),
};

/* Of an event. */
static const struct schema_member event_members[] = {
    MEMBER_IF("event", NULL, "What happened."),
    MEMBER_IF("source", "=" SOURCE_REQUEST "|=" SOURCE_FLOW, "Who tells of "
              "it: the request to execute it, or the flow."),
};

/* Returns an object with a member. */
static struct json *
with_member(const char *name, struct json *value)
{
    struct json *json = json_object_create();

    json_object_put(json, name, value);
    return json;
}

/* Adds the action with 'members' to 'defs' as "action_NAME", where 'name' is
 * what it is called in records; or as "action_unknown" if that is NULL. */
static void
add_action(struct json *defs, const char *name,
           const struct action_members *members)
{
    struct json *json = schema_object_to_json(
        name ? "An action of the datapath." : "An action of which nothing "
        "but its bytes is known.");
    char *event = xasprintf("=%s", upcall_event_name(UPCALL_EVENT_ACTION));
    char *type = name ? xasprintf("=%s", name) : xstrdup("string");
    char *def_name = xasprintf(ACTION_PREFIX "%s", name ? name : "unknown");

    for (size_t i = 0; i < members->n; i++) {
        const struct action_member *m = &members->members[i];

        schema_object_add(json, &(struct schema_member) {
            .name = m->name,
            .type = strcmp(m->name, "action") ? m->type : type,
            .help = m->help,
            .names = m->names,
        });
    }
    for (size_t i = 0; i < ARRAY_SIZE(executed_members); i++) {
        schema_object_add(json, &executed_members[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(event_members); i++) {
        struct schema_member m = event_members[i];

        m.type = m.type ? m.type : event;
        schema_object_add(json, &m);
    }
    json_object_put(defs, def_name, json);
    free(event);
    free(type);
    free(def_name);
}

/* Adds the action that is called 'name' to 'which', which has an element for
 * each. */
static void
add_choice(struct json *which, const char *name)
{
    struct json *json = json_object_create();
    char *ref = xasprintf("@" ACTION_PREFIX "%s", name);
    char *type = xasprintf("=%s", name);

    json_object_put(json, "if", with_member(
        "properties", with_member("action",
                                  schema_type_to_json(type, NULL))));
    json_object_put(json, "then", schema_type_to_json(ref, NULL));
    json_array_add(which, json);
    free(ref);
    free(type);
}

/* Adds "action", any of those that are called 'names'.  Validators that would
 * try one after the other would try all in each that has others in it, so
 * they are told which it is. */
static void
add_any(struct json *defs, const struct svec *names)
{
    struct json *json = json_object_create();
    struct json *known = json_object_create();
    struct json *which = json_array_create_empty();
    struct json *all = json_array_create_empty();
    const char *name;
    size_t i;

    SVEC_FOR_EACH (i, name, names) {
        add_choice(which, name);
        json_array_add(all, json_string_create(name));
    }
    json_object_put(known, "properties", with_member(
        "action", with_member("enum", all)));
    json_object_put(known, "allOf", which);
    json_object_put_string(json, "description", "An action of the datapath.");
    json_object_put(json, "if", with_member(
        "required", json_array_create_1(json_string_create("data"))));
    json_object_put(json, "then",
                    schema_type_to_json("@" ACTION_PREFIX "unknown", NULL));
    json_object_put(json, "else", known);
    json_object_put(defs, "action", json);
}

/* Adds "event_action", an action that is an event. */
static void
add_event(struct json *defs)
{
    struct json *required = json_array_create_empty();
    struct json *rest = json_object_create();
    struct json *json = json_object_create();

    json_array_add(required, json_string_create("event"));
    json_array_add(required, json_string_create("source"));
    json_array_add(required, json_string_create("ts"));
    json_object_put(rest, "required", required);
    json_object_put(json, "allOf", json_array_create_2(
        schema_type_to_json("@action", NULL), rest));
    json_object_put_string(json, "description", "An action is executed, or "
                           "is to be.");
    json_object_put(defs, EVENT_PREFIX "action", json);
}

/* Adds actions, and what is in them, to 'defs'. */
void
action_schema_add(struct json *defs)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;

    schema_add_objects(defs, objects, ARRAY_SIZE(objects));
    for (int type = 0; type < ACTIONS_MAX; type++) {
        const struct nlattr action = { .nla_len = NLA_HDRLEN,
                                       .nla_type = type };
        const struct action_members *members = action_json_members_of(type);

        if (members) {
            struct ds name = DS_EMPTY_INITIALIZER;

            flow_text_action_name(&action, &name);
            add_action(defs, ds_cstr(&name), members);
            svec_add_nocopy(&names, ds_steal_cstr(&name));
        }
    }
    add_action(defs, NULL, &action_json_unknown);
    add_any(defs, &names);
    svec_destroy(&names);
    add_event(defs);
}
