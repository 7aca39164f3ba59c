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
    __sync_fetch_and_add(&n_executing.n, -1);
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

/* The execute of 'h' begins now in the current thread.  It is of 'rec', at
 * place 'i' of the list. */
static __always_inline void
exec_begin(struct upcall_handler *h, struct upcall_record *rec, __u32 i,
           enum upcall_rule rule)
{
    if (!rec->n_execs) {
        rec->exec_ret = 0;
    } else {
        rec->flags |= UPCALL_F_HELP;
    }
    rec->n_execs++;
    rec->exec_rule = rule;
    rec->flags |= UPCALL_F_EXEC;
    h->exec_id = rec->id;
    h->exec_entry = *list_entry(h, i);
    h->exec_place = i;
    h->counts.hits[UPCALL_HOOK_EXEC]++;
    h->counts.matches[bounded(rule, UPCALL_N_RULES - 1)]++;
    __sync_fetch_and_add(&n_executing.n, 1);
    if (passes) {
        pass_set_execute_upcall(h->execute.nlh, rec->id, rec->track);
    }
    if (rec->n_execs == 1) {
        rec->exec_ts = bpf_ktime_get_ns();  /* Without what we did. */
    }
}

/* The usual case: the execute of 'h' is of the upcall at place 'i', as it was
 * received, where the cursor is or just behind, and no other in the list has
 * such a packet.  Or others have, but this one's put was the operation before,
 * and it must be executed.  Returns its record if so, NULL if not.
 *
 * No other upcall can be meant: none of those behind has these bytes, or it is
 * not its turn; those before have had theirs. */
static __always_inline struct upcall_record *
exec_is_next(struct upcall_handler *h, __u32 i)
{
    struct upcall_record *rec = list_record(h, i);
    __u16 state = *list_state(h, i);

    return (rec && !h->n_short
            && !(state & (UPCALL_S_HELP | UPCALL_S_DONE | UPCALL_S_EXEC))
            && (!(state & UPCALL_S_ALIKE) || state & UPCALL_S_OWES)
            && packets_equal(rec, h->exec_start.head, h->execute.packet_len)
            && (*(__u32 *) (rec->data + MSG_DP_IFINDEX_OFS)
                == h->exec_start.dp_ifindex)
            && exec_read_to(rec, h, state) ? rec : NULL);
}

/* The execute of 'h' is of the upcall at place 'i', whose record is 'rec' if
 * it has one, by 'rule'. */
static __always_inline void
exec_link(struct upcall_handler *h, struct upcall_record *rec, __u32 i,
          enum upcall_rule rule)
{
    __u16 *state = list_state(h, i);
    bool is_last = !(*state & (UPCALL_S_MAY_HELP | UPCALL_S_HELP));

    if (h->n_pending) {
        pending_resolve(h, i, !is_last, h->execute.actions);
    }
    h->last_actions = h->execute.actions;
    *state |= UPCALL_S_EXEC | (is_last ? UPCALL_S_DONE : 0);
    h->cursor = i;
    handler_begin_operations(h);
    if (rec) {
        exec_begin(h, rec, i, rule);
    }
}

/* Has the execute of 'h' wait until it is known of which upcall it is. */
static __always_inline void
exec_pend(struct upcall_handler *h)
{
    const struct upcall_execute *e = &h->execute;
    __u32 tid = bpf_get_current_pid_tgid();
    struct upcall_pending *p;

    p = pending_at(h, h->n_pending++);
    p->direct = e->direct;
    p->helped = e->helped;
    p->slot = e->slot;
    p->attrs_len = e->attrs_len;
    p->actions = e->actions;
    p->flags = e->is_cut ? UPCALL_F_EXEC_CUT : 0;
    p->ret = 0;
    p->duration = 0;
    handler_begin_operations(h);
    h->exec_pending = h->n_pending;
    slot_publish(e->slot - 1, UPCALL_SLOT_PENDING(tid));
    p->ts = bpf_ktime_get_ns();
}

/* Of the execute of 'h', no upcall is known. */
static __always_inline void
exec_give_up(struct upcall_handler *h)
{
    h->counts.unmatched[UPCALL_HOOK_EXEC]++;
    exec_forget_attrs(&h->execute);
}

/* Keeps the attributes of the execute of 'h', which is of 'rec'. */
static __always_inline void
exec_keep(struct upcall_record *rec, const struct upcall_handler *h)
{
    struct upcall_record *buf = slot_record(h->execute.slot - 1);

    if (buf) {
        exec_keep_attrs(rec, buf->data, h->execute.attrs_len);
        if (h->execute.is_cut) {
            rec->flags |= UPCALL_F_EXEC_CUT;
        }
    }
}

/* Searches for the upcall of the execute of 'h', whose attributes have been
 * read.  Returns its place if there is just one that it can be, and sets
 * '*rule'; or UPCALL_LIST_MAX.  If 'planned', 'h->next_plan' is what was
 * announced, see plan.bpf.h. */
static __always_inline __u32
exec_find_place(struct upcall_handler *h, bool planned, enum upcall_rule *rule)
{
    struct upcall_set all;

    *rule = UPCALL_RULE_POINTER;
    if (planned && plan_fits(h)) {
        return h->next_plan.place;
    }
    exec_find(h);
    all = set_or(h->execute.direct, h->execute.helped);
    if (!set_is_single(all)) {
        return UPCALL_LIST_MAX;
    }
    *rule = (!set_is_empty(h->execute.equal) ? UPCALL_RULE_PACKET
             : UPCALL_RULE_ORDER);
    if (planned) {
        plan_is_wrong(h, list_record(h, set_first(all)));
    }
    return set_first(all);
}

/* Deals with the execute of 'h', whose upcall is not just the next one.  If
 * 'planned', 'h->next_plan' is what was announced. */
GLOBAL int
exec_search(struct upcall_handler *h, __u32 planned)
{
    struct upcall_set none = { 0, 0 };
    struct upcall_record *rec;
    enum upcall_rule rule;
    __u32 i;

    if (!h) {
        return 0;
    }
    h->execute.equal = none;
    h->execute.direct = none;
    h->execute.helped = none;
    h->execute.is_received = 0;
    h->execute.is_begun = 0;
    h->execute.alike = none;
    if (h->n_pending >= UPCALL_PENDING_MAX) {
        pending_resolve_all(h);         /* As far as it is known. */
    }
    if (!exec_read_attrs(h)) {
        list_unsure(h);
        exec_give_up(h);
        return 0;
    }
    exec_parse_attrs(h);
    if (h->execute.port_no == ~0U && batch_is_received(h)) {
        exec_give_up(h);                /* A packet of ovs-vswitchd's own. */
        return 0;
    }
    i = exec_find_place(h, full && planned, &rule);
    if (i < UPCALL_LIST_MAX) {
        rec = list_record(h, i);
        if (rec) {
            exec_keep(rec, h);
        }
        exec_link(h, rec, i, rule);
        exec_forget_attrs(&h->execute);
    } else if (set_is_empty(set_or(h->execute.direct, h->execute.helped))) {
        exec_give_up(h);
    } else {
        exec_pend(h);
    }
    return 0;
}

/* Sets 'h->execute' to what is known of the execute request at 'nlh', 'len'
 * bytes, whose start is in 'h->exec_start'. */
static __always_inline void
exec_init(struct upcall_handler *h, const void *nlh, __u32 len)
{
    struct upcall_execute *e = &h->execute;

    address(&e->nlh, nlh);
    e->slot = 0;
    e->actions = 0;
    e->is_hashed = e->is_cut = 0;
    e->len = len;
    e->packet_len = h->exec_start.nla_len - 4;
    e->dp_ifindex = h->exec_start.dp_ifindex;
}

static __always_inline int
exec_entry(void *ctx, const void *nlh, __u32 req_len, __u32 which)
{
    struct upcall_handler *h = handler_find();
    enum upcall_rule rule = UPCALL_RULE_PACKET;
    struct upcall_record *rec = NULL;
    bool planned;
    __u32 i;

    if (!h || !request_begin(&h->exec, &h->scratch, nlh, which)) {
        return 0;
    }
    h->put.nlh = 0;                     /* It is over. */
    if (!h->n && !has_unread(h)) {
        return 0;
    }
    if (h->overflow) {
        h->counts.unmatched[UPCALL_HOOK_EXEC]++;
        handler_begin_operations(h);
        return 0;
    }
    if (h->missed) {
        handler_missed(h);
    }
    if (h->exec_entry) {
        exec_end(h);                    /* The return was missed. */
    }
    h->exec_pending = 0;
    planned = full && plan_take(h);
    if (batch_is_unseen(h)) {
        handler_begin_operations(h);
        return 0;
    }
    if (has_unread(h)) {
        unread_list(h);
    }
    if (!exec_read(&h->exec_start, nlh, req_len)) {
        h->missed = 1;
        return 0;
    }
    exec_init(h, nlh, req_len);
    address(&h->exec_stack, ctx);
    i = h->cursor;
    if (*list_state(h, i) & UPCALL_S_EXEC) {
        i++;
    }
    if (i < h->n) {
        rec = exec_is_next(h, i);
    }
    if (!rec) {
        exec_search(h, planned);
        return 0;
    }
    if (planned && h->next_plan.place == i) {
        rule = UPCALL_RULE_POINTER;
    } else if (planned) {
        plan_is_wrong(h, rec);
    }
    exec_link(h, rec, i, rule);
    return 0;
}

/* The execute in progress of 'h', which is pending, has returned 'ret'. */
static __always_inline void
pending_return(struct upcall_handler *h, int ret, __u64 now)
{
    struct upcall_pending *p = pending_at(h, h->exec_pending - 1);

    p->duration = now - p->ts;
    p->ret = ret;
    p->flags |= UPCALL_F_EXEC_DONE;
    h->exec_pending = 0;
}

static __always_inline int
exec_return(int ret, __u32 which)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    enum request_end end;
    __u64 now;

    end = h ? request_end(&h->exec, which) : REQUEST_TWIN;
    if (end == REQUEST_TWIN) {
        return 0;
    } else if (end == REQUEST_MISSED) {
        h->missed = 1;
        h->exec_pending = 0;
        if (h->exec_entry) {
            exec_end(h);                /* That of an earlier one. */
        }
    }
    now = full || h->exec_entry || h->exec_pending ? bpf_ktime_get_ns() : 0;
    if (h->exec_pending) {
        pending_return(h, ret, now);
    }
    if (!h->exec_entry) {
        if (full) {
            handler_is_active(h, NULL, now);
        }
        return 0;
    }
    rec = entry_record(h->exec_entry);
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
    if (*list_state(h, h->exec_place) & UPCALL_S_DONE) {
        h->cursor = h->exec_place + 1;
        list_close(h, h->exec_place);
    }
    return 0;
}

#endif /* bpf/exec.bpf.h */
