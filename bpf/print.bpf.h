/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Fingerprints of packets: numbers that are equal for equal packets and, but
 * for chances of one in 2^64, for no others.  Who sends packets does not know
 * the key.
 */
#ifndef BPF_PRINT_BPF_H
#define BPF_PRINT_BPF_H 1

/* How many bytes of a packet, and how many of the rest. */
#define PRINT_START 64
#define PRINT_REST UPCALL_MATCH_MAX

/* Bytes of the headers of a packet over UDP and IPv4. */
#define PRINT_HEADERS 42

/* Attributes of a tunnel's key. */
#define TUNNEL_ATTRS_MAX 16

/* Offset of the last word of a key, in a request or a message. */
#define PRINT_WORD_LAST (UPCALL_KEY_MAX + UFID_SIZE + sizeof(struct nlattr))

/* Returns 'print' with 'word' added. */
static __always_inline __u64
print_add(__u64 print, __u64 word)
{
    print = (print ^ word) * print_key;
    return print ^ print >> 32;
}

/* Returns a mask for the first 'n' bytes of 8 in memory, 'n' < 8. */
static __always_inline __u64
first_bytes(__u32 n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (1ULL << n * 8) - 1;
#else
    return ~(~0ULL >> n * 8);
#endif
}

/* Returns 'print' with the bytes of 'packet' from 'from' on added, up to the
 * smaller of 'until', a constant, and 'len'. */
static __always_inline __u64
print_add_bytes(__u64 print, const __u64 *packet, __u32 from, __u32 until,
                __u32 len)
{
#pragma unroll
    for (__u32 i = from / 8; i < until / 8; i++) {
        if (len < (i + 1) * 8) {
            return (len <= i * 8 ? print
                    : print_add(print, packet[i] & first_bytes(len % 8)));
        }
        print = print_add(print, packet[i]);
    }
    return print;
}

/* Returns the fingerprint of the start of 'packet', which has 'len' bytes.  It
 * is not 0. */
static __noinline __u64
print_of_start(const __u64 *packet, __u32 len)
{
    return print_add_bytes(print_add(print_key, len), packet, 0, PRINT_START,
                           len) | 1;
}

/* Returns the fingerprint of the rest of 'packet', which has 'len' bytes, with
 * 'metadata' from print_of_key().  It is not 0. */
static __noinline __u64
print_of_rest(__u64 metadata, const __u64 *packet, __u32 len)
{
    return print_add_bytes(print_add(print_key, metadata), packet, PRINT_START,
                           PRINT_REST, len) | 1;
}

/* Returns what 'attr', of type 'type', adds to the sum that is the fingerprint
 * of metadata: nothing if it is zero, which is the same as if it is not there.
 * At least WALK_MAX bytes can be read. */
static __always_inline __u64
print_of_attr(const struct nlattr *attr, __u32 type)
{
    const __u32 *value = (const void *) (attr + 1);
    __u64 print = 0;
    __u32 any = 0;

#define WORD(I)                                         \
    if (attr->nla_len >= sizeof *attr + 4 * (I) + 4) {  \
        any |= value[I];                                \
        print = print_add(print, value[I]);             \
    }
    if (attr->nla_len == sizeof *attr + 2) {
        any = *(const __u16 *) value;
        print = any;
    }
    WORD(0) WORD(1) WORD(2) WORD(3)
#undef WORD
    return any ? print_add(print, type) : 0;
}

/* A walk through attributes, from offset 'ofs' to 'end' of the data of 'rec',
 * into those of a tunnel, which end at 'tunnel_end'.  Each step is a call:
 * what the verifier knows of one is of no use for the next. */
struct print_walk {
    struct upcall_record *rec;
    __u32 ofs, end;
    __u32 tunnel_end;
    __u64 sum;
};

/* Returns what attribute 'type' of a tunnel is called among those of a key, 0
 * if it is not the same in what ovs-vswitchd receives and what it sends
 * (tun_key_to_attr() in lib/odp-util.c). */
static __always_inline __u32
tunnel_type(__u32 type)
{
    switch (type) {
    case OVS_TUNNEL_KEY_ATTR_ID:
    case OVS_TUNNEL_KEY_ATTR_IPV4_SRC:
    case OVS_TUNNEL_KEY_ATTR_IPV4_DST:
    case OVS_TUNNEL_KEY_ATTR_IPV6_SRC:
    case OVS_TUNNEL_KEY_ATTR_IPV6_DST:
        return type | 0x100;
    default:
        return 0;
    }
}

/* Returns 'type' of an attribute of a key if it is metadata that an execute
 * has, too, else 0. */
static __always_inline __u32
metadata_type(__u32 type)
{
    switch (type) {
    case OVS_KEY_ATTR_PRIORITY:
    case OVS_KEY_ATTR_SKB_MARK:
    case OVS_KEY_ATTR_DP_HASH:
    case OVS_KEY_ATTR_CT_STATE:
    case OVS_KEY_ATTR_CT_ZONE:
    case OVS_KEY_ATTR_CT_MARK:
    case OVS_KEY_ATTR_CT_LABELS:
        return type;
    default:
        return 0;
    }
}

/* Adds the next attribute of a key. */
static long
print_key_one(__u32 i, struct print_walk *w)
{
    __u32 at = w->ofs;
    struct nlattr *attr = walk_next(w->rec, &w->ofs, w->end);
    __u32 type;

    if (!attr) {
        return 1;
    }
    type = attr->nla_type & NLA_TYPE_MASK;
    if (at < w->tunnel_end) {
        type = tunnel_type(type);
    } else if (type == OVS_KEY_ATTR_TUNNEL) {
        w->tunnel_end = w->ofs;
        w->ofs = at + sizeof *attr;
        return 0;
    } else if (type == OVS_KEY_ATTR_ETHERNET
               || type == OVS_KEY_ATTR_ETHERTYPE) {
        return 1;                       /* The rest is about the packet. */
    } else {
        type = metadata_type(type);
    }
    if (type) {
        w->sum += print_of_attr(attr, type);
    }
    return 0;
}

/* Returns the fingerprint of the metadata in the 'len' bytes of flow key at
 * offset 'ofs' of the data of 'rec', as far as the key of an execute has what
 * the key of its upcall had: odp_key_from_dp_packet() in lib/odp-util.c. */
static __noinline __u64
print_of_key(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct print_walk w = {
        .rec = rec, .ofs = ofs, .end = min_u32(ofs + len, WALK_LAST),
    };

    bpf_loop(KEY_ATTRS_MAX + TUNNEL_ATTRS_MAX, print_key_one, &w, 0);
    return w.sum;
}

/* Adds the next 8 bytes, or the 4 that are left. */
static long
print_word_one(__u32 i, struct print_walk *w)
{
    const void *word = w->rec->data + bounded(w->ofs, PRINT_WORD_LAST);

    if (w->ofs + 8 <= w->end) {
        w->sum = print_add(w->sum, *(const __u64 *) word);
    } else if (w->ofs + 4 <= w->end) {
        w->sum = print_add(w->sum, *(const __u32 *) word);
    } else {
        return 1;
    }
    w->ofs += 8;
    return 0;
}

/* Returns the fingerprint of all of the 'len' bytes of flow key at offset
 * 'ofs' of the data of 'rec'. */
static __noinline __u64
print_of_whole_key(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct print_walk w = {
        .rec = rec, .ofs = ofs, .end = min_u32(ofs + len, PRINT_WORD_LAST),
        .sum = print_add(print_key, len),
    };

    bpf_loop(UPCALL_KEY_MAX / 8, print_word_one, &w, 0);
    return w.sum;
}

/* Returns the fingerprint of the 'len' bytes of actions at offset 'ofs' of the
 * data of 'rec', or of the first of them. */
static __noinline __u64
print_of_actions(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    const __u64 *actions = (const void *) msg_attr(rec, ofs, SLOW_LAST);

    return print_add_bytes(print_add(print_key, len), actions, 0, PRINT_REST,
                           len);
}

#endif /* bpf/print.bpf.h */
