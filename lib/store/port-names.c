/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "store/port-names.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/user-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "store/port-map.h"
#include "svec.h"
#include "util.h"

/* Names that port_names_put_some() prints. */
#define SOME 10

/* Initializes 'p' without names.  The caller must destroy it with
 * port_names_destroy(). */
void
port_names_init(struct port_names *p)
{
    sset_init(&p->names);
    sset_init(&p->patterns);
}

/* Initializes 'dst' with a copy of 'src'.  The caller must destroy it with
 * port_names_destroy(). */
void
port_names_clone(struct port_names *dst, const struct port_names *src)
{
    sset_clone(&dst->names, &src->names);
    sset_clone(&dst->patterns, &src->patterns);
}

/* Frees the names in 'p'. */
void
port_names_destroy(struct port_names *p)
{
    sset_destroy(&p->names);
    sset_destroy(&p->patterns);
}

/* Adds a copy of 'name', which may be a pattern, to 'p'. */
void
port_names_add(struct port_names *p, const char *name)
{
    sset_add(user_text_is_pattern(name) ? &p->patterns : &p->names, name);
}

/* Returns true if 'p' has no name. */
bool
port_names_is_empty(const struct port_names *p)
{
    return sset_is_empty(&p->names) && sset_is_empty(&p->patterns);
}

/* Returns the number of names and patterns in 'p'. */
size_t
port_names_count(const struct port_names *p)
{
    return sset_count(&p->names) + sset_count(&p->patterns);
}

/* Returns true if the port named 'port' is among those that 'p' has chosen. */
bool
port_names_has(const struct port_names *p, const char *port)
{
    const char *pattern;

    if (sset_contains(&p->names, port)) {
        return true;
    }
    SSET_FOR_EACH (pattern, &p->patterns) {
        if (user_text_matches(port, pattern)) {
            return true;
        }
    }
    return false;
}

/* Appends the names and patterns of 'p' to 'names'. */
static void
add_all(const struct port_names *p, struct svec *names)
{
    const char *name;

    SSET_FOR_EACH (name, &p->names) {
        svec_add(names, name);
    }
    SSET_FOR_EACH (name, &p->patterns) {
        svec_add(names, name);
    }
}

/* Returns the names and patterns of 'p', in order, as an array that the caller
 * must free, null if there are none. */
struct json *
port_names_to_json(const struct port_names *p)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct json *array;
    const char *name;
    size_t i;

    if (port_names_is_empty(p)) {
        return json_null_create();
    }
    add_all(p, &names);
    svec_sort(&names);
    array = json_array_create_empty();
    SVEC_FOR_EACH (i, name, &names) {
        json_array_add(array, json_string_create(name));
    }
    svec_destroy(&names);
    return array;
}

static void
add_port_cb(uint32_t dp_ifindex OVS_UNUSED, uint32_t port_no OVS_UNUSED,
            const char *name, void *ports_)
{
    struct sset *ports = ports_;

    sset_add(ports, name);
}

/* Returns true if one of the names in 'ports' is like 'pattern'. */
static bool
matches_any(const struct sset *ports, const char *pattern)
{
    const char *port;

    SSET_FOR_EACH (port, ports) {
        if (user_text_matches(port, pattern)) {
            return true;
        }
    }
    return false;
}

/* Adds those names and patterns of 'p' to 'absent', in order, that choose none
 * of the ports that 'map' has now.  The caller must destroy 'absent', which
 * must be empty. */
void
port_names_get_absent(const struct port_names *p, const struct port_map *map,
                      struct svec *absent)
{
    struct sset ports = SSET_INITIALIZER(&ports);
    const char *name;

    port_map_find(map, NULL, add_port_cb, &ports);
    SSET_FOR_EACH (name, &p->names) {
        if (!sset_contains(&ports, name)) {
            svec_add(absent, name);
        }
    }
    SSET_FOR_EACH (name, &p->patterns) {
        if (!matches_any(&ports, name)) {
            svec_add(absent, name);
        }
    }
    svec_sort(absent);
    sset_destroy(&ports);
}

/* Appends 'names' to 'ds', but of many only some, and how many others there
 * are. */
void
port_names_put_some(const struct svec *names, struct ds *ds)
{
    for (size_t i = 0; i < MIN(names->n, SOME); i++) {
        ds_put_format(ds, "%s%s", i ? ", " : "", names->names[i]);
    }
    if (names->n > SOME) {
        ds_put_format(ds, " and %"PRIuSIZE" others", names->n - SOME);
    }
}
