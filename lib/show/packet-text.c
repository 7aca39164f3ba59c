/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/packet-text.h"

#include <netinet/in.h>

#include "flow.h"
#include "flow/packet-flow.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/record.h"

static bool has_network(const struct flow *);
static void format_vlans(const struct flow *, struct ds *);
static void format_arp(const struct flow *, struct ds *);
static void format_ip(const struct flow *, struct ds *);
static void format_other(const struct flow *, struct ds *);
static void format_flow(const struct flow *, struct ds *);
static bool flow_from_key(const struct upcall *, struct flow *);

/* Appends a summary of the packet of 'u' to 'ds', such as "icmp 10.0.0.1 >
 * 10.0.0.2".  It is that of the flow key; where this is unknown, that of the
 * packet's bytes.  Returns false and appends nothing if both are unknown. */
bool
packet_text_format(const struct upcall *u, struct ds *ds)
{
    const struct packet_bytes bytes = {
        .data = u->packet,
        .kept = u->packet_kept,
        .len = u->packet_len,
        .type = htonl(PT_ETH),
    };
    struct flow flow;

    if (!flow_from_key(u, &flow) && !packet_flow_get(&bytes, &flow)) {
        return false;
    }
    format_flow(&flow, ds);
    return true;
}

/* Does the same for the packet of 'p', of which there are only bytes. */
bool
packet_text_format_pass(const struct pass *p, struct ds *ds)
{
    const struct packet_bytes bytes = packet_bytes_of_pass(p);
    struct flow flow;

    if (!packet_flow_get(&bytes, &flow)) {
        return false;
    }
    format_flow(&flow, ds);
    return true;
}

static bool
flow_from_key(const struct upcall *u, struct flow *flow)
{
    char *error;
    bool ok;

    if (!u->key.data) {
        return false;
    }
    ok = odp_flow_key_to_flow(u->key.data, u->key.len, flow, &error)
         != ODP_FIT_ERROR;
    free(error);
    return ok;
}

static void
format_flow(const struct flow *flow, struct ds *ds)
{
    format_vlans(flow, ds);
    if (!has_network(flow)) {
        format_other(flow, ds);
    } else if (is_ip_any(flow)) {
        format_ip(flow, ds);
    } else {
        format_arp(flow, ds);
    }
}

/* What is shown. */

/* Returns true if 'flow' has what is behind the Ethernet header of IP and ARP.
 * That of a packet which is cut, or broken, there has nothing but zeros. */
static bool
has_network(const struct flow *flow)
{
    if (flow->dl_type == htons(ETH_TYPE_ARP)) {
        return flow->nw_proto;
    }
    return (is_ip_any(flow)
            && (flow->nw_proto || flow->nw_src || flow->nw_dst
                || ipv6_addr_is_set(&flow->ipv6_src)
                || ipv6_addr_is_set(&flow->ipv6_dst)));
}

static void
format_vlans(const struct flow *flow, struct ds *ds)
{
    for (size_t i = 0; i < ARRAY_SIZE(flow->vlans); i++) {
        if (flow->vlans[i].tci & htons(VLAN_CFI)) {
            ds_put_format(ds, "vlan %d ",
                          vlan_tci_to_vid(flow->vlans[i].tci));
        }
    }
}

static void
format_arp(const struct flow *flow, struct ds *ds)
{
    if (flow->nw_proto == ARP_OP_REQUEST) {
        ds_put_format(ds, "arp who-has "IP_FMT" tell "IP_FMT,
                      IP_ARGS(flow->nw_dst), IP_ARGS(flow->nw_src));
    } else if (flow->nw_proto == ARP_OP_REPLY) {
        ds_put_format(ds, "arp reply "IP_FMT" is-at "ETH_ADDR_FMT,
                      IP_ARGS(flow->nw_src), ETH_ADDR_ARGS(flow->arp_sha));
    } else {
        ds_put_format(ds, "arp op %d "ETH_ADDR_FMT" > "ETH_ADDR_FMT,
                      flow->nw_proto, ETH_ADDR_ARGS(flow->dl_src),
                      ETH_ADDR_ARGS(flow->dl_dst));
    }
}

/* Appends the name of the protocol inside IP, if it has one, with a "6" for
 * IPv6. */
static bool
format_protocol(const struct flow *flow, struct ds *ds)
{
    bool ipv6 = flow->dl_type == htons(ETH_TYPE_IPV6);
    const char *name;

    switch (flow->nw_proto) {
    case IPPROTO_TCP: name = "tcp"; break;
    case IPPROTO_UDP: name = "udp"; break;
    case IPPROTO_SCTP: name = "sctp"; break;
    case IPPROTO_ICMP: name = ipv6 ? NULL : "icmp"; break;
    case IPPROTO_ICMPV6: name = ipv6 ? "icmp" : NULL; break;
    case IPPROTO_IGMP: name = ipv6 ? NULL : "igmp"; break;
    default: name = NULL; break;
    }
    ds_put_format(ds, "%s%s ", name ? name : "ip", ipv6 ? "6" : "");
    return name != NULL;
}

static bool
has_ports(const struct flow *flow)
{
    return (!(flow->nw_frag & FLOW_NW_FRAG_LATER)
            && (flow->nw_proto == IPPROTO_TCP
                || flow->nw_proto == IPPROTO_UDP
                || flow->nw_proto == IPPROTO_SCTP));
}

/* Appends an address of 'flow', 'ipv4' or 'ipv6', with 'port' if there are
 * ports. */
static void
format_address(const struct flow *flow, ovs_be32 ipv4,
               const struct in6_addr *ipv6, ovs_be16 port, struct ds *ds)
{
    if (flow->dl_type == htons(ETH_TYPE_IP)) {
        ds_put_format(ds, IP_FMT, IP_ARGS(ipv4));
    } else {
        ipv6_format_addr_bracket(ipv6, ds, has_ports(flow));
    }
    if (has_ports(flow)) {
        ds_put_format(ds, ":%d", ntohs(port));
    }
}

static void
format_ip(const struct flow *flow, struct ds *ds)
{
    bool named = format_protocol(flow, ds);

    format_address(flow, flow->nw_src, &flow->ipv6_src, flow->tp_src, ds);
    ds_put_cstr(ds, " > ");
    format_address(flow, flow->nw_dst, &flow->ipv6_dst, flow->tp_dst, ds);
    if (!named) {
        ds_put_format(ds, " proto %d", flow->nw_proto);
    }
    if (flow->nw_frag & FLOW_NW_FRAG_LATER) {
        ds_put_cstr(ds, " frag");
    }
}

static void
format_other(const struct flow *flow, struct ds *ds)
{
    if (flow->dl_type == htons(FLOW_DL_TYPE_NONE)) {
        ds_put_cstr(ds, "802.2");
    } else {
        ds_put_format(ds, "eth 0x%04x", ntohs(flow->dl_type));
    }
    ds_put_format(ds, " "ETH_ADDR_FMT" > "ETH_ADDR_FMT,
                  ETH_ADDR_ARGS(flow->dl_src), ETH_ADDR_ARGS(flow->dl_dst));
}
