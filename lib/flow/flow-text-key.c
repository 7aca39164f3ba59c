/* SPDX-License-Identifier: Apache-2.0 */

/* Text of flow keys, and of what flows match. */

#include <config.h>

#include "flow/flow-text-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "flow/flow-match.h"
#include "hash.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* Texts of attributes that are kept, in sets of those that an attribute can be
 * in; the longest attribute, which is that of IPv6, and the longest text. */
#define N_ATTR_TEXT_SETS 128
#define ATTR_TEXT_SET 4
#define ATTR_TEXT_KEY 44
#define ATTR_TEXT_LEN 192

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
    flow_text_make_printable(ds, start);
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
    flow_text_make_printable(ds, start);
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
    flow_text_make_printable(ds, start);
    ofpbuf_uninit(&full_key);
    ofpbuf_uninit(&full_mask);
    return true;
}
