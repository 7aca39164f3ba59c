/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/json-read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Returns what is wrong, NULL if nothing is.  The caller frees it. */
char *
json_read_finish(struct json_read *r)
{
    char *error = r->error;

    r->error = NULL;
    return error;
}

/* Notes that something is wrong, unless something was before. */
void
json_read_error(struct json_read *r, const char *format, ...)
{
    va_list args;

    if (!r->error) {
        va_start(args, format);
        r->error = xvasprintf(format, args);
        va_end(args);
    }
}

/* Returns the member 'name' of 'object', which may be NULL if something is
 * wrong already, as that is then. */
static const struct json *
find(struct json_read *r, const struct json *object, const char *name)
{
    const struct json *json;

    if (r->error) {
        return NULL;
    }
    json = shash_find_data(json_object(object), name);
    if (!json) {
        json_read_error(r, "member \"%s\" is missing", name);
    }
    return json;
}

/* Returns the member 'name' of 'object', NULL if something is wrong: it has to
 * be of 'type', which is called 'what'. */
static const struct json *
get(struct json_read *r, const struct json *object, const char *name,
    enum json_type type, const char *what)
{
    const struct json *json = find(r, object, name);

    if (json && json->type != type) {
        json_read_error(r, "member \"%s\" is not %s", name, what);
        return NULL;
    }
    return json;
}

/* The same, but NULL if it is null, too. */
static const struct json *
get_if(struct json_read *r, const struct json *object, const char *name,
       enum json_type type, const char *what)
{
    const struct json *json = find(r, object, name);

    return (!json || json->type == JSON_NULL ? NULL
            : get(r, object, name, type, what));
}

/* Returns the object 'name' of 'object', NULL if something is wrong. */
const struct json *
json_read_object(struct json_read *r, const struct json *object,
                 const char *name)
{
    return get(r, object, name, JSON_OBJECT, "an object");
}

/* The same, but NULL if it is null, too. */
const struct json *
json_read_object_if(struct json_read *r, const struct json *object,
                    const char *name)
{
    return get_if(r, object, name, JSON_OBJECT, "an object");
}

/* Returns the array 'name' of 'object', NULL if something is wrong. */
const struct json *
json_read_array(struct json_read *r, const struct json *object,
                const char *name)
{
    return get(r, object, name, JSON_ARRAY, "an array");
}

/* The same, but NULL if it is null, too. */
const struct json *
json_read_array_if(struct json_read *r, const struct json *object,
                   const char *name)
{
    return get_if(r, object, name, JSON_ARRAY, "an array");
}

/* Returns the string 'name' of 'object', NULL if something is wrong. */
const char *
json_read_string(struct json_read *r, const struct json *object,
                 const char *name)
{
    const struct json *json = get(r, object, name, JSON_STRING, "a string");

    return json ? json_string(json) : NULL;
}

/* The same, but NULL if it is null, too. */
const char *
json_read_string_if(struct json_read *r, const struct json *object,
                    const char *name)
{
    const struct json *json = get_if(r, object, name, JSON_STRING,
                                     "a string");

    return json ? json_string(json) : NULL;
}

/* Returns whether 'name' of 'object' is true, false if something is wrong. */
bool
json_read_bool(struct json_read *r, const struct json *object,
               const char *name)
{
    const struct json *json = find(r, object, name);

    if (json && json->type != JSON_TRUE && json->type != JSON_FALSE) {
        json_read_error(r, "member \"%s\" is neither true nor false", name);
    }
    return json && json->type == JSON_TRUE;
}

/* Returns 'value', which is 'name', if it is from 'min' to 'max'; else
 * something is wrong, and it is 'min'. */
int64_t
json_read_check_range(struct json_read *r, int64_t value, const char *name,
                      int64_t min, int64_t max)
{
    if (value < min || value > max) {
        json_read_error(r, "member \"%s\" is not from %"PRId64" to %"PRId64,
                        name, min, max);
        value = min;
    }
    return value;
}

/* Returns the integer 'name' of 'object', which has to be from 'min' to 'max';
 * any of these if something is wrong. */
int64_t
json_read_integer(struct json_read *r, const struct json *object,
                  const char *name, int64_t min, int64_t max)
{
    const struct json *json = get(r, object, name, JSON_INTEGER,
                                  "an integer");

    return (json ? json_read_check_range(r, json_integer(json), name, min, max)
            : min);
}

/* Stores the same in '*value' and returns true; false if it is null, or
 * something is wrong: then it is 0. */
bool
json_read_integer_if(struct json_read *r, const struct json *object,
                     const char *name, int64_t min, int64_t max,
                     int64_t *value)
{
    const struct json *json = get_if(r, object, name, JSON_INTEGER,
                                     "an integer");

    *value = (json ? json_read_check_range(r, json_integer(json), name, min,
                                           max) : 0);
    return json && !r->error;
}

/* Stores the number in 's' behind 'prefix' in '*id'.  Returns false if that is
 * not how it is written. */
static bool
parse_id(const char *s, const char *prefix, uint64_t *id)
{
    size_t len = strlen(prefix);
    char *end;

    if (strncmp(s, prefix, len) || s[len] < '0' || s[len] > '9') {
        return false;
    }
    errno = 0;
    *id = strtoull(s + len, &end, 10);
    return !errno && !*end && (s[len] != '0' || end == s + len + 1);
}

/* If 's', which is 'name', is not NULL, stores the number in it in '*id', and
 * returns true; else that is 0. */
bool
json_read_check_id(struct json_read *r, const char *s, const char *name,
                   const char *prefix, uint64_t *id)
{
    *id = 0;
    if (s && !parse_id(s, prefix, id)) {
        json_read_error(r, "member \"%s\" is not a number behind \"%s\"",
                        name, prefix);
        *id = 0;
    }
    return s && !r->error;
}

/* Returns the number in the string 'name' of 'object', of 64 bits, which has
 * 'prefix' in front; 0 if something is wrong. */
uint64_t
json_read_id(struct json_read *r, const struct json *object,
             const char *name, const char *prefix)
{
    uint64_t id;

    json_read_check_id(r, json_read_string(r, object, name), name, prefix,
                       &id);
    return id;
}

/* Stores the same in '*id' and returns true; false if it is null, or something
 * is wrong: then it is 0. */
bool
json_read_id_if(struct json_read *r, const struct json *object,
                const char *name, const char *prefix, uint64_t *id)
{
    return json_read_check_id(r, json_read_string_if(r, object, name), name,
                              prefix, id);
}

/* Appends the bytes that 's', which is 'name', has in base 64 to 'b'.  Returns
 * false if something is wrong. */
bool
json_read_put_base64(struct json_read *r, const char *s, const char *name,
                     struct ofpbuf *b)
{
    if (!base64_get(b, s)) {
        json_read_error(r, "member \"%s\" is not in base 64", name);
    }
    return !r->error;
}

/* Appends the bytes that the string 'name' of 'object' has in base 64 to 'b'.
 * Returns false if it is null, or something is wrong. */
bool
json_read_base64_if(struct json_read *r, const struct json *object,
                    const char *name, struct ofpbuf *b)
{
    const char *s = json_read_string_if(r, object, name);

    return s && json_read_put_base64(r, s, name, b);
}
