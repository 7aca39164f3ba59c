/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ACTION_JSON_H
#define LIB_ACTION_JSON_H 1

/* An action of the datapath, as an attribute OVS_ACTION_ATTR_*, with all its
 * arguments as members of a JSON object.
 *
 * Members are in the order of their names, so those of an object that has
 * others, too, are written in parts:
 *
 *     action_json_init(&j, action, place, w);
 *     json_write_object(w, NULL);
 *     action_json_write_until(&j, "event");
 *     json_write_string(w, "event", ...);
 *     action_json_write_until(&j, NULL);
 *     json_write_end_object(w);
 *
 * What is unknown is null; see record/action.h. */

#include <stddef.h>

struct executed;
struct json_writer;
struct nlattr;
struct place;

/* Most numbers of attributes in an action. */
#define ACTION_JSON_ATTRS 16

struct action_json {
    const struct nlattr *action;
    const struct place *place;
    struct json_writer *w;
    const struct action_member *next, *end;     /* Not written yet. */
    int depth;                  /* Actions around it. */

    /* If this is set after action_json_init(), what is known of the execution
     * of the actions in this one is among their members. */
    const struct executed *executed;

    /* The attributes in it, by their type, NULL for those that it has not. */
    const struct nlattr *attrs[ACTION_JSON_ATTRS];
};

void action_json_init(struct action_json *, const struct nlattr *action,
                      const struct place *, struct json_writer *);
void action_json_executed(struct action_json *);
void action_json_result(struct action_json *);
void action_json_write_until(struct action_json *, const char *name);
void action_json_write(struct action_json *, const char *name);

#endif /* lib/show/action-json.h */
