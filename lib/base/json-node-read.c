/* SPDX-License-Identifier: Apache-2.0 */

/* Taking members from objects: the second half of json-node.h. */

#include <config.h>

#include "base/json-node.h"

#include <string.h>

#include "base/base64.h"

/* Returns the member 'name' of 'object', NULL if it has none. */
const struct json_node *
json_node_find(const struct json_node *object, const char *name)
{
    size_t len = strlen(name);

    FOR_EACH_JSON_NODE (node, object) {
        if (node->name_len == len && node->name[0] == name[0]
            && !memcmp(node->name, name, len)) {
            return node;
        }
    }
    return NULL;
}

/* Returns the member 'name' of 'object', which may be NULL if something is
 * wrong already, as that is then. */
static const struct json_node *
find(struct json_read *r, const struct json_node *object, const char *name)
{
    const struct json_node *node;

    if (r->error) {
        return NULL;
    }
    node = json_node_find(object, name);
    if (!node) {
        json_read_error(r, "member \"%s\" is missing", name);
    }
    return node;
}

/* Returns 'node', which is 'name', NULL if something is wrong: it has to be of
 * 'type', which is called 'what'. */
static const struct json_node *
check_type(struct json_read *r, const struct json_node *node,
           const char *name, enum json_type type, const char *what)
{
    if (node && node->type != type) {
        json_read_error(r, "member \"%s\" is not %s", name, what);
        return NULL;
    }
    return node;
}

static const struct json_node *
get(struct json_read *r, const struct json_node *object, const char *name,
    enum json_type type, const char *what)
{
    return check_type(r, find(r, object, name), name, type, what);
}

/* The same, but NULL if it is null, too. */
static const struct json_node *
get_if(struct json_read *r, const struct json_node *object, const char *name,
       enum json_type type, const char *what)
{
    const struct json_node *node = find(r, object, name);

    return (!node || node->type == JSON_NULL ? NULL
            : check_type(r, node, name, type, what));
}

/* Returns the object 'name' of 'object', NULL if something is wrong. */
const struct json_node *
json_node_object(struct json_read *r, const struct json_node *object,
                 const char *name)
{
    return get(r, object, name, JSON_OBJECT, "an object");
}

/* The same, but NULL if it is null, too. */
const struct json_node *
json_node_object_if(struct json_read *r, const struct json_node *object,
                    const char *name)
{
    return get_if(r, object, name, JSON_OBJECT, "an object");
}

/* Returns the array 'name' of 'object', NULL if something is wrong. */
const struct json_node *
json_node_array(struct json_read *r, const struct json_node *object,
                const char *name)
{
    return get(r, object, name, JSON_ARRAY, "an array");
}

/* The same, but NULL if it is null, too. */
const struct json_node *
json_node_array_if(struct json_read *r, const struct json_node *object,
                   const char *name)
{
    return get_if(r, object, name, JSON_ARRAY, "an array");
}

/* Returns the string 'name' of 'object', NULL if something is wrong. */
const char *
json_node_string(struct json_read *r, const struct json_node *object,
                 const char *name)
{
    const struct json_node *node = get(r, object, name, JSON_STRING,
                                       "a string");

    return node ? node->string : NULL;
}

/* The same, but NULL if it is null, too. */
const char *
json_node_string_if(struct json_read *r, const struct json_node *object,
                    const char *name)
{
    const struct json_node *node = get_if(r, object, name, JSON_STRING,
                                          "a string");

    return node ? node->string : NULL;
}

/* Returns whether 'name' of 'object' is true, false if something is wrong. */
bool
json_node_bool(struct json_read *r, const struct json_node *object,
               const char *name)
{
    const struct json_node *node = find(r, object, name);

    if (node && node->type != JSON_TRUE && node->type != JSON_FALSE) {
        json_read_error(r, "member \"%s\" is neither true nor false", name);
    }
    return node && node->type == JSON_TRUE;
}

/* Returns the integer 'name' of 'object', which has to be from 'min' to 'max';
 * any of these if something is wrong. */
int64_t
json_node_integer(struct json_read *r, const struct json_node *object,
                  const char *name, int64_t min, int64_t max)
{
    const struct json_node *node = get(r, object, name, JSON_INTEGER,
                                       "an integer");

    return (node ? json_read_check_range(r, node->integer, name, min, max)
            : min);
}

/* Stores the same in '*value' and returns true; false if it is null, or
 * something is wrong: then it is 0. */
bool
json_node_integer_if(struct json_read *r, const struct json_node *object,
                     const char *name, int64_t min, int64_t max,
                     int64_t *value)
{
    const struct json_node *node = get_if(r, object, name, JSON_INTEGER,
                                          "an integer");

    *value = (node ? json_read_check_range(r, node->integer, name, min, max)
              : 0);
    return node && !r->error;
}

/* Returns the number in the string 'name' of 'object', of 64 bits, which has
 * 'prefix' in front; 0 if something is wrong. */
uint64_t
json_node_id(struct json_read *r, const struct json_node *object,
             const char *name, const char *prefix)
{
    uint64_t id;

    json_read_check_id(r, json_node_string(r, object, name), name, prefix,
                       &id);
    return id;
}

/* Stores the same in '*id' and returns true; false if it is null, or something
 * is wrong: then it is 0. */
bool
json_node_id_if(struct json_read *r, const struct json_node *object,
                const char *name, const char *prefix, uint64_t *id)
{
    return json_read_check_id(r, json_node_string_if(r, object, name), name,
                              prefix, id);
}

/* Appends the bytes that the string 'name' of 'object' has in base 64 to 'b'.
 * Returns false if it is null, or something is wrong. */
bool
json_node_base64_if(struct json_read *r, const struct json_node *object,
                    const char *name, struct ofpbuf *b)
{
    const char *s = json_node_string_if(r, object, name);

    return s && json_read_put_base64(r, s, name, b);
}
