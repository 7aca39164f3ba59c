/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-text-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/plain-text.h"
#include "base/printable.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/attr-check.h"
#include "record/record.h"
#include "util.h"
#include "uuid.h"

/* Names of actions by their number in the kernel's enum ovs_action_attr, to
 * which OVS has added later ones than 3.1 knows. */
static const char *const action_names[] = {
    [1] = "output",
    [2] = "userspace",
    [3] = "set",
    [4] = "push_vlan",
    [5] = "pop_vlan",
    [6] = "sample",
    [7] = "recirc",
    [8] = "hash",
    [9] = "push_mpls",
    [10] = "pop_mpls",
    [11] = "set_masked",
    [12] = "ct",
    [13] = "trunc",
    [14] = "push_eth",
    [15] = "pop_eth",
    [16] = "ct_clear",
    [17] = "push_nsh",
    [18] = "pop_nsh",
    [19] = "meter",
    [20] = "clone",
    [21] = "check_pkt_len",
    [22] = "add_mpls",
    [ACTION_DEC_TTL] = "dec_ttl",
    [ACTION_DROP] = "drop",
    [ACTION_PSAMPLE] = "psample",
};

BUILD_ASSERT_DECL(OVS_ACTION_ATTR_ADD_MPLS == 22);

static void put_actions(const struct upcall_attrs *, struct ds *, int depth,
                        bool masks);

/* Appends 'actions' to 'ds', separated by commas; "drop" if there are none.
 * Returns false and appends nothing if they are unknown. */
bool
flow_text_actions(const struct upcall_attrs *actions, struct ds *ds)
{
    size_t start = ds->length;

    if (!actions->data) {
        return false;
    }
    put_actions(actions, ds, 0, false);
    flow_text_make_printable(ds, start);
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Returns true if blanks beside 'c' mean nothing. */
static bool
is_delimiter(char c)
{
    return c == '\0' || strchr(",()=", c);
}

/* Appends 'text' to 'ds' with a single space for blanks that separate words,
 * and no others. */
static void
put_normalized(struct ds *ds, const char *text)
{
    size_t start = ds->length;

    while (*text) {
        if (!is_blank(*text)) {
            ds_put_char(ds, *text++);
            continue;
        }
        while (is_blank(*text)) {
            text++;
        }
        if (ds->length > start && !is_delimiter(ds_last(ds))
            && !is_delimiter(*text)) {
            ds_put_char(ds, ' ');
        }
    }
}

/* Returns where in 's', which begins with an argument, that ends: with the
 * parenthesis that closes what it is in, or, if it is 'one' of several, with
 * the comma before the next. */
static const char *
skip_argument(const char *s, bool one)
{
    int depth = 0;

    while (*s && (depth || (*s != ')' && !(one && *s == ',')))) {
        depth += (*s == '(') - (*s == ')');
        s++;
    }
    return s;
}

/* Returns true if 'own' is 'theirs' but for arguments that are unknown in
 * 'own', see put_action(). */
static bool
is_known_part(const char *own, const char *theirs)
{
    const char *start = own;

    while (*own) {
        bool one = own > start && own[-1] == '=';

        if (*own == '?' && (one || (own > start && own[-1] == '('))) {
            own++;
            theirs = skip_argument(theirs, one);
        } else if (*own++ != *theirs++) {
            return false;
        }
    }
    return !*theirs;
}

/* Returns true if 'own' is 'theirs' but for blanks and what is unknown. */
static bool
is_same(const char *own, const char *theirs)
{
    struct ds normalized_own = DS_EMPTY_INITIALIZER;
    struct ds normalized_theirs = DS_EMPTY_INITIALIZER;
    bool same;

    put_normalized(&normalized_own, own);
    put_normalized(&normalized_theirs, theirs);
    same = is_known_part(ds_cstr(&normalized_own),
                         ds_cstr(&normalized_theirs));
    ds_destroy(&normalized_own);
    ds_destroy(&normalized_theirs);
    return same;
}

/* Returns true if 'text', which ovs-vswitchd has made of the actions of a
 * flow, perhaps in another version of OVS, means 'actions', as far as these
 * are known.
 *
 * OVS 3.1 to 4.0 use the same words for what the kernel may have.  'text' is
 * only compared, and never parsed: the functions of OVS that do that trust the
 * user who has typed it. */
bool
flow_text_is_actions(const struct upcall_attrs *actions, const char *text)
{
    struct ds own = DS_EMPTY_INITIALIZER;
    bool same = (flow_text_actions(actions, &own)
                 && is_same(ds_cstr(&own), text));

    ds_destroy(&own);
    return same;
}

/* Takes the context of an NSH header, if it has one, from 'ds'. */
static void
remove_nsh_context(struct ds *ds)
{
    char *nsh = strstr(ds_cstr(ds), "nsh(");
    char *end = nsh ? strchr(nsh, ')') : NULL;
    char *context = end ? strstr(nsh, "c1=") : NULL;

    if (context && context < end) {
        context -= context[-1] == ',';
        memmove(context, end, strlen(end) + 1);
        ds_truncate(ds, strlen(ds_cstr(ds)));
    }
}

/* Returns false if 'text', which ovs-vswitchd has made of what a flow matches,
 * is not what 'key' and 'mask' ask for; true if it is, or if that is unknown.
 *
 * The kernel tells the context of an NSH header only if the flow matches on
 * its type 1 (nsh_key_to_nlattr() in net/openvswitch/flow_netlink.c of Linux
 * 6.1 to 7.2), and OVS makes zeros, matched exactly, of one that is not told
 * (format_odp_nsh_attr() in lib/odp-util.c of OVS 3.1 to 4.0), so that is not
 * compared then. */
bool
flow_text_is_match(const struct upcall_attrs *key,
                   const struct upcall_attrs *mask, const char *text)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds own = DS_EMPTY_INITIALIZER;
    struct ds theirs = DS_EMPTY_INITIALIZER;
    bool same = true;

    if (flow_text_match(key, mask, &match)) {
        put_normalized(&own, ds_cstr(&match));
        put_normalized(&theirs, text);
        if (!strstr(ds_cstr(&own), "mdtype=1,")) {
            remove_nsh_context(&own);
            remove_nsh_context(&theirs);
        }
        same = !strcmp(ds_cstr(&own), ds_cstr(&theirs));
    }
    ds_destroy(&match);
    ds_destroy(&own);
    ds_destroy(&theirs);
    return same;
}

/* Returns true if 'text', which ofproto/trace has printed, means 'actions'.
 * That sends nothing to controllers, and so has dont_send=1 where the flow has
 * dont_send=0 (xlate_controller_action() in ofproto/ofproto-dpif-xlate.c of
 * OVS 3.1 to 4.0). */
bool
flow_text_is_traced(const struct upcall_attrs *actions, const char *text)
{
    static const char dont_send[] = ",dont_send=1,";
    char *as_sent = xstrdup(text);
    char *found = as_sent;
    bool same;

    while ((found = strstr(found, dont_send)) != NULL) {
        found += strlen(dont_send);
        found[-2] = '0';
    }
    same = flow_text_is_actions(actions, as_sent);
    free(as_sent);
    return same;
}

/* Returns true if 'actions' hand packets to the slow path of ovs-vswitchd,
 * whether or not they pass a meter first. */
bool
flow_text_is_slow_path(const struct upcall_attrs *actions)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    bool slow = (flow_text_actions(actions, &text)
                 && strstr(ds_cstr(&text), "userspace(pid=")
                 && strstr(ds_cstr(&text), ",slow_path("));

    ds_destroy(&text);
    return slow;
}

/* Appends the number of 'action' and its argument in hexadecimal digits, as
 * OVS does for an action that it does not know. */
static void
format_unknown_action(const struct nlattr *action, struct ds *ds)
{
    const uint8_t *payload = nl_attr_get(action);
    size_t size = nl_attr_get_size(action);

    ds_put_format(ds, "action%d", action_number(action));
    for (size_t i = 0; i < size; i++) {
        ds_put_format(ds, "%c%02x", i ? ' ' : '(', payload[i]);
    }
    if (size) {
        ds_put_char(ds, ')');
    }
}

/* Appends what is before the actions in 'action', of a kind that has lists of
 * them.  Returns false and appends nothing if that is not as it has to be. */
static bool
put_before_lists(const struct nlattr *action, struct ds *ds)
{
    const struct nlattr *arg;

    switch (nl_attr_type(action)) {
    case OVS_ACTION_ATTR_SAMPLE:
        arg = nl_attr_find_nested(action, OVS_SAMPLE_ATTR_PROBABILITY);
        if (!arg || nl_attr_get_size(arg) != sizeof(uint32_t)) {
            return false;
        }
        ds_put_format(ds, "sample(sample=%.1f%%,actions(",
                      100.0 * nl_attr_get_u32(arg) / UINT32_MAX);
        return true;
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        arg = nl_attr_find_nested(action, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN);
        if (!arg || nl_attr_get_size(arg) != sizeof(uint16_t)) {
            return false;
        }
        ds_put_format(ds, "check_pkt_len(size=%"PRIu16",gt(",
                      nl_attr_get_u16(arg));
        return true;
    case OVS_ACTION_ATTR_CLONE: ds_put_cstr(ds, "clone("); return true;
    case ACTION_DEC_TTL: ds_put_cstr(ds, "dec_ttl(le_1("); return true;
    default: return false;
    }
}

/* Appends 'action' as OVS does if there are actions in it, of which there are
 * 'depth' around it.  Returns false and appends nothing if there are none. */
static bool
put_nested(const struct nlattr *action, struct ds *ds, int depth, bool masks)
{
    struct upcall_attrs lists[ACTION_LISTS_MAX];
    size_t n = depth < ACTION_MAX_DEPTH ? action_lists(action, lists) : 0;

    if (!n || !put_before_lists(action, ds)) {
        return false;
    }
    if (n > 1) {
        put_actions(&lists[1], ds, depth + 1, masks);
        ds_put_cstr(ds, "),le(");
    }
    put_actions(&lists[0], ds, depth + 1, masks);
    ds_put_cstr(ds, nl_attr_type(action) == OVS_ACTION_ATTR_CLONE
                ? ")" : "))");
    return true;
}

/* Appends 'action', around which there are 'depth' others.  What OVS does not
 * know, see action.h, may be in lists of others that it knows; and so may be
 * what it does not print, which is appended if 'masks'. */
static void
put_action(const struct nlattr *action, struct ds *ds, int depth, bool masks)
{
    if (masks && flow_text_has_eventmask(action, depth)) {
        if (!put_nested(action, ds, depth, true)) {
            put_action(action, ds, depth, false);
            flow_text_put_eventmask(action, ds);
        }
    } else if (attr_check_action(action)) {
        format_odp_actions(ds, action, action->nla_len, NULL);
    } else if (action_is_unknown_tunnel(action)) {
        ds_put_cstr(ds, "set(tunnel(?))");
    } else if (!put_nested(action, ds, depth, masks)) {
        format_unknown_action(action, ds);
    }
}

static void
put_actions(const struct upcall_attrs *actions, struct ds *ds, int depth,
            bool masks)
{
    const struct nlattr *a;
    size_t left;

    if (!actions->len) {
        ds_put_cstr(ds, "drop");
    }
    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        if (a != actions->data) {
            ds_put_char(ds, ',');
        }
        put_action(a, ds, depth, masks);
    }
}

/* Appends 'action', an attribute OVS_ACTION_ATTR_*, to 'ds'.  An unknown
 * tunnel or helper, see action.h, is "?". */
void
flow_text_action(const struct nlattr *action, struct ds *ds)
{
    size_t start = ds->length;

    put_action(action, ds, 0, false);
    flow_text_make_printable(ds, start);
}

/* Does the same, with what OVS does not print: the event mask of a "ct", if
 * that is not the one that ovs-vswitchd always asks for. */
void
flow_text_action_all(const struct nlattr *action, struct ds *ds)
{
    size_t start = ds->length;

    put_action(action, ds, 0, true);
    flow_text_make_printable(ds, start);
}

/* Returns true if 'action', an attribute OVS_ACTION_ATTR_*, has a name. */
bool
flow_text_action_is_known(const struct nlattr *action)
{
    int type = action_number(action);

    return type < ARRAY_SIZE(action_names) && action_names[type];
}

/* Appends the name of 'action', an attribute OVS_ACTION_ATTR_*, to 'ds'; such
 * as "push_vlan", or "action_99" if it is unknown. */
void
flow_text_action_name(const struct nlattr *action, struct ds *ds)
{
    int type = action_number(action);

    if (flow_text_action_is_known(action)) {
        ds_put_cstr(ds, action_names[type]);
    } else {
        ds_put_format(ds, "action_%d", type);
    }
}

/* Returns why 'action' drops the packet, in the words of xlate_strerror() of
 * OVS, or NULL if it is no drop or the reason is unknown. */
const char *
flow_text_drop_reason(const struct nlattr *action)
{
    /* By enum xlate_error of OVS 4.0, of which earlier ones have the
     * first part. */
    static const char *const reasons[] = {
        "OK",
        "Bridge not found",
        "Recursion too deep",
        "Too many resubmits",
        "Stack too deep",
        "No recirculation context",
        "Recirculation conflict",
        "Too many MPLS labels",
        "Invalid tunnel metadata",
        "Unsupported packet type",
        "Congestion Drop",
        "Forwarding is disabled",
        "Native tunnel routing failed",
        "Tunnel output device lacks Ethernet address",
        "Tunnel neighbor cache miss",
        "Native tunnel header build failed",
    };
    uint32_t reason;

    if (nl_attr_type(action) != ACTION_DROP
        || nl_attr_get_size(action) != sizeof reason) {
        return NULL;
    }
    reason = nl_attr_get_u32(action);
    return reason < ARRAY_SIZE(reasons) ? reasons[reason] : NULL;
}

/* Appends 'ufid', the payload of an attribute OVS_FLOW_ATTR_UFID, to 'ds' as
 * odp_format_ufid() does, but for the "ufid:" in front. */
void
flow_text_ufid(const uint8_t ufid[16], struct ds *ds)
{
    static const char digits[] = "0123456789abcdef";
    struct uuid uuid;
    char *out = ds_put_uninit(ds, UUID_LEN);

    memcpy(&uuid, ufid, sizeof uuid);
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20) {
            *out++ = '-';
        }
        *out++ = digits[uuid.parts[i / 8] >> (28 - i % 8 * 4) & 15];
    }
}

/* Makes what was appended to 'ds' since it had 'start' bytes printable, as
 * printable_put() does.  OVS does not check strings in actions, such as the
 * name of a helper. */
void
flow_text_make_printable(struct ds *ds, size_t start)
{
    const char *s = &ds_cstr(ds)[start];
    size_t len = ds->length - start;

    if (!plain_text_is(s, len)) {
        char *copy = xmemdup(s, len);

        ds_truncate(ds, start);
        printable_put(ds, copy, len);
        free(copy);
    }
}
