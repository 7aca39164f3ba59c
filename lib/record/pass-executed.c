/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass-executed.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/kernel-actions.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "util.h"

static bool
add_action(const struct nlattr *action, void *x_)
{
    struct executed *x = x_;

    if (x->n == x->allocated) {
        x->actions = x2nrealloc(x->actions, &x->allocated,
                                sizeof *x->actions);
    }
    x->actions[x->n++] = (struct executed_action) { .action = action };
    return true;
}

/* Returns the action that begins at 'offset' of the kernel's, or NULL. */
static struct executed_action *
find_offset(struct executed *x, const struct ofpbuf *offsets, uint32_t offset)
{
    int nth = kernel_actions_find(offsets, offset);

    return nth >= 0 && nth < x->n ? &x->actions[nth] : NULL;
}

/* Adds what 'entry' says.  If it names no action, or one twice, something is
 * wrong, and what else there is may not be all. */
static void
add_entry(struct executed *x, const struct ofpbuf *offsets,
          const struct pass_executed *entry)
{
    struct executed_action *a = find_offset(x, offsets, entry->offset);

    if (a && !a->entry) {
        a->entry = entry;
    } else {
        x->is_complete = false;
    }
}

/* Returns the first meter that dropped a packet, NULL if none did. */
static const struct nlattr *
find_dropping_meter(const struct executed *x)
{
    for (size_t i = 0; i < x->n; i++) {
        const struct pass_executed *entry = x->actions[i].entry;

        if (entry && entry->result == PASS_METER_DROPS) {
            return x->actions[i].action;
        }
    }
    return NULL;
}

/* Returns the last action of 'p' before its packet was dropped. */
static const struct nlattr *
find_dropped_by(struct executed *x, const struct pass *p,
                const struct ofpbuf *offsets)
{
    const struct pass_record *rec = p->rec;
    struct executed_action *a;

    if (!(rec->flags & PASS_F_DROP)) {
        return find_dropping_meter(x);
    } else if (rec->drop_offset == PASS_NO_OFFSET) {
        return NULL;
    }
    a = find_offset(x, offsets, rec->drop_offset);
    return a ? a->action : NULL;
}

/* Returns the first one of 'actions', those of 'p', if its flow says that it
 * has dropped the packet, else NULL. */
static const struct nlattr *
find_first_drop(const struct pass *p, const struct pass_actions *actions)
{
    struct packet_drop d;

    return (pass_get_drop(p, NULL, &d)
            && (d.by_flow == FLOW_DROP_EXPLICIT
                || d.by_flow == FLOW_DROP_EXPLICIT_WITH_ERROR)
            && actions->attrs.len ? actions->attrs.data : NULL);
}

/* Finds out what is known of 'actions', those of 'p', both of which have to
 * live as long as '*x'.  The caller must free what this needs with
 * executed_uninit(). */
void
executed_init(struct executed *x, const struct pass *p,
              const struct pass_actions *actions)
{
    const struct pass_record *rec = p->rec;

    memset(x, 0, sizeof *x);
    x->dropped_by = find_first_drop(p, actions);
    if (!p->executed || !actions->attrs.data) {
        return;
    }
    x->is_known = true;
    x->ts = rec->ts;
    x->is_complete = (rec->flags & PASS_F_DONE && !rec->n_not_kept
                      && !(rec->flags & PASS_F_EXECUTED_CUT));
    action_walk(&actions->attrs, add_action, x);
    if (!p->is_execute
        && x->n != actions->offsets.size / sizeof(uint32_t)) {
        /* One that is unknown to this version has become one with a list. */
        x->is_known = x->is_complete = false;
        return;
    }
    for (size_t i = 0; i < p->n_executed; i++) {
        add_entry(x, &actions->offsets, &p->executed[i]);
    }
    if (!x->dropped_by) {
        x->dropped_by = find_dropped_by(x, p, &actions->offsets);
    }
}

/* Frees what 'x' needed. */
void
executed_uninit(struct executed *x)
{
    free(x->actions);
}

static int
compare_actions(const void *key, const void *action_)
{
    const struct executed_action *action = action_;

    return (key < (const void *) action->action ? -1
            : key > (const void *) action->action);
}

/* Returns whether 'action', which is one of those of 'x' or in one, was
 * executed.  Stores when, and what came of it, in '*entryp' if it was, else
 * NULL. */
enum executed_state
executed_get(const struct executed *x, const struct nlattr *action,
             const struct pass_executed **entryp)
{
    const struct executed_action *a
        = !x->n ? NULL : bsearch(action, x->actions, x->n, sizeof *x->actions,
                                 compare_actions);

    *entryp = a ? a->entry : NULL;
    return (*entryp ? EXECUTED_YES
            : a && x->is_complete ? EXECUTED_NO : EXECUTED_UNKNOWN);
}

/* Returns true if it is known what came of 'action', as for executed_get(),
 * and stores that in '*resultp': see struct pass_executed. */
bool
executed_result(const struct executed *x, const struct nlattr *action,
                int *resultp)
{
    const struct pass_executed *entry;

    executed_get(x, action, &entry);
    *resultp = entry ? entry->result : PASS_NO_RESULT;
    return *resultp != PASS_NO_RESULT;
}
