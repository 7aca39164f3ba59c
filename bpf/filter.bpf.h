/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which packets are chosen by start --filter.
 *
 * User space makes instructions of the expression (lib/record/filter.h) and
 * puts them in place of a region of filter_run() in each program that has one
 * (extension/attach-filter.c).  They read from a buffer, into which as many of
 * the first bytes of the packet are copied as the expression can read: at
 * first those that are enough for most packets, then all.  A VLAN tag that the
 * kernel keeps apart from the packet is put where it would be.
 *
 * Without a filter the verifier removes all of this.
 *
 *     if (filter_bytes && !filter_matches(buffer, skb, direct)) {
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

/* So many bytes are copied first. */
#define FILTER_FIRST 40

/* Packets of which the filter had to know bytes that cannot be had here.  They
 * were chosen. */
__u64 filter_undecided = 0;

/* Whether the kernel has this function. */
SETTING bool can_cast = false;
extern void *bpf_rdonly_cast(const void *, __u32) __ksym __weak;

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

/* Appends 'n' bytes at 'data' to 'b', which has 'copied', but no more than
 * 'limit' in all.  Returns false if they cannot be read. */
static __always_inline bool
filter_copy(struct filter_buffer *b, __u32 copied, const unsigned char *data,
            __u32 n, __u32 limit)
{
    n = min_u32(n, limit - min_u32(copied, limit));
    if (!read_kernel(b->data + bounded(copied, FILTER_BYTES_MAX), n,
                     FILTER_BYTES_MAX, data)) {
        return false;
    }
    b->copied = copied + n;
    return true;
}

/* Copies 'limit' bytes, or fewer, of the beginning of 'skb', which has
 * 'linear' bytes at 'data', and which has a VLAN 'tag' apart from these, to
 * 'b'. */
static __always_inline bool
filter_copy_tagged(struct filter_buffer *b, const unsigned char *data,
                   __u32 linear, __u32 tag, __u32 limit)
{
    if (linear < ETH_ADDRS_LEN) {
        return false;
    }
    b->len += VLAN_TAG_LEN;
    if (!filter_copy(b, 0, data, ETH_ADDRS_LEN, limit)) {
        return false;
    }
    if (b->copied == ETH_ADDRS_LEN) {
        *(__u32 *) (b->data + ETH_ADDRS_LEN) = tag;
        b->copied = min_u32(ETH_ADDRS_LEN + VLAN_TAG_LEN, limit);
    }
    return filter_copy(b, b->copied, data + ETH_ADDRS_LEN,
                       linear - ETH_ADDRS_LEN, limit);
}

/* Returns the VLAN tag of 'skb', whose bytes begin with 'link', that the
 * kernel keeps apart from these, or 0 if there is none. */
static __always_inline __u32
filter_tag(__u32 link, const struct sk_buff *skb, bool direct)
{
    return link == FILTER_ETHERNET ? skb_vlan_tag(skb, direct) : 0;
}

/* Fills in 'b' from 'skb', which has a VLAN 'tag' apart from its bytes unless
 * that is 0, with the first 'limit' of these, or fewer. */
static __noinline int
filter_fill(struct filter_buffer *b, struct sk_buff *skb, __u32 tag,
            __u32 limit, bool direct)
{
    const unsigned char *data = GET(direct, skb, data);
    __u32 len = GET(direct, skb, len);
    __u32 linear = len - GET(direct, skb, data_len);
    __u32 wanted;
    bool ok;

    b->len = len;
    b->copied = 0;
    ok = (tag ? filter_copy_tagged(b, data, linear, tag, limit)
          : filter_copy(b, 0, data, linear, limit));
    wanted = min_u32(limit, b->len);
    if (ok && b->copied < wanted && vmemmap) {
        b->copied += pages_copy(b->data, b->copied, FILTER_BYTES_MAX, skb,
                                wanted - b->copied, direct);
    }
    return 0;
}

/* Copies FILTER_FIRST bytes at 'src', which can be read, to 'dst'.  'direct'
 * is as for GET().
 *
 * With bpf_rdonly_cast() (Linux 6.2 and later) the program itself does that:
 * to the verifier, 'src' points to a structure of the kernel then, one that
 * begins with words.  To call the helper takes twice as many instructions. */
static __always_inline bool
filter_copy_first(void *dst, const void *src, bool direct)
{
#ifdef __TARGET_ARCH_x86
    if (can_cast && direct) {
        const __u64 *from = bpf_rdonly_cast(
            src, bpf_core_type_id_kernel(struct pt_regs));
        __u64 *to = dst;

#pragma unroll
        for (int i = 0; i < FILTER_FIRST / 8; i++) {
            to[i] = from[i];
        }
        return true;
    }
#endif
    return !bpf_probe_read_kernel(dst, FILTER_FIRST, src);
}

/* Does the same for the first FILTER_FIRST bytes, without a tag, if that takes
 * few instructions.  Returns false if not. */
static __always_inline bool
filter_fill_first(struct filter_buffer *b, const struct sk_buff *skb,
                  bool direct)
{
    __u32 len = GET(direct, skb, len);

    if (len - GET(direct, skb, data_len) < FILTER_FIRST
        || !filter_copy_first(b->data, GET(direct, skb, data), direct)) {
        return false;
    }
    b->len = len;
    b->copied = FILTER_FIRST;
    return true;
}

/* Returns what the filter says of 'skb', whose bytes begin with 'link'.
 *
 * Each byte that is copied costs something, and the first ones are enough for
 * most expressions and packets: to see that it is none of TCP, or from a port
 * of TCP over IPv4 without options. */
static __always_inline __u32
filter_ask(struct filter_buffer *b, struct sk_buff *skb, __u32 link,
           bool direct)
{
    __u32 tag = filter_tag(link, skb, direct);
    __u32 limit = FILTER_FIRST;
    __u32 verdict;

    b->link = link;
#pragma clang loop unroll(disable)
    for (;;) {
        /* Else the compiler might make two regions of one. */
        asm volatile("" : "+r"(limit));
        if (tag || limit > FILTER_FIRST
            || !filter_fill_first(b, skb, direct)) {
            filter_fill(b, skb, tag, limit, direct);
        }
        verdict = filter_run(b);

        /* Told that it seldom goes on, the compiler has the loop end with a
         * jump.  Linux 6.1 does not take one into whose start an instruction
         * leads that is none (visit_insn() in kernel/bpf/verifier.c). */
        if (__builtin_expect(verdict != FILTER_UNDECIDED
                             || limit >= filter_bytes, 1)) {
            return verdict;
        }
        limit = filter_bytes;
    }
}

/* Returns true if the packet 'skb' was chosen; 'b' is used for that.  Its data
 * begin with the header of Ethernet or, as for the functions of the datapath,
 * with that of the network layer if it has none: then 'mac_len' is 0
 * (key_extract() in net/openvswitch/flow.c, push_eth() and pop_eth() in
 * actions.c). */
static __always_inline bool
filter_matches(struct filter_buffer *b, struct sk_buff *skb, bool direct)
{
    __u32 link = FILTER_ETHERNET, verdict;
    __u16 protocol;

    if (!GET(direct, skb, mac_len)) {
        protocol = GET(direct, skb, protocol);
        if (protocol != bpf_htons(ETH_P_IP)
            && protocol != bpf_htons(ETH_P_IPV6)) {
            return false;
        }
        link = FILTER_IP;
    }
    verdict = filter_ask(b, skb, link, direct);
    if (verdict == FILTER_UNDECIDED) {
        COUNT(filter_undecided);
    }
    return verdict != FILTER_NO_MATCH;
}

#endif /* bpf/filter.bpf.h */
