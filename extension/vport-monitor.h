/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_VPORT_MONITOR_H
#define EXTENSION_VPORT_MONITOR_H 1

/* Follows the ports of the kernel's datapaths, to know their names.
 *
 * The kernel tells each change of a port or datapath to a multicast group.
 * At the start, and when notifications were lost, all ports are listed; if
 * that fails later, it is tried again. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "show/stats-show.h"

struct port_map;
struct vport_monitor;

/* Datapaths that are looked at. */
#define VPORT_DATAPATHS_MAX 64

int vport_monitor_create(pid_t, struct port_map *, struct vport_monitor **);
void vport_monitor_destroy(struct vport_monitor *);
bool vport_monitor_run(struct vport_monitor *);
void vport_monitor_wait(struct vport_monitor *);
bool vport_monitor_is_per_cpu(const struct vport_monitor *);
size_t vport_monitor_get_counts(
    struct vport_monitor *, struct stats_datapath dps[VPORT_DATAPATHS_MAX]);

#endif /* extension/vport-monitor.h */
