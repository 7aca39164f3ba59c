/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/json-values.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"

/* Returns 'value' as JSON. */
struct json *
value_integer(bool known, long long int value)
{
    return known ? json_integer_create(value) : json_null_create();
}

/* Returns 's' as JSON, null if it is NULL.  What may not be in JSON as it is
 * is escaped. */
struct json *
value_string(const char *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (s) {
        printable_put_utf8(&ds, s);
    }
    return value_text(s, &ds);
}

/* Returns the name of the datapath 'name' as OVS's commands want it, null if
 * that is NULL. */
struct json *
value_datapath(const char *name)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (name) {
        ds_put_cstr(&ds, "system@");
        printable_put_utf8(&ds, name);
    }
    return value_text(name, &ds);
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
