/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/upcall-json-values.h"

#include <stdlib.h>
#include <string.h>

#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/record.h"
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

/* Returns the port 'port_no' in the datapath of 'u', with the name that it has
 * in 'map', which may be NULL. */
struct json *
value_port(const struct upcall *u, bool known, uint32_t port_no,
           const struct port_map *map)
{
    struct json *o;

    if (!known) {
        return json_null_create();
    }
    o = json_object_create();
    put(o, "name", value_string(upcall_port_name(u, port_no, map)));
    put(o, "number", value_integer(true, port_no));
    return o;
}

/* Returns the unique identifier of the flow that was put for 'u'. */
struct json *
value_ufid(const struct upcall *u)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_ufid(u->rec->ufid, &ds);
    return value_text(u->rec->flags & UPCALL_F_UFID, &ds);
}
