/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Those bytes of a packet in a message that are in pages.
 */
#ifndef BPF_MESSAGE_PAGES_BPF_H
#define BPF_MESSAGE_PAGES_BPF_H 1

/* Appends those bytes of the packet 'skb' to the message in 'rec' that are to
 * be kept and are not among the first 'linear' ones, as far as they can be
 * read.  Does nothing if the message does not have these. */
static __always_inline void
msg_append_pages(struct upcall_record *rec, const struct sk_buff *skb,
                 __u32 linear, bool direct)
{
    __u32 wanted = min_u32(rec->packet_sent, snap_max);
    __u32 n;

    if (vmemmap && wanted > linear && rec->packet_kept == linear
        && rec->msg_len == rec->packet_ofs + linear) {
        n = pages_copy(rec->data, rec->msg_len, msg_max, skb, wanted - linear,
                       direct);
        rec->packet_kept += n;
        rec->msg_len += n;
    }
}

#endif /* bpf/message-pages.bpf.h */
