/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-json.h"

#include "openvswitch/shash.h"

/* Returns the member 'name' of 'json', which need not be an object or have
 * it, and may be NULL, if it is of 'type', else NULL. */
const struct json *
trace_json_get(const struct json *json, const char *name, enum json_type type)
{
    const struct json *member;

    member = (json && json->type == JSON_OBJECT
              ? shash_find_data(json_object(json), name) : NULL);
    return member && member->type == type ? member : NULL;
}

/* Returns the number 'name' of 'json', likewise, -1 if it has none. */
int64_t
trace_json_number(const struct json *json, const char *name)
{
    const struct json *number = trace_json_get(json, name, JSON_INTEGER);

    return number ? json_integer(number) : -1;
}

/* Returns the number 'name' of the JSON object 'text', which may be something
 * else, -1 if it has none. */
int64_t
trace_json_text_number(const char *text, const char *name)
{
    struct json *json = json_from_string(text);
    int64_t number = trace_json_number(json, name);

    json_destroy(json);
    return number;
}
