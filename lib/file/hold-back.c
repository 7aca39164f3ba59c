/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/hold-back.h"

#include <limits.h>
#include <stdlib.h>

#include "file/follow.h"
#include "flow/dp-flow.h"
#include "flow/flow-table.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

/* A record, or a gap, that is kept back. */
struct held {
    struct ovs_list node;
    struct follow_item item;    /* With a record of its own. */
    long long int deadline;     /* time_msec(). */
};

/* Prepares 'h'.  The caller frees what will be in it with
 * hold_back_uninit(). */
void
hold_back_init(struct hold_back *h)
{
    ovs_list_init(&h->list);
    h->n = h->bytes = 0;
}

/* Frees what is in 'h'. */
void
hold_back_uninit(struct hold_back *h)
{
    while (h->n) {
        hold_back_pop(h);
    }
}

static struct held *
first(const struct hold_back *h)
{
    return CONTAINER_OF(ovs_list_front(&h->list), struct held, node);
}

/* Returns the memory that 'item' takes here, in bytes. */
static size_t
held_size(const struct follow_item *item)
{
    return sizeof(struct held) + item->size;
}

/* Adds a copy of 'item', a record or a gap, at 'now', time_msec(). */
void
hold_back_add(struct hold_back *h, const struct follow_item *item,
              long long int now)
{
    struct held *held = xzalloc(sizeof *held);

    held->item = *item;
    held->deadline = now + HOLD_BACK_TIME;
    if (item->record) {
        held->item.record = xmemdup(item->record, item->size);
    }
    ovs_list_push_back(&h->list, &held->node);
    h->n++;
    h->bytes += held_size(item);
}

/* Removes the first, which there must be. */
void
hold_back_pop(struct hold_back *h)
{
    struct held *held = first(h);

    h->n--;
    h->bytes -= held_size(&held->item);
    ovs_list_remove(&held->node);
    free(CONST_CAST(void *, held->item.record));
    free(held);
}

/* Returns what is known of the flow that 'rec' has put. */
static const struct dp_flow *
get_put(const struct upcall_record *rec, const struct flow_table *flows)
{
    return (rec->flags & UPCALL_F_PUT ? flow_table_find(flows, rec->id)
            : NULL);
}

/* Returns what is known of the flow that 'rec' has hit. */
static const struct dp_flow *
get_hit(const struct pass_record *rec, const struct flow_table *flows)
{
    return (rec->lookup == PASS_HIT && rec->flags & PASS_F_UFID
            && rec->flags & PASS_F_DP
            ? flow_table_find_at(flows, rec->dp_ifindex, rec->ufid,
                                 pass_get_lookup_ts(rec)) : NULL);
}

/* Returns true if ovs-vswitchd may still tell about the flow of 'item'. */
static bool
is_pending(const struct follow_item *item, const struct flow_table *flows)
{
    const void *record = item->record;
    const struct dp_flow *f = NULL;

    if (record) {
        f = (record_is_pass(record) ? get_hit(record, flows)
             : get_put(record, flows));
    }
    return f && f->state == FLOW_PENDING;
}

/* Returns the first record, or gap, if it is not to be kept back any longer at
 * 'now', time_msec(), or LLONG_MAX for whatever is known, or NULL.  'flows' is
 * what is known of flows, NULL if nobody asks. */
const struct follow_item *
hold_back_first(const struct hold_back *h, const struct flow_table *flows,
                long long int now)
{
    const struct held *held = h->n ? first(h) : NULL;

    return (held && (!flows || now >= held->deadline || h->n > HOLD_BACK_MAX
                     || h->bytes > HOLD_BACK_BYTES
                     || !is_pending(&held->item, flows))
            ? &held->item : NULL);
}
