/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_SCHEMA_H
#define LIB_JSON_SCHEMA_H 1

/* Says what JSON we write, in tables of objects and their members, of which a
 * JSON Schema (draft 2020-12) and a manual page are made.
 *
 * A type is text:
 *
 *     null, boolean, integer, number, string
 *     uint        an integer, not negative
 *     base64      a string of bytes in base 64
 *     hex         a string of bytes, two digits in base 16 each
 *     0x          a string, a number in base 16 that begins with "0x"
 *     id          a string, the number of an upcall
 *     pass        a string, "p" and the number of a pass
 *     ufid        a string, the name of a flow of the datapath
 *     names       one of the names that the member's function has
 *     =NAME       this string
 *     @NAME       an object of the table with this name
 *     [TYPE]      an array
 *     {TYPE}      an object whose members may have any name
 *     TYPE|TYPE   one or the other */

#include <stdbool.h>
#include <stddef.h>

struct json;

struct schema_member {
    const char *name;
    const char *type;
    const char *help;           /* A sentence or more. */
    const char *(*names)(int number);   /* Returns the name with 'number', from
                                         * 0 on, NULL if there are no more. */
    bool optional;              /* May it be missing? */
};

struct schema_object {
    const char *name;
    const char *help;           /* A sentence or more. */
    const struct schema_member *members;
    size_t n;
};

/* Initialize a "struct schema_member": of any type, with names, and one that
 * may be missing. */
#define MEMBER_OF(NAME, TYPE, HELP) { NAME, TYPE, HELP, NULL, false }
#define MEMBER_NAMES(NAME, TYPE, NAMES, HELP) \
    { NAME, TYPE, HELP, NAMES, false }
#define MEMBER_IF(NAME, TYPE, HELP) { NAME, TYPE, HELP, NULL, true }

/* Initializes a "struct schema_object" with an array of members. */
#define OBJECT_OF(NAME, MEMBERS, HELP) \
    { NAME, HELP, MEMBERS, ARRAY_SIZE(MEMBERS) }

struct json *schema_type_to_json(const char *type,
                                 const char *(*names)(int number));
struct json *schema_member_to_json(const struct schema_member *);
struct json *schema_object_to_json(const char *help);
void schema_object_add(struct json *object, const struct schema_member *);
void schema_add_objects(struct json *defs, const struct schema_object *,
                        size_t n);

#endif /* lib/base/json-schema.h */
