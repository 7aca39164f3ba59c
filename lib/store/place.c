/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/place.h"

#include "record/pass.h"
#include "record/record.h"
#include "store/port-map.h"

/* Returns where 'u' happened.  'map' may be NULL. */
struct place
place_of_upcall(const struct upcall *u, const struct port_map *map)
{
    return (struct place) {
        .map = map,
        .known = u->has_dp,
        .dp_ifindex = u->dp_ifindex,
        .ts = u->rec->ts,
    };
}

/* Returns where 'p' happened.  'map' may be NULL. */
struct place
place_of_pass(const struct pass *p, const struct port_map *map)
{
    return (struct place) {
        .map = map,
        .known = p->has_dp,
        .dp_ifindex = p->rec->dp_ifindex,
        .ts = p->rec->ts,
    };
}

/* Returns the name that the datapath had, or NULL if it is not known. */
const char *
place_dp_name(const struct place *place)
{
    return (place->map && place->known
            ? port_map_dp_name(place->map, place->dp_ifindex, place->ts)
            : NULL);
}

/* Returns the name that 'port_no' had, or NULL if it is not known. */
const char *
place_port_name(const struct place *place, uint32_t port_no)
{
    return (place->map && place->known
            ? port_map_lookup(place->map, place->dp_ifindex, port_no,
                              place->ts)
            : NULL);
}
