/* SPDX-License-Identifier: Apache-2.0 */

/* What has become of asking about the flows of a table. */

#include <config.h>

#include "flow/flow-table-private.h"

#include <stdlib.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "util.h"

/* Forgets what was answered about 'f': nothing has confirmed that it is about
 * that installation. */
static void
forget_answers(struct flow_table *t, struct dp_flow *f)
{
    flow_table_set_string(t, &f->rules, NULL);
    flow_table_set_string(t, &f->now, NULL);
    flow_table_set_string(t, &f->installed_as, NULL);
    flow_table_set_string(t, &f->told, NULL);
    f->source = NULL;
    f->modified = false;
    f->has_counters = false;
}

/* Has 'state' and 'error' be the result of asking about 'f', which is a
 * change. */
void
flow_table_set_result(struct flow_table *t, struct dp_flow *f,
                      enum flow_state state, const char *error)
{
    flow_queue_remove(f);
    if (state == FLOW_FAILED) {
        forget_answers(t, f);
        f->failed_at = clock_ns();
    }
    f->state = state;
    flow_table_set_string(t, &f->error, error);
    if (f->serial) {
        ovs_list_remove(&f->change_node);
    }
    f->serial = ++t->serial;
    ovs_list_push_back(&t->changes, &f->change_node);
}

/* Has 'f', which was found, be pending again. */
void
flow_table_reopen(struct flow_table *t, struct dp_flow *f)
{
    f->state = FLOW_PENDING;
    flow_table_set_string(t, &f->error, NULL);
}

/* Ends asking about 'f', of which the result is 'state' and 'error', NULL if
 * nothing is missing.  This may have 't' forget 'f'.  What was answered about
 * a flow that has failed does not count. */
void
flow_table_done(struct flow_table *t, struct dp_flow *f, enum flow_state state,
                const char *error)
{
    flow_table_set_result(t, f, state, error);
    flow_table_limit_memory(t);
}

/* Stores in 'f' that 'source', a constant, told 'rules'; NULL for none.  This
 * may have 't' forget 'f'. */
void
flow_table_set_rules(struct flow_table *t, struct dp_flow *f,
                     const char *rules, const char *source)
{
    flow_table_set_string(t, &f->rules, rules);
    f->source = source;
    flow_table_limit_memory(t);
}

/* Stores in 'f' that the kernel matches 'match'.  This may have 't' forget
 * 'f'. */
void
flow_table_set_match(struct flow_table *t, struct dp_flow *f,
                     const char *match)
{
    flow_table_set_string(t, &f->installed_as, match);
    flow_table_limit_memory(t);
}

/* Stores in 'f', which was found, that it matches 'match' and has 'actions'.
 * This may have 't' forget 'f'. */
void
flow_table_set_told(struct flow_table *t, struct dp_flow *f,
                    const char *match, const char *actions)
{
    char *told = xasprintf("%s" FLOW_ACTIONS_PREFIX "%s", match, actions);

    flow_table_set_string(t, &f->told, told);
    free(told);
    flow_table_limit_memory(t);
}

/* Stores in 'f' that its actions have become 'actions'.  This may have 't'
 * forget 'f'. */
void
flow_table_set_now(struct flow_table *t, struct dp_flow *f,
                   const char *actions)
{
    flow_table_set_string(t, &f->now, actions);
    f->modified = true;
    flow_table_limit_memory(t);
}

/* Ends asking about all that are in the queue. */
void
flow_table_stop(struct flow_table *t)
{
    struct dp_flow *f;

    LIST_FOR_EACH_SAFE (f, age_node, &t->by_age) {
        if (f->queue && f->state != FLOW_PENDING) {
            flow_queue_remove(f);       /* It was only asked about again. */
        } else if (f->queue) {
            forget_answers(t, f);
            flow_table_set_result(t, f, FLOW_PARTIAL, "the trace was stopped "
                                  "before ovs-vswitchd was asked");
        }
    }
    flow_table_limit_memory(t);
}

/* Returns a number that is another one after each change of a result. */
uint64_t
flow_table_serial(const struct flow_table *t)
{
    return t->serial;
}

/* Returns the first of 'changes' of 't' after the change 'serial', or its end
 * if there is none. */
static const struct ovs_list *
first_change(const struct flow_table *t, uint64_t serial)
{
    const struct ovs_list *first = &t->changes;
    const struct dp_flow *f;

    LIST_FOR_EACH_REVERSE (f, change_node, &t->changes) {
        if (f->serial <= serial) {
            break;
        }
        first = &f->change_node;
    }
    return first;
}

/* Calls 'cb' with 'aux' for each flow that ovs-vswitchd was asked about since
 * flow_table_serial() was '*serial' (0 for all that are known), whatever the
 * result, until 'cb' returns false.  Sets '*serial' to go on after that.  'cb'
 * must not change 't'. */
void
flow_table_changes(const struct flow_table *t, uint64_t *serial,
                   bool (*cb)(const struct dp_flow *, void *aux), void *aux)
{
    const struct ovs_list *node = first_change(t, *serial);

    for (; node != &t->changes; node = node->next) {
        const struct dp_flow *f = CONTAINER_OF(node, struct dp_flow,
                                               change_node);

        *serial = f->serial;
        if (!cb(f, aux)) {
            return;
        }
    }
}
