/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_TABLE_PRIVATE_H
#define LIB_FLOW_TABLE_PRIVATE_H 1

/* What flow-table.c, which has the flows that upcalls have put, and
 * flow-table-hits.c share. */

#include "flow/flow-queue.h"
#include "flow/flow-table.h"

struct flow_table {
    struct hmap by_id;          /* All, by 'id'. */
    struct hmap by_ufid;        /* The last installation of each flow. */
    struct ovs_list by_age;     /* All, oldest first. */
    struct flow_queue queue;    /* Those that are to be asked about. */
    struct ovs_list changes;    /* Those that are not pending, in the order of
                                 * their last change. */
    uint64_t serial;            /* Number of changes. */
    size_t bytes, limit;
    uint64_t n_dropped;
};

struct dp_flow *flow_table_find_last(const struct flow_table *,
                                     uint32_t dp_ifindex,
                                     const uint8_t ufid[16]);

#endif /* lib/flow/flow-table-private.h */
