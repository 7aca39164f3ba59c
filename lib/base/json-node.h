/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_NODE_H
#define LIB_JSON_NODE_H 1

/* JSON that is read from many lines, one after the other.
 *
 * OVS's parser (openvswitch/json.h) makes a hash table of each object, and
 * takes memory for each value.  Here all values of a line are in memory that
 * the next line uses again, and members of an object, of which there are few,
 * in a list; which is several times as fast.  What is accepted, and what it
 * means, is the same, but for what is not UTF-8: among members of the same
 * name the last one counts.  Members are taken with the functions below, as
 * with those of json-read.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json-read.h"
#include "openvswitch/json.h"

struct ofpbuf;

/* Most values in a line, so that the memory for them is bounded. */
#define JSON_TREE_MAX 262144

struct json_node {
    enum json_type type;        /* JSON_INTEGER or JSON_REAL as in OVS. */
    uint32_t name_len;
    const char *name;           /* Of a member of an object, else NULL. */
    const struct json_node *next;       /* Next element or member, or NULL. */
    size_t n;                   /* Of elements or members. */
    union {
        const struct json_node *first;  /* JSON_OBJECT: in no order, but
                                         * the last of the same name first.
                                         * JSON_ARRAY: in order.  Or NULL. */
        const char *string;     /* JSON_STRING. */
        int64_t integer;        /* JSON_INTEGER. */
    };
};

#define FOR_EACH_JSON_NODE(NODE, PARENT)                    \
    for (const struct json_node *NODE = (PARENT)->first;    \
         NODE; NODE = NODE->next)

struct json_tree;

struct json_tree *json_tree_create(void);
void json_tree_destroy(struct json_tree *);
void json_tree_set_max(struct json_tree *, size_t n);
const struct json_node *json_tree_parse(struct json_tree *, const char *text,
                                        size_t len, char **error);

const struct json_node *json_node_find(const struct json_node *object,
                                       const char *name);

/* As in json-read.h. */
const struct json_node *json_node_object(struct json_read *,
                                         const struct json_node *,
                                         const char *name);
const struct json_node *json_node_object_if(struct json_read *,
                                            const struct json_node *,
                                            const char *name);
const struct json_node *json_node_array(struct json_read *,
                                        const struct json_node *,
                                        const char *name);
const struct json_node *json_node_array_if(struct json_read *,
                                           const struct json_node *,
                                           const char *name);
const char *json_node_string(struct json_read *, const struct json_node *,
                             const char *name);
const char *json_node_string_if(struct json_read *, const struct json_node *,
                                const char *name);
bool json_node_bool(struct json_read *, const struct json_node *,
                    const char *name);
int64_t json_node_integer(struct json_read *, const struct json_node *,
                          const char *name, int64_t min, int64_t max);
bool json_node_integer_if(struct json_read *, const struct json_node *,
                          const char *name, int64_t min, int64_t max,
                          int64_t *value);
uint64_t json_node_id(struct json_read *, const struct json_node *,
                      const char *name, const char *prefix);
bool json_node_id_if(struct json_read *, const struct json_node *,
                     const char *name, const char *prefix, uint64_t *id);
bool json_node_base64_if(struct json_read *, const struct json_node *,
                         const char *name, struct ofpbuf *);

#endif /* lib/base/json-node.h */
