/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_QUEUE_H
#define LIB_FLOW_QUEUE_H 1

/* The flows of a flow table that are to be asked about, and those that were
 * and settle, which is to wait for records that are still to come.  A queue
 * does not own its flows. */

#include <stdbool.h>
#include <stddef.h>

#include "heap.h"
#include "openvswitch/list.h"

struct dp_flow;

struct flow_queue {
    struct heap waiting;        /* To be asked about later, by time. */
    struct heap due;            /* To be asked about now, by need. */
    struct ovs_list settling;   /* Asked about, see flow_queue_settle(). */
};

void flow_queue_init(struct flow_queue *);
void flow_queue_destroy(struct flow_queue *);
size_t flow_queue_count(const struct flow_queue *);
void flow_queue_remove(struct dp_flow *);

void flow_queue_add(struct flow_queue *, struct dp_flow *, int delay_ms);
void flow_queue_update(struct flow_queue *, struct dp_flow *);
struct dp_flow *flow_queue_pop(struct flow_queue *);
long long int flow_queue_next_try(struct flow_queue *);

void flow_queue_settle(struct flow_queue *, struct dp_flow *, int delay_ms);
struct dp_flow *flow_queue_pop_settled(struct flow_queue *, bool all);
long long int flow_queue_next_settled(const struct flow_queue *);

#endif /* lib/flow/flow-queue.h */
