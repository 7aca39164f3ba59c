/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_STATS_H
#define LIB_PASS_STATS_H 1

/* Statistics of passes of packets through the datapath, kept as their records
 * arrive, like those of upcalls: see upcall-stats.h. */

#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "bpf/pass-record.h"
#include "record/pass-drop.h"
#include "store/stats-ports.h"
#include "store/stats-rates.h"

struct pass;
struct port_map;

/* Most reasons for drops that are told apart: more than the kernel has. */
#define PASS_STATS_MAX_REASONS 256

/* Passes that have something in common. */
struct pass_group {
    uint64_t outcomes[PASS_N_LOOKUPS];  /* How many. */
    uint64_t dropped;           /* Of them, those whose packet, or a copy, was
                                 * dropped. */
    uint64_t cache;             /* Masks that lookups found in the cache. */

    /* Each has a number for each lookup, or pass, of which it is known. */
    struct histogram masks;     /* Masks that were tried. */
    struct histogram lookup;    /* How long the lookup took, ns. */
    struct histogram total;     /* How long the pass took, ns. */
};

extern const struct stats_group_class pass_stats_group_class;

/* Passes that dropped their packet, or a copy, for a reason first. */
struct pass_reason {
    uint32_t reason;            /* The kernel's number. */
    uint64_t n;                 /* How many. */
};

struct pass_stats {
    uint64_t count;             /* Records. */
    struct pass_group outcomes[PASS_N_LOOKUPS]; /* Of each outcome, those that
                                                 * had it. */
    struct stats_ports ports;   /* With a struct pass_group. */
    struct stats_rates rates;
    struct pass_reason reasons[PASS_STATS_MAX_REASONS];
    size_t n_reasons;           /* Elements of it that are used. */
    uint64_t by_flow[FLOW_N_DROPS];     /* Passes of which only the flow tells
                                         * that they dropped it. */
    uint64_t no_reason;         /* Passes that dropped it, and why is unknown,
                                 * or there were too many reasons. */
};

struct pass_stats *pass_stats_create(const struct port_map *);
void pass_stats_destroy(struct pass_stats *);
void pass_stats_clear(struct pass_stats *);
void pass_stats_add(struct pass_stats *, const struct pass *);

void pass_stats_get_all(const struct pass_stats *, struct pass_group *);

#endif /* lib/store/pass-stats.h */
