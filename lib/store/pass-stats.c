/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of passes.
 *
 * pass_stats_add() runs for each packet in the daemon's main thread, so it
 * decodes no part of the record, and finds the place of each number once for
 * all histograms.  "make bench-userspace" measures it. */

#include <config.h>

#include "store/pass-stats.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "util.h"

/* What is counted of a record. */
struct pass_sample {
    enum pass_lookup lookup;
    bool done;                  /* Is 'total' known? */
    bool dropped;
    uint32_t cache;

    /* Of what is unknown, these do not count. */
    struct histogram_value masks, lookup_ns, total_ns;
};

/* Groups. */

static uint64_t
group_count(const void *group)
{
    const struct pass_group *g = group;
    uint64_t n = 0;

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        n += g->outcomes[i];
    }
    return n;
}

static void
group_add(void *dst_, const void *src_)
{
    const struct pass_group *src = src_;
    struct pass_group *dst = dst_;

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        dst->outcomes[i] += src->outcomes[i];
    }
    dst->dropped += src->dropped;
    dst->cache += src->cache;
    histogram_merge(&dst->masks, &src->masks);
    histogram_merge(&dst->lookup, &src->lookup);
    histogram_merge(&dst->total, &src->total);
}

static void
group_clear(void *group)
{
    struct pass_group *g = group;

    histogram_clear(&g->masks);
    histogram_clear(&g->lookup);
    histogram_clear(&g->total);
    memset(g, 0, sizeof *g);
}

const struct stats_group_class pass_stats_group_class = {
    .size = sizeof(struct pass_group),
    .count = group_count,
    .add = group_add,
    .clear = group_clear,
};

/* Counts 'sample' in 'g'. */
static void
count_sample(struct pass_group *g, const struct pass_sample *sample)
{
    g->outcomes[sample->lookup]++;
    g->dropped += sample->dropped;
    if (sample->lookup != PASS_NONE) {
        g->cache += sample->cache;
        histogram_add_value(&g->masks, &sample->masks);
        histogram_add_value(&g->lookup, &sample->lookup_ns);
    }
    if (sample->done) {
        histogram_add_value(&g->total, &sample->total_ns);
    }
}

/* Statistics. */

static void
init(struct pass_stats *s, const struct port_map *map)
{
    memset(s, 0, sizeof *s);
    stats_ports_init(&s->ports, map, &pass_stats_group_class);
}

/* Frees what 's' refers to. */
static void
uninit(struct pass_stats *s)
{
    stats_ports_uninit(&s->ports);
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        group_clear(&s->outcomes[i]);
    }
}

/* Returns new statistics without any pass, which the caller has to free with
 * pass_stats_destroy().  The names of ports come from 'map', which must live
 * as long. */
struct pass_stats *
pass_stats_create(const struct port_map *map)
{
    struct pass_stats *s = xmalloc(sizeof *s);

    init(s, map);
    return s;
}

/* Frees 's', which may be NULL. */
void
pass_stats_destroy(struct pass_stats *s)
{
    if (s) {
        uninit(s);
        free(s);
    }
}

/* Makes 's' as it was when it was created. */
void
pass_stats_clear(struct pass_stats *s)
{
    const struct port_map *map = s->ports.map;

    uninit(s);
    init(s, map);
}

/* Returns where passes that drop for the reason of 'd' are counted. */
static uint64_t *
find_reason(struct pass_stats *s, const struct packet_drop *d)
{
    if (!d->has_reason) {
        return (d->by_flow < FLOW_N_DROPS ? &s->by_flow[d->by_flow]
                : &s->no_reason);
    }
    for (size_t i = 0; i < s->n_reasons; i++) {
        if (s->reasons[i].reason == d->reason) {
            return &s->reasons[i].n;
        }
    }
    if (s->n_reasons >= PASS_STATS_MAX_REASONS) {
        return &s->no_reason;
    }
    s->reasons[s->n_reasons].reason = d->reason;
    return &s->reasons[s->n_reasons++].n;
}

/* Adds 'p' to 's'. */
void
pass_stats_add(struct pass_stats *s, const struct pass *p)
{
    const struct pass_record *rec = p->rec;
    struct packet_drop drop;
    const struct pass_sample sample = {
        .lookup = rec->lookup,
        .done = rec->flags & PASS_F_DONE,
        .dropped = pass_get_drop(p, NULL, &drop),
        .cache = rec->cache,
        .masks = histogram_value(rec->masks),
        .lookup_ns = histogram_value(rec->lookup_ns),
        .total_ns = histogram_value(rec->end_ns),
    };

    s->count++;
    stats_rates_count(&s->rates, rec->ts, sample.dropped);
    if (sample.dropped) {
        ++*find_reason(s, &drop);
    }
    count_sample(&s->outcomes[sample.lookup], &sample);
    count_sample(stats_ports_get(&s->ports, p->has_port, rec->dp_ifindex,
                                 rec->port_no, rec->ts), &sample);
}

/* Sets '*g', which the caller has to clear with the function of
 * pass_stats_group_class, to all passes in 's'. */
void
pass_stats_get_all(const struct pass_stats *s, struct pass_group *g)
{
    memset(g, 0, sizeof *g);
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        group_add(g, &s->outcomes[i]);
    }
}
