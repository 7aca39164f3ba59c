/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of upcalls.
 *
 * upcall_stats_add() runs for each upcall in the daemon's main thread, so it
 * reads nothing but the fixed part of the record, and finds ports and handlers
 * mostly without looking them up.  What one record costs is measured by
 * "make bench-userspace". */

#include <config.h>

#include "store/upcall-stats-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "util.h"

const unsigned int stats_rate_seconds[STATS_N_RATES] = { 1, 10, 60 };
BUILD_ASSERT_DECL(STATS_SECONDS > 60 + 1);

static void count_stages(struct upcall_stats *, struct stats_sample *);
static void count_outcome(struct upcall_stats *, const struct stats_sample *);
static void count_second(struct upcall_stats *, const struct upcall_record *);

/* Returns new statistics without any upcall, which the caller has to free with
 * upcall_stats_destroy().  The names of ports come from 'port_map', which must
 * live as long. */
struct upcall_stats *
upcall_stats_create(const struct port_map *port_map)
{
    struct upcall_stats *s = xzalloc(sizeof *s);

    s->port_map = port_map;
    upcall_stats_init_ports(s);
    upcall_stats_init_handlers(s);
    return s;
}

/* Frees what 's' refers to. */
static void
uninit(struct upcall_stats *s)
{
    upcall_stats_uninit_ports(s);
    upcall_stats_uninit_handlers(s);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        histogram_clear(&s->stages[i]);
    }
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        for (int j = 0; j < STATS_N_OUTCOMES; j++) {
            histogram_clear(&s->totals[i][j]);
        }
    }
}

/* Frees 's', which may be NULL. */
void
upcall_stats_destroy(struct upcall_stats *s)
{
    if (s) {
        uninit(s);
        free(s);
    }
}

/* Makes 's' as it was when it was created. */
void
upcall_stats_clear(struct upcall_stats *s)
{
    const struct port_map *port_map = s->port_map;

    uninit(s);
    memset(s, 0, sizeof *s);
    s->port_map = port_map;
    upcall_stats_init_ports(s);
    upcall_stats_init_handlers(s);
}

/* Adds the upcall of 'rec', which must be one that upcall_parse() accepts, to
 * 's'. */
void
upcall_stats_add(struct upcall_stats *s, const struct upcall_record *rec)
{
    struct stats_sample sample = {
        .rec = rec,
        .outcome = MIN(rec->outcome, UPCALL_OUTCOME_UNKNOWN),
    };

    s->count++;
    count_stages(s, &sample);
    count_outcome(s, &sample);
    count_second(s, rec);
    upcall_stats_count_port(s, &sample);
    if (rec->flags & UPCALL_F_RECEIVED) {
        upcall_stats_count_handler(s, &sample);
    }
    if (rec->outcome == UPCALL_LOST) {
        upcall_stats_count_lost(s, rec);
    }
}

/* Sets '*h', which the caller has to clear with histogram_clear(), to the
 * times of 'stage' of all upcalls, in ns.  Some stages are counted only where
 * upcalls are told apart, and added up here. */
void
upcall_stats_get_stage(const struct upcall_stats *s, enum upcall_stage stage,
                       struct histogram *h)
{
    const struct stats_handler *handler;

    memset(h, 0, sizeof *h);
    if (stage == UPCALL_STAGE_QUEUE) {
        histogram_merge(h, &s->past_queue);
        HMAP_FOR_EACH (handler, item.node, &s->handlers) {
            histogram_merge(h, &handler->queue);
        }
    } else if (stage == UPCALL_STAGE_TOTAL) {
        for (int i = 0; i < STATS_N_CLASSES; i++) {
            for (int j = 0; j < STATS_N_OUTCOMES; j++) {
                histogram_merge(h, &s->totals[i][j]);
            }
        }
    } else {
        histogram_merge(h, &s->stages[stage]);
    }
}

/* Returns how many upcalls were lost. */
uint64_t
upcall_stats_lost(const struct upcall_stats *s)
{
    uint64_t n = 0;

    for (int i = 0; i < STATS_N_CLASSES; i++) {
        n += s->counts[i][UPCALL_LOST];
    }
    return n;
}

/* Returns how many upcalls are in 'g'. */
uint64_t
stats_group_count(const struct stats_group *g)
{
    uint64_t n = 0;

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        n += g->outcomes[i];
    }
    return n;
}

/* Adds 'src' to 'dst', and clears it. */
void
stats_group_move(struct stats_group *dst, struct stats_group *src)
{
    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        dst->outcomes[i] += src->outcomes[i];
    }
    histogram_merge(&dst->total, &src->total);
    histogram_clear(&src->total);
    memset(src, 0, sizeof *src);
}

/* All upcalls. */

/* Counts the stages of 'sample', and stores in it those that are counted
 * elsewhere.  An upcall that nobody received has no total: it would make a
 * socket that is full look fast.  This is no loop, because that would take
 * many instructions more. */
static void
count_stages(struct upcall_stats *s, struct stats_sample *sample)
{
    struct upcall_latency latency;

    upcall_get_latency(sample->rec, &latency);
    sample->known = latency.known;
    if (!(sample->rec->flags & UPCALL_F_RECEIVED)) {
        sample->known &= ~(1u << UPCALL_STAGE_TOTAL);
    }
    sample->queue = histogram_value(latency.ns[UPCALL_STAGE_QUEUE]);
    sample->total = histogram_value(latency.ns[UPCALL_STAGE_TOTAL]);
#define X(ENUM, NAME, DESCRIPTION)                                      \
    if (UPCALL_STAGE_##ENUM != UPCALL_STAGE_QUEUE                       \
        && UPCALL_STAGE_##ENUM != UPCALL_STAGE_TOTAL                    \
        && upcall_latency_has(&latency, UPCALL_STAGE_##ENUM)) {         \
        histogram_add(&s->stages[UPCALL_STAGE_##ENUM],                  \
                      latency.ns[UPCALL_STAGE_##ENUM]);                 \
    }
    UPCALL_STAGES
#undef X
}

static void
count_outcome(struct upcall_stats *s, const struct stats_sample *sample)
{
    unsigned int class = MIN(sample->rec->class_, UPCALL_N_CLASSES);

    s->counts[class][sample->outcome]++;
    if (stats_sample_has(sample, UPCALL_STAGE_TOTAL)) {
        histogram_add_value(&s->totals[class][sample->outcome],
                            &sample->total);
    }
}

/* Upcalls that are older than STATS_SECONDS when their records arrive are not
 * counted in any second. */
static void
count_second(struct upcall_stats *s, const struct upcall_record *rec)
{
    uint64_t second = rec->ts / NS_PER_SECOND;
    struct stats_second *slot = &s->seconds[second % STATS_SECONDS];

    if (OVS_UNLIKELY(slot->second != second)) {
        if (slot->second > second) {
            return;
        }
        slot->second = second;
        slot->upcalls = slot->lost = 0;
    }
    slot->upcalls++;
    slot->lost += rec->outcome == UPCALL_LOST;
}

/* Stores in '*rate' how many upcalls a second there were in the last 'seconds'
 * whole seconds before 'now', or in those of them that began after 'since'.
 * Both are times of CLOCK_MONOTONIC in ns; 'seconds' is less than
 * STATS_SECONDS - 1. */
void
upcall_stats_get_rate(const struct upcall_stats *s, uint64_t since,
                      uint64_t now, unsigned int seconds,
                      struct stats_rate *rate)
{
    uint64_t until = now / NS_PER_SECOND;
    uint64_t first = MAX(DIV_ROUND_UP(since, NS_PER_SECOND),
                         until - MIN(until, seconds));

    memset(rate, 0, sizeof *rate);
    for (uint64_t second = first; second < until; second++) {
        const struct stats_second *slot
            = &s->seconds[second % STATS_SECONDS];

        if (slot->second == second) {
            rate->upcalls += slot->upcalls;
            rate->lost += slot->lost;
        }
        rate->seconds++;
    }
    if (rate->seconds) {
        rate->upcalls /= rate->seconds;
        rate->lost /= rate->seconds;
    }
}
