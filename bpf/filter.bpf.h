/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which packets are chosen by start --filter.
 *
 * User space makes instructions of the expression (lib/record/filter.h) and
 * puts them in place of a region of filter_run() in each program that has one
 * (extension/attach-filter.c).  They read from a buffer, into which as many of
 * the first bytes of the packet are copied as the expression can read.  A VLAN
 * tag that the kernel keeps apart from the packet is put where it would be.
 *
 * Without a filter the verifier removes all of this.
 *
 *     if (filter_bytes && !filter_matches(skb, direct)) {
 *         return 0;
 *     }
 *
 * Needs kernel.bpf.h, bound.bpf.h, common.bpf.h, pages.bpf.h and vlan.bpf.h.
 * No other filter may run on the same CPU meanwhile, so bottom halves must be
 * disabled where this is called, as in the functions of the datapath.
 */
#ifndef BPF_FILTER_BPF_H
#define BPF_FILTER_BPF_H 1

#include <linux/if_ether.h>

#include "filter-buffer.h"

/* Bytes of a packet that the filter can read; 0 if there is no filter. */
SETTING __u32 filter_bytes = 0;

/* Packets of which the filter had to know bytes that cannot be had here.  They
 * were chosen. */
__u64 filter_undecided = 0;

/* For each CPU.  Its size is set by user space if there is a filter. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 8);
} filter_buffers SEC(".maps");

/* Returns what the filter says of the packet in 'b'. */
static __always_inline __u32
filter_run(struct filter_buffer *b)
{
    __u64 verdict;

    asm volatile("r1 = %[b]\n\t"
                 ".rept %[n]\n\t"
                 "goto +0\n\t"
                 ".endr\n\t"
                 "%[verdict] = r0"
                 : [verdict] "=r"(verdict)
                 : [b] "r"(b), [n] "i"(FILTER_REGION)
                 : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
    return verdict;
}

/* Appends 'n' bytes at 'data', but no more than are wanted, to 'b'.  Returns
 * false if they cannot be read. */
static __always_inline bool
filter_copy(struct filter_buffer *b, const unsigned char *data, __u32 n)
{
    __u32 copied = b->copied;

    n = min_u32(n, filter_bytes - min_u32(copied, filter_bytes));
    if (!read_kernel(b->data + bounded(copied, FILTER_BYTES_MAX), n,
                     FILTER_BYTES_MAX, data)) {
        return false;
    }
    b->copied = copied + n;
    return true;
}

/* Copies the beginning of 'skb', which has 'linear' bytes at 'data', and which
 * has a VLAN 'tag' apart from these, to 'b'. */
static __always_inline bool
filter_copy_tagged(struct filter_buffer *b, const unsigned char *data,
                   __u32 linear, __u32 tag)
{
    if (linear < ETH_ADDRS_LEN) {
        return false;
    }
    b->len += VLAN_TAG_LEN;
    if (!filter_copy(b, data, ETH_ADDRS_LEN)) {
        return false;
    }
    if (b->copied == ETH_ADDRS_LEN) {
        *(__u32 *) (b->data + ETH_ADDRS_LEN) = tag;
        b->copied = min_u32(ETH_ADDRS_LEN + VLAN_TAG_LEN, filter_bytes);
    }
    return filter_copy(b, data + ETH_ADDRS_LEN, linear - ETH_ADDRS_LEN);
}

/* Fills in 'b' from 'skb', whose bytes begin with what 'b' says already. */
static __always_inline void
filter_fill(struct filter_buffer *b, struct sk_buff *skb, bool direct)
{
    const unsigned char *data = GET(direct, skb, data);
    __u32 len = GET(direct, skb, len);
    __u32 linear = len - GET(direct, skb, data_len);
    __u32 tag = (b->link == FILTER_ETHERNET ? skb_vlan_tag(skb, direct)
                 : 0);
    __u32 wanted;
    bool ok;

    b->len = len;
    b->copied = 0;
    ok = (tag ? filter_copy_tagged(b, data, linear, tag)
          : filter_copy(b, data, linear));
    wanted = min_u32(filter_bytes, b->len);
    if (ok && b->copied < wanted && vmemmap) {
        b->copied += pages_copy(b->data, b->copied, FILTER_BYTES_MAX, skb,
                                wanted - b->copied, direct);
    }
}

/* Returns true if the packet 'skb' was chosen.  Its data begin with the header
 * of Ethernet or, as for the functions of the datapath, with that of the
 * network layer if it has none: then 'mac_len' is 0 (key_extract() in
 * net/openvswitch/flow.c, push_eth() and pop_eth() in actions.c). */
static __always_inline bool
filter_matches(struct sk_buff *skb, bool direct)
{
    struct filter_buffer *b;
    __u32 zero = 0, verdict;
    __u16 protocol;

    b = bpf_map_lookup_elem(&filter_buffers, &zero);
    if (!b) {
        return false;
    }
    b->link = FILTER_ETHERNET;
    if (!GET(direct, skb, mac_len)) {
        protocol = GET(direct, skb, protocol);
        if (protocol != bpf_htons(ETH_P_IP)
            && protocol != bpf_htons(ETH_P_IPV6)) {
            return false;
        }
        b->link = FILTER_IP;
    }
    filter_fill(b, skb, direct);
    verdict = filter_run(b);
    if (verdict == FILTER_UNDECIDED) {
        COUNT(filter_undecided);
    }
    return verdict != FILTER_NO_MATCH;
}

#endif /* bpf/filter.bpf.h */
