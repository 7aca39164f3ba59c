/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The bytes of packets that pass through the datapath.
 */
#ifndef BPF_PASS_PACKET_BPF_H
#define BPF_PASS_PACKET_BPF_H 1

/* MAC_PROTO_ETHERNET, and what may be added to it, SW_FLOW_KEY_INVALID, of
 * net/openvswitch/flow.h. */
#define MAC_PROTO_ETHERNET 1
#define MAC_PROTO_MASK 0x7f

/* Returns the flags of a record of what runs at 'stack'. */
static __always_inline __u32
pass_context(__u64 stack)
{
    __u32 context = find_context(stack);

    return (context & UPCALL_F_SOFTIRQ ? PASS_F_SOFTIRQ
            : context & UPCALL_F_PROCESS ? PASS_F_PROCESS : 0);
}

/* Copies the first 'n' bytes, at most 'snap_max', of the packet at 'data' to
 * 'rec', with 'tag', which is not 0, behind its addresses.  Returns false if
 * that fails. */
static __always_inline bool
copy_tagged(struct pass_record *rec, const void *data, __u32 n, __u32 tag)
{
    if (n < ETH_ADDRS_LEN + VLAN_TAG_LEN
        || !read_kernel(rec->data, ETH_ADDRS_LEN, ETH_ADDRS_LEN, data)) {
        return false;
    }
    *(__u32 *) (rec->data + ETH_ADDRS_LEN) = tag;
    return read_kernel(rec->data + ETH_ADDRS_LEN + VLAN_TAG_LEN,
                       n - ETH_ADDRS_LEN - VLAN_TAG_LEN,
                       snap_max - ETH_ADDRS_LEN - VLAN_TAG_LEN,
                       data + ETH_ADDRS_LEN);
}

/* Copies as many bytes of the packet 'skb' with 'key' as are to be kept to
 * 'rec', and sets what the record says of the packet. */
static __always_inline void
pass_copy_packet(struct pass_record *rec, const struct sk_buff *skb,
                 const struct sw_flow_key *key)
{
    bool is_ethernet = (key->mac_proto & MAC_PROTO_MASK) == MAC_PROTO_ETHERNET;
    __u32 tag = is_ethernet ? skb_vlan_tag(skb, true) : 0;
    __u32 more = tag ? VLAN_TAG_LEN : 0;
    __u32 wanted = min_u32(skb->len + more, snap_max);
    __u32 n = min_u32(skb->len - skb->data_len + more, snap_max);
    const void *data = skb->data;
    bool ok;

    if (!is_ethernet) {
        rec->flags |= PASS_F_L3;
        rec->ethertype = skb->protocol;
    }
    rec->packet_len = skb->len + more;
    ok = (tag ? copy_tagged(rec, data, n, tag)
          : read_kernel(rec->data, n, snap_max, data));
    if (ok && n < wanted && vmemmap) {
        n += pages_copy(rec->data, n, snap_max, skb, wanted - n, true);
    }
    rec->packet_kept = ok ? n : 0;
}

#endif /* bpf/pass-packet.bpf.h */
