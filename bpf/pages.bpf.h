/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The bytes of a packet that are not in one piece with its first ones, but in
 * pages (skb_shinfo(skb)->frags): those of TCP, of segments, of most drivers.
 *
 * A page is named by the address of its struct page.  These are an array, at
 * 'vmemmap', of all pages of the memory, which the kernel sees at
 * 'page_offset' (__page_to_pfn() in include/asm-generic/memory_model.h,
 * page_to_virt() in include/linux/mm.h, Linux 6.1 to 7.2).
 *
 * Bytes of packets that others hold together (skb_shinfo(skb)->frag_list), as
 * fragments that conntrack has put together, come behind these and are not
 * read.
 */
#ifndef BPF_PAGES_BPF_H
#define BPF_PAGES_BPF_H 1

/* Where the kernel has the struct page of the first page of the memory, and
 * where that page; 0 if unknown.  The size of a page. */
SETTING __u64 vmemmap = 0;
SETTING __u64 page_offset = 0;
SETTING __u32 page_size = 4096;

#pragma clang attribute push(__attribute__((preserve_access_index)), \
                             apply_to = record)

struct page {
    unsigned long flags;
};

#pragma clang attribute pop

/* An element of 'frags': a struct bio_vec until Linux 6.8, then a struct
 * skb_frag, which is the same. */
struct packet_frag {
    __u64 page;                 /* Its lowest bit: this is no page. */
    __u32 len;
    __u32 offset;
};

/* Pieces that are copied at most, each with so many bytes at most, for which
 * there is room behind the message. */
#define PIECES_MAX 64
#define PIECE_SIZE 1024

/* Returns where the kernel sees the bytes of 'frag', 0 if that is unknown. */
static __always_inline __u64
frag_address(const struct packet_frag *frag)
{
    __u64 size = bpf_core_type_size(struct page);

    if (frag->page & 1 || frag->page < vmemmap || !size) {
        return 0;
    }
    return (page_offset + (frag->page - vmemmap) / size * page_size
            + frag->offset);
}

/* Goes over the pieces of a packet, see pages_copy(). */
struct pages_walk {
    __u8 *data;                 /* Where to copy them to, */
    __u64 ofs;                  /* from here on, */
    __u64 max;                  /* which is no more than that. */
    __u64 frags;                /* Address of those that follow. */
    __u32 n_frags;              /* How many they are. */
    __u32 n;                    /* Bytes that are still wanted. */
    struct packet_frag frag;    /* What is left of the one before them. */
};

/* Appends what is left of a fragment, or a piece of it. */
static long
pages_copy_one(__u32 i, struct pages_walk *w)
{
    __u64 address;
    __u32 size;

    if (!w->frag.len) {
        if (!w->n_frags
            || bpf_probe_read_kernel(&w->frag, sizeof w->frag,
                                     (const void *) w->frags)) {
            return 1;
        }
        w->n_frags--;
        w->frags += sizeof w->frag;
    }
    size = min_u32(min_u32(w->frag.len, w->n), PIECE_SIZE);
    address = frag_address(&w->frag);
    if (!size || !address
        || !read_kernel(w->data + bounded(w->ofs, w->max), size, PIECE_SIZE,
                        (const void *) address)) {
        return 1;
    }
    w->ofs += size;
    w->frag.offset += size;
    w->frag.len -= size;
    w->n -= size;
    return 0;
}

/* Copies the first 'n' bytes of the packet 'skb' that are not in one piece
 * with its first ones to 'data' + 'ofs', which is no more than 'max', as far
 * as they can be read.  Returns how many these are. */
static __always_inline __u32
pages_copy(__u8 *data, __u32 ofs, __u32 max, const struct sk_buff *skb,
           __u32 n, bool direct)
{
    struct pages_walk w = { .data = data, .ofs = ofs, .max = max, .n = n };
    __u8 n_frags;

    w.frags = (__u64) GET(direct, skb, head) + GET(direct, skb, end);
    if (bpf_probe_read_kernel(
            &n_frags, sizeof n_frags, (const void *)
            (w.frags + bpf_core_field_offset(struct skb_shared_info,
                                             nr_frags)))) {
        return 0;
    }
    w.frags += bpf_core_field_offset(struct skb_shared_info, frags);
    w.n_frags = n_frags;
    bpf_loop(PIECES_MAX, pages_copy_one, &w, 0);
    return w.ofs - ofs;
}

#endif /* bpf/pages.bpf.h */
