/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
#ifndef BPF_FILTER_BUFFER_H
#define BPF_FILTER_BUFFER_H 1

/* What a filter (start --filter) gets of a packet, shared by the programs,
 * which fill it in, and by lib/record/filter-convert.c, which makes the
 * instructions that read it. */

#include <linux/types.h>

/* Bytes at the beginning of a packet that a filter can read. */
#define FILTER_BYTES_MAX 512

/* Instructions that there is room for in a program. */
#define FILTER_REGION 8192

/* What a packet begins with. */
enum filter_link {
    FILTER_ETHERNET,            /* An Ethernet header. */
    FILTER_IP,                  /* A header of IPv4 or IPv6. */
    FILTER_N_LINKS
};

/* What a filter says of a packet. */
enum filter_verdict {
    FILTER_NO_MATCH,
    FILTER_MATCH,
    FILTER_UNDECIDED,           /* It needs bytes that were not copied. */
};

struct filter_buffer {
    __u32 len;                  /* Of the packet, with its VLAN tag. */
    __u32 copied;               /* Bytes of it that are in 'data'. */
    __u32 link;                 /* enum filter_link. */
    __u32 pad;
    __u32 scratch[16];          /* Memory of the filter. */

    /* With room for the largest piece that pages_copy() copies. */
    __u8 data[FILTER_BYTES_MAX + 1024];
};

#endif /* bpf/filter-buffer.h */
