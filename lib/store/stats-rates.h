/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_RATES_H
#define LIB_STATS_RATES_H 1

/* How many records there were in each of the last seconds.  What runs for each
 * record is inline. */

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "openvswitch/compiler.h"

/* Seconds for which records are counted one by one. */
#define STATS_SECONDS 64

/* What happened in a second of CLOCK_MONOTONIC. */
struct stats_second {
    uint64_t second;
    uint64_t records;
    uint64_t lost;              /* Of these, those whose packet was lost. */
};

/* All zeros has no records. */
struct stats_rates {
    struct stats_second seconds[STATS_SECONDS];
};

/* Counts a record of 'ts', in ns.  Those that are older than STATS_SECONDS
 * when they arrive are not counted in any second. */
static inline void
stats_rates_count(struct stats_rates *r, uint64_t ts, bool lost)
{
    uint64_t second = ts / NS_PER_SECOND;
    struct stats_second *slot = &r->seconds[second % STATS_SECONDS];

    if (OVS_UNLIKELY(slot->second != second)) {
        if (slot->second > second) {
            return;
        }
        slot->second = second;
        slot->records = slot->lost = 0;
    }
    slot->records++;
    slot->lost += lost;
}

/* The times over which rates are shown, in seconds. */
#define STATS_N_RATES 3
extern const unsigned int stats_rate_seconds[STATS_N_RATES];

/* Records in a time. */
struct stats_rate {
    unsigned int seconds;       /* Over which it is; 0 if it is unknown. */
    double records, lost;       /* Per second. */
};

void stats_rates_get(const struct stats_rates *, uint64_t since, uint64_t now,
                     unsigned int seconds, struct stats_rate *);

#endif /* lib/store/stats-rates.h */
