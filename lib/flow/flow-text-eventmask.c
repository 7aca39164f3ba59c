/* SPDX-License-Identifier: Apache-2.0 */

/* The event mask of a "ct", which OVS does not print: a part of
 * flow-text.h. */

#include <config.h>

#include "flow/flow-text-private.h"

#include <inttypes.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/action.h"
#include "record/record.h"

/* Returns true if 'action' is a "ct" with an event mask that is none of those
 * that are not worth a word, and stores it in '*mask': ovs-vswitchd asks for
 * OVS_CT_EVENTMASK_DEFAULT with each commit (compose_conntrack_action() in
 * ofproto/ofproto-dpif-xlate.c of OVS 3.1 to 4.0), and without a mask, the
 * kernel sends all events. */
static bool
get_eventmask(const struct nlattr *action, uint32_t *mask)
{
    const struct nlattr *a;

    if (nl_attr_type(action) != OVS_ACTION_ATTR_CT) {
        return false;
    }
    a = nl_attr_find_nested(action, OVS_CT_ATTR_EVENTMASK);
    if (!a || nl_attr_get_size(a) != sizeof *mask) {
        return false;
    }
    *mask = nl_attr_get_u32(a);
    return *mask != OVS_CT_EVENTMASK_DEFAULT;
}

static bool
are_masks_in(const struct upcall_attrs *actions, int depth)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        if (flow_text_has_eventmask(a, depth)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'action', around which there are 'depth' others, or an
 * action in it is a "ct" with an event mask that is to be shown. */
bool
flow_text_has_eventmask(const struct nlattr *action, int depth)
{
    struct upcall_attrs lists[ACTION_LISTS_MAX];
    size_t n = depth < ACTION_MAX_DEPTH ? action_lists(action, lists) : 0;
    uint32_t mask;

    for (size_t i = 0; i < n; i++) {
        if (are_masks_in(&lists[i], depth + 1)) {
            return true;
        }
    }
    return get_eventmask(action, &mask);
}

/* Adds the event mask of 'action' to 'ds', which ends with it, if that is to
 * be shown. */
void
flow_text_put_eventmask(const struct nlattr *action, struct ds *ds)
{
    uint32_t mask;

    if (get_eventmask(action, &mask)) {
        ds_put_cstr(ds, ds_chomp(ds, ')') ? "," : "(");
        ds_put_format(ds, "eventmask=%#"PRIx32")", mask);
    }
}
