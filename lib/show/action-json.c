/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/action-json-private.h"

#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/action.h"
#include "record/pass-executed.h"
#include "record/pass.h"
#include "record/record.h"

static void init(struct action_json *, const struct nlattr *action,
                 const struct place *, struct json_writer *, int depth);

/* Prepares '*j' for writing 'action', which happens at 'place', with 'w'. */
void
action_json_init(struct action_json *j, const struct nlattr *action,
                 const struct place *place, struct json_writer *w)
{
    init(j, action, place, w, 0);
}

/* Writes whether 'j' was executed, null if that is not known. */
void
action_json_executed(struct action_json *j)
{
    const struct pass_executed *entry;
    enum executed_state state = (j->executed
                                 ? executed_get(j->executed, j->action, &entry)
                                 : EXECUTED_UNKNOWN);

    if (state == EXECUTED_UNKNOWN) {
        json_write_null(j->w, "executed");
    } else {
        json_write_bool(j->w, "executed", state == EXECUTED_YES);
    }
}

/* Writes what came of 'j', null if that is not known. */
void
action_json_result(struct action_json *j)
{
    int result = 0;
    bool known = j->executed && executed_result(j->executed, j->action,
                                                &result);

    json_write_integer_if(j->w, "ret", known, result);
}

/* Writes 'j', which is in another action, with what is known of its
 * execution. */
static void
write_executed(struct action_json *j)
{
    const struct pass_executed *entry;

    action_json_write_until(j, "executed");
    action_json_executed(j);
    action_json_write_until(j, "ret");
    action_json_result(j);
    action_json_write_until(j, "ts");
    executed_get(j->executed, j->action, &entry);
    json_write_integer_if(j->w, "ts", entry,
                          entry ? j->executed->ts + entry->ns : 0);
}

/* Writes the members of 'j' that were not written yet and whose names come
 * before 'name', or all of them if that is NULL. */
void
action_json_write_until(struct action_json *j, const char *name)
{
    while (j->next < j->end && (!name || strcmp(j->next->name, name) < 0)) {
        j->next->write(j, j->next->name, j->next->arg);
        j->next++;
    }
}

static void
init(struct action_json *j, const struct nlattr *action,
     const struct place *place, struct json_writer *w, int depth)
{
    const struct action_members *m = action_json_members(action);

    j->action = action;
    j->place = place;
    j->w = w;
    j->next = m->members;
    j->end = m->members + m->n;
    j->depth = depth;
    j->executed = NULL;
    memset(j->attrs, 0, sizeof j->attrs);
    if (m->nested) {
        action_json_parse(action, j->attrs);
    }
}

/* Stores the attributes in 'nested' in 'attrs', by their type. */
void
action_json_parse(const struct nlattr *nested,
                  const struct nlattr *attrs[ACTION_JSON_ATTRS])
{
    const struct nlattr *a;
    size_t left;

    NL_NESTED_FOR_EACH (a, left, nested) {
        if (nl_attr_type(a) < ACTION_JSON_ATTRS) {
            attrs[nl_attr_type(a)] = a;
        }
    }
}

/* Returns the attribute 'type' in 'attrs', NULL if it is not there or does not
 * have 'size' bytes. */
const struct nlattr *
action_json_attr(const struct nlattr *const attrs[], int type, size_t size)
{
    const struct nlattr *a = attrs[type];

    return a && nl_attr_get_size(a) == size ? a : NULL;
}

/* Members that several actions have. */

/* Writes the number of 16 bits that the attribute 'type' is. */
void
action_json_u16(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 2);

    json_write_integer_if(j->w, name, a, a ? nl_attr_get_u16(a) : 0);
}

/* Writes the number of 32 bits that the attribute 'type' is. */
void
action_json_u32(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 4);

    json_write_integer_if(j->w, name, a, a ? nl_attr_get_u32(a) : 0);
}

/* Writes whether the attribute 'type' is there. */
void
action_json_flag(const struct action_json *j, const char *name, int type)
{
    json_write_bool(j->w, name, j->attrs[type]);
}

/* Writes the name of the action, or its number if it has none. */
void
action_json_name(const struct action_json *j, const char *name,
                 int arg OVS_UNUSED)
{
    struct ds *ds = json_write_text(j->w, name);

    if (flow_text_action_is_known(j->action)) {
        flow_text_action_name(j->action, ds);
    } else {
        ds_put_format(ds, "%d", action_number(j->action));
    }
    json_write_end_text(j->w);
}

/* Writes the action as dpctl prints it. */
void
action_json_text(const struct action_json *j, const char *name,
                 int arg OVS_UNUSED)
{
    flow_text_action(j->action, json_write_text(j->w, name));
    json_write_end_text(j->w);
}

/* Writes the 'size' bytes at 'bytes' in base 16. */
void
action_json_hex(struct json_writer *w, const char *name, const void *bytes,
                size_t size)
{
    struct ds *ds = json_write_text(w, name);
    const uint8_t *b = bytes;

    for (size_t i = 0; i < size; i++) {
        ds_put_format(ds, "%02x", b[i]);
    }
    json_write_end_text(w);
}

/* Writes 'j', of which nothing was written yet, as an object, with what is
 * known of its execution if 'j->executed' is set. */
void
action_json_write(struct action_json *j, const char *name)
{
    json_write_object(j->w, name);
    if (j->executed) {
        write_executed(j);
    }
    action_json_write_until(j, NULL);
    json_write_end_object(j->w);
}

/* Writes 'list', which is in 'j', as an array. */
static void
write_list(const struct action_json *j, const char *name,
           const struct upcall_attrs *list)
{
    const struct nlattr *a;
    size_t left;

    json_write_array(j->w, name);
    NL_ATTR_FOR_EACH (a, left, list->data, list->len) {
        struct action_json inner;

        init(&inner, a, j->place, j->w, j->depth + 1);
        inner.executed = j->executed;
        action_json_write(&inner, NULL);
    }
    json_write_end_array(j->w);
}

/* Writes the list of actions 'i' of action_lists(). */
void
action_json_list(const struct action_json *j, const char *name, int i)
{
    struct upcall_attrs lists[ACTION_LISTS_MAX];
    size_t n = (j->depth < ACTION_MAX_DEPTH
                ? action_lists(j->action, lists) : 0);

    if (i < n) {
        write_list(j, name, &lists[i]);
    } else {
        json_write_null(j->w, name);
    }
}
