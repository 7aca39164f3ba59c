/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "hidden-hit.h"

#include "build-pass.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "record/record.h"
#include "util.h"

/* Makes the pass 'b' that hits a flow with 'actions' in the kernel, where each
 * 'version' has pointers of its own, at 'ts'. */
void
hidden_hit_build(struct build_pass *b, uint64_t ts, const char *actions,
                 uint8_t version)
{
    size_t ofs = 2 * NLA_HDRLEN;        /* Of the pointer to a tunnel. */
    struct upcall_attrs attrs;
    struct ofpbuf request;

    build_pass_hit(b);
    b->rec.ts = ts;
    b->rec.lookup_ns = 0;
    ofpbuf_init(&request, 0);
    ofpbuf_clear(&b->actions);
    ovs_assert(!odp_actions_from_string(actions, NULL, &request));
    attrs.data = request.data;
    attrs.len = request.size;
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &b->actions, NULL);
    ofpbuf_uninit(&request);
    if (nl_attr_type(b->actions.data) == OVS_ACTION_ATTR_CT) {
        const struct kernel_place *helper
            = &kernel_layout_6_12.fields[KERNEL_FIELD_CT_HELPER];

        ofs = NLA_HDRLEN + helper->bit / 8;
    }
    ((uint8_t *) b->actions.data)[ofs] ^= version;
    b->rec.actions_total = b->actions.size;
}
