/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass-actions.h"

#include "netlink.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/attr-check.h"
#include "record/kernel-actions.h"
#include "record/pass.h"

/* Decodes the 'len' bytes at 'actions', those of the flow of 'p'. */
static void
decode(struct pass_actions *a, const struct pass *p, const void *actions,
       size_t len, const struct kernel_layout *layout)
{
    const struct kernel_pointed pointed = {
        .data = p->pointed, .len = p->pointed_len,
    };

    if (kernel_actions_decode(layout, actions, len, &pointed, &a->decoded,
                              p->executed ? &a->offsets : NULL)) {
        a->attrs.data = a->decoded.data;
        a->attrs.len = a->decoded.size;
    }
}

static bool
add_place(const struct nlattr *action OVS_UNUSED, void *offsets)
{
    uint32_t nth = ((struct ofpbuf *) offsets)->size / sizeof nth;

    ofpbuf_put(offsets, &nth, sizeof nth);
    return true;
}

/* Sets where the kernel has the actions of 'a', which are those of 'p'. */
static void
place(struct pass_actions *a, const struct pass *p,
      const struct kernel_layout *layout)
{
    if (p->rec->flags & PASS_F_DECODED) {
        action_walk(&a->attrs, add_place, &a->offsets);
    } else {
        kernel_actions_place(layout, &a->attrs, &a->offsets);
    }
}

/* Prepares 'a' for the 'len' bytes at 'actions', those of 'p', NULL if they
 * are unknown. */
static void
init(struct pass_actions *a, const struct pass *p, const void *actions,
     size_t len, const struct kernel_layout *layout)
{
    static const struct kernel_layout nothing;
    bool as_is = p->is_execute || p->rec->flags & PASS_F_DECODED;

    a->attrs = (struct upcall_attrs) { .data = NULL };
    a->missing = 0;
    ofpbuf_use_stub(&a->decoded, a->stub, sizeof a->stub);
    ofpbuf_use_stub(&a->offsets, a->offsets_stub, sizeof a->offsets_stub);
    layout = layout ? layout : &nothing;
    if (!actions) {
        return;
    } else if (as_is && attr_check_fit(actions, len)) {
        a->attrs.data = actions;
        a->attrs.len = len;
        if (p->executed) {
            place(a, p, layout);
        }
    } else if (!as_is) {
        decode(a, p, actions, len, layout);
    }
}

/* Finds the actions of 'p' as far as they are known, none if they are not all
 * in its record.  'layout' is that of the kernel that wrote the record, NULL
 * if unknown.  The caller must free what this needs with
 * pass_actions_uninit(), and keep the record until then. */
void
pass_actions_init(struct pass_actions *a, const struct pass *p,
                  const struct kernel_layout *layout)
{
    init(a, p, p->actions, p->actions_len, layout);
}

/* Returns how many of the 'len' bytes at 'actions' are whole attributes. */
static size_t
count_whole(const void *actions, size_t len)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        continue;
    }
    return len - left;
}

/* Does the same, but if they are not all in the record, finds the first ones
 * that are. */
void
pass_actions_init_first(struct pass_actions *a, const struct pass *p,
                        const struct kernel_layout *layout)
{
    size_t total = p->rec->actions_total;
    size_t len;

    if (!p->first_actions) {
        pass_actions_init(a, p, layout);
        return;
    }
    len = count_whole(p->first_actions, p->first_actions_len);
    init(a, p, p->first_actions, len, layout);
    a->missing = total > len ? total - len : 0;
}

/* Frees what 'a' needed. */
void
pass_actions_uninit(struct pass_actions *a)
{
    ofpbuf_uninit(&a->decoded);
    ofpbuf_uninit(&a->offsets);
}
