/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which upcall a flow put is of.
 *
 * dpif_netlink_flow_to_ofpbuf() in lib/dpif-netlink.c of OVS 3.1 to 4.0
 * writes the attributes UFID (unless upcall/disable-ufid was used), KEY, MASK
 * (unless upcall/disable-megaflows was used) and ACTIONS, in this order.
 */
#ifndef BPF_PUT_MATCH_BPF_H
#define BPF_PUT_MATCH_BPF_H 1

/* So much of a put is read at most. */
#define PUT_READ_MAX (UPCALL_KEY_MAX + UPCALL_PUT_MAX)

/* A put, and the search for its upcall. */
struct put_ctx {
    struct upcall_handler *h;
    const void *nlh;            /* The request. */
    __u32 len;                  /* Of the request. */
    __u32 start;                /* Where the search starts, */
    __u32 found;                /* the place of the first that was found, */
    __u32 n_found;              /* and how many there are. */
    __u32 read;                 /* Bytes of attributes that put_matches() has
                                 * read. */
};

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
 * 'f->read' says how many bytes. */
static __noinline bool
put_matches(struct upcall_record *rec, struct put_ctx *f)
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
    f->read = n;
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

/* The action by which a flow sends its packets to the slow path. */
struct slow_action {
    struct nlattr action;
    struct nlattr pid;
    __u32 portid;
    struct nlattr userdata;
    struct user_cookie cookie;
};

/* What comes before it if there is a meter for the slow path. */
struct slow_sample {
    struct nlattr action;
    struct nlattr probability;
    __u32 value;
    struct nlattr actions;
    struct nlattr meter;
    __u32 meter_id;
};

/* Returns what the actions at offset 'ofs' of the data of 'rec', 'len' bytes,
 * say about the upcall whose put has them, as bits of enum upcall_state.
 *
 * If the flow is for the slow path, it has no actions but a userspace() with a
 * struct user_action_cookie, in a sample() with a meter if there is one
 * (compose_slow_path() in ofproto/ofproto-dpif-upcall.c).  The cookie has the
 * reason; ovs-vswitchd helps only if it is SLOW_ACTION.  Otherwise the packet
 * is executed with the same actions, unless there are none. */
static __always_inline __u16
actions_state(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    const struct slow_sample *sample;
    const struct slow_action *action;
    __u32 end = ofs + len;

    if (len < sizeof(struct nlattr)) {
        return UPCALL_S_DONE;
    }
    sample = (const void *) msg_attr(rec, ofs, SLOW_LAST);
    if (ofs + sizeof *sample + sizeof *action <= end
        && (sample->action.nla_type & NLA_TYPE_MASK) == OVS_ACTION_ATTR_SAMPLE
        && sample->meter.nla_type == OVS_ACTION_ATTR_METER) {
        ofs += sizeof *sample;
    }
    action = (const void *) msg_attr(rec, ofs, SLOW_LAST);
    if (ofs + sizeof *action > end
        || ((action->action.nla_type & NLA_TYPE_MASK)
            != OVS_ACTION_ATTR_USERSPACE)
        || ((action->userdata.nla_type & NLA_TYPE_MASK)
            != OVS_USERSPACE_ATTR_USERDATA)
        || (action->userdata.nla_len
            < sizeof action->userdata + sizeof action->cookie)
        || action->cookie.type != COOKIE_SLOW_PATH) {
        return UPCALL_S_OWES;
    }
    return cookie_asks_for_help(&action->cookie) ? UPCALL_S_HELP : 0;
}

/* Returns what the attributes of the put of 'rec', 'len' bytes at offset 'ofs'
 * of its data, MASK and ACTIONS, say about its upcall, as bits of enum
 * upcall_state: UPCALL_S_MAY_HELP if ACTIONS is not there as a whole. */
static __always_inline __u16
put_state(struct upcall_record *rec, __u32 ofs, __u32 len)
{
    struct nlattr attr;
    __u32 end = ofs + len;

    if (len < sizeof attr) {
        return UPCALL_S_MAY_HELP;
    }
    attr = *msg_attr(rec, ofs, msg_max);
    if ((attr.nla_type & NLA_TYPE_MASK) == OVS_FLOW_ATTR_MASK) {
        ofs += (attr.nla_len + 3) & ~3U;
        if (ofs + sizeof attr > end) {
            return UPCALL_S_MAY_HELP;
        }
        attr = *msg_attr(rec, ofs, SLOW_LAST);
    }
    if ((attr.nla_type & NLA_TYPE_MASK) != OVS_FLOW_ATTR_ACTIONS
        || attr.nla_len < sizeof attr || ofs + attr.nla_len > end) {
        return UPCALL_S_MAY_HELP;
    }
    return actions_state(rec, ofs + sizeof attr, attr.nla_len - sizeof attr);
}

/* Where a miss arrives on a port that no bridge has, the handler puts a flow
 * without mask and with empty actions at once, in the middle of the batch
 * (recv_upcalls()); it does not mean that the batch has been received.
 *
 * Returns true if this is so of the put of the upcall with 'entry', which has
 * 'len' bytes behind its key. */
static __always_inline bool
put_is_immediate(const struct upcall_handler *h, __u64 entry, __u32 len)
{
    return (!h->processing && !h->drained && entry == h->last_entry
            && len <= sizeof(struct nlattr));
}

/* Sets 'h->put_print', 'h->put_state' and 'h->put_rest' to what upcalls that
 * have no record are compared with, from the put request at 'nlh', 'len'
 * bytes. */
GLOBAL int
put_print(struct upcall_handler *h, __u64 nlh, __u32 len)
{
    __u32 n = min_u32(len - MSG_ATTRS_OFS, PUT_READ_MAX);
    struct upcall_record *buf;
    __u32 ofs = 0, end;
    struct nlattr *attr;

    if (!h) {
        return 0;
    }
    h->put_print = 1;
    h->put_state = UPCALL_S_MAY_HELP;
    h->put_rest = ~0U;
    buf = handler_scratch(h);
    if (!buf) {
        return 0;
    }
    if (read_kernel(buf->data, n, PUT_READ_MAX,
                    (const void *) (nlh + MSG_ATTRS_OFS))) {
        attr = (struct nlattr *) buf->data;
        if (attr_is_ufid(attr)) {
            ofs = UFID_SIZE;
            attr = (struct nlattr *) (buf->data + UFID_SIZE);
        }
        h->put_print = print_of_whole_key(buf, ofs + sizeof *attr,
                                          attr->nla_len - sizeof *attr);
        end = ofs + ((attr->nla_len + 3) & ~3U);
        if (end < n && end <= msg_max) {
            h->put_rest = n - end;
            h->put_state = put_state(buf, end, n - end);
        }
    }
    return 0;
}

/* Returns true if the put in 'f' can be of the upcall at 'place', which has no
 * record. */
static __always_inline bool
put_matches_unseen(struct put_ctx *f, __u32 place)
{
    __u16 state = *list_state(f->h, place);

    if ((state & (UPCALL_S_UNSEEN | UPCALL_S_MISS | UPCALL_S_PUT
                  | UPCALL_S_EXEC)) != (UPCALL_S_UNSEEN | UPCALL_S_MISS)) {
        return false;
    }
    if (!f->h->put_print) {
        put_print(f->h, address(&f->h->scratch, f->nlh), f->len);
    }
    return f->h->keys[MODULO(place, UPCALL_LIST_MAX)] == f->h->put_print;
}

/* Looks at the i-th place from 'f->start' on. */
static long
find_put_one(__u32 i, struct put_ctx *f)
{
    __u32 place = f->start + i;
    struct upcall_record *rec = list_record(f->h, place);

    if (rec ? put_matches(rec, f) : put_matches_unseen(f, place)) {
        if (!f->n_found++) {
            f->found = place;
        }
        return 1;
    }
    return 0;
}

/* Searches for the upcall of the put in 'f' from place 'start' on.  Returns
 * true if there is one more. */
static __always_inline bool
find_next_put(struct put_ctx *f, __u32 start)
{
    __u32 before = f->n_found;
    __u32 n = f->h->n - start;

    f->start = start;
    if (n <= UPCALL_LIST_MAX) {
        bpf_loop(n, find_put_one, f, 0);
    }
    return f->n_found > before;
}

/* Returns true if an upcall that is not in the same batch for sure as that at
 * place 'i' may be at 'place' or behind, and stores the first such in
 * '*placep'. */
static __always_inline bool
may_be_later_batch(const struct upcall_handler *h, __u32 i, __u32 *placep)
{
    *placep = !ends_visible ? i + 1 : h->boundary;
    return h->boundary && *placep > i;
}

static long
mark_put_unsure(__u32 i, struct put_ctx *f)
{
    struct upcall_record *rec = list_record(f->h, f->start + i);

    if (rec && put_matches(rec, f)) {
        rec->flags |= UPCALL_F_UNSURE;
    }
    return 0;
}

/* The put in 'f' can be of that at 'f->found' and of others behind.  If it may
 * be an 'immediate' one, nothing follows from it. */
static __always_inline void
put_is_unsure(struct put_ctx *f, bool immediate)
{
    struct upcall_handler *h = f->h;
    __u32 n = h->n - f->found;

    f->start = f->found;
    if (!immediate) {
        handler_begin_operations(h);
        h->cursor = f->found;
    }
    if (n <= UPCALL_LIST_MAX) {
        bpf_loop(n, mark_put_unsure, f, 0);
    }
}

/* The put in 'f' is one of the operations of a batch. */
static __always_inline void
put_anchor(struct upcall_handler *h, struct put_ctx *f)
{
    handler_begin_operations(h);
    if (h->n_pending) {
        pending_resolve(h, f->found, 0, 0);
    }
    h->cursor = f->found;
}

/* The put in 'f' is of an upcall that has no record. */
static __always_inline void
put_of_unseen(struct upcall_handler *h, struct put_ctx *f)
{
    __u16 *state = list_state(h, f->found);

    if (f->found + 1 == h->n && put_is_immediate(h, 0, h->put_rest)) {
        *state |= UPCALL_S_PUT | UPCALL_S_DONE;
        h->n_uncounted++;
        return;
    }
    *state = (*state & ~UPCALL_S_MAY_HELP) | UPCALL_S_PUT | h->put_state;
    put_anchor(h, f);
}

/* Returns true if the current thread, 'h', may still be receiving its
 * batch. */
static __always_inline bool
batch_may_be_received(const struct upcall_handler *h)
{
    return !h->processing && !h->drained && h->n;
}

/* Returns true if it surely is. */
static __always_inline bool
batch_is_received(const struct upcall_handler *h)
{
    return (ends_visible && batch_may_be_received(h)
            && batch_counted(h) < UPCALL_BATCH_MAX);
}

/* Returns true if the put in 'f' can be an immediate one, of the upcall that
 * was received last.  'f->found' is its place then. */
static __always_inline bool
put_find_immediate(struct put_ctx *f)
{
    struct upcall_handler *h = f->h;
    struct upcall_record *rec;
    __u32 rest;

    f->found = h->n - 1;
    rec = list_record(h, f->found);
    if (!rec) {
        return (put_matches_unseen(f, f->found)
                && put_is_immediate(h, 0, h->put_rest));
    } else if (!put_matches(rec, f)) {
        return false;
    }
    rest = f->len - MSG_ATTRS_OFS - sizeof(struct nlattr) - rec->key_len;
    if (attr_is_ufid(msg_attr(rec, tail_ofs(rec), msg_max))) {
        rest -= UFID_SIZE;
    }
    return put_is_immediate(h, *list_entry(h, f->found), rest);
}

/* Returns true if the put request at 'nlh', 'len' bytes, has neither mask nor
 * actions, as an immediate one has. */
static __always_inline bool
put_is_bare(__u64 nlh, __u32 len)
{
    struct nlattr attrs[UFID_SIZE / sizeof(struct nlattr) + 1];
    const struct nlattr *key = attrs;
    __u32 ofs = MSG_ATTRS_OFS;

    if (bpf_probe_read_kernel(attrs, sizeof attrs,
                              (const void *) (nlh + MSG_ATTRS_OFS))) {
        return false;
    }
    if (attr_is_ufid(attrs)) {
        key = &attrs[UFID_SIZE / sizeof *attrs];
        ofs += UFID_SIZE;
    }
    return len == ofs + ((key->nla_len + 3) & ~3U) + sizeof *key;
}

/* Searches for the upcall of the put request at 'nlh', 'len' bytes.  Returns
 * its place, or UPCALL_LIST_MAX if there is none, or none that has a record,
 * or if it is not known.
 *
 * Of several upcalls with the same key, it is the first.  ukey_install() puts
 * no second flow as long as the first is there, and if there had been one
 * already for the first upcall, it would be there for the others.  (In theory
 * a revalidator can remove that flow between the two, or raise the flow limit:
 * in the microsecond between two turns of the loop in handle_upcalls().)  So
 * if the first is before the cursor, it had its chance, and the others have
 * no put.  That is only so within a batch. */
GLOBAL __u32
put_search(struct upcall_handler *h, __u64 nlh, __u32 len)
{
    bool immediate;
    __u32 later;

    if (!h) {
        return UPCALL_LIST_MAX;
    }

    struct put_ctx f = { .h = h, .nlh = (const void *) nlh, .len = len };

    h->put_print = 0;
    immediate = batch_may_be_received(h) && put_find_immediate(&f);
    if (immediate && batch_is_received(h)) {
        if (list_record(h, f.found)) {
            return f.found;
        }
        put_of_unseen(h, &f);
        return UPCALL_LIST_MAX;
    }
    if (batch_is_received(h) && put_is_bare(nlh, len)) {
        h->counts.unmatched[UPCALL_HOOK_PUT]++; /* Of one of no interest. */
        return UPCALL_LIST_MAX;
    }
    if (!find_next_put(&f, h->cursor)) {
        h->counts.unmatched[UPCALL_HOOK_PUT]++;
        return UPCALL_LIST_MAX;
    }
    if ((immediate && f.found + 1 < h->n)
        || (may_be_later_batch(h, f.found, &later)
            && find_next_put(&f, later))) {
        put_is_unsure(&f, immediate);
        h->counts.unmatched[UPCALL_HOOK_PUT]++;
        return UPCALL_LIST_MAX;
    }
    if (*list_state(h, f.found) & UPCALL_S_UNSEEN) {
        put_of_unseen(h, &f);
        return UPCALL_LIST_MAX;
    }
    return f.found;
}

/* The later upcalls with the key of a put have no put of their own, and
 * ovs-vswitchd helps with their actions, too. */
static long
mark_help_one(__u32 i, struct put_ctx *f)
{
    struct upcall_record *rec = list_record(f->h, f->start + i);

    if (rec && put_matches(rec, f)) {
        rec->flags |= UPCALL_F_HELP;
    }
    return 0;
}

/* Marks those behind 'place' that have the key of the put request at 'nlh',
 * 'len' bytes. */
GLOBAL int
put_mark_help(struct upcall_handler *h, __u64 nlh, __u32 len, __u32 place)
{
    __u32 n;

    if (!h) {
        return 0;
    }

    struct put_ctx f = {
        .h = h, .nlh = (const void *) nlh, .len = len, .start = place + 1,
    };

    n = h->n - f.start;
    if (n <= UPCALL_LIST_MAX) {
        bpf_loop(n, mark_help_one, &f, 0);
    }
    return 0;
}

#endif /* bpf/put-match.bpf.h */
