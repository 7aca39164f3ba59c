/* SPDX-License-Identifier: Apache-2.0 */

/* The arguments of "ct" as JSON. */

#include <config.h>

#include "show/action-json-private.h"

#include <string.h>

#include "base/json-writer.h"
#include "base/printable.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/action.h"
#include "util.h"

/* Both attributes commit. */
static void
write_commit(const struct action_json *j, const char *name,
             int arg OVS_UNUSED)
{
    json_write_bool(j->w, name, j->attrs[OVS_CT_ATTR_COMMIT]
                    || j->attrs[OVS_CT_ATTR_FORCE_COMMIT]);
}

/* Writes the string that the attribute 'type' is; null if it is unknown. */
static void
write_name(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = j->attrs[type];
    size_t len = a ? strnlen(nl_attr_get(a), nl_attr_get_size(a)) : 0;

    if (!len || (type == OVS_CT_ATTR_HELPER && action_is_unknown_helper(a))) {
        json_write_null(j->w, name);
    } else {
        printable_put(json_write_text(j->w, name), nl_attr_get(a), len);
        json_write_end_text(j->w);
    }
}

static void
write_mark(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 8);
    const uint32_t *mark = a ? nl_attr_get(a) : NULL;

    if (!mark) {
        json_write_null(j->w, name);
        return;
    }
    json_write_object(j->w, name);
    json_write_integer(j->w, "mask", mark[1]);
    json_write_integer(j->w, "value", mark[0]);
    json_write_end_object(j->w);
}

/* Writes the label at 'bytes' as OVS prints it. */
static void
write_label(struct json_writer *w, const char *name, const void *bytes)
{
    ovs_u128 label;
    ovs_be128 value;

    memcpy(&label, bytes, sizeof label);
    value = hton128(label);
    ds_put_hex(json_write_text(w, name), &value, sizeof value);
    json_write_end_text(w);
}

static void
write_labels(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a = action_json_attr(j->attrs, type, 32);

    if (!a) {
        json_write_null(j->w, name);
        return;
    }
    json_write_object(j->w, name);
    write_label(j->w, "mask", (const uint8_t *) nl_attr_get(a) + 16);
    write_label(j->w, "value", nl_attr_get(a));
    json_write_end_object(j->w);
}

/* Writes the address that the attribute 'a' is, null if it is NULL. */
static void
write_address(struct json_writer *w, const char *name, const struct nlattr *a)
{
    size_t size = a ? nl_attr_get_size(a) : 0;
    struct in6_addr ip6;
    ovs_be32 ip4;

    if (size == sizeof ip4) {
        ip4 = nl_attr_get_be32(a);
        ds_put_format(json_write_text(w, name), IP_FMT, IP_ARGS(ip4));
        json_write_end_text(w);
    } else if (size == sizeof ip6) {
        memcpy(&ip6, nl_attr_get(a), sizeof ip6);
        ipv6_format_addr(&ip6, json_write_text(w, name));
        json_write_end_text(w);
    } else {
        json_write_null(w, name);
    }
}

static void
write_port(struct json_writer *w, const char *name, const struct nlattr *a)
{
    bool known = a && nl_attr_get_size(a) == sizeof(uint16_t);

    json_write_integer_if(w, name, known, known ? nl_attr_get_u16(a) : 0);
}

/* Writes the NAT, null if there is none.  The end of a range of one is its
 * start. */
static void
write_nat(const struct action_json *j, const char *name, int type)
{
    const struct nlattr *a[ACTION_JSON_ATTRS] = { NULL };
    struct json_writer *w = j->w;

    if (!j->attrs[type]) {
        json_write_null(w, name);
        return;
    }
    action_json_parse(j->attrs[type], a);
    json_write_object(w, name);
    write_address(w, "addr_max", a[OVS_NAT_ATTR_IP_MAX]
                  ? a[OVS_NAT_ATTR_IP_MAX] : a[OVS_NAT_ATTR_IP_MIN]);
    write_address(w, "addr_min", a[OVS_NAT_ATTR_IP_MIN]);
    json_write_bool(w, "hash", a[OVS_NAT_ATTR_PROTO_HASH]);
    json_write_bool(w, "persistent", a[OVS_NAT_ATTR_PERSISTENT]);
    write_port(w, "port_max", a[OVS_NAT_ATTR_PROTO_MAX]
               ? a[OVS_NAT_ATTR_PROTO_MAX] : a[OVS_NAT_ATTR_PROTO_MIN]);
    write_port(w, "port_min", a[OVS_NAT_ATTR_PROTO_MIN]);
    json_write_bool(w, "random", a[OVS_NAT_ATTR_PROTO_RANDOM]);
    json_write_string(w, "type", a[OVS_NAT_ATTR_SRC] ? "src"
                      : a[OVS_NAT_ATTR_DST] ? "dst" : NULL);
    json_write_end_object(w);
}

/* A zone that is not there is 0. */
static void
write_zone(const struct action_json *j, const char *name, int type)
{
    if (j->attrs[type]) {
        action_json_u16(j, name, type);
    } else {
        json_write_integer(j->w, name, 0);
    }
}

static const struct action_member ct_members[] = {
    ACTION,
    { "commit", write_commit, 0, "boolean",
      "Is the connection to be entered into the table?", NULL },
    { "eventmask", action_json_u32, OVS_CT_ATTR_EVENTMASK, "uint|null",
      "Bits of the events to tell of; null if it has none.", NULL },
    { "force", action_json_flag, OVS_CT_ATTR_FORCE_COMMIT, "boolean",
      "Does a connection in the other direction give way?", NULL },
    { "helper", write_name, OVS_CT_ATTR_HELPER, "string|null",
      "The helper, such as ftp; null if there is none, or it is not known.",
      NULL },
    { "labels", write_labels, OVS_CT_ATTR_LABELS, "@ct_labels|null",
      "Labels to set; null if there are none.", NULL },
    { "mark", write_mark, OVS_CT_ATTR_MARK, "@ct_mark|null",
      "Mark to set; null if there is none.", NULL },
    { "nat", write_nat, OVS_CT_ATTR_NAT, "@ct_nat|null",
      "Translation of addresses; null if there is none.", NULL },
    TEXT,
    { "timeout", write_name, OVS_CT_ATTR_TIMEOUT, "string|null",
      "The timeout policy; null if there is none.", NULL },
    { "zone", write_zone, OVS_CT_ATTR_ZONE, "uint|null",
      "The zone; null if it is broken.", NULL },
};

const struct action_members action_json_ct = {
    .members = ct_members, .n = ARRAY_SIZE(ct_members), .nested = true,
};
