/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-queue.h"

#include <limits.h>

#include "flow/dp-flow.h"
#include "openvswitch/util.h"
#include "timeval.h"
#include "util.h"

/* Initializes 'q' as an empty queue, which the caller frees with
 * flow_queue_destroy(). */
void
flow_queue_init(struct flow_queue *q)
{
    heap_init(&q->waiting);
    heap_init(&q->due);
    ovs_list_init(&q->settling);
}

/* Frees what 'q', which must be empty, refers to. */
void
flow_queue_destroy(struct flow_queue *q)
{
    heap_destroy(&q->waiting);
    heap_destroy(&q->due);
}

/* Returns how many flows are to be asked about. */
size_t
flow_queue_count(const struct flow_queue *q)
{
    return heap_count(&q->waiting) + heap_count(&q->due);
}

/* Takes 'f' out of the queue that it is in, if any, whether it waits to be
 * asked about or settles. */
void
flow_queue_remove(struct dp_flow *f)
{
    if (f->queue) {
        heap_remove(f->queue, &f->queue_node);
        f->queue = NULL;
    }
    if (f->settling) {
        ovs_list_remove(&f->settle_node);
        f->settling = false;
    }
}

/* Puts 'f' into 'q', to be asked about in 'delay_ms' and not earlier, even if
 * it is there already. */
void
flow_queue_add(struct flow_queue *q, struct dp_flow *f, int delay_ms)
{
    flow_queue_remove(f);
    f->next_try = time_msec() + delay_ms;
    f->queue = &q->waiting;
    heap_insert(&q->waiting, &f->queue_node, UINT64_MAX - f->next_try);
}

static struct dp_flow *
from_heap(struct heap_node *node)
{
    return CONTAINER_OF(node, struct dp_flow, queue_node);
}

/* Returns how much 'f' has to be asked about: flows that are installed often,
 * or were found and are hit often, before others, and new ones before old
 * ones; each try that was in vain makes it half as urgent. */
static uint64_t
need(const struct dp_flow *f)
{
    uint64_t n = f->found ? f->n_hits : f->n_installed;
    uint64_t often = MIN(n, UINT64_C(0xffff)) << 6;
    int tries = MIN(f->n_no_cache + f->n_failed, 20);

    return (often >> tries) << 42 | (f->installed & ((UINT64_C(1) << 42) - 1));
}

/* Makes those due whose time has come. */
static void
update_due(struct flow_queue *q)
{
    while (!heap_is_empty(&q->waiting)) {
        struct dp_flow *f = from_heap(heap_max(&q->waiting));

        if (f->next_try > time_msec()) {
            break;
        }
        heap_remove(&q->waiting, &f->queue_node);
        heap_insert(&q->due, &f->queue_node, need(f));
        f->queue = &q->due;
    }
}

/* 'f' has to be asked about more than it had. */
void
flow_queue_update(struct flow_queue *q, struct dp_flow *f)
{
    if (f->queue == &q->due) {
        heap_change(&q->due, &f->queue_node, need(f));
    }
}

/* Takes the flow that has to be asked about most out of the queue and returns
 * it, or NULL if there is none now. */
struct dp_flow *
flow_queue_pop(struct flow_queue *q)
{
    struct dp_flow *f = NULL;

    update_due(q);
    if (!heap_is_empty(&q->due)) {
        f = from_heap(heap_max(&q->due));
        flow_queue_remove(f);
    }
    return f;
}

/* Returns when there will be a flow to be asked about, in ms of time_msec(),
 * LLONG_MAX for never. */
long long int
flow_queue_next_try(struct flow_queue *q)
{
    update_due(q);
    return (!heap_is_empty(&q->due) ? 0
            : !heap_is_empty(&q->waiting)
            ? from_heap(heap_max(&q->waiting))->next_try : LLONG_MAX);
}

/* Settling. */

/* Returns the flow that settles next, or NULL if there is none. */
static struct dp_flow *
first_settling(const struct flow_queue *q)
{
    return (ovs_list_is_empty(&q->settling) ? NULL
            : CONTAINER_OF(ovs_list_front(&q->settling), struct dp_flow,
                           settle_node));
}

/* 'f' has been asked about.  Waits for 'delay_ms', the same for all, before
 * flow_queue_pop_settled() returns it, unless it is removed before. */
void
flow_queue_settle(struct flow_queue *q, struct dp_flow *f, int delay_ms)
{
    flow_queue_remove(f);
    f->next_try = time_msec() + delay_ms;
    f->settling = true;
    ovs_list_push_back(&q->settling, &f->settle_node);
}

/* Takes out a flow that has settled, or with 'all' one that was about to, or
 * NULL if there is none. */
struct dp_flow *
flow_queue_pop_settled(struct flow_queue *q, bool all)
{
    struct dp_flow *f = first_settling(q);

    if (!f || (!all && f->next_try > time_msec())) {
        return NULL;
    }
    flow_queue_remove(f);
    return f;
}

/* Returns when a flow will have settled, in ms of time_msec(), LLONG_MAX for
 * never. */
long long int
flow_queue_next_settled(const struct flow_queue *q)
{
    const struct dp_flow *f = first_settling(q);

    return f ? f->next_try : LLONG_MAX;
}
