/* SPDX-License-Identifier: Apache-2.0 */

/* Hits of flows, as passes have them: the second half of flow-table.h. */

#include <config.h>

#include "flow/flow-table-private.h"

#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "timeval.h"
#include "util.h"

/* When to ask whether a flow is still the same, of which something is hidden,
 * in ms: after the first hit, and at most. */
#define FIRST_CHECK 1000
#define MAX_CHECK 60000

/* When to ask about a flow that was found, in ms: by then, the record of the
 * upcall that has put it has come, if there is one. */
#define FOUND_DELAY 1500

/* Has 'f' be asked about once more, if that is not to be done anyway. */
static void
check_again(struct flow_table *t, struct dp_flow *f)
{
    if (f->state != FLOW_PENDING && !f->queue && !f->is_checked) {
        f->is_checked = true;
        f->step = FLOW_ASK_AGAIN;
        flow_queue_add(&t->check_queue, f,
                       MIN(FIRST_CHECK << MIN(f->n_checks, 10), MAX_CHECK));
        f->n_checks++;
    }
}

/* Adds the flow 'ufid' of datapath 'dp_ifindex', which was hit at 'ts', and
 * which is in no queue.  Returns it. */
static struct dp_flow *
insert_found(struct flow_table *t, uint32_t dp_ifindex, const uint8_t *ufid,
             uint64_t ts)
{
    struct dp_flow *f = xzalloc(sizeof *f);

    f->id = FLOW_FOUND_ID + ++t->n_found_ever;
    f->found = true;
    f->dp_ifindex = dp_ifindex;
    memcpy(f->ufid, ufid, sizeof f->ufid);
    f->put_ts = ts;
    f->n_hits = 1;
    f->n_installed = 1;
    f->installed = time_msec();
    f->state = FLOW_PENDING;
    f->step = FLOW_ASK_GET;
    f->n_found = 1;
    f->hidden.ended = true;             /* Nobody knows when it was put. */
    flow_table_insert(t, f);
    flow_table_set_last(t, f);
    ovs_list_push_back(&t->found, &f->found_node);
    t->n_found++;
    return f;
}

/* Adds the flow that 'rec' has hit. */
static void
add_found(struct flow_table *t, const struct pass_record *rec)
{
    struct dp_flow *f = insert_found(t, rec->dp_ifindex, rec->ufid,
                                     pass_get_lookup_ts(rec));

    flow_queue_add(&t->found_queue, f, FOUND_DELAY);
    flow_table_limit_memory(t);
}

/* Has 'f', which was found, and of which nothing was told when it was asked
 * about last, most often because it was gone, be asked about again, since
 * 'rec' has hit it after that. */
static void
find_again(struct flow_table *t, struct dp_flow *f,
           const struct pass_record *rec)
{
    flow_table_reopen(t, f);
    f->step = FLOW_ASK_GET;
    f->put_ts = pass_get_lookup_ts(rec);
    f->installed = time_msec();
    f->n_hits = 1;
    f->n_no_cache = f->n_failed = 0;
    f->no_rules = NULL;
    flow_queue_add(&t->found_queue, f, MIN(FOUND_DELAY << MIN(f->n_found, 10),
                                           MAX_CHECK));
    f->n_found++;
}

/* 'rec' has hit 'f', which was found. */
static void
hit_found(struct flow_table *t, struct dp_flow *f,
          const struct pass_record *rec)
{
    ovs_list_remove(&f->found_node);
    ovs_list_push_back(&t->found, &f->found_node);
    if (f->state == FLOW_FAILED && rec->ts > f->failed_at) {
        find_again(t, f, rec);
    } else if (f->state == FLOW_PENDING) {
        f->put_ts = MIN(f->put_ts, pass_get_lookup_ts(rec));
    }
    if (IS_POW2(f->n_hits)) {
        flow_queue_update(&t->found_queue, f);
    }
}

/* Counts 'p' as a hit of the last installation of its flow, if it was there
 * then, and finds a flow that is not known.  'layout' is that of the kernel,
 * NULL if unknown. */
void
flow_table_add_hit(struct flow_table *t, const struct pass *p,
                   const struct kernel_layout *layout)
{
    const struct pass_record *rec = p->rec;
    struct dp_flow *f;

    if (rec->lookup != PASS_HIT || !p->has_dp
        || !(rec->flags & PASS_F_UFID)) {
        return;
    }
    f = flow_table_find_last(t, rec->dp_ifindex, rec->ufid);
    if (!f) {
        add_found(t, rec);
        return;
    } else if (pass_get_lookup_ts(rec) < f->put_ts && !f->found) {
        return;
    }
    f->n_hits++;
    if (f->found) {
        hit_found(t, f, rec);
    } else if (hidden_actions_add_hit(&f->hidden, p, layout)) {
        check_again(t, f);
    }
}

/* The answer has come to whether 'f' is still the same, which was asked at
 * 'sent', in ns of the kernel: it is, or it is not. */
void
flow_table_checked(struct dp_flow *f, bool same, uint64_t sent)
{
    hidden_actions_add_answer(&f->hidden, same, sent, clock_ns());
    f->is_checked = false;
}

/* Has 't' know what was 'told' of a flow that packets have hit, unless it has
 * learned meanwhile which upcall has put it.  This may have 't' forget it. */
void
flow_table_take_found(struct flow_table *t, const struct told_flow *told)
{
    const struct said_flow *said = &told->said;
    struct dp_flow *f = flow_table_find_last(t, said->dp_ifindex, said->ufid);

    if (f && !f->found) {
        return;
    } else if (!f) {
        f = insert_found(t, said->dp_ifindex, said->ufid, told->put_ts);
    }
    f->put_ts = told->put_ts;
    flow_table_set_string(t, &f->told, said->told);
    flow_table_set_string(t, &f->rules, said->rules);
    flow_table_set_string(t, &f->installed_as, said->installed_as);
    f->source = said->source;
    f->modified = told->modified;
    flow_table_set_result(t, f, said->state, said->error);
    f->failed_at = told->failed_at;
    flow_table_limit_memory(t);
}
