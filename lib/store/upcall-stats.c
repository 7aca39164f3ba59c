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

#include "openvswitch/util.h"
#include "store/port-map.h"
#include "util.h"

static void count_stages(struct upcall_stats *, struct stats_sample *);
static void count_outcome(struct upcall_stats *, const struct stats_sample *);
static void count_port(struct upcall_stats *, const struct stats_sample *);

/* Returns new statistics without any upcall, which the caller has to free with
 * upcall_stats_destroy().  The names of ports come from 'port_map', which must
 * live as long. */
struct upcall_stats *
upcall_stats_create(const struct port_map *port_map)
{
    struct upcall_stats *s = xzalloc(sizeof *s);

    s->port_map = port_map;
    stats_ports_init(&s->ports, port_map, &upcall_stats_group_class);
    upcall_stats_init_handlers(s);
    return s;
}

/* Frees what 's' refers to. */
static void
uninit(struct upcall_stats *s)
{
    stats_ports_uninit(&s->ports);
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
    stats_ports_init(&s->ports, port_map, &upcall_stats_group_class);
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
    stats_rates_count(&s->rates, rec->ts, rec->outcome == UPCALL_LOST);
    count_port(s, &sample);
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

/* Returns the name of datapath 'dp_ifindex' at 'ts', or NULL if unknown. */
const char *
upcall_stats_dp_name(const struct upcall_stats *s, uint32_t dp_ifindex,
                     uint64_t ts)
{
    return port_map_dp_name(s->port_map, dp_ifindex, ts);
}

/* Groups. */

static uint64_t
group_count(const void *group)
{
    const struct stats_group *g = group;
    uint64_t n = 0;

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        n += g->outcomes[i];
    }
    return n;
}

static void
group_add(void *dst_, const void *src_)
{
    const struct stats_group *src = src_;
    struct stats_group *dst = dst_;

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        dst->outcomes[i] += src->outcomes[i];
    }
    histogram_merge(&dst->total, &src->total);
}

static void
group_clear(void *group)
{
    struct stats_group *g = group;

    histogram_clear(&g->total);
    memset(g, 0, sizeof *g);
}

const struct stats_group_class upcall_stats_group_class = {
    .size = sizeof(struct stats_group),
    .count = group_count,
    .add = group_add,
    .clear = group_clear,
};

/* Adds 'src' to 'dst', and clears it. */
void
stats_group_move(struct stats_group *dst, struct stats_group *src)
{
    group_add(dst, src);
    group_clear(src);
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

static void
count_port(struct upcall_stats *s, const struct stats_sample *sample)
{
    uint32_t dp_ifindex, port_no;
    bool known = upcall_get_port(sample->rec, &dp_ifindex, &port_no);

    stats_group_add(stats_ports_get(&s->ports, known, dp_ifindex, port_no,
                                    sample->rec->ts), sample);
}
