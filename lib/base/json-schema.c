/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/json-schema.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* The types that have a name: what JSON calls them, and what else is to be
 * said of them. */
static const struct named_type {
    const char *name, *type;
    const char *keyword, *value;        /* Or NULL. */
} named_types[] = {
    { "null", "null", NULL, NULL },
    { "boolean", "boolean", NULL, NULL },
    { "integer", "integer", NULL, NULL },
    { "number", "number", NULL, NULL },
    { "string", "string", NULL, NULL },
    { "uint", "integer", "minimum", NULL },
    { "base64", "string", "contentEncoding", "base64" },
    { "hex", "string", "pattern", "^([0-9a-f][0-9a-f])*$" },
    { "0x", "string", "pattern", "^(0x[0-9a-f]+|0)$" },
    { "id", "string", "pattern", "^[0-9]+$" },
    { "pass", "string", "pattern", "^p[0-9]+$" },
    { "ufid", "string", "pattern",
      "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" },
};

/* Returns the type whose name are the 'len' bytes at 's', which must be
 * one. */
static const struct named_type *
get_named_type(const char *s, size_t len)
{
    for (size_t i = 0; i < ARRAY_SIZE(named_types); i++) {
        const struct named_type *t = &named_types[i];

        if (strlen(t->name) == len && !memcmp(t->name, s, len)) {
            return t;
        }
    }
    OVS_NOT_REACHED();
}

/* Returns how many bytes the first of the alternatives in 'type' has, which
 * "|" ends if it is not within brackets. */
static size_t
first_len(const char *type)
{
    size_t n = 0;

    for (int depth = 0; type[n] && (type[n] != '|' || depth); n++) {
        depth += (type[n] == '[' || type[n] == '{' ? 1
                  : type[n] == ']' || type[n] == '}' ? -1 : 0);
    }
    return n;
}

/* Sets '*s' and '*len' to the next alternative of '*type', and moves '*type'
 * behind that.  Returns false if there are no more. */
static bool
next_alternative(const char **type, const char **s, size_t *len)
{
    if (!**type) {
        return false;
    }
    *s = *type;
    *len = first_len(*type);
    *type += *len + ((*type)[*len] == '|');
    return true;
}

static struct json *
string_to_json(const char *s, size_t len)
{
    return json_string_create_nocopy(xmemdup0(s, len));
}

/* Returns an object with a member. */
static struct json *
with_member(const char *name, struct json *value)
{
    struct json *json = json_object_create();

    json_object_put(json, name, value);
    return json;
}

/* Returns the schema of all names that 'names' has. */
static struct json *
names_to_json(const char *(*names)(int number))
{
    struct json *array = json_array_create_empty();
    const char *name;

    for (int i = 0; (name = names(i)); i++) {
        json_array_add(array, json_string_create(name));
    }
    return with_member("enum", array);
}

static struct json *
named_to_json(const struct named_type *t)
{
    struct json *json = with_member("type", json_string_create(t->type));

    if (t->value) {
        json_object_put_string(json, t->keyword, t->value);
    } else if (t->keyword) {
        json_object_put(json, t->keyword, json_integer_create(0));
    }
    return json;
}

/* Returns the schema of 'type', all of which are, by 'keyword', of the type
 * that is between the first and the last of the 'len' bytes at 's'. */
static struct json *
of_inner(const char *type, const char *keyword, const char *s, size_t len,
         const char *(*names)(int number))
{
    struct json *json = with_member("type", json_string_create(type));
    char *inner = xmemdup0(s + 1, len - 2);

    json_object_put(json, keyword, schema_type_to_json(inner, names));
    free(inner);
    return json;
}

/* Returns the schema of the alternative 's', of 'len' bytes. */
static struct json *
alternative_to_json(const char *s, size_t len,
                    const char *(*names)(int number))
{
    char *ref;

    switch (*s) {
    case '=':
        return with_member("const", string_to_json(s + 1, len - 1));
    case '@':
        ref = xasprintf("#/$defs/%.*s", (int) len - 1, s + 1);
        return with_member("$ref", json_string_create_nocopy(ref));
    case '[':
        return of_inner("array", "items", s, len, names);
    case '{':
        return of_inner("object", "additionalProperties", s, len, names);
    default:
        return (len == strlen("names") && !memcmp(s, "names", len)
                ? names_to_json(names)
                : named_to_json(get_named_type(s, len)));
    }
}

/* Adds null to what 'json', the schema of an alternative, allows.  Returns
 * false if it has to be an alternative of its own. */
static bool
allow_null(struct json *json)
{
    const struct json *type = shash_find_data(json_object(json), "type");
    struct json *names = shash_find_data(json_object(json), "enum");

    if (names) {
        json_array_add(names, json_null_create());
    } else if (type) {
        json_object_put(json, "type",
                        json_array_create_2(json_clone(type),
                                            json_string_create("null")));
    }
    return names || type;
}

/* Returns the schema of 'type'; 'names' has the names if that needs some.  The
 * caller frees it. */
struct json *
schema_type_to_json(const char *type, const char *(*names)(int number))
{
    struct json *any = json_array_create_empty();
    struct json *first = NULL;
    bool or_null = false;
    size_t n = 0, len;
    const char *s;

    while (next_alternative(&type, &s, &len)) {
        if (len == strlen("null") && !memcmp(s, "null", len)) {
            or_null = true;
        } else {
            first = alternative_to_json(s, len, names);
            json_array_add(any, first);
            n++;
        }
    }
    if (n == 1 && (!or_null || allow_null(first))) {
        first = json_clone(first);
        json_destroy(any);
        return first;
    }
    if (or_null || !n) {
        json_array_add(any, named_to_json(get_named_type("null", 4)));
    }
    return with_member("anyOf", any);
}

/* Returns the schema of 'member'.  The caller frees it. */
struct json *
schema_member_to_json(const struct schema_member *member)
{
    struct json *json = schema_type_to_json(member->type, member->names);

    json_object_put_string(json, "description", member->help);
    return json;
}

/* Returns the schema of an object without members.  The caller frees it. */
struct json *
schema_object_to_json(const char *help)
{
    struct json *json = with_member("type", json_string_create("object"));

    json_object_put_string(json, "description", help);
    json_object_put(json, "properties", json_object_create());
    json_object_put(json, "required", json_array_create_empty());
    json_object_put(json, "additionalProperties", json_boolean_create(false));
    return json;
}

/* Adds 'member' to 'object', which is from schema_object_to_json(). */
void
schema_object_add(struct json *object, const struct schema_member *member)
{
    struct json *properties = shash_find_data(json_object(object),
                                              "properties");

    json_object_put(properties, member->name, schema_member_to_json(member));
    if (!member->optional) {
        json_array_add(shash_find_data(json_object(object), "required"),
                       json_string_create(member->name));
    }
}

/* Adds the schemas of the 'n' objects at 'objects' to 'defs', by their
 * names. */
void
schema_add_objects(struct json *defs, const struct schema_object *objects,
                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct schema_object *o = &objects[i];
        struct json *json = schema_object_to_json(o->help);

        for (size_t j = 0; j < o->n; j++) {
            schema_object_add(json, &o->members[j]);
        }
        json_object_put(defs, o->name, json);
    }
}
