/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-text.h"

#include <string.h>

#include "base/compat.h"
#include "flow/flow-match.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/attr-check.h"
#include "record/record.h"
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

static void put_printable(struct ds *, const struct ds *text);

/* Appends all fields of the flow key 'key', which must be known, to 'ds'. */
void
flow_text_key(const struct upcall_attrs *key, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    upcall_odp_flow_format(key->data, key->len, NULL, 0, NULL, &text, true);
    put_printable(ds, &text);
    ds_destroy(&text);
}

/* Appends what a flow with 'key' and 'mask' matches to 'ds', as the kernel
 * would tell it.  Returns false and appends nothing if one of them is
 * unknown. */
bool
flow_text_match(const struct upcall_attrs *key,
                const struct upcall_attrs *mask, struct ds *ds)
{
    uint64_t key_stub[512 / 8], mask_stub[512 / 8];
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ofpbuf full_key, full_mask;

    if (!key->data || !mask->data) {
        return false;
    }
    ofpbuf_use_stub(&full_key, key_stub, sizeof key_stub);
    ofpbuf_use_stub(&full_mask, mask_stub, sizeof mask_stub);
    flow_match_complete(key, mask, &full_key, &full_mask);
    upcall_odp_flow_format(full_key.data, full_key.size, full_mask.data,
                           full_mask.size, NULL, &text, false);
    put_printable(ds, &text);
    ofpbuf_uninit(&full_key);
    ofpbuf_uninit(&full_mask);
    ds_destroy(&text);
    return true;
}

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
    struct ds a = DS_EMPTY_INITIALIZER;
    struct ds b = DS_EMPTY_INITIALIZER;
    bool same = false;

    if (flow_text_actions(actions, &own)) {
        put_normalized(&a, ds_cstr(&own));
        put_normalized(&b, text);
        same = !strcmp(ds_cstr(&a), ds_cstr(&b));
    }
    ds_destroy(&own);
    ds_destroy(&a);
    ds_destroy(&b);
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
    struct ds text = DS_EMPTY_INITIALIZER;

    if (attr_check_action(action)) {
        format_odp_actions(&text, action, action->nla_len, NULL);
    } else {
        format_unknown_action(action, &text);
    }
    put_printable(ds, &text);
    ds_destroy(&text);
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
    struct uuid uuid;

    memcpy(&uuid, ufid, sizeof uuid);
    ds_put_format(ds, UUID_FMT, UUID_ARGS(&uuid));
}

/* Strings in actions, such as the name of a helper, are not checked. */
static void
put_printable(struct ds *ds, const struct ds *text)
{
    ds_put_printable(ds, ds_cstr_ro(text), text->length);
}
