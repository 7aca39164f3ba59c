/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_NODE_PRIVATE_H
#define LIB_JSON_NODE_PRIVATE_H 1

/* What the files of the parser of json-node.h have in common. */

#include <stdbool.h>
#include <stddef.h>

#include "base/json-node.h"

/* Nodes for which memory is taken at once. */
#define JSON_TREE_CHUNK 1024
#define JSON_TREE_CHUNKS (JSON_TREE_MAX / JSON_TREE_CHUNK)

struct json_tree {
    struct json_node *chunks[JSON_TREE_CHUNKS];     /* NULL if one was not
                                                     * needed yet. */
    size_t n_nodes;             /* In use, */
    size_t max_nodes;           /* and so many at most. */
    char *strings;              /* All strings of the text, */
    size_t allocated;           /* for which there are so many bytes, */
    char *free;                 /* of which from here on are not in use. */

    /* What is parsed. */
    const char *text;
    const char *p, *end;
    char *error;                /* What is wrong, or NULL. */
};

bool json_tree_fail(struct json_tree *, const char *what);
bool json_tree_take_rest(struct json_tree *);

/* Takes 'c', if that is next. */
static inline bool
json_tree_take(struct json_tree *t, char c)
{
    bool has = t->p < t->end && *t->p == c;

    t->p += has;
    return has;
}

#endif /* lib/base/json-node-private.h */
