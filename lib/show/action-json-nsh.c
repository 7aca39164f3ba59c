/* SPDX-License-Identifier: Apache-2.0 */

/* The arguments of "push_nsh" as JSON. */

#include <config.h>

#include "show/action-json-private.h"

#include "base/json-writer.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/nsh.h"
#include "openvswitch/util.h"
#include "util.h"

enum nsh_member { NSH_FLAGS, NSH_MDTYPE, NSH_NP, NSH_SI, NSH_SPI, NSH_TTL };

/* Returns the attribute 'type' of the header. */
static const struct nlattr *
get_nsh(const struct action_json *j, int type)
{
    const struct nlattr *nsh = nl_attr_find_nested(j->action,
                                                   OVS_KEY_ATTR_NSH);

    return nsh ? nl_attr_find_nested(nsh, type) : NULL;
}

static int
get_nsh_member(const struct ovs_nsh_key_base *base, enum nsh_member member)
{
    switch (member) {
    case NSH_FLAGS: return base->flags;
    case NSH_MDTYPE: return base->mdtype;
    case NSH_NP: return base->np;
    case NSH_SI: return nsh_path_hdr_to_si(base->path_hdr);
    case NSH_SPI: return nsh_path_hdr_to_spi_uint32(base->path_hdr);
    case NSH_TTL: return base->ttl;
    default: OVS_NOT_REACHED();
    }
}

static void
write_nsh(const struct action_json *j, const char *name, int member)
{
    const struct nlattr *base = get_nsh(j, OVS_NSH_KEY_ATTR_BASE);
    bool known = (base && nl_attr_get_size(base)
                  == sizeof(struct ovs_nsh_key_base));

    json_write_integer_if(j->w, name, known,
                          known ? get_nsh_member(nl_attr_get(base), member)
                          : 0);
}

static void
write_nsh_metadata(const struct action_json *j, const char *name,
                   int arg OVS_UNUSED)
{
    const struct nlattr *md1 = get_nsh(j, OVS_NSH_KEY_ATTR_MD1);
    const struct nlattr *md = md1 ? md1 : get_nsh(j, OVS_NSH_KEY_ATTR_MD2);

    if (md) {
        action_json_hex(j->w, name, nl_attr_get(md), nl_attr_get_size(md));
    } else {
        json_write_null(j->w, name);
    }
}

static const struct action_member push_nsh_members[] = {
    ACTION,
    { "flags", write_nsh, NSH_FLAGS, "uint|null",
      "The flags of the header; null if it is broken.", NULL },
    { "mdtype", write_nsh, NSH_MDTYPE, "uint|null",
      "The type of the metadata; likewise.", NULL },
    { "metadata", write_nsh_metadata, 0, "hex|null",
      "The metadata; null if there is none.", NULL },
    { "np", write_nsh, NSH_NP, "uint|null",
      "The next protocol; null if the header is broken.", NULL },
    { "si", write_nsh, NSH_SI, "uint|null",
      "The service index; likewise.", NULL },
    { "spi", write_nsh, NSH_SPI, "uint|null",
      "The service path identifier; likewise.", NULL },
    TEXT,
    { "ttl", write_nsh, NSH_TTL, "uint|null",
      "The time to live, in hops; likewise.", NULL },
};

const struct action_members action_json_push_nsh = {
    .members = push_nsh_members, .n = ARRAY_SIZE(push_nsh_members),
};
