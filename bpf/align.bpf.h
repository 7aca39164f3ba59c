/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which upcalls some executes can be of, when it is not known of each by
 * itself.
 *
 * Both upcalls and operations are in order, so the upcall of an operation is
 * not before that of an earlier one.  An upcall is executed once or, if
 * ovs-vswitchd helps with its actions, once for each of these that the
 * datapath has to do.  No flow is taken to have the same two actions for the
 * same packet one after the other.  That is all that is known of executes with
 * the same bytes as several upcalls, or with bytes that ovs-vswitchd has
 * changed.  But it can be enough: of two equal executes and two equal upcalls,
 * the first is of the first.
 *
 * Sets of upcalls are sets of places in the list of a handler.
 */
#ifndef BPF_ALIGN_BPF_H
#define BPF_ALIGN_BPF_H 1

static __always_inline struct upcall_set
set_of(__u32 i)
{
    __u64 bit = 1ULL << (i & 63);

    return (struct upcall_set) { .low = i < 64 ? bit : 0,
                                 .high = i < 64 ? 0 : bit };
}

static __always_inline struct upcall_set
set_and(struct upcall_set a, struct upcall_set b)
{
    return (struct upcall_set) { a.low & b.low, a.high & b.high };
}

static __always_inline struct upcall_set
set_or(struct upcall_set a, struct upcall_set b)
{
    return (struct upcall_set) { a.low | b.low, a.high | b.high };
}

/* Returns true if 'i' is in 's'. */
static __always_inline bool
set_has(const struct upcall_set *s, __u32 i)
{
    return (i < 64 ? s->low : s->high) >> (i & 63) & 1;
}

static __always_inline bool
set_is_empty(struct upcall_set s)
{
    return !(s.low | s.high);
}

/* Returns true if there is exactly one in 's'. */
static __always_inline bool
set_is_single(struct upcall_set s)
{
    return (!set_is_empty(s) && !(s.low & (s.low - 1))
            && !(s.high & (s.high - 1)) && !(s.low && s.high));
}

/* Returns the number of the lowest bit that is set in 'x'. */
static __always_inline __u32
lowest_bit(__u64 x)
{
    __u32 n = 0;

#define HALF(BITS)                              \
    if (!(x & ((1ULL << (BITS)) - 1))) {        \
        x >>= (BITS);                           \
        n += (BITS);                            \
    }
    HALF(32) HALF(16) HALF(8) HALF(4) HALF(2) HALF(1)
#undef HALF
    return n;
}

/* Returns the first in 's', which is not empty. */
static __always_inline __u32
set_first(struct upcall_set s)
{
    return s.low ? lowest_bit(s.low) : 64 + lowest_bit(s.high);
}

/* Returns all before 'i', at most 128. */
static __always_inline struct upcall_set
set_before(__u32 i)
{
    return (struct upcall_set) {
        .low = i < 64 ? (1ULL << (i & 63)) - 1 : ~0ULL,
        .high = (i < 64 ? 0 : i < 128 ? (1ULL << (i & 63)) - 1 : ~0ULL),
    };
}

/* Returns all after the first in 's', none if 's' is empty. */
static __always_inline struct upcall_set
set_after_first(struct upcall_set s)
{
    if (s.low) {
        return (struct upcall_set) { ~(s.low ^ (s.low - 1)), ~0ULL };
    } else {
        return (struct upcall_set) {
            0, s.high ? ~(s.high ^ (s.high - 1)) : 0
        };
    }
}

/* Returns 'x' with all bits set below those that are. */
static __always_inline __u64
fill_down(__u64 x)
{
    x |= x >> 1;
    x |= x >> 2;
    x |= x >> 4;
    x |= x >> 8;
    x |= x >> 16;
    return x | x >> 32;
}

/* Returns all before the last in 's', none if 's' is empty. */
static __always_inline struct upcall_set
set_before_last(struct upcall_set s)
{
    return (struct upcall_set) {
        .low = s.high ? ~0ULL : fill_down(s.low) >> 1,
        .high = fill_down(s.high) >> 1,
    };
}

/* Returns the upcalls that both 'a' and 'b', which follow each other, can be
 * of. */
static __always_inline struct upcall_set
helped_twice(const struct upcall_pending *a, const struct upcall_pending *b)
{
    struct upcall_set none = { 0, 0 };

    return a->actions != b->actions ? set_and(a->helped, b->helped) : none;
}

/* Leaves in 'p' what it can be of if the execute before is 'before': a later
 * upcall, or the same if that is helped. */
static __always_inline void
align_forward(struct upcall_pending *p, const struct upcall_pending *before)
{
    struct upcall_set same = helped_twice(before, p);
    struct upcall_set after;

    after = set_after_first(set_or(before->direct, before->helped));
    p->direct = set_and(p->direct, after);
    p->helped = set_or(same, set_and(p->helped, after));
}

/* The same by what comes behind it. */
static __always_inline void
align_backward(struct upcall_pending *p, const struct upcall_pending *behind)
{
    struct upcall_set same = helped_twice(p, behind);
    struct upcall_set before;

    before = set_before_last(set_or(behind->direct, behind->helped));
    p->direct = set_and(p->direct, before);
    p->helped = set_or(same, set_and(p->helped, before));
}

struct align_ctx {
    struct upcall_pending *p;
    __u32 n;
};

static long
align_one_forward(__u32 i, struct align_ctx *c)
{
    struct upcall_pending *p = c->p;

    align_forward(&p[MODULO(i + 1, UPCALL_PENDING_MAX)],
                  &p[MODULO(i, UPCALL_PENDING_MAX)]);
    return 0;
}

static long
align_one_backward(__u32 i, struct align_ctx *c)
{
    struct upcall_pending *p = c->p;
    __u32 last = c->n - 1 - i;

    align_backward(&p[MODULO(last - 1, UPCALL_PENDING_MAX)],
                   &p[MODULO(last, UPCALL_PENDING_MAX)]);
    return 0;
}

/* Leaves in each of the 'n' executes 'p', which are in order, the upcalls that
 * it is of in any of the possible alignments of all. */
static __always_inline void
align(struct upcall_pending *p, __u32 n)
{
    struct align_ctx c = { .p = p, .n = n };

    if (n > 1 && n <= UPCALL_PENDING_MAX) {
        bpf_loop(n - 1, align_one_forward, &c, 0);
        bpf_loop(n - 1, align_one_backward, &c, 0);
    }
}

#endif /* bpf/align.bpf.h */
