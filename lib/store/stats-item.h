/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_ITEM_H
#define LIB_STATS_ITEM_H 1

/* Items of statistics: ports, handlers and sockets, of which those are kept
 * that were used last.  What runs for each record is inline. */

#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/util.h"
#include "util.h"

/* A port, handler or socket. */
struct stats_item {
    struct hmap_node node;
    struct ovs_list use_node;   /* Those used last are at the end. */
    uint64_t last_ts;           /* Of the latest record, CLOCK_MONOTONIC. */
};

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

#endif /* lib/store/stats-item.h */
