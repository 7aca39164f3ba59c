/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/action.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* Returns true if of 'action' only the bytes are known. */
bool
action_is_raw(const struct nlattr *action)
{
    return nl_attr_type(action) & ACTION_RAW;
}

/* Returns the number of 'action', an enum ovs_action_attr of the kernel. */
int
action_number(const struct nlattr *action)
{
    return nl_attr_type(action) & ~ACTION_RAW;
}

/* Returns the key in 'action', an OVS_ACTION_ATTR_SET or _SET_MASKED; NULL if
 * it has not exactly one. */
const struct nlattr *
action_set_key(const struct nlattr *action)
{
    const struct nlattr *key = nl_attr_get(action);
    size_t size = nl_attr_get_size(action);

    return (nl_attr_is_valid(key, size) && nl_attr_len_pad(key, size) == size
            ? key : NULL);
}

/* Returns true if 'action' sets a tunnel that is unknown. */
bool
action_is_unknown_tunnel(const struct nlattr *action)
{
    const struct nlattr *key;

    if (nl_attr_type(action) != OVS_ACTION_ATTR_SET) {
        return false;
    }
    key = action_set_key(action);
    return (key && nl_attr_type(key) == OVS_KEY_ATTR_TUNNEL
            && !nl_attr_get_size(key));
}

/* Returns true if 'helper', an OVS_CT_ATTR_HELPER, is unknown.  It may be
 * NULL: then there is none. */
bool
action_is_unknown_helper(const struct nlattr *helper)
{
    static const char unknown[] = ACTION_UNKNOWN_HELPER;

    return (helper && nl_attr_get_size(helper) == sizeof unknown
            && !memcmp(nl_attr_get(helper), unknown, sizeof unknown));
}

/* Returns true if 'action' is a "ct" whose helper is unknown. */
bool
action_has_unknown_helper(const struct nlattr *action)
{
    return (nl_attr_type(action) == OVS_ACTION_ATTR_CT
            && action_is_unknown_helper(
                nl_attr_find_nested(action, OVS_CT_ATTR_HELPER)));
}

/* Stores the content of the attribute 'type' in 'action' in '*list'.  Returns
 * false if there is none. */
static bool
get_list(const struct nlattr *action, int type, struct upcall_attrs *list)
{
    const struct nlattr *a = nl_attr_find_nested(action, type);

    if (a) {
        list->data = nl_attr_get(a);
        list->len = nl_attr_get_size(a);
    }
    return a != NULL;
}

/* Stores the lists of actions in 'action' in 'lists'.  Returns how many there
 * are.  Those of a check_pkt_len are that for shorter packets and that for
 * longer ones, in this order. */
size_t
action_lists(const struct nlattr *action,
             struct upcall_attrs lists[ACTION_LISTS_MAX])
{
    switch (nl_attr_type(action)) {
    case OVS_ACTION_ATTR_SAMPLE:
        return get_list(action, OVS_SAMPLE_ATTR_ACTIONS, &lists[0]);
    case OVS_ACTION_ATTR_CLONE:
        lists[0].data = nl_attr_get(action);
        lists[0].len = nl_attr_get_size(action);
        return 1;
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        return (get_list(action, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL,
                         &lists[0])
                && get_list(action, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER,
                            &lists[1]) ? 2 : 0);
    case ACTION_DEC_TTL:
        return get_list(action, ACTION_DEC_TTL_ACTIONS, &lists[0]);
    default:
        return 0;
    }
}

/* All actions, those in others after these. */

static bool walk(const struct upcall_attrs *, int depth,
                 bool (*cb)(const struct nlattr *, void *aux), void *aux);

/* Calls 'cb' for 'action' and those in it.  Returns false if 'cb' did. */
static bool
walk_action(const struct nlattr *action, int depth,
            bool (*cb)(const struct nlattr *, void *aux), void *aux)
{
    struct upcall_attrs lists[ACTION_LISTS_MAX];
    size_t n = depth < ACTION_MAX_DEPTH ? action_lists(action, lists) : 0;

    if (!cb(action, aux)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!walk(&lists[i], depth + 1, cb, aux)) {
            return false;
        }
    }
    return true;
}

/* Calls 'cb' for each of 'actions', until it returns false.  Returns false if
 * it did.  'depth' is the number of actions around them. */
static bool
walk(const struct upcall_attrs *actions, int depth,
     bool (*cb)(const struct nlattr *, void *aux), void *aux)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        if (!walk_action(a, depth, cb, aux)) {
            return false;
        }
    }
    return true;
}

/* Calls 'cb' with 'aux' for each of 'actions' and those in them, an action
 * before those in it, until it returns false.  Returns false if it did. */
bool
action_walk(const struct upcall_attrs *actions,
            bool (*cb)(const struct nlattr *, void *aux), void *aux)
{
    return walk(actions, 0, cb, aux);
}

struct nth {
    size_t left;
    const struct nlattr *found;
};

static bool
find_nth(const struct nlattr *action, void *nth_)
{
    struct nth *nth = nth_;

    if (nth->left) {
        nth->left--;
        return true;
    }
    nth->found = action;
    return false;
}

/* Returns number 'n', from 0, of 'actions' and those in them, NULL if there
 * are no more than 'n'.  An action comes before those in it, and these come
 * before the next one. */
const struct nlattr *
action_nth(const struct upcall_attrs *actions, size_t n)
{
    struct nth nth = { .left = n };

    walk(actions, 0, find_nth, &nth);
    return nth.found;
}

struct recirc_ids {
    uint32_t *ids;
    size_t n, max;
};

static bool
add_recirc_id(const struct nlattr *action, void *list_)
{
    struct recirc_ids *list = list_;

    if (nl_attr_type(action) == OVS_ACTION_ATTR_RECIRC
        && nl_attr_get_size(action) == sizeof(uint32_t)) {
        if (list->n < list->max) {
            list->ids[list->n] = nl_attr_get_u32(action);
        }
        list->n++;
    }
    return true;
}

/* Stores the first 'max' of the IDs with which 'actions', or those in them,
 * may recirculate a packet in 'ids'.  Returns how many there are, which may be
 * more. */
size_t
action_recirc_ids(const struct upcall_attrs *actions, uint32_t ids[],
                  size_t max)
{
    struct recirc_ids list = { .ids = ids, .max = max };

    walk(actions, 0, add_recirc_id, &list);
    return list.n;
}
