/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PORT_MAP_H
#define LIB_PORT_MAP_H 1

/* Names of datapath ports over time.
 *
 * A port number may be used for another port later, so names are kept with
 * the time from which and until which they were valid, and a record is shown
 * with the names of its own time.  Times are CLOCK_MONOTONIC in ns.  The
 * number of names of past ports is limited, oldest are forgotten first. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hmap;
struct logged_name;
struct port_map;

/* The number of the local port, whose name is that of the datapath
 * (OVSP_LOCAL). */
#define PORT_MAP_LOCAL 0

struct port_map *port_map_create(size_t max_past);
void port_map_destroy(struct port_map *);

void port_map_add(struct port_map *, uint32_t dp_ifindex, uint32_t port_no,
                  const char *name, uint64_t now);
void port_map_remove(struct port_map *, uint32_t dp_ifindex,
                     uint32_t port_no, uint64_t now);

/* A resynchronisation: ports that are not added between these two calls are
 * gone. */
void port_map_begin_dump(struct port_map *);
void port_map_end_dump(struct port_map *, uint64_t now);

const char *port_map_lookup(const struct port_map *, uint32_t dp_ifindex,
                            uint32_t port_no, uint64_t ts);
uint64_t port_map_current_since(const struct port_map *, uint32_t dp_ifindex,
                                uint32_t port_no);
uint64_t port_map_serial(const struct port_map *);
const char *port_map_dp_name(const struct port_map *, uint32_t dp_ifindex,
                             uint64_t ts);

/* Calls 'cb' for each port that exists now and is named 'name' ('name' NULL:
 * for each port).  Returns how many there were. */
size_t port_map_find(const struct port_map *, const char *name,
                     void (*cb)(uint32_t dp_ifindex, uint32_t port_no,
                                const char *name, void *aux), void *aux);

/* Calls 'cb' for what has changed after the change '*serial', and sets that to
 * the last one it was called for. */
void port_map_changes(const struct port_map *, uint64_t *serial,
                      bool (*cb)(uint32_t dp_ifindex, uint32_t port_no,
                                 const struct logged_name *, void *aux),
                      void *aux);

/* Fills 'portno_names', an initialized hmap, with the ports of 'dp_ifindex'
 * at 'ts' for OVS's odp_flow_format() and format_odp_actions().  The caller
 * frees it with odp_portno_names_destroy() and hmap_destroy(). */
void port_map_get_names(const struct port_map *, uint32_t dp_ifindex,
                        uint64_t ts, struct hmap *portno_names);

#endif /* lib/store/port-map.h */
