/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/hidden-actions.h"

#include <string.h>

#include "base/clock.h"
#include "flow/flow-table.h"
#include "hash.h"
#include "netlink.h"
#include "record/action.h"
#include "record/kernel-actions.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "util.h"

/* How long it may take, in ns, until the record of a hit has arrived. */
#define ARRIVAL_TIME NS_PER_SECOND

/* The flow of 'h' was put, with the actions in question, at 'ts'. */
void
hidden_actions_init(struct hidden_actions *h, uint64_t ts)
{
    memset(h, 0, sizeof *h);
    h->since = h->until = h->answered = ts;
}

/* Returns a number that is the same for the same bytes, and else most likely
 * another one. */
static uint64_t
hash_actions(const struct pass *p)
{
    return ((uint64_t) hash_bytes(p->actions, p->actions_len, 0) << 32
            | hash_bytes(p->actions, p->actions_len, UINT32_MAX));
}

/* Returns true if something of 'actions', around which there are 'depth'
 * others, is unknown, and can be taken from elsewhere. */
static bool
are_hidden(const struct upcall_attrs *actions, int depth)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        struct upcall_attrs lists[ACTION_LISTS_MAX];
        size_t n = depth < ACTION_MAX_DEPTH ? action_lists(a, lists) : 0;

        if (action_is_raw(a) || action_is_unknown_tunnel(a)
            || action_has_unknown_helper(a)) {
            return true;
        }
        for (size_t i = 0; i < n; i++) {
            if (are_hidden(&lists[i], depth + 1)) {
                return true;
            }
        }
    }
    return false;
}

/* Returns true if something of 'actions' is unknown. */
bool
hidden_actions_are_in(const struct upcall_attrs *actions)
{
    return are_hidden(actions, 0);
}

/* Returns true if something of the actions of 'p', which the kernel of
 * 'layout' wrote, is unknown. */
static bool
has_hidden(const struct pass *p, const struct kernel_layout *layout)
{
    struct pass_actions actions;
    bool hidden;

    pass_actions_init(&actions, p, layout);
    hidden = are_hidden(&actions.attrs, 0);
    pass_actions_uninit(&actions);
    return hidden;
}

/* A hit at 'ts' had the bytes that 'h' knows.  After an answer that these are
 * not those of the put any more, the flow has been modified to and fro. */
static void
add_same(struct hidden_actions *h, uint64_t ts)
{
    if (ts <= h->answered) {
        return;
    } else if (h->ended) {
        h->is_wrong = true;
    } else if (!h->differs && h->until > h->since
               && h->confirmed != h->until) {
        h->confirmed = h->until;
        h->confirmed_by = ts;
    }
}

/* A hit at 'ts' had other bytes.  If it has come too late, what was taken for
 * known is not. */
static void
add_different(struct hidden_actions *h, uint64_t ts)
{
    if (ts > MAX(h->until, h->confirmed_by)) {
        h->differs = true;
    } else if (h->has_hash) {
        h->is_wrong = h->ended = true;
    }
}

/* 'p' has hit the flow of 'h'.  'layout' is that of the kernel.  Returns true
 * if ovs-vswitchd has to be asked whether the flow is still the same.
 *
 * Its lookup was some time after 'p' began, so a hit that begins after an
 * answer is one behind it; one that differs counts from there on, too. */
bool
hidden_actions_add_hit(struct hidden_actions *h, const struct pass *p,
                       const struct kernel_layout *layout)
{
    uint64_t ts = p->rec->ts;

    if (h->is_wrong || ts < h->since
        || (h->has_hash ? !h->is_hidden : h->ended)) {
        return false;
    }
    if (!h->has_hash && p->actions && ts > h->until) {
        h->hash = hash_actions(p);
        h->has_hash = true;
        h->is_hidden = has_hidden(p, layout);
    }
    if (p->actions && h->has_hash && hash_actions(p) == h->hash) {
        add_same(h, ts);
    } else {
        add_different(h, ts);
    }
    return h->is_hidden && !h->ended && !h->differs && ts > h->until;
}

/* ovs-vswitchd was asked for the flow of 'h' at 'sent', and the answer, which
 * had come by 'received', says that it has the actions of the put, if it is
 * the 'same', or others. */
void
hidden_actions_add_answer(struct hidden_actions *h, bool same, uint64_t sent,
                          uint64_t received)
{
    if (h->ended || (same && sent < h->until)) {
        return;
    } else if (!same) {
        h->ended = true;
    } else if (h->differs && h->until > h->since) {
        h->is_wrong = h->ended = true;          /* Modified, and back. */
    } else if (h->differs || !h->has_hash) {
        h->since = h->until = received;         /* Begin anew. */
        h->has_hash = h->is_hidden = h->differs = false;
    } else {
        h->until = sent;
    }
    h->answered = received;
}

/* Returns true if the actions of the flow of 'h' are those of 'p', which has
 * hit it: all of its lookup was in the time in question. */
bool
hidden_actions_are_those(const struct hidden_actions *h, const struct pass *p)
{
    return (!h->is_wrong && h->has_hash && p->actions
            && p->rec->ts > h->since
            && pass_get_lookup_ts(p->rec) < h->confirmed
            && clock_ns() > h->confirmed_by + ARRIVAL_TIME
            && hash_actions(p) == h->hash);
}

/* Adds what 'a', the actions of 'p', does not have, and 'flows', which may be
 * NULL, has.  Returns false, and changes nothing, if that is not known. */
bool
hidden_actions_fill(struct pass_actions *a, const struct pass *p,
                    const struct flow_table *flows)
{
    const struct pass_record *rec = p->rec;
    const struct dp_flow *f;

    if (!flows || p->is_execute || !a->attrs.data || !p->has_dp
        || !(rec->flags & PASS_F_UFID)) {
        return false;
    }
    f = flow_table_find_at(flows, rec->dp_ifindex, rec->ufid,
                           pass_get_lookup_ts(rec));
    if (!f || !f->actions.data || !hidden_actions_are_those(&f->hidden, p)
        || !kernel_actions_fill(&a->decoded, &f->actions)) {
        return false;
    }
    a->attrs.data = a->decoded.data;
    a->attrs.len = a->decoded.size;
    return true;
}
