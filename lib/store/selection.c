/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/selection.h"

#include <string.h>

#include "openvswitch/util.h"
#include "record/record.h"
#include "store/port-map.h"
#include "util.h"

/* Returns true if all upcalls are in 'sel'. */
bool
selection_is_all(const struct selection *sel)
{
    return (sel->classes == UINT32_MAX && sel->outcomes == UINT32_MAX
            && port_names_is_empty(&sel->ports) && !sel->min_latency);
}

static bool
has_port(const struct selection *sel, const struct upcall_record *rec,
         const struct port_map *map)
{
    uint32_t dp_ifindex, port_no;
    const char *name;

    if (!upcall_get_port(rec, &dp_ifindex, &port_no)) {
        return false;
    }
    name = port_map_lookup(map, dp_ifindex, port_no, rec->ts);
    return name && port_names_has(&sel->ports, name);
}

static bool
is_slow(const struct selection *sel, const struct upcall_record *rec)
{
    struct upcall_latency l;

    upcall_get_latency(rec, &l);
    return (upcall_latency_has(&l, UPCALL_STAGE_TOTAL)
            && l.ns[UPCALL_STAGE_TOTAL] / 1000 >= sel->min_latency);
}

/* Returns true if 'bits' are all, or have 'number', which is less than
 * 'n'. */
static bool
has_bit(uint32_t bits, unsigned int number, unsigned int n)
{
    return bits == UINT32_MAX || (number < n && bits & 1u << number);
}

/* Returns true if the upcall of 'rec', which must be one that upcall_parse()
 * accepts, is in 'sel'.  Names of ports come from 'map'.  What is not known of
 * an upcall is not what was chosen. */
bool
selection_has(const struct selection *sel, const struct upcall_record *rec,
              const struct port_map *map)
{
    return (has_bit(sel->classes, rec->class_, UPCALL_N_CLASSES)
            && has_bit(sel->outcomes, rec->outcome, UPCALL_N_OUTCOMES)
            && (port_names_is_empty(&sel->ports) || has_port(sel, rec, map))
            && (!sel->min_latency || is_slow(sel, rec)));
}
