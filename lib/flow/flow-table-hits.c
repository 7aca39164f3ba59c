/* SPDX-License-Identifier: Apache-2.0 */

/* Hits of flows, as passes have them: the second half of flow-table.h. */

#include <config.h>

#include "flow/flow-table-private.h"

#include "openvswitch/util.h"
#include "record/pass.h"
#include "util.h"

/* When to ask whether a flow is still the same, of which something is hidden,
 * in ms: after the first hit, and at most. */
#define FIRST_CHECK 1000
#define MAX_CHECK 60000

/* Has 'f' be asked about once more, if that is not to be done anyway. */
static void
check_again(struct flow_table *t, struct dp_flow *f)
{
    if (f->state != FLOW_PENDING && !f->queue && !f->is_checked) {
        f->is_checked = true;
        f->step = FLOW_ASK_AGAIN;
        flow_queue_add(&t->queue, f, MIN(FIRST_CHECK << MIN(f->n_checks, 10),
                                         MAX_CHECK));
        f->n_checks++;
    }
}

/* Counts 'p' as a hit of the last installation of its flow, if that is known
 * and was there then.  'layout' is that of the kernel, NULL if unknown. */
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
    if (!f || rec->ts < f->put_ts) {
        return;
    }
    f->n_hits++;
    if (hidden_actions_add_hit(&f->hidden, p, layout)) {
        check_again(t, f);
    }
}

/* 'f', of which it was asked again at 'ts', in ns of the kernel, whether it is
 * still the same, was, or was not. */
void
flow_table_checked(struct dp_flow *f, bool same, uint64_t ts)
{
    hidden_actions_add_answer(&f->hidden, same, ts);
    f->is_checked = false;
}
