/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/json-values.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "unicode.h"

/* Returns 'value' as JSON. */
struct json *
value_integer(bool known, long long int value)
{
    return known ? json_integer_create(value) : json_null_create();
}

/* Returns 's' as JSON, null if it is NULL.  What is not UTF-8 is escaped. */
struct json *
value_string(const char *s)
{
    struct ds escaped = DS_EMPTY_INITIALIZER;
    size_t length;
    char *error;

    if (!s) {
        return json_null_create();
    }
    error = utf8_validate(s, &length);
    if (!error) {
        return json_string_create(s);
    }
    free(error);
    ds_put_printable(&escaped, s, strlen(s));
    return value_text(true, &escaped);
}

/* Returns what is in 'ds' as JSON.  Destroys 'ds'. */
struct json *
value_text(bool known, struct ds *ds)
{
    if (known) {
        return json_string_create_nocopy(ds_steal_cstr(ds));
    }
    ds_destroy(ds);
    return json_null_create();
}
