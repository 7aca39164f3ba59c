/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Flow puts: OVS_FLOW_CMD_NEW requests of a handler thread.
 *
 * dpif_netlink_flow_to_ofpbuf() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes UFID (unless upcall/disable-ufid was used), KEY, MASK
 * (unless upcall/disable-megaflows was used) and ACTIONS, in this order.
 */
#ifndef BPF_PUT_BPF_H
#define BPF_PUT_BPF_H 1

/* Attribute OVS_FLOW_ATTR_UFID. */
#define UFID_SIZE (4 + 16)

/* Returns true if the 'len' bytes at offset 'ofs' of the data of 'rec' are its
 * flow key.  'len' is a multiple of 4, as those of attributes are. */
static __always_inline bool
keys_equal(const struct upcall_record *rec, __u32 ofs, __u32 len)
{
    const __u8 *a = rec->data + MSG_KEY_OFS;
    const __u8 *b = rec->data + bounded(ofs, msg_max + UFID_SIZE + 4);

    if (len & 4) {
        __u64 last = bounded(len - 4, UPCALL_KEY_MAX);

        if (*(__u32 *) (a + last) != *(__u32 *) (b + last)) {
            return false;
        }
    }
#pragma unroll
    for (__u32 i = 0; i < UPCALL_KEY_MAX / 8; i++) {
        if (len < (i + 1) * 8) {
            break;
        } else if (((__u64 *) a)[i] != ((__u64 *) b)[i]) {
            return false;
        }
    }
    return true;
}

/* Returns true if the attributes at 'attr', UFID_SIZE bytes at least, start
 * with a UFID. */
static __always_inline bool
attr_is_ufid(const struct nlattr *attr)
{
    return ((attr->nla_type & NLA_TYPE_MASK) == OVS_FLOW_ATTR_UFID
            && attr->nla_len == UFID_SIZE);
}

/* Returns true if the key of the put request in 'f' is that of 'rec'.  Only a
 * miss makes a handler put a flow (should_install_flow() in
 * ofproto/ofproto-dpif-upcall.c).
 *
 * The attributes of the request, UFID and KEY and if there is room the others,
 * are read behind the message of 'rec', where nothing is kept before the put.
 * 'f->put_read' says how many bytes. */
static __noinline bool
put_matches(struct upcall_record *rec, struct find_ctx *f)
{
    __u64 ofs = tail_ofs(rec);
    __u32 key_len = rec->key_len;
    __u32 key_ofs = UFID_SIZE + 4;
    struct nlattr *attr;

    /* After a put or an execute, what is there is kept. */
    if (rec->flags & (UPCALL_F_PUT | UPCALL_F_EXEC)
        || rec->class_ != UPCALL_CLASS_MISS
        || key_len > UPCALL_KEY_MAX - MSG_KEY_OFS || !key_len
        || f->len < MSG_ATTRS_OFS + 4 + key_len) {
        return false;
    }

    __u32 n = min_u32(f->len - MSG_ATTRS_OFS, key_ofs + key_len + COPY_MAX);

    n = min_u32(n, UPCALL_KEY_MAX);
    f->put_read = n;
    if (!read_kernel(rec->data + ofs, n, UPCALL_KEY_MAX,
                     f->nlh + MSG_ATTRS_OFS)) {
        return false;
    }

    attr = (struct nlattr *) (rec->data + ofs);
    if (attr_is_ufid(attr)) {
        attr = (struct nlattr *) (rec->data + ofs + UFID_SIZE);
    } else {
        key_ofs = 4;                    /* upcall/disable-ufid. */
    }
    return ((attr->nla_type & NLA_TYPE_MASK) == OVS_FLOW_ATTR_KEY
            && attr->nla_len == key_len + 4
            && keys_equal(rec, ofs + key_ofs, key_len));
}

static long
find_put_one(__u32 i, struct find_ctx *f)
{
    struct upcall_record *rec = find_record(f, i);

    if (rec && put_matches(rec, f)) {
        f->pos = f->start + i;
        f->found = true;
        return 1;
    }
    return 0;
}

/* Searches for the upcall of the put in 'f'.  Usually it is the first.
 * Returns its record, NULL if there is none. */
static __always_inline struct upcall_record *
find_put(struct find_ctx *f)
{
    __u32 n = find_count(f);
    struct upcall_record *rec = n ? find_record(f, 0) : NULL;

    f->pos = f->start;
    if (rec && put_matches(rec, f)) {
        return rec;
    }
    if (n > 1) {
        bpf_loop(n, find_put_one, f, 0);
    }
    return f->found ? entry_record(find_entry(f)) : NULL;
}

/* The attribute ACTIONS of such a flow. */
struct help_action {
    struct nlattr actions;
    struct nlattr action;
    struct nlattr pid;
    __u32 portid;
    struct nlattr userdata;
    struct user_cookie cookie;
};

/* Returns true if the attributes of the put of 'rec', 'len' bytes at offset
 * 'ofs' of its data, MASK and ACTIONS, send the packets of the flow to the
 * slow path because the datapath can't do the actions: then they are a single
 * userspace() with a struct user_action_cookie (compose_slow_path() in
 * ofproto/ofproto-dpif-upcall.c). */
static __always_inline bool
put_asks_for_help(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct nlattr attr;
    __u32 end = ofs + len;

    if (len < sizeof attr) {
        return false;
    }
    attr = *msg_attr(rec, ofs, msg_max);
    if ((attr.nla_type & NLA_TYPE_MASK) == OVS_FLOW_ATTR_MASK) {
        ofs += (attr.nla_len + 3) & ~3U;
    }

    /* ACTIONS has one action, which has PID, and USERDATA with a cookie. */
    const struct help_action *action;

    if (ofs + sizeof *action > end) {
        return false;
    }
    action = (const void *) msg_attr(rec, ofs, msg_max + UPCALL_PUT_MAX
                                               - sizeof *action);
    return ((action->action.nla_type & NLA_TYPE_MASK)
            == OVS_ACTION_ATTR_USERSPACE
            && ((action->userdata.nla_type & NLA_TYPE_MASK)
                == OVS_USERSPACE_ATTR_USERDATA)
            && (action->userdata.nla_len
                >= sizeof action->userdata + sizeof action->cookie)
            && cookie_asks_for_help(&action->cookie));
}

/* Keeps the UFID of the request in 'f' and the attributes that follow its key
 * in 'rec'.  The last that was done with 'rec' is that put_matches() returned
 * true. */
static __always_inline void
put_keep(struct upcall_record *rec, const struct find_ctx *f)
{
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
    if (f->put_read == len && n <= COPY_MAX && skip <= UPCALL_KEY_MAX) {
        copy_words(rec->data + ofs,
                   rec->data + ofs + bounded(skip, UPCALL_KEY_MAX), n);
    } else if (!read_kernel(rec->data + ofs, n, UPCALL_PUT_MAX,
                            f->nlh + MSG_ATTRS_OFS + skip)) {
        rec->flags |= UPCALL_F_PUT_CUT;
        return;
    }
    rec->put_len = n;
    if (put_asks_for_help(rec, ofs, n)) {
        rec->flags |= UPCALL_F_HELP;
    }
}

/* The later upcalls with the key of the put in 'f' have no put of their own,
 * and ovs-vswitchd helps with their actions, too. */
static long
mark_help_one(__u32 i, struct find_ctx *f)
{
    struct upcall_record *rec = find_record(f, i);

    if (rec && put_matches(rec, f)) {
        rec->flags |= UPCALL_F_HELP;
    }
    return 0;
}

/* Where a miss arrives on a port that no bridge has, the handler puts a flow
 * without mask and with empty actions at once, in the middle of the batch
 * (recv_upcalls()); it does not mean that the batch has been received. */
static __always_inline bool
put_is_immediate(const struct upcall_handler *h,
                 const struct upcall_record *rec, __u32 pos)
{
    return !h->processing && pos + 1 == h->tail && rec->put_len <= 4;
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
              const struct find_ctx *f)
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
put_skip_plan(struct upcall_handler *h, const struct find_ctx *f)
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

static __always_inline int
put_entry(const void *nlh, __u32 req_len)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;

    if (!h || is_twin(&h->put_nlh, &h->scratch, nlh)) {
        return 0;
    }
    h->put_entry = 0;

    struct find_ctx f = {
        .h = h, .nlh = nlh, .len = req_len, .start = h->cursor,
    };

    rec = find_put(&f);
    if (!rec) {
        h->counts.unmatched[UPCALL_HOOK_PUT]++;
        put_skip_plan(h, &f);
        return 0;
    }
    put_find_plan(h, rec, &f);
    put_keep(rec, &f);
    rec->flags |= UPCALL_F_PUT;
    rec->flags &= ~UPCALL_F_EXEC_UNSURE; /* An execute would come later. */
    if (rec->flags & UPCALL_F_HELP) {
        f.start = f.pos + 1;
        bpf_loop(find_count(&f), mark_help_one, &f, 0);
    }
    h->counts.matches[UPCALL_RULE_KEY]++;
    if (!put_is_immediate(h, rec, f.pos)) {
        h->processing = 1;
        h->cursor = f.pos;
    }
    h->put_entry = find_entry(&f);
    h->counts.hits[UPCALL_HOOK_PUT]++;
    rec->put_ts = bpf_ktime_get_ns();   /* What we did is not the put's. */
    return 0;
}

static __always_inline int
put_return(int ret)
{
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;
    __u64 now;

    if (!h) {
        return 0;
    }
    h->put_nlh = 0;
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
