/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/stats-rates.h"

#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

const unsigned int stats_rate_seconds[STATS_N_RATES] = { 1, 10, 60 };
BUILD_ASSERT_DECL(STATS_SECONDS > 60 + 1);

/* Stores in '*rate' how many records a second there were in the last 'seconds'
 * whole seconds before 'now', or in those of them that began after 'since'.
 * Both are times of CLOCK_MONOTONIC in ns; 'seconds' is less than
 * STATS_SECONDS - 1. */
void
stats_rates_get(const struct stats_rates *r, uint64_t since, uint64_t now,
                unsigned int seconds, struct stats_rate *rate)
{
    uint64_t until = now / NS_PER_SECOND;
    uint64_t first = MAX(DIV_ROUND_UP(since, NS_PER_SECOND),
                         until - MIN(until, seconds));

    memset(rate, 0, sizeof *rate);
    for (uint64_t second = first; second < until; second++) {
        const struct stats_second *slot = &r->seconds[second % STATS_SECONDS];

        if (slot->second == second) {
            rate->records += slot->records;
            rate->lost += slot->lost;
        }
        rate->seconds++;
    }
    if (rate->seconds) {
        rate->records /= rate->seconds;
        rate->lost /= rate->seconds;
    }
}
