/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Flow puts: OVS_FLOW_CMD_NEW requests of a handler thread.  How their upcall
 * is found is in put-match.bpf.h.
 */
#ifndef BPF_PUT_BPF_H
#define BPF_PUT_BPF_H 1

/* Keeps the UFID of the request in 'f' and the attributes that follow its key
 * in 'rec'.  The last that was done with 'rec' is that put_matches() returned
 * true. */
static __always_inline void
put_keep(struct upcall_record *rec, const struct put_ctx *f)
{
    __u16 *state = list_state(f->h, f->found);
    __u64 ofs = tail_ofs(rec);
    __u32 skip = 4 + rec->key_len;
    __u32 len = f->len - MSG_ATTRS_OFS;
    __u32 n;

    if (attr_is_ufid(msg_attr(rec, ofs, msg_max))) {
        __builtin_memcpy(rec->ufid, rec->data + ofs + 4, sizeof rec->ufid);
        rec->flags |= UPCALL_F_UFID;
        skip += UFID_SIZE;
    }
    n = len - skip;
    if (len < skip) {
        return;
    }
    if (n > UPCALL_PUT_MAX) {
        n = UPCALL_PUT_MAX;
        rec->flags |= UPCALL_F_PUT_CUT;
    }
    if (f->read == len && n <= COPY_MAX && skip <= UPCALL_KEY_MAX) {
        copy_words(rec->data + ofs,
                   rec->data + ofs + bounded(skip, UPCALL_KEY_MAX), n);
    } else if (!read_kernel(rec->data + ofs, n, UPCALL_PUT_MAX,
                            f->nlh + MSG_ATTRS_OFS + skip)) {
        rec->flags |= UPCALL_F_PUT_CUT;
        return;
    }
    rec->put_len = n;
    *state = (*state & ~UPCALL_S_MAY_HELP) | put_state(rec, ofs, n);
}

/* ovs-vswitchd has announced by USDT which puts it is about to send, in this
 * order, those of upcalls that are not followed among them.  Takes the put
 * with 'len' bytes out of these, the start of whose attributes is 'attrs'.
 * Returns when it was announced, or 0 if it was not. */
static __always_inline __u64
put_take_plan(struct upcall_handler *h, __u32 len, const __u64 *attrs)
{
    __u32 n = h->put_tail - h->put_head;

    for (__u32 i = 0; i < UPCALL_PLAN_MAX && i < n; i++) {
        const struct upcall_put_plan *plan
            = &h->puts[MODULO(h->put_head + i, UPCALL_PLAN_MAX)];

        if (plan->len == len && plan->attrs[0] == attrs[0]
            && plan->attrs[1] == attrs[1] && plan->attrs[2] == attrs[2]) {
            h->put_head += i + 1;       /* Those before were not sent. */
            return plan->ts;
        }
    }
    return 0;
}

/* Stores in 'rec' when the put in 'f', its own, was announced.  The last that
 * was done with 'rec' is that put_matches() returned true. */
static __always_inline void
put_find_plan(struct upcall_handler *h, struct upcall_record *rec,
              const struct put_ctx *f)
{
    __u64 ts;

    if (!full) {
        return;
    }
    ts = put_take_plan(h, f->len,
                       (const __u64 *) (rec->data + tail_ofs(rec)));
    if (ts) {
        rec->usdt_put_ts = ts;
        rec->flags |= UPCALL_F_USDT_PUT;
        h->counts.hits[UPCALL_HOOK_USDT_PUT]++;
    }
}

/* The put in 'f' belongs to no upcall. */
static __always_inline void
put_skip_plan(struct upcall_handler *h, const struct put_ctx *f)
{
    __u64 attrs[3];

    if (full && h->put_head != h->put_tail
        && f->len >= MSG_ATTRS_OFS + sizeof attrs
        && read_kernel(attrs, sizeof attrs, sizeof attrs,
                       f->nlh + MSG_ATTRS_OFS)
        && put_take_plan(h, f->len, attrs)) {
        h->counts.unmatched[UPCALL_HOOK_USDT_PUT]++;
    }
}

/* The put in 'f', of 'rec', is one of the operations of a batch. */
static __always_inline void
put_advance(struct upcall_handler *h, struct upcall_record *rec,
            struct put_ctx *f)
{
    put_anchor(h, f);
    if (*list_state(h, f->found) & UPCALL_S_HELP) {
        rec->flags |= UPCALL_F_HELP;
        put_mark_help(h, address(&h->scratch, f->nlh), f->len, f->found);
    }
}

/* Finds the upcall of the put in 'f'.  Returns its record, NULL if there is
 * none or if it is not known. */
static __always_inline struct upcall_record *
put_find(struct put_ctx *f)
{
    struct upcall_handler *h = f->h;
    struct upcall_record *rec;
    bool searched = false;

    f->found = h->cursor;
    if (h->boundary || f->found >= h->n || batch_may_be_received(h)) {
        searched = true;
        f->found = put_search(h, address(&h->scratch, f->nlh), f->len);
    }
    rec = f->found < UPCALL_LIST_MAX ? list_record(h, f->found) : NULL;
    if (rec && put_matches(rec, f)) {
        return rec;
    } else if (searched) {
        return NULL;
    }
    f->found = put_search(h, address(&h->scratch, f->nlh), f->len);
    rec = f->found < UPCALL_LIST_MAX ? list_record(h, f->found) : NULL;
    return rec && put_matches(rec, f) ? rec : NULL;
}

/* The current thread, 'h', which keeps messages of upcalls that have no
 * record, and has no others that may have a put, sends the put request at
 * 'nlh', 'len' bytes.  Unless this may be in the middle of the batch, see
 * put_is_immediate(), that has been received. */
static __always_inline void
put_look_at_unread(struct upcall_handler *h, __u64 nlh, __u32 len)
{
    if (!batch_is_unseen(h) && put_is_bare(nlh, len)) {
        unread_list(h);
    } else {
        handler_begin_operations(h);
    }
}

static __always_inline int
put_entry(const void *nlh, __u32 req_len, __u32 which)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    __u64 entry;

    if (!h || !request_begin(&h->put, &h->scratch, nlh, which)) {
        return 0;
    }
    h->exec.nlh = 0;                    /* It is over. */
    if (h->missed) {
        handler_missed(h);
    }
    h->put_entry = 0;
    if (h->overflow) {
        h->counts.unmatched[UPCALL_HOOK_PUT]++;
        return 0;
    }

    struct put_ctx f = { .h = h, .nlh = nlh, .len = req_len };

    if (has_unread(h)) {
        put_look_at_unread(h, address(&h->scratch, nlh), req_len);
    }
    if (!h->n && !has_unread(h)) {
        h->counts.unmatched[UPCALL_HOOK_PUT]++;
        put_skip_plan(h, &f);
        return 0;
    }
    if (batch_is_unseen(h)) {
        handler_begin_operations(h);
        put_skip_plan(h, &f);
        return 0;
    }
    rec = put_find(&f);
    if (!rec) {
        put_skip_plan(h, &f);
        return 0;
    }
    entry = *list_entry(h, f.found);
    put_find_plan(h, rec, &f);
    put_keep(rec, &f);
    rec->flags |= UPCALL_F_PUT;
    rec->flags &= ~UPCALL_F_UNSURE; /* An execute would come later. */
    *list_state(h, f.found) |= UPCALL_S_PUT;
    h->counts.matches[UPCALL_RULE_KEY]++;
    if (put_is_immediate(h, entry, rec->put_len)) {
        *list_state(h, f.found) |= UPCALL_S_DONE;
        h->n_uncounted++;
    } else {
        put_advance(h, rec, &f);
    }
    h->put_entry = entry;
    h->counts.hits[UPCALL_HOOK_PUT]++;
    rec->put_ts = bpf_ktime_get_ns();   /* What we did is not the put's. */
    return 0;
}

/* A put of the current thread, 'h', has returned whose entry was not seen.  As
 * long as the batch is being received, it is an immediate one. */
static __always_inline void
put_missed(struct upcall_handler *h)
{
    __u32 last;

    if (has_unread(h)) {
        unread_list(h);
    }
    last = h->n - 1;
    if (batch_is_received(h) && *list_entry(h, last) == h->last_entry) {
        *list_state(h, last) |= UPCALL_S_PUT | UPCALL_S_DONE;
        h->n_uncounted++;
    }
    h->missed = 1;
}

static __always_inline int
put_return(int ret, __u32 which)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    enum request_end end;
    __u64 now;

    end = h ? request_end(&h->put, which) : REQUEST_TWIN;
    if (end == REQUEST_TWIN) {
        return 0;
    } else if (end == REQUEST_MISSED) {
        put_missed(h);
        h->put_entry = 0;
    }
    if (!full && !h->put_entry) {
        return 0;
    }
    now = bpf_ktime_get_ns();
    rec = entry_record(h->put_entry);
    h->put_entry = 0;
    if (full) {
        handler_is_active(h, rec, now);
    }
    if (!rec) {
        return 0;
    }
    rec->put_duration = now - rec->put_ts;
    rec->put_ret = ret;
    rec->flags |= UPCALL_F_PUT_DONE;
    h->counts.hits[UPCALL_HOOK_PUT_RETURN]++;
    return 0;
}

#endif /* bpf/put.bpf.h */
