/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ACTION_JSON_PRIVATE_H
#define LIB_ACTION_JSON_PRIVATE_H 1

/* For the action-json*.c only. */

#include <stdbool.h>

#include "show/action-json.h"

struct json_writer;

/* A member of the object. */
struct action_member {
    const char *name;

    /* Writes it.  'arg' is whatever this needs, mostly the type of the
     * attribute in the action. */
    void (*write)(const struct action_json *, const char *name, int arg);
    int arg;

    const char *type, *help;    /* What is written, see base/json-schema.h. */
    const char *(*names)(int number);
};

/* The members that are an action's own, in the order of their names, and
 * "action" and "text". */
struct action_members {
    const struct action_member *members;
    size_t n;
    size_t size;                /* Of the argument, in bytes, if it is not 0:
                                 * of others nothing is known. */
    bool nested;                /* Are there attributes in it? */
};

const struct action_members *action_json_members(const struct nlattr *);
const struct action_members *action_json_members_of(int type);

/* Those with a file of their own. */
extern const struct action_members action_json_ct;
extern const struct action_members action_json_push_nsh;
extern const struct action_members action_json_set;
extern const struct action_members action_json_set_masked;

/* Those of which only the bytes are known. */
extern const struct action_members action_json_unknown;

/* Members that all actions have. */
#define ACTION                                                              \
    { "action", action_json_name, 0, "string",                              \
      "The name of the action, as dpctl calls it; its number if it has "    \
      "none.", NULL }
#define TEXT                                                                \
    { "text", action_json_text, 0, "string",                                \
      "The action as dpctl prints it.", NULL }

/* What members have in common. */
void action_json_u16(const struct action_json *, const char *name, int type);
void action_json_u32(const struct action_json *, const char *name, int type);
void action_json_flag(const struct action_json *, const char *name, int type);
void action_json_name(const struct action_json *, const char *name, int);
void action_json_text(const struct action_json *, const char *name, int);
void action_json_hex(struct json_writer *, const char *name,
                     const void *bytes, size_t size);
void action_json_list(const struct action_json *, const char *name, int type);
void action_json_parse(const struct nlattr *nested,
                       const struct nlattr *attrs[ACTION_JSON_ATTRS]);
const struct nlattr *action_json_attr(const struct nlattr *const attrs[],
                                      int type, size_t size);

#endif /* lib/show/action-json-private.h */
