/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_JSON_VALUES_H
#define LIB_UPCALL_JSON_VALUES_H 1

/* Values of which upcalls in JSON are made: null if they are not known.  Only
 * upcall-json.c, upcall-json-events.c and flow-show.c use this. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/json.h"

struct ds;
struct port_map;
struct upcall;

/* Sets member 'key' of 'o' to 'value'. */
static inline void
put(struct json *o, const char *key, struct json *value)
{
    json_object_put(o, key, value);
}

struct json *value_integer(bool known, long long int value);
struct json *value_string(const char *);
struct json *value_text(bool known, struct ds *);

struct json *value_port(const struct upcall *, bool known, uint32_t port_no,
                        const struct port_map *);
struct json *value_ufid(const struct upcall *);

#endif /* lib/show/upcall-json-values.h */
