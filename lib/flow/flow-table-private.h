/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_TABLE_PRIVATE_H
#define LIB_FLOW_TABLE_PRIVATE_H 1

/* What the files that implement flow-table.h share:
 *
 *   flow-table.c           the flows that upcalls have put
 *   flow-table-answers.c   what was answered about them
 *   flow-table-hits.c      those that packets hit
 *   flow-table-said.c      those of which a file tells
 */

#include "flow/flow-queue.h"
#include "flow/flow-table.h"

struct flow_table {
    struct hmap by_id;          /* All, by 'id'. */
    struct hmap by_ufid;        /* The last installation of each flow. */
    struct ovs_list by_age;     /* All, oldest first. */
    struct flow_queue queue;    /* Those that are to be asked about, */
    struct flow_queue check_queue;      /* again, with FLOW_ASK_AGAIN, */
    struct flow_queue found_queue;      /* and those that were found, */
    bool found_next;            /* of which it is the turn. */
    struct ovs_list found;      /* All that were found, by their last hit. */
    size_t n_found;
    uint64_t n_found_ever;
    struct ovs_list changes;    /* Those that are not pending, in the order of
                                 * their last change. */
    uint64_t serial;            /* Number of changes. */
    size_t bytes, limit;
    uint64_t n_dropped;
};

struct dp_flow *flow_table_find_last(const struct flow_table *,
                                     uint32_t dp_ifindex,
                                     const uint8_t ufid[16]);

size_t flow_table_flow_size(const struct dp_flow *);
void flow_table_set_string(struct flow_table *, char **member,
                           const char *);
void flow_table_limit_memory(struct flow_table *);
void flow_table_insert(struct flow_table *, struct dp_flow *);
void flow_table_set_last(struct flow_table *, struct dp_flow *);

void flow_table_set_result(struct flow_table *, struct dp_flow *,
                           enum flow_state, const char *error);
void flow_table_reopen(struct flow_table *, struct dp_flow *);

#endif /* lib/flow/flow-table-private.h */
