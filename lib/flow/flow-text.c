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
#include "record/attr-check.h"
#include "record/record.h"
#include "util.h"
#include "uuid.h"

/* The kernel's OVS_ACTION_ATTR_DROP, which has another number in OVS 3.1. */
#define DROP_ACTION 24

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
    [23] = "dec_ttl",
    [DROP_ACTION] = "drop",
    [25] = "psample",
};

BUILD_ASSERT_DECL(OVS_ACTION_ATTR_ADD_MPLS == 22);

/* Appends 'actions' to 'ds', separated by commas; "drop" if there are none.
 * Returns false and appends nothing if they are unknown. */
bool
flow_text_actions(const struct upcall_attrs *actions, struct ds *ds)
{
    const struct nlattr *a;
    size_t left;

    if (!actions->data) {
        return false;
    }
    if (!actions->len) {
        ds_put_cstr(ds, "drop");
    }
    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        if (a != actions->data) {
            ds_put_char(ds, ',');
        }
        flow_text_action(a, ds);
    }
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

/* Returns true if 'a' and 'b' differ in nothing but blanks. */
static bool
is_same(const char *a, const char *b)
{
    struct ds normalized_a = DS_EMPTY_INITIALIZER;
    struct ds normalized_b = DS_EMPTY_INITIALIZER;
    bool same;

    put_normalized(&normalized_a, a);
    put_normalized(&normalized_b, b);
    same = !strcmp(ds_cstr(&normalized_a), ds_cstr(&normalized_b));
    ds_destroy(&normalized_a);
    ds_destroy(&normalized_b);
    return same;
}

/* Returns true if 'text', which ovs-vswitchd has made of the actions of a
 * flow, perhaps in another version of OVS, means 'actions'.
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

    ds_put_format(ds, "action%d", nl_attr_type(action));
    for (size_t i = 0; i < size; i++) {
        ds_put_format(ds, "%c%02x", i ? ' ' : '(', payload[i]);
    }
    if (size) {
        ds_put_char(ds, ')');
    }
}

/* Appends 'action', an attribute OVS_ACTION_ATTR_*, to 'ds'. */
void
flow_text_action(const struct nlattr *action, struct ds *ds)
{
    size_t start = ds->length;

    if (attr_check_action(action)) {
        format_odp_actions(ds, action, action->nla_len, NULL);
    } else {
        format_unknown_action(action, ds);
    }
    flow_text_make_printable(ds, start);
}

/* Appends the name of 'action', an attribute OVS_ACTION_ATTR_*, to 'ds'; such
 * as "push_vlan", or "action_99" if it is unknown. */
void
flow_text_action_name(const struct nlattr *action, struct ds *ds)
{
    int type = nl_attr_type(action);

    if (type < ARRAY_SIZE(action_names) && action_names[type]) {
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

    if (nl_attr_type(action) != DROP_ACTION
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
