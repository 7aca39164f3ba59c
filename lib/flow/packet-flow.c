/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/packet-flow.h"

#include <netinet/in.h>
#include <string.h>

#include "base/compat.h"
#include "dp-packet.h"
#include "flow.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

/* With that many bytes, the headers that are shown are there, unless they have
 * long options: Ethernet, two VLANs, IPv6, and a transport protocol's ports.
 * Less is not enough to tell what is behind the Ethernet header. */
#define HEADERS_SIZE 80

/* No packet is longer.  It may claim to be. */
#define PACKET_MAX 65600

/* Returns the bytes of the packet of 'p'. */
struct packet_bytes
packet_bytes_of_pass(const struct pass *p)
{
    return (struct packet_bytes) {
        .data = p->packet,
        .kept = p->packet_kept,
        .len = p->rec->packet_len,
        .type = (p->rec->flags & PASS_F_L3
                 ? PACKET_TYPE_BE(OFPHTN_ETHERTYPE, ntohs(p->rec->ethertype))
                 : htonl(PT_ETH)),
    };
}

/* Where the headers of a packet start, UINT16_MAX if it has none. */
struct offsets {
    uint16_t l3, l4;
};

/* Stores in 'flow' what the packet is whose first bytes are 'b', and whose
 * other bytes, up to 'size', all are 'fill'.  Returns where its headers
 * start. */
static struct offsets
extract(const struct packet_bytes *b, size_t size, uint8_t fill,
        struct flow *flow)
{
    struct dp_packet *packet = dp_packet_new(size);
    struct offsets offsets;

    dp_packet_put(packet, b->data, b->kept);
    memset(dp_packet_put_uninit(packet, size - b->kept), fill,
           size - b->kept);
    packet->packet_type = b->type;
    flow_extract(packet, flow);
    offsets = (struct offsets) { packet->l3_ofs, packet->l4_ofs };
    dp_packet_delete(packet);
    return offsets;
}

/* Stores in 'flow' what OVS sees in the packet 'b', with zeros for what is not
 * in its bytes, such as the port.  Returns false if there are not enough of
 * them for that.
 *
 * A packet that seems to be cut would be taken for a broken one.  So what is
 * not known of it is filled with zeros. */
bool
packet_flow_get(const struct packet_bytes *b, struct flow *flow)
{
    size_t size = b->kept;

    if (!b->data || (b->type == htonl(PT_ETH) && size < ETH_HEADER_LEN)) {
        return false;
    }
    if (size >= HEADERS_SIZE) {
        size = MAX(size, MIN(b->len, PACKET_MAX));
    }
    extract(b, size, 0, flow);
    return true;
}

/* Returns the bytes of the header behind that of IP of which OVS needs all,
 * SIZE_MAX if that may be the whole packet. */
static size_t
transport_size(const struct flow *flow)
{
    if (flow->nw_frag & FLOW_NW_FRAG_LATER) {
        return 0;
    }
    switch (flow->nw_proto) {
    case IPPROTO_TCP: return TCP_HEADER_LEN;
    case IPPROTO_SCTP: return SCTP_HEADER_LEN;
    case IPPROTO_UDP:
    case IPPROTO_ICMP:
    case IPPROTO_IGMP: return UDP_HEADER_LEN;
    case IPPROTO_ICMPV6: return SIZE_MAX;       /* It may have options. */
    default: return 0;
    }
}

/* Returns true if the headers of a packet that is 'flow' are within its first
 * 'kept' bytes. */
static bool
has_headers(const struct flow *flow, struct offsets offsets, size_t kept)
{
    if (is_ip_any(flow)) {
        return (offsets.l4 <= kept
                && kept - offsets.l4 >= transport_size(flow));
    } else if (flow->dl_type == htons(ETH_TYPE_ARP)
               || flow->dl_type == htons(ETH_TYPE_RARP)) {
        return offsets.l3 <= kept && kept - offsets.l3 >= ARP_ETH_HEADER_LEN;
    }
    return flow->dl_type != htons(ETH_TYPE_NSH);
}

/* Does the same, but returns false if anything in 'flow' could be another if
 * the bytes that were not kept were others.  Where OVS finds a header broken,
 * it has zeros, so it is not enough to look at what it makes of others. */
static bool
get_exactly(const struct packet_bytes *b, struct flow *flow)
{
    size_t size = MAX(b->kept, MIN(b->len, PACKET_MAX));
    struct offsets offsets;
    struct flow other;

    if (!b->data) {
        return false;
    }
    offsets = extract(b, size, 0, flow);
    if (size == b->kept) {
        return true;
    }
    extract(b, size, UINT8_MAX, &other);
    return flow_equal(flow, &other) && has_headers(flow, offsets, b->kept);
}

/* Appends to 'key' what the record 'p' says of the packet beside its bytes.
 * An execute tells nothing but the port. */
static void
put_metadata(const struct pass *p, struct ofpbuf *key)
{
    const struct pass_record *rec = p->rec;

    if (rec->flags & PASS_F_PORT) {
        nl_msg_put_u32(key, OVS_KEY_ATTR_IN_PORT, rec->port_no);
    }
    if (!p->is_execute) {
        nl_msg_put_u32(key, OVS_KEY_ATTR_CT_STATE, rec->ct_state);
        nl_msg_put_u16(key, OVS_KEY_ATTR_CT_ZONE, rec->ct_zone);
        nl_msg_put_u32(key, OVS_KEY_ATTR_RECIRC_ID, rec->recirc_id);
    }
}

/* Appends to 'key' those attributes of 'all' that are about bytes of the
 * packet.  The kernel does not have its type: it has no Ethernet header
 * then. */
static void
put_headers(const struct ofpbuf *all, struct ofpbuf *key)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, all->data, all->size) {
        int type = nl_attr_type(a);

        if (type != OVS_KEY_ATTR_PRIORITY && type != OVS_KEY_ATTR_SKB_MARK
            && type != OVS_KEY_ATTR_PACKET_TYPE) {
            ofpbuf_put(key, a, NLA_ALIGN(a->nla_len));
        }
    }
}

/* Appends the flow key of the packet of 'p' to 'ds', as flow_text_key() does,
 * but without what is not known, such as skb_mark().  Returns false and
 * appends nothing if too little of the packet was kept to tell all of its
 * headers. */
bool
packet_flow_text(const struct pass *p, struct ds *ds)
{
    struct packet_bytes b = packet_bytes_of_pass(p);
    struct flow flow;
    struct odp_flow_key_parms parms = {
        .flow = &flow,
        .support = { .max_vlan_headers = FLOW_MAX_VLAN_HEADERS },
    };
    uint64_t all_stub[512 / 8], key_stub[512 / 8];
    struct upcall_attrs attrs;
    struct ofpbuf all, key;

    if (!get_exactly(&b, &flow)) {
        return false;
    }
    flow.in_port.odp_port = ODPP_NONE;
    ofpbuf_use_stub(&all, all_stub, sizeof all_stub);
    ofpbuf_use_stub(&key, key_stub, sizeof key_stub);
    odp_flow_key_from_flow(&parms, &all);
    put_metadata(p, &key);
    put_headers(&all, &key);
    attrs.data = key.data;
    attrs.len = key.size;
    flow_text_key(&attrs, ds);
    ofpbuf_uninit(&all);
    ofpbuf_uninit(&key);
    return true;
}
