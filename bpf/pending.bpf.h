/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Executes that can be of several upcalls: they wait until it is known of
 * which they are, which is when a later operation is known, or at the end of
 * the batch.
 */
#ifndef BPF_PENDING_BPF_H
#define BPF_PENDING_BPF_H 1

/* Returns true if the attributes of one more execute can be kept in 'rec'. */
static __always_inline bool
exec_has_room(const struct upcall_record *rec)
{
    return rec->exec_len <= UPCALL_EXEC_MAX / 2 && !(rec->exec_len & 3);
}

/* Keeps the 'n' bytes of attributes at 'attrs' in 'rec', if there is room. */
static __always_inline void
exec_keep_attrs(struct upcall_record *rec, const void *attrs, __u32 n)
{
    __u32 have = rec->exec_len;
    __u64 ofs = tail_ofs(rec);

    ofs += bounded(ALIGN8((__u64) rec->put_len), UPCALL_PUT_MAX);
    if (!exec_has_room(rec)) {
        rec->flags |= UPCALL_F_EXEC_CUT;
        return;
    }
    if (have) {
        ofs += bounded(have, UPCALL_EXEC_MAX / 2);
        if (n > UPCALL_EXEC_MAX / 2) {
            n = UPCALL_EXEC_MAX / 2;
            rec->flags |= UPCALL_F_EXEC_CUT;
        }
        if (read_kernel(rec->data + ofs, n, UPCALL_EXEC_MAX / 2, attrs)) {
            rec->exec_len = have + n;
        }
    } else if (read_kernel(rec->data + ofs, n, UPCALL_EXEC_MAX, attrs)) {
        rec->exec_len = n;
    }
}

static __always_inline struct upcall_pending *
pending_at(struct upcall_handler *h, __u32 i)
{
    return &h->pending[MODULO(i, UPCALL_PENDING_MAX)];
}

/* The execute 'p' is of the upcall at place 'i' of the list of 'h'. */
static __always_inline void
pending_link(struct upcall_handler *h, const struct upcall_pending *p, __u32 i)
{
    struct upcall_record *rec = list_record(h, i);
    struct upcall_record *from = slot_record(p->slot - 1);

    *list_state(h, i) |= (UPCALL_S_EXEC
                          | (set_has(&p->helped, i) ? 0 : UPCALL_S_DONE));
    h->cursor = i;
    if (!rec || !from) {
        return;
    }
    exec_keep_attrs(rec, from->data, p->attrs_len);
    rec->flags |= UPCALL_F_EXEC | p->flags;
    if (rec->n_execs++) {
        rec->flags |= UPCALL_F_HELP;
    } else {
        rec->exec_ts = p->ts;
        rec->exec_ret = 0;
    }
    rec->exec_duration = p->ts + p->duration - rec->exec_ts;
    if (!rec->exec_ret) {
        rec->exec_ret = p->ret;
    }
    rec->exec_rule = (set_has(&p->direct, i) ? UPCALL_RULE_PACKET
                      : UPCALL_RULE_ORDER);
    h->counts.hits[UPCALL_HOOK_EXEC]++;
    h->counts.matches[bounded(rec->exec_rule, UPCALL_N_RULES - 1)]++;
}

/* Marks the upcall at place 'i' if it is one of those that a pending execute
 * may be of whose upcall is not known. */
static long
mark_unsure(__u32 i, struct close_ctx *c)
{
    struct upcall_record *rec;

    if (set_has(&c->h->unsure, i)) {
        rec = list_record(c->h, i);
        if (rec) {
            rec->flags |= UPCALL_F_UNSURE;
        }
    }
    return 0;
}

/* Links the i-th pending execute if its upcall is known. */
static long
resolve_one(__u32 i, struct close_ctx *c)
{
    struct upcall_handler *h = c->h;
    struct upcall_pending *p = pending_at(h, i);
    struct upcall_set s = set_or(p->direct, p->helped);

    if (!h->contradiction && set_is_single(s)) {
        pending_link(h, p, set_first(s));
    } else {
        h->unsure = set_or(h->unsure, s);
        h->counts.unmatched[UPCALL_HOOK_EXEC]++;
    }
    if (p->slot) {
        slot_publish(p->slot - 1, UPCALL_SLOT_FREE);
    }
    return 0;
}

struct limit_ctx {
    struct upcall_handler *h;
    struct upcall_set direct, helped;
};

static long
limit_one(__u32 i, struct limit_ctx *c)
{
    struct upcall_pending *p = pending_at(c->h, i);

    c->h->unsure = set_or(c->h->unsure, set_or(p->direct, p->helped));
    p->direct = set_and(p->direct, c->direct);
    p->helped = set_and(p->helped, c->helped);
    return 0;
}

/* Notes if the i-th pending execute can be of no upcall.  Then something that
 * is taken for granted is not so (align.bpf.h): a program was not run, or a
 * request was sent twice. */
static long
find_contradiction(__u32 i, struct close_ctx *c)
{
    const struct upcall_pending *p = pending_at(c->h, i);

    if (set_is_empty(set_or(p->direct, p->helped))) {
        c->h->contradiction = 1;
        return 1;
    }
    return 0;
}

/* Finds out of which upcalls the pending executes of 'h' are.  The operation
 * behind them is of the upcall at 'place'; they can be of the same if
 * 'may_help', but not the last of them if it has the actions 'actions'. */
GLOBAL int
pending_resolve(struct upcall_handler *h, __u32 place, __u32 may_help,
                __u64 actions)
{
    struct limit_ctx limit = { .h = h };
    struct close_ctx c = { .h = h };
    struct upcall_set none = { 0, 0 };
    struct upcall_pending *last;
    __u32 n;

    if (!h || !h->n_pending || h->n_pending > UPCALL_PENDING_MAX) {
        return 0;
    }
    n = h->n_pending;
    h->unsure = none;
    limit.direct = set_before(place);
    limit.helped = may_help ? set_before(place + 1) : limit.direct;
    bpf_loop(n, limit_one, &limit, 0);
    last = pending_at(h, n - 1);
    if (last->actions == actions) {
        last->helped = set_and(last->helped, limit.direct);
    }
    align(h->pending, n);
    h->contradiction = 0;
    bpf_loop(n, find_contradiction, &c, 0);
    if (!h->contradiction) {
        h->unsure = none;
    }
    bpf_loop(n, resolve_one, &c, 0);
    if (!set_is_empty(h->unsure)) {
        bpf_loop(UPCALL_LIST_MAX, mark_unsure, &c, 0);
    }
    h->n_pending = 0;
    return 0;
}

/* The same if nothing is known of an operation behind them. */
static __always_inline void
pending_resolve_all(struct upcall_handler *h)
{
    pending_resolve(h, UPCALL_LIST_MAX, 0, 0);
}

/* The batch of 'h' has ended. */
static __always_inline void
batch_end(struct upcall_handler *h)
{
    h->overflow = 0;
    if (h->n_pending) {
        pending_resolve_all(h);
    }
    batch_close(h);
}

static long
mark_each_unsure(__u32 i, struct close_ctx *c)
{
    struct upcall_record *rec = list_record(c->h, i);

    *list_state(c->h, i) &= ~UPCALL_S_OWES;
    if (rec) {
        rec->flags |= UPCALL_F_UNSURE;
    }
    return 0;
}

/* It is not known of any upcall in the list of 'h' what was done with it. */
static __always_inline void
list_unsure(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };

    bpf_loop(UPCALL_LIST_MAX, mark_each_unsure, &c, 0);
}

/* The last request that the current thread, 'h', has done, was one of which
 * only the end was seen ('h->missed'): the kernel has not run the program for
 * its entry (see upcall.bpf.c).  It can be that of any upcall in the list, and
 * no conclusion can be drawn from what has not been seen of them. */
static __always_inline void
handler_missed(struct upcall_handler *h)
{
    h->missed = 0;
    if (h->n_pending) {
        pending_resolve_all(h);         /* They came before. */
    }
    h->last_actions = 0;
    list_unsure(h);
}

#endif /* bpf/pending.bpf.h */
