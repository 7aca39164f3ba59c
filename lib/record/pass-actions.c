/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass-actions.h"

#include "netlink.h"
#include "openvswitch/util.h"
#include "record/attr-check.h"
#include "record/kernel-actions.h"
#include "record/pass.h"

/* Decodes the actions of the flow of 'p', unless they are not whole. */
static void
decode(struct pass_actions *a, const struct pass *p,
       const struct kernel_layout *layout)
{
    if (kernel_actions_decode(layout, p->actions, p->actions_len, &a->decoded,
                              p->executed ? &a->offsets : NULL)) {
        a->attrs.data = a->decoded.data;
        a->attrs.len = a->decoded.size;
    }
}

/* Finds the actions of 'p' as far as they are known.  'layout' is that of the
 * kernel that wrote the record, NULL if unknown.  The caller must free what
 * this needs with pass_actions_uninit(), and keep the record until then. */
void
pass_actions_init(struct pass_actions *a, const struct pass *p,
                  const struct kernel_layout *layout)
{
    static const struct kernel_layout nothing;
    const struct nlattr *attrs = (const struct nlattr *) p->actions;

    a->attrs = (struct upcall_attrs) { .data = NULL };
    ofpbuf_use_stub(&a->decoded, a->stub, sizeof a->stub);
    ofpbuf_use_stub(&a->offsets, a->offsets_stub, sizeof a->offsets_stub);
    layout = layout ? layout : &nothing;
    if (!attrs) {
        return;
    } else if (p->is_execute && attr_check_fit(attrs, p->actions_len)) {
        a->attrs.data = attrs;
        a->attrs.len = p->actions_len;
        if (p->executed) {
            kernel_actions_place(layout, &a->attrs, &a->offsets);
        }
    } else if (!p->is_execute) {
        decode(a, p, layout);
    }
}

/* Frees what 'a' needed. */
void
pass_actions_uninit(struct pass_actions *a)
{
    ofpbuf_uninit(&a->decoded);
    ofpbuf_uninit(&a->offsets);
}
