/* SPDX-License-Identifier: Apache-2.0 */

/* Where the kernel would have the actions of a request: the third part of
 * kernel-actions.h. */

#include <config.h>

#include "record/kernel-actions-private.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

struct layout_walk {
    const struct kernel_layout *layout;
    struct ofpbuf *offsets;
    uint32_t at;                /* Where the next action begins. */
};

static bool add_list(struct layout_walk *, const struct upcall_attrs *,
                     int depth);

/* Returns how many bytes an attribute with 'size' bytes has. */
static uint32_t
attr_size(size_t size)
{
    return NLA_ALIGN(NLA_HDRLEN + size);
}

/* Returns how many bytes the structure 'field' has, 0 if unknown. */
static size_t
structure_size(const struct layout_walk *w, enum kernel_field field)
{
    return w->layout->fields[field].bits / 8;
}

/* Returns how many bytes a set has: its mask follows the value, or it is a
 * pointer to a tunnel. */
static uint32_t
set_size(const struct nlattr *action)
{
    const struct nlattr *key = action_set_key(action);

    return (!key ? 0
            : NLA_HDRLEN + (nl_attr_type(key) == OVS_KEY_ATTR_TUNNEL
                            ? attr_size(sizeof(void *))
                            : attr_size(nl_attr_get_size(key) * 2)));
}

/* Goes to the first list in 'action': behind its own header, an argument of
 * 'argument' bytes unless that is 0, and goes on with all lists in it, each of
 * which has a header if 'headers'. */
static bool
add_lists(struct layout_walk *w, const struct nlattr *action, size_t argument,
          bool headers, int depth)
{
    struct upcall_attrs lists[ACTION_LISTS_MAX];
    size_t n = depth < ACTION_MAX_DEPTH ? action_lists(action, lists) : 0;

    w->at += NLA_HDRLEN + (argument ? attr_size(argument) : 0);
    for (size_t i = 0; i < n; i++) {
        w->at += headers ? NLA_HDRLEN : 0;
        if (!add_list(w, &lists[i], depth + 1)) {
            return false;
        }
    }
    return n > 0;
}

/* Appends where 'action' and those in it are.  Returns false if it is not
 * known where what follows is. */
static bool
add_action(struct layout_walk *w, const struct nlattr *action, int depth)
{
    size_t size;

    ofpbuf_put(w->offsets, &w->at, sizeof w->at);
    switch (nl_attr_type(action)) {
    case OVS_ACTION_ATTR_SET:
        size = set_size(action);
        w->at += size;
        return size > 0;
    case OVS_ACTION_ATTR_CT:
        size = structure_size(w, KERNEL_FIELD_CT);
        w->at += attr_size(size);
        return size > 0;
    case OVS_ACTION_ATTR_SAMPLE:
        size = structure_size(w, KERNEL_FIELD_SAMPLE);
        return size && add_lists(w, action, size, false, depth);
    case OVS_ACTION_ATTR_CLONE:
        return add_lists(w, action, sizeof(uint32_t), false, depth);
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        size = structure_size(w, KERNEL_FIELD_CHECK_PKT_LEN);
        return size && add_lists(w, action, size, true, depth);
    case ACTION_DEC_TTL:
        return add_lists(w, action, 0, true, depth);
    default:
        w->at += NLA_ALIGN(action->nla_len);
        return true;
    }
}

static bool
add_list(struct layout_walk *w, const struct upcall_attrs *actions, int depth)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        if (!add_action(w, a, depth)) {
            return false;
        }
    }
    return !left;
}

/* Appends to 'offsets' where the kernel that 'layout' is of has each of
 * 'actions', as in a request, and each action in it, once it has copied them
 * (ovs_nla_copy_actions() in net/openvswitch/flow_netlink.c of Linux 6.1 to
 * 7.2); as kernel_actions_decode() does.  Returns false if it is not known of
 * the last ones. */
bool
kernel_actions_place(const struct kernel_layout *layout,
                     const struct upcall_attrs *actions,
                     struct ofpbuf *offsets)
{
    struct layout_walk w = { .layout = layout, .offsets = offsets };

    return add_list(&w, actions, 0);
}
