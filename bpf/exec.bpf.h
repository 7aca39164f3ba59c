/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Executes: OVS_PACKET_CMD_EXECUTE requests of a handler thread.  How their
 * upcall is found is in exec-match.bpf.h.
 */
#ifndef BPF_EXEC_BPF_H
#define BPF_EXEC_BPF_H 1

/* The execute in progress of 'h' is over. */
static __always_inline void
exec_end(struct upcall_handler *h)
{
    h->exec_entry = 0;
    __sync_fetch_and_add(&n_executing, -1);
}

/* Reads the start of the request at 'nlh', 'req_len' bytes, or all of it if it
 * is short. */
static __always_inline bool
exec_read(struct upcall_exec_start *start, const void *nlh, __u32 req_len)
{
    __u32 n = req_len - MSG_DP_IFINDEX_OFS;

    if (n > sizeof *start) {
        n = offsetof(struct upcall_exec_start, head) + UPCALL_MATCH_MAX;
    }
    return (req_len >= MSG_ATTRS_OFS + 4
            && read_kernel(start, n, sizeof *start, nlh + MSG_DP_IFINDEX_OFS)
            && (start->nla_type & NLA_TYPE_MASK) == OVS_PACKET_ATTR_PACKET
            && start->nla_len >= 4);
}

/* Links the execute in 'f', which begins now in the current thread, to 'rec',
 * which is where 'f' says. */
static __always_inline void
exec_begin(struct upcall_record *rec, struct find_ctx *f,
           enum upcall_rule rule)
{
    struct upcall_handler *h = f->h;

    exec_keep(rec, f);
    if (!rec->n_execs) {
        rec->exec_ret = 0;
    } else {
        rec->flags |= UPCALL_F_HELP;
    }
    rec->n_execs++;
    rec->exec_rule = rule;
    rec->flags |= UPCALL_F_EXEC;
    h->processing = 1;
    h->cursor = f->pos;
    h->exec_id = rec->id;
    h->exec_entry = find_entry(f);
    h->counts.hits[UPCALL_HOOK_EXEC]++;
    h->counts.matches[bounded(rule, UPCALL_N_RULES - 1)]++;
    __sync_fetch_and_add(&n_executing, 1);
    if (rec->n_execs == 1) {
        rec->exec_ts = bpf_ktime_get_ns();  /* Without what we did. */
    }
}

static __always_inline int
exec_entry(void *ctx, const void *nlh, __u32 req_len)
{
    struct upcall_handler *h = handler_find();
    struct upcall_plan plan = { 0 };
    struct upcall_record *rec;
    bool planned;
    int rule;

    if (!h || h->tail == h->head
        || is_twin(&h->exec_nlh, &h->scratch, nlh)) {
        return 0;
    }
    if (h->exec_entry) {
        exec_end(h);                    /* The return was missed. */
    }
    h->attrs_id = 0;
    planned = full && plan_take(h, &plan);
    if (!exec_read(&h->exec_start, nlh, req_len)) {
        return 0;
    }

    struct find_ctx f = {
        .h = h, .nlh = nlh, .len = req_len, .start = h->cursor,
        .packet_len = h->exec_start.nla_len - 4,
        .dp_ifindex = h->exec_start.dp_ifindex,
    };

    rec = exec_find(&f, &rule);
    if (planned) {
        rule = plan_apply(h, &f, &plan, rule);
        rec = rule >= 0 ? entry_record(find_entry(&f)) : NULL;
    }
    if (!rec) {
        h->counts.unmatched[UPCALL_HOOK_EXEC]++;
        if (!planned || !plan.entry) {
            bpf_loop(find_count(&f), mark_unsure_one, &f, 0);
        }
        return 0;
    }
    address(&h->exec_stack, ctx);
    exec_begin(rec, &f, rule);
    return 0;
}

static __always_inline int
exec_return(int ret)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    __u64 now;
    __u32 slot;

    if (!h) {
        return 0;
    }
    h->exec_nlh = 0;
    now = full || h->exec_entry ? bpf_ktime_get_ns() : 0;
    if (!h->exec_entry) {
        if (full) {
            handler_is_active(h, NULL, now);
        }
        return 0;
    }
    rec = entry_record(h->exec_entry);
    slot = UPCALL_ENTRY_SLOT(h->exec_entry);
    exec_end(h);
    if (!rec) {
        return 0;
    }
    if (full) {
        handler_is_active(h, rec, now);
    }
    rec->exec_duration = now - rec->exec_ts;
    if (!rec->exec_ret) {
        rec->exec_ret = ret;
    }
    rec->flags |= UPCALL_F_EXEC_DONE;
    h->counts.hits[UPCALL_HOOK_EXEC_RETURN]++;
    if (!(rec->flags & UPCALL_F_HELP)) {
        *handler_entry(h, h->cursor) = 0;
        if (h->head == h->cursor) {
            h->head++;                  /* One less for batch_close(). */
        }
        h->cursor++;
        record_close(h, rec, slot);
    }
    return 0;
}

#endif /* bpf/exec.bpf.h */
