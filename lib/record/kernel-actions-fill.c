/* SPDX-License-Identifier: Apache-2.0 */

/* What is unknown in decoded actions, from the same actions of elsewhere: a
 * put that was seen, or an answer of the datapath.
 *
 * Both mean the same, but need not be the same bytes: the request to put a
 * flow may have the attributes in another order, and leave out what is as if
 * it were not there. */

#include <config.h>

#include "record/kernel-actions.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

/* Most attributes of a "ct", of its NAT, or of a tunnel, with room. */
#define ATTRS_MAX 24

static bool match_list(const struct upcall_attrs *,
                       const struct upcall_attrs *, int depth);

static bool
is_same_content(const struct nlattr *a, const struct nlattr *b)
{
    return (nl_attr_get_size(a) == nl_attr_get_size(b)
            && !memcmp(nl_attr_get(a), nl_attr_get(b), nl_attr_get_size(a)));
}

/* Returns true if both are NULL, or neither, and these have the same
 * content. */
static bool
is_same_option(const struct nlattr *a, const struct nlattr *b)
{
    return a && b ? is_same_content(a, b) : a == b;
}

/* Stores the attributes in 'nested' in 'attrs', by their type; those that are
 * not there are NULL.  Returns false if one has another type or is there
 * twice. */
static bool
parse(const struct nlattr *nested, const struct nlattr *attrs[ATTRS_MAX])
{
    const struct nlattr *a;
    size_t left;

    memset(attrs, 0, ATTRS_MAX * sizeof *attrs);
    NL_NESTED_FOR_EACH (a, left, nested) {
        int type = nl_attr_type(a);

        if (type >= ATTRS_MAX || attrs[type]) {
            return false;
        }
        attrs[type] = a;
    }
    return !left;
}

/* Forgets the end of a range that is its start. */
static void
drop_max(const struct nlattr *attrs[ATTRS_MAX], int min, int max)
{
    if (attrs[min] && attrs[max] && is_same_content(attrs[min], attrs[max])) {
        attrs[max] = NULL;
    }
}

static bool
match_nat(const struct nlattr *a, const struct nlattr *b)
{
    const struct nlattr *x[ATTRS_MAX];
    const struct nlattr *y[ATTRS_MAX];

    if (!a || !b) {
        return a == b;
    } else if (!parse(a, x) || !parse(b, y)) {
        return false;
    }
    drop_max(x, OVS_NAT_ATTR_IP_MIN, OVS_NAT_ATTR_IP_MAX);
    drop_max(y, OVS_NAT_ATTR_IP_MIN, OVS_NAT_ATTR_IP_MAX);
    drop_max(x, OVS_NAT_ATTR_PROTO_MIN, OVS_NAT_ATTR_PROTO_MAX);
    drop_max(y, OVS_NAT_ATTR_PROTO_MIN, OVS_NAT_ATTR_PROTO_MAX);
    for (int i = 0; i < ATTRS_MAX; i++) {
        if (!is_same_option(x[i], y[i])) {
            return false;
        }
    }
    return true;
}

/* Forgets what is as if it were not there. */
static void
drop_ct_defaults(const struct nlattr *attrs[ATTRS_MAX])
{
    const struct nlattr *zone = attrs[OVS_CT_ATTR_ZONE];

    if (zone && is_all_zeros(nl_attr_get(zone), nl_attr_get_size(zone))) {
        attrs[OVS_CT_ATTR_ZONE] = NULL;
    }
    if (attrs[OVS_CT_ATTR_FORCE_COMMIT]) {
        attrs[OVS_CT_ATTR_COMMIT] = NULL;
    }
}

/* Returns true if 'a', of which the helper may be unknown, and 'b' are the
 * same "ct". */
static bool
match_ct(const struct nlattr *a, const struct nlattr *b)
{
    const struct nlattr *x[ATTRS_MAX];
    const struct nlattr *y[ATTRS_MAX];

    if (!parse(a, x) || !parse(b, y)) {
        return false;
    }
    drop_ct_defaults(x);
    drop_ct_defaults(y);
    if (action_is_unknown_helper(x[OVS_CT_ATTR_HELPER])
        && y[OVS_CT_ATTR_HELPER]) {
        x[OVS_CT_ATTR_HELPER] = y[OVS_CT_ATTR_HELPER];
    }
    for (int i = 0; i < ATTRS_MAX; i++) {
        if (!(i == OVS_CT_ATTR_NAT ? match_nat(x[i], y[i])
              : is_same_option(x[i], y[i]))) {
            return false;
        }
    }
    return true;
}

/* Returns true if the attributes beside the 'n' lists of actions in 'a' and
 * 'b' are the same.  There is one, if any. */
static bool
match_arguments(const struct nlattr *a, const struct nlattr *b)
{
    const struct nlattr *x[ATTRS_MAX];
    const struct nlattr *y[ATTRS_MAX];

    switch (nl_attr_type(a)) {
    case OVS_ACTION_ATTR_SAMPLE:
        return (parse(a, x) && parse(b, y)
                && is_same_option(x[OVS_SAMPLE_ATTR_PROBABILITY],
                                  y[OVS_SAMPLE_ATTR_PROBABILITY]));
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        return (parse(a, x) && parse(b, y)
                && is_same_option(x[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN],
                                  y[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN]));
    default:
        return true;
    }
}

/* Returns true if 'a' and 'b', which have lists of actions, are the same. */
static bool
match_nested(const struct nlattr *a, const struct nlattr *b, int depth)
{
    struct upcall_attrs x[ACTION_LISTS_MAX];
    struct upcall_attrs y[ACTION_LISTS_MAX];
    size_t n = action_lists(a, x);

    if (!n || n != action_lists(b, y) || !match_arguments(a, b)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!match_list(&x[i], &y[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

/* Returns the tunnel that 'action' sets, or NULL if it does something else. */
static const struct nlattr *
get_tunnel(const struct nlattr *action)
{
    const struct nlattr *key = (nl_attr_type(action) == OVS_ACTION_ATTR_SET
                                ? action_set_key(action) : NULL);

    return key && nl_attr_type(key) == OVS_KEY_ATTR_TUNNEL ? key : NULL;
}

/* Returns true if 'a' and 'b' set the same. */
static bool
match_set(const struct nlattr *a, const struct nlattr *b)
{
    const struct nlattr *tunnel_a = get_tunnel(a);
    const struct nlattr *tunnel_b = get_tunnel(b);
    const struct nlattr *x[ATTRS_MAX];
    const struct nlattr *y[ATTRS_MAX];

    if (!tunnel_a || !tunnel_b || !parse(tunnel_a, x)
        || !parse(tunnel_b, y)) {
        return is_same_content(a, b);
    }
    for (int i = 0; i < ATTRS_MAX; i++) {
        if (!is_same_option(x[i], y[i])) {
            return false;
        }
    }
    return true;
}

static bool
match_action(const struct nlattr *a, const struct nlattr *b, int depth)
{
    if (action_is_raw(a)) {
        return (action_number(a) == OVS_ACTION_ATTR_CT
                && nl_attr_type(b) == OVS_ACTION_ATTR_CT);
    } else if (action_is_unknown_tunnel(a)) {
        return get_tunnel(b) != NULL;
    } else if (nl_attr_type(a) != nl_attr_type(b)) {
        return false;
    }
    switch (nl_attr_type(a)) {
    case OVS_ACTION_ATTR_CT: return match_ct(a, b);
    case OVS_ACTION_ATTR_SET: return match_set(a, b);
    case OVS_ACTION_ATTR_SAMPLE:
    case OVS_ACTION_ATTR_CLONE:
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
    case ACTION_DEC_TTL:
        return depth < ACTION_MAX_DEPTH && match_nested(a, b, depth);
    default: return is_same_content(a, b);
    }
}

static bool
match_list(const struct upcall_attrs *decoded,
           const struct upcall_attrs *complete, int depth)
{
    const struct nlattr *a = decoded->data;
    const struct nlattr *b = complete->data;
    size_t a_left = decoded->len;
    size_t b_left = complete->len;

    while (nl_attr_is_valid(a, a_left) && nl_attr_is_valid(b, b_left)
           && match_action(a, b, depth)) {
        a_left -= nl_attr_len_pad(a, a_left);
        a = nl_attr_next(a);
        b_left -= nl_attr_len_pad(b, b_left);
        b = nl_attr_next(b);
    }
    return !a_left && !b_left;
}

/* Returns true if 'decoded', from kernel_actions_decode(), and 'complete',
 * from a netlink message, are the same actions, as far as 'decoded' is known.
 *
 * Only a tunnel, a helper and a "ct" are taken from elsewhere if they are
 * unknown; if anything else is, that returns false. */
bool
kernel_actions_match(const struct upcall_attrs *decoded,
                     const struct upcall_attrs *complete)
{
    return match_list(decoded, complete, 0);
}

/* Replaces 'decoded', from kernel_actions_decode(), by 'complete' if that is
 * the same, see kernel_actions_match(); what action_nth() returns stays the
 * same action.  Returns false, and changes nothing, if it is not. */
bool
kernel_actions_fill(struct ofpbuf *decoded,
                    const struct upcall_attrs *complete)
{
    const struct upcall_attrs attrs = {
        .data = decoded->data, .len = decoded->size,
    };

    if (!kernel_actions_match(&attrs, complete)) {
        return false;
    }
    ofpbuf_clear(decoded);
    ofpbuf_put(decoded, complete->data, complete->len);
    return true;
}
