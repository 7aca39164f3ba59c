/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * VLAN tags that the kernel keeps beside the packet.
 */
#ifndef BPF_VLAN_BPF_H
#define BPF_VLAN_BPF_H 1

/* Bytes of two Ethernet addresses, which a VLAN tag follows, and of that. */
#define ETH_ADDRS_LEN 12
#define VLAN_TAG_LEN 4

/* Returns the VLAN tag of 'skb' that the kernel keeps beside the packet, as
 * the packet would have it, or 0 if there is none. */
static __always_inline __u32
skb_vlan_tag(const struct sk_buff *skb, bool direct)
{
    const struct sk_buff___6_1 *old = (const void *) skb;
    __u16 proto;

    if (bpf_core_field_exists(old->vlan_present)
        && !BPF_CORE_READ_BITFIELD_PROBED(old, vlan_present)) {
        return 0;
    }
    proto = GET(direct, skb, vlan_proto);
    return (proto
            ? proto | (__u32) bpf_htons(GET(direct, skb, vlan_tci)) << 16 : 0);
}

#endif /* bpf/vlan.bpf.h */
