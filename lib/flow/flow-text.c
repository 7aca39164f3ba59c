/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-text.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/plain-text.h"
#include "base/printable.h"
#include "flow/flow-match.h"
#include "hash.h"
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

/* Texts of attributes that are kept, in sets of those that an attribute can be
 * in; the longest attribute, which is that of IPv6, and the longest text. */
#define N_ATTR_TEXT_SETS 128
#define ATTR_TEXT_SET 4
#define ATTR_TEXT_KEY 44
#define ATTR_TEXT_LEN 192

static void make_printable(struct ds *, size_t start);

/* Text of an attribute of a key, or of a key and its mask, that was formatted
 * before.
 *
 * All keys have some 15 attributes, most of which are the same in many of
 * them, such as skb_priority(0), and odp_flow_format() needs half of the time
 * of all JSON. */
struct attr_text {
    uint8_t attr[2 * ATTR_TEXT_KEY];    /* With its header; then its mask. */
    uint8_t attr_len;           /* 0 if there is none. */
    bool masked;                /* Has a mask. */
    uint8_t len;
    char text[ATTR_TEXT_LEN];
};

/* Formats 'a' and its mask 'ma', which may be NULL and else is as long, in
 * 't', which is not of another attribute then.  Returns false if they are not
 * what such a text is for. */
static bool
make_attr_text(struct attr_text *t, const struct nlattr *a,
               const struct nlattr *ma)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    bool ok;

    upcall_odp_flow_format(a, a->nla_len, ma, ma ? ma->nla_len : 0, NULL,
                           &text, !ma);

    /* Only errors have blanks, and they are joined in another way. */
    ok = (text.length <= sizeof t->text && !strchr(ds_cstr(&text), ' ')
          && !strchr(ds_cstr(&text), '*'));
    t->attr_len = 0;
    if (ok) {
        memcpy(t->attr, a, a->nla_len);
        if (ma) {
            memcpy(t->attr + ATTR_TEXT_KEY, ma, ma->nla_len);
        }
        t->attr_len = a->nla_len;
        t->masked = ma != NULL;
        memcpy(t->text, ds_cstr(&text), text.length);
        t->len = text.length;
    }
    ds_destroy(&text);
    return ok;
}

/* Returns true if 't' is of 'a' and its mask 'ma', which may be NULL. */
static bool
attr_text_is_of(const struct attr_text *t, const struct nlattr *a,
                const struct nlattr *ma)
{
    return (t->attr_len == a->nla_len && t->masked == !!ma
            && !memcmp(t->attr, a, a->nla_len)
            && (!ma || !memcmp(t->attr + ATTR_TEXT_KEY, ma, a->nla_len)));
}

/* Returns the text of 'a' and its mask 'ma', which may be NULL and else is as
 * long; NULL if they are not what such a text is for. */
static const struct attr_text *
get_attr_text(const struct nlattr *a, const struct nlattr *ma)
{
    static __thread struct attr_text texts[N_ATTR_TEXT_SETS][ATTR_TEXT_SET];
    static __thread unsigned int victim;
    uint32_t hash = hash_bytes(a, a->nla_len, ma != NULL);
    struct attr_text *set = texts[hash % N_ATTR_TEXT_SETS];
    struct attr_text *t;

    for (t = set; t < set + ATTR_TEXT_SET; t++) {
        if (attr_text_is_of(t, a, ma)) {
            return t;
        }
    }
    t = &set[victim++ % ATTR_TEXT_SET];
    return make_attr_text(t, a, ma) ? t : NULL;
}

/* Appends 'a', an attribute of a key, as it is masked by 'ma', or all of it if
 * that is NULL, to 'ds' as odp_flow_format() does.  Returns false and appends
 * nothing if it has to be formatted with all others. */
static bool
put_attr(const struct nlattr *a, const struct nlattr *ma, struct ds *ds)
{
    const struct attr_text *t;

    if (a->nla_len > ATTR_TEXT_KEY || (ma && ma->nla_len != a->nla_len)) {
        return false;
    }
    t = get_attr_text(a, ma);
    if (!t) {
        return false;
    }
    ds_put_buffer(ds, t->text, t->len);
    return true;
}

/* Appends the attributes of 'key' to 'ds' one by one.  Returns false if they
 * have to be formatted together; then what was appended is of no use. */
static bool
put_key_attrs(const struct upcall_attrs *key, struct ds *ds)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, key->data, key->len) {
        if (a != key->data) {
            ds_put_char(ds, ',');
        }
        if (!put_attr(a, NULL, ds)) {
            return false;
        }
    }
    return key->len && !left;
}

/* Appends the attributes of 'key' that 'mask', which has the same attributes
 * in the same order, does not hide to 'ds' one by one.  Returns false if they
 * have to be formatted together; then what was appended is of no use. */
static bool
put_masked_attrs(const struct ofpbuf *key, const struct ofpbuf *mask,
                 struct ds *ds)
{
    const struct nlattr *ma = mask->data;
    size_t start = ds->length;
    const struct nlattr *a;
    size_t left;

    if (key->size != mask->size) {
        return false;
    }
    NL_ATTR_FOR_EACH (a, left, key->data, key->size) {
        size_t length = ds->length;

        if (length == start && nl_attr_type(a) == OVS_KEY_ATTR_ETHERNET) {
            return false;       /* OVS puts no comma behind a first "eth()". */
        }
        if (length > start) {
            ds_put_char(ds, ',');
        }
        if (nl_attr_type(a) != nl_attr_type(ma) || !put_attr(a, ma, ds)) {
            return false;
        }
        if (ds->length == length + (length > start)) {
            ds_truncate(ds, length);
        }
        ma = nl_attr_next(ma);
    }
    return ds->length > start;
}

/* Appends all fields of the flow key 'key', which must be known, to 'ds'. */
void
flow_text_key(const struct upcall_attrs *key, struct ds *ds)
{
    size_t start = ds->length;

    if (!put_key_attrs(key, ds)) {
        ds_truncate(ds, start);
        upcall_odp_flow_format(key->data, key->len, NULL, 0, NULL, ds, true);
    }
    make_printable(ds, start);
}

/* Returns true if OVS can read 'text', which was made of 'a'. */
static bool
is_readable(const char *text, const struct nlattr *a)
{
    struct ofpbuf key, mask;
    char *error;
    bool ok;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&mask, 0);
    ok = (!odp_flow_from_string(text, NULL, &key, &mask, &error)
          && nl_attr_find__(key.data, key.size, nl_attr_type(a)));
    free(error);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
    return ok;
}

/* Replaces 'old', if it is in 'ds', by 'new', which must not be longer. */
static void
shorten(struct ds *ds, const char *old, const char *new)
{
    char *found = strstr(ds_cstr(ds), old);
    size_t excess = strlen(old) - strlen(new);

    if (found) {
        char *rest = found + strlen(old);

        memcpy(found, new, strlen(new));
        memmove(rest - excess, rest, strlen(rest) + 1);
        ds->length -= excess;
    }
}

/* Appends 'a', an attribute of a flow key with nothing inside that OVS may not
 * know, to 'ds' as ofproto/trace reads it; nothing if it does not, such as for
 * NSH.  Two fields have other names there than where OVS 3.1 to 4.0 print them
 * (parse_odp_key_mask_attr__() and format_odp_key_attr__() in
 * lib/odp-util.c). */
static void
put_trace_attr(const struct nlattr *a, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    upcall_odp_flow_format(a, a->nla_len, NULL, 0, NULL, &text, true);
    if (nl_attr_type(a) == OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6) {
        shorten(&text, "src_port=", "tp_src=");
        shorten(&text, "dst_port=", "tp_dst=");
    }
    if (is_readable(ds_cstr(&text), a)) {
        ds_put_cstr(ds, ds_cstr(&text));
    }
    ds_destroy(&text);
}

static void
put_trace_attrs(const struct nlattr *attrs, size_t len, struct ds *ds)
{
    const struct nlattr *a;
    size_t start = ds->length;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, attrs, len) {
        size_t length = ds->length;

        ds_put_cstr(ds, length > start ? "," : "");
        if (nl_attr_type(a) == OVS_KEY_ATTR_ENCAP) {
            ds_put_cstr(ds, "encap(");
            put_trace_attrs(nl_attr_get(a), nl_attr_get_size(a), ds);
            ds_put_char(ds, ')');
        } else {
            size_t separated = ds->length;

            put_trace_attr(a, ds);
            if (ds->length == separated) {
                ds_truncate(ds, length);
            }
        }
    }
}

/* Appends the fields of the flow key 'key', which must be known, that
 * ofproto/trace understands to 'ds'.
 *
 * It takes a key that has any other for the flow of a bridge.  A kernel has
 * fields that OVS does not know, such as OVS_KEY_ATTR_IPV6_EXTHDRS, which
 * Linux 6.1 to 7.2 have for each IPv6 packet, and OVS 3.1 to 4.0 print as
 * key32(...). */
void
flow_text_trace_key(const struct upcall_attrs *key, struct ds *ds)
{
    size_t start = ds->length;

    put_trace_attrs(key->data, key->len, ds);
    make_printable(ds, start);
}

/* Appends what a flow with 'key' and 'mask' matches to 'ds', as the kernel
 * would tell it.  Returns false and appends nothing if one of them is
 * unknown. */
bool
flow_text_match(const struct upcall_attrs *key,
                const struct upcall_attrs *mask, struct ds *ds)
{
    uint64_t key_stub[512 / 8], mask_stub[512 / 8];
    size_t start = ds->length;
    struct ofpbuf full_key, full_mask;

    if (!key->data || !mask->data) {
        return false;
    }
    ofpbuf_use_stub(&full_key, key_stub, sizeof key_stub);
    ofpbuf_use_stub(&full_mask, mask_stub, sizeof mask_stub);
    flow_match_complete(key, mask, &full_key, &full_mask);
    if (!put_masked_attrs(&full_key, &full_mask, ds)) {
        ds_truncate(ds, start);
        upcall_odp_flow_format(full_key.data, full_key.size, full_mask.data,
                               full_mask.size, NULL, ds, false);
    }
    make_printable(ds, start);
    ofpbuf_uninit(&full_key);
    ofpbuf_uninit(&full_mask);
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

/* Returns false if 'text', which ovs-vswitchd has made of what a flow matches,
 * is not what 'key' and 'mask' ask for; true if it is, or if that is
 * unknown. */
bool
flow_text_is_match(const struct upcall_attrs *key,
                   const struct upcall_attrs *mask, const char *text)
{
    struct ds own = DS_EMPTY_INITIALIZER;
    bool same = (!flow_text_match(key, mask, &own)
                 || is_same(ds_cstr(&own), text));

    ds_destroy(&own);
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
    make_printable(ds, start);
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
static void
make_printable(struct ds *ds, size_t start)
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
