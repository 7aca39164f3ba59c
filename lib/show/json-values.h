/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_VALUES_H
#define LIB_JSON_VALUES_H 1

/* Values of which a tree of "struct json" is made: null if they are not
 * known.  Upcalls and flows, of which there are many, are written without a
 * tree: see json-writer.h. */

#include <stdbool.h>

#include "openvswitch/json.h"

struct ds;

/* Sets member 'key' of 'o' to 'value'. */
static inline void
put(struct json *o, const char *key, struct json *value)
{
    json_object_put(o, key, value);
}

struct json *value_integer(bool known, long long int value);
struct json *value_string(const char *);
struct json *value_datapath(const char *name);
struct json *value_text(bool known, struct ds *);

#endif /* lib/show/json-values.h */
