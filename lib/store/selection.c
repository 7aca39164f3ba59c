/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/selection.h"

/* Returns true if all are in 'sel'. */
bool
selection_is_all(const struct selection *sel)
{
    return (!sel->classes.n && !sel->outcomes.n && !sel->ports.n
            && !sel->min_latency.n && !sel->where.n);
}

/* Returns true if 'rec' meets one of 'c', or 'c' has none. */
static bool
meets(const struct conditions *c, const void *rec, const struct port_map *map)
{
    return !c->n || conditions_match(c, rec, map);
}

/* Returns true if the upcall or pass of 'rec', which must be one that
 * upcall_parse() or pass_parse() accepts, is in 'sel'.  Names of ports come
 * from 'map'. */
bool
selection_has(const struct selection *sel, const void *rec,
              const struct port_map *map)
{
    for (size_t i = 0; i < sel->where.n; i++) {
        if (!meets(&sel->where.all[i], rec, map)) {
            return false;
        }
    }
    return (meets(&sel->classes, rec, map)
            && meets(&sel->outcomes, rec, map)
            && meets(&sel->min_latency, rec, map)
            && meets(&sel->ports, rec, map));
}
