/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_PORTS_H
#define LIB_STATS_PORTS_H 1

/* What statistics have of each port: of the ports with the latest records,
 * STATS_MAX_PORTS are kept, what others had is in a sum.  While more ports
 * than are kept have records, those with many of them are. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/stats-item.h"

struct port_map;
struct stats_port_cache;

/* Most ports that are kept. */
#define STATS_MAX_PORTS 1024

/* A group is what is counted of records that have something in common.  This
 * says what those of one kind of records are.  A group that is all zeros has
 * no records. */
struct stats_group_class {
    size_t size;                /* Of a group, in bytes. */

    /* Returns how many records are in 'group'. */
    uint64_t (*count)(const void *group);

    /* Adds the records in 'src' to 'dst'. */
    void (*add)(void *dst, const void *src);

    /* Forgets all records in 'group', and frees what it has allocated. */
    void (*clear)(void *group);
};

struct stats_port {
    struct stats_item item;
    bool known;                 /* If not, the numbers are 0. */
    uint32_t dp_ifindex, port_no;
    char *name;                 /* NULL if unknown. */
    void *group;                /* Of the class of the ports. */
};

struct stats_ports {
    const struct port_map *map;
    const struct stats_group_class *class;
    struct hmap ports;          /* Of struct stats_port. */
    struct ovs_list by_use;
    void *past;                 /* A group, of those that are not kept. */
    uint64_t n_past;            /* How often one was forgotten. */
    unsigned int n_not_kept;    /* Records of ports that are not kept, since
                                 * one of them was last taken in. */
    struct stats_port_cache *cache;     /* To find ports quickly. */
};

void stats_ports_init(struct stats_ports *, const struct port_map *,
                      const struct stats_group_class *);
void stats_ports_uninit(struct stats_ports *);
void *stats_ports_get(struct stats_ports *, bool known, uint32_t dp_ifindex,
                      uint32_t port_no, uint64_t ts);

#endif /* lib/store/stats-ports.h */
