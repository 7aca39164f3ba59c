/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What the actions of a flow point to: for a set of a tunnel and the helper of
 * a ct, the kernel has pointers among them (validate_and_copy_set_tun() and
 * ovs_ct_copy_action() in net/openvswitch, Linux 5.17 to 7.2).  They are valid
 * as long as the actions are, so until the end of the pass at least, and are
 * read together with them: later, something else may be there.
 *
 * Actions can be in lists in others.  Rather than to skip such an action as a
 * whole, this goes on behind what comes before its list: as the list is the
 * last thing in it, what follows that is what follows the action.  A
 * check_pkt_len has two lists, each an attribute of its own; where the head of
 * the second one is, is remembered, and it is skipped there.  So each step
 * begins at an action or at such a head, and nothing else is taken for one.
 * Where only the first bytes of the actions are there, this ends at the first
 * action that is not whole.
 *
 * Needs pass.bpf.h and pass-execute.bpf.h.
 */
#ifndef BPF_PASS_POINTED_BPF_H
#define BPF_PASS_POINTED_BPF_H 1

/* How the kernel lays out what is looked for. */
SETTING struct pass_pointers pointers;

/* Actions with fewer bytes have no pointer in them: a set of a tunnel has a
 * head, that of its key, and a pointer. */
#define POINTED_LEAST 16

/* So many actions at most are skipped together. */
#define POINTED_PLAIN_MAX 8

/* Most bytes of an item. */
#define POINTED_TUNNEL_ROOM \
    (sizeof(struct pass_pointed) + PASS_TUNNEL_MAX + PASS_TUNNEL_OPTIONS_MAX)
#define POINTED_HELPER_ROOM (sizeof(struct pass_pointed) + PASS_HELPER_LEN)

/* What is gone over.  The walk is in a map, so that the verifier does not
 * follow each way to get at the same place. */
struct pointed_loop {
    struct pass_record *rec;
    struct pass_pointed_walk *walk;
};

/* Returns the attribute that is 'at' bytes behind the first action of 'rec'.
 * What follows it in the record can be read. */
static __always_inline const struct nlattr *
pointed_attr(const struct pass_record *rec, __u32 at)
{
    return (const void *) (rec->data + bounded(ALIGN8(rec->packet_kept) + at,
                                               snap_max + PASS_ACTIONS_MAX));
}

/* Returns the pointer at 'p', which is aligned to 4 bytes. */
static __always_inline __u64
pointed_address(const void *p)
{
    const __u32 *words = p;
    union {
        __u32 words[2];
        __u64 address;
    } u = { { words[0], words[1] } };

    return u.address;
}

/* Begins an item for the action at 'offset' of 'rec', which has at most 'room'
 * bytes.  Returns NULL if there is no more room. */
static __always_inline struct pass_pointed *
pointed_new(struct pass_record *rec, __u32 offset, enum pass_pointed_kind kind,
            __u32 room)
{
    __u32 n = rec->pointed_len;
    struct pass_pointed *p;

    if (n > PASS_POINTED_MAX - room) {
        return NULL;
    }
    n += ALIGN8(rec->packet_kept) + ALIGN8(rec->actions_len);
    p = (void *) (rec->data
                  + bounded(n, snap_max + PASS_ACTIONS_MAX + PASS_POINTED_MAX
                               - room));
    p->offset = offset;
    p->kind = kind;
    p->pad = 0;
    return p;
}

/* 'p' has got 'len' bytes. */
static __always_inline void
pointed_end(struct pass_record *rec, struct pass_pointed *p, __u32 len)
{
    p->len = len;
    rec->pointed_len += sizeof *p + ALIGN8(len);
}

/* Adds the tunnel of the action at 'offset', whose key is 'key'. */
static __always_inline void
pointed_add_tunnel(struct pass_record *rec, __u32 offset,
                   const struct nlattr *key)
{
    __u64 info = pointed_address(key + 1) + pointers.tunnel;
    struct pass_pointed *p = pointed_new(rec, offset, PASS_POINTED_TUNNEL,
                                         POINTED_TUNNEL_ROOM);
    __u32 len = pointers.tunnel_len;
    __u8 *to = (__u8 *) (p + 1);
    __u32 n;

    if (!p || !read_kernel(to, len, PASS_TUNNEL_MAX, (const void *) info)) {
        return;
    }
    n = to[bounded(pointers.tunnel_options_len, PASS_TUNNEL_MAX - 1)];
    if (!n || read_kernel(to + bounded(len, PASS_TUNNEL_MAX), n,
                          PASS_TUNNEL_OPTIONS_MAX,
                          (const void *) (info + len))) {
        pointed_end(rec, p, len + n);
    }
}

/* Adds what the set 'a', 'len' bytes at 'offset', points to. */
static __always_inline void
pointed_add_set(struct pass_record *rec, __u32 offset, const struct nlattr *a,
                __u32 len)
{
    const struct nlattr *key = a + 1;

    if (pointers.tunnel_info && len == POINTED_LEAST
        && key->nla_len == POINTED_LEAST - sizeof *a
        && key->nla_type == pointers.tunnel_info) {
        pointed_add_tunnel(rec, offset, key);
    }
}

/* Adds what the ct 'a', 'len' bytes at 'offset', points to. */
static __always_inline void
pointed_add_ct(struct pass_record *rec, __u32 offset, const struct nlattr *a,
               __u32 len)
{
    struct pass_pointed *p;
    __u64 helper;

    if (!pointers.ct_len || len != sizeof *a + pointers.ct_len) {
        return;
    }
    helper = pointed_address((const __u8 *) (a + 1) + pointers.ct_helper);
    if (!helper) {
        return;
    }
    p = pointed_new(rec, offset, PASS_POINTED_HELPER, POINTED_HELPER_ROOM);
    if (p && !bpf_probe_read_kernel(p + 1, PASS_HELPER_LEN,
                                    (const void *) (helper
                                                    + pointers.helper_name))) {
        pointed_end(rec, p, PASS_HELPER_LEN);
    }
}

/* Returns how many bytes 'a', 'len' bytes, has before its list, which begins
 * behind an argument of 'argument' bytes; all, and what fills them up, if that
 * is not so. */
static __always_inline __u32
pointed_enter(const struct nlattr *a, __u32 len, __u32 argument)
{
    __u32 skip = 2 * sizeof *a + ((argument + 3) & ~3U);

    return (argument && skip <= len && a[1].nla_len == sizeof *a + argument
            ? skip : (len + 3) & ~3U);
}

/* Goes into the check_pkt_len 'a', 'len' bytes at 'at', unless it has another
 * argument than expected.  Returns false if too many are in each other. */
static __always_inline bool
pointed_enter_check(struct pass_pointed_walk *w, __u32 at,
                    const struct nlattr *a, __u32 len)
{
    __u32 skip = 2 * sizeof *a + ((pointers.check_len + 3) & ~3U);
    const struct nlattr *first = (const void *) ((const __u8 *) a + skip);
    __u32 second;

    if (pointed_enter(a, len, pointers.check_len) + sizeof *a > len) {
        return true;
    } else if (w->heads >> 48) {
        return false;
    }
    second = at + skip + ((first->nla_len + 3U) & ~3U);
    if (second + sizeof *a <= at + len) {
        w->heads = w->heads << 16 | second;
    }
    w->at = at + skip + sizeof *first;
    return true;
}

/* Takes the next step. */
static long
pointed_step(__u32 i, struct pointed_loop *loop)
{
    struct pass_pointed_walk *w = loop->walk;
    struct pass_record *rec = loop->rec;
    __u32 end = rec->actions_len;
    __u32 at = w->at;
    const struct nlattr *a;
    __u32 len;

    if (at + sizeof *a > end) {
        return 1;
    }
    a = pointed_attr(rec, at);
    if (w->heads && at == (w->heads & 0xffff)) {
        w->heads >>= 16;
        w->at = at + sizeof *a;
        return 0;
    }
    len = a->nla_len;
    if (len < sizeof *a || at + len > end) {
        return 1;
    }
    w->at = at + ((len + 3) & ~3U);
    switch (a->nla_type) {
    case OVS_ACTION_ATTR_SET:
        pointed_add_set(rec, at, a, len);
        break;
    case OVS_ACTION_ATTR_CT:
        pointed_add_ct(rec, at, a, len);
        break;
    case OVS_ACTION_ATTR_CLONE:
        w->at = at + pointed_enter(a, len, sizeof(__u32));
        break;
    case OVS_ACTION_ATTR_SAMPLE:
        w->at = at + pointed_enter(a, len, pointers.sample_len);
        break;
    case OVS_ACTION_ATTR_CHECK_PKT_LEN:
        return !pointed_enter_check(w, at, a, len);
    case OVS_ACTION_ATTR_DEC_TTL:
        if (len >= 2 * sizeof *a) {
            w->at = at + 2 * sizeof *a;
        }
        break;
    }
    return 0;
}

/* Returns true if an action of 'type' neither has a pointer nor others in
 * it. */
static __always_inline bool
pointed_is_plain(__u32 type)
{
    const __u32 others = (1U << OVS_ACTION_ATTR_SET
                          | 1U << OVS_ACTION_ATTR_CT
                          | 1U << OVS_ACTION_ATTR_CLONE
                          | 1U << OVS_ACTION_ATTR_SAMPLE
                          | 1U << OVS_ACTION_ATTR_CHECK_PKT_LEN
                          | 1U << OVS_ACTION_ATTR_DEC_TTL);

    return type < 32 && !(others >> type & 1);
}

/* Adds to 'rec' what its actions, which are those of a flow, point to.  Most
 * flows begin with plain actions, and have no others: these are skipped with
 * fewer instructions. */
static __noinline int
read_pointed(struct pass_cpu *pc, struct pass_record *rec)
{
    struct pointed_loop loop = { .rec = rec, .walk = &pc->pointed };
    const __u8 *first = rec->data + bounded(ALIGN8(rec->packet_kept),
                                            snap_max);
    __u32 end = rec->actions_len;
    const struct nlattr *a;
    __u32 at = 0;

    for (int i = 0; i < POINTED_PLAIN_MAX && at + sizeof *a <= end; i++) {
        a = (const void *) (first + bounded(at, PASS_ACTIONS_MAX));
        if (!pointed_is_plain(a->nla_type) || a->nla_len < sizeof *a) {
            break;
        }
        at += (a->nla_len + 3) & ~3U;
    }
    if (at + POINTED_LEAST > end) {
        return 0;
    }
    pc->pointed.at = at;
    pc->pointed.heads = 0;
    bpf_loop(PASS_ACTIONS_MAX / sizeof(struct nlattr), pointed_step, &loop, 0);
    return 0;
}

#endif /* bpf/pass-pointed.bpf.h */
