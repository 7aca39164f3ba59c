/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PLACE_H
#define LIB_PLACE_H 1

/* Where and when something happened, for the names that ports had there and
 * then. */

#include <stdbool.h>
#include <stdint.h>

struct pass;
struct port_map;
struct upcall;

struct place {
    const struct port_map *map; /* NULL if there are no names. */
    bool known;                 /* Is 'dp_ifindex' known? */
    uint32_t dp_ifindex;        /* Network device of the datapath. */
    uint64_t ts;                /* CLOCK_MONOTONIC, ns. */
};

struct place place_of_upcall(const struct upcall *, const struct port_map *);
struct place place_of_pass(const struct pass *, const struct port_map *);

const char *place_dp_name(const struct place *);
const char *place_port_name(const struct place *, uint32_t port_no);

#endif /* lib/store/place.h */
