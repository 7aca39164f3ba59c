/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_STATS_PRIVATE_H
#define LIB_UPCALL_STATS_PRIVATE_H 1

/* What the files of the statistics of upcalls share.  What runs for each
 * record is inline. */

#include "store/upcall-stats.h"
#include "util.h"

/* What is counted of a record. */
struct stats_sample {
    const struct upcall_record *rec;
    unsigned int outcome;       /* Less than STATS_N_OUTCOMES. */
    unsigned int known;         /* Bit (1u << enum upcall_stage) for each. */
    struct histogram_value queue, total;        /* ns, if known. */
};

/* Returns true if the time of 'stage' is known and counts. */
static inline bool
stats_sample_has(const struct stats_sample *sample, enum upcall_stage stage)
{
    return sample->known & 1u << stage;
}

/* Counts 'sample' in 'g'. */
static inline void
stats_group_add(struct stats_group *g, const struct stats_sample *sample)
{
    g->outcomes[sample->outcome]++;
    if (stats_sample_has(sample, UPCALL_STAGE_TOTAL)) {
        histogram_add_value(&g->total, &sample->total);
    }
}

void stats_group_move(struct stats_group *dst, struct stats_group *src);

/* Items: ports, handlers and sockets, of which those are kept that were used
 * last. */

/* Adds 'item', with 'hash', to 'items' and as the last one to 'by_use'. */
static inline void
stats_item_add(struct hmap *items, struct ovs_list *by_use,
               struct stats_item *item, uint32_t hash)
{
    hmap_insert(items, &item->node, hash);
    ovs_list_push_back(by_use, &item->use_node);
}

/* Removes 'item' from 'items', and from the list of those by use. */
static inline void
stats_item_remove(struct hmap *items, struct stats_item *item)
{
    hmap_remove(items, &item->node);
    ovs_list_remove(&item->use_node);
}

/* Notes that 'item' is used at 'ts'. */
static inline void
stats_item_use(struct ovs_list *by_use, struct stats_item *item, uint64_t ts)
{
    item->last_ts = MAX(item->last_ts, ts);
    if (ovs_list_back(by_use) != &item->use_node) {
        ovs_list_remove(&item->use_node);
        ovs_list_push_back(by_use, &item->use_node);
    }
}

/* Returns the one of 'by_use', which is not empty, that was not used for the
 * longest time. */
static inline struct stats_item *
stats_item_least_used(const struct ovs_list *by_use)
{
    return CONTAINER_OF(ovs_list_front(by_use), struct stats_item, use_node);
}

/* Ports: upcall-stats-ports.c. */

void upcall_stats_init_ports(struct upcall_stats *);
void upcall_stats_uninit_ports(struct upcall_stats *);
void upcall_stats_count_port(struct upcall_stats *,
                             const struct stats_sample *);

/* Handlers and sockets: upcall-stats-handlers.c. */

void upcall_stats_init_handlers(struct upcall_stats *);
void upcall_stats_uninit_handlers(struct upcall_stats *);
void upcall_stats_count_handler(struct upcall_stats *,
                                const struct stats_sample *);
void upcall_stats_count_lost(struct upcall_stats *,
                             const struct upcall_record *);

#endif /* lib/store/upcall-stats-private.h */
