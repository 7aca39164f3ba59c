/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_SHOW_H
#define LIB_STATS_SHOW_H 1

/* Statistics as JSON and for people. */

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct ds;
struct json;
struct upcall_stats;

/* What a datapath of the kernel has counted itself. */
struct stats_datapath {
    uint32_t dp_ifindex;
    uint64_t missed;            /* Packets that no flow matched, */
    uint64_t lost;              /* that did not get to user space,
                                 * since the statistics began. */
};

/* What is shown with statistics. */
struct stats_frame {
    long long int since_wall;   /* When they began, ms since the epoch. */
    uint64_t since, now;        /* Then and now, CLOCK_MONOTONIC, ns. */
    const struct stats_datapath *datapaths;
    size_t n_datapaths;
};

struct json *stats_to_json(const struct upcall_stats *,
                           const struct stats_frame *);
void stats_format(const struct upcall_stats *, const struct stats_frame *,
                  enum upcall_stage, struct ds *);

#endif /* lib/show/stats-show.h */
