/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * What a handler thread receives, and when its batches begin and end.
 *
 * recv_upcalls() in ofproto/ofproto-dpif-upcall.c of OVS 3.1 to 4.0 receives
 * until the socket is empty, that is until recvmsg() fails with EAGAIN, or
 * until the batch has UPCALL_MAX_BATCH upcalls.  (ENOBUFS does not end it, see
 * dpif_netlink_recv_cpu_dispatch() in lib/dpif-netlink.c.)  Then the
 * operations are sent, and after that, before the thread sleeps, it is called
 * again.  So a batch has ended when the thread receives, or tries to, after
 * an operation or after its socket was empty.
 *
 * Where each vport has sockets of its own (dpif_netlink_recv_vport_dispatch(),
 * before Linux 5.15 or OVS 2.16), epoll_wait() says that there is nothing
 * more, which is not seen here.
 */
#ifndef BPF_RECV_BPF_H
#define BPF_RECV_BPF_H 1

/* The current thread, 'h', tries to receive: if that shows that its batch has
 * ended, ends the upcalls of that.  If it has received a whole batch and has
 * sent nothing, either there was nothing to send, or some of these do not
 * count. */
static __always_inline void
handler_begin_receive(struct upcall_handler *h)
{
    h->usdt_entry = 0;                  /* Its USDT probe was not hit. */
    if (h->missed) {
        handler_missed(h);
    }
    if (h->processing || h->drained || handler_was_idle(h)) {
        batch_end(h);
    } else if (!h->boundary
               && batch_counted(h) >= (ends_visible ? UPCALL_BATCH_MAX : 1)) {
        h->boundary = h->n + h->n_unread;
    }
    h->put.nlh = 0;
    h->exec.nlh = 0;
}

/* The current thread, 'h', has found its socket empty, at 'now' at the
 * latest.  If it has looked after UPCALL_SETTLED_NS, it has received all that
 * 'unseen_until' is about.  When it looked is known only of the next time. */
static __always_inline void
unseen_settle(struct upcall_handler *h, __u64 now)
{
    __u64 until = *(volatile __u64 *) &unseen_until;

    if (!ends_visible) {
        return;                         /* It may have other sockets. */
    } else if (h->unseen_settled == until) {
        h->unseen_over = until;
    } else if (until - UPCALL_UNSEEN_NS + UPCALL_SETTLED_NS < now) {
        h->unseen_settled = until;
    }
}

/* The socket of the current thread, 'h', is empty. */
static __always_inline void
handler_drain(struct upcall_handler *h)
{
    handler_begin_receive(h);
    if (h->batch_recv) {
        __u64 now = bpf_ktime_get_ns();

        handler_translated(h, now);
        h->drained = 1;
        unseen_settle(h, now);
        if (full) {
            handler_is_active(h, NULL, now);
        }
    }
}

/* Puts the upcall in 'slot' where the current thread, 'h', which has received
 * it, finds it. */
static __always_inline void
handler_append(struct upcall_handler *h, struct upcall_record *rec, __u32 slot)
{
    h->last_entry = UPCALL_ENTRY(rec->id, slot);
    h->usdt_entry = h->last_entry;
    if (upcall_class_has_operations(rec->class_)) {
        if (h->overflow) {
            rec->flags |= UPCALL_F_UNSURE;
        }
        list_append_record(h, rec, h->last_entry);
        h->n_recorded++;
    } else {
        if (h->n_chained >= UPCALL_CHAIN_MAX) {
            chain_close(h);
        }
        h->n_chained++;
        rec->next = h->chain;
        h->chain = h->last_entry;
    }
}

/* The current thread, 'h', has received the upcall in 'slot' from 'sk'. */
static __always_inline void
handler_receive(struct upcall_handler *h, struct upcall_record *rec,
                __u32 slot, __u64 pid_tgid)
{
    rec->recv_ts = bpf_ktime_get_ns();
    handler_translated(h, rec->recv_ts);
    if (upcall_class_has_operations(rec->class_)) {
        if (has_unread(h)) {
            unread_list(h);             /* They come before it. */
        }
        handler_make_room(h);
    }
    if (full) {
        handler_note_sleep(h, rec);
        h->translating = upcall_class_has_operations(rec->class_);
    }
    rec->recv_tid = pid_tgid;
    rec->recv_tgid = pid_tgid >> 32;
    rec->recv_cpu = bpf_get_smp_processor_id();
    rec->batch = h->batch;
    rec->batch_idx = h->batch_recv++;
    rec->batch_size = h->batch_recv;
    __builtin_memcpy(rec->recv_comm, h->comm, sizeof rec->recv_comm);
    rec->flags |= UPCALL_F_RECEIVED;
    h->counts.hits[UPCALL_HOOK_RECV]++;
    h->counts.matches[UPCALL_RULE_POINTER]++;
    handler_append(h, rec, slot);
    if (full) {
        buffer_take(h, rec);
    }
}

/* The current thread, 'h', has received an upcall that has no record.  'buf'
 * has its message, or is NULL if there is none of interest. */
static __always_inline void
unseen_receive(struct upcall_handler *h, struct upcall_record *buf)
{
    if (full || h->last_entry) {
        __u64 now = bpf_ktime_get_ns();

        handler_translated(h, now);
        if (full) {
            handler_slept(h, now, get_run_delay());
            handler_is_active(h, NULL, now);
            h->translating = !buf || upcall_class_has_operations(buf->class_);
        }
    }
    h->recv_seq++;
    h->last_entry = 0;
    if (buf) {
        unseen_append(h, buf);
    } else {
        h->batch_recv++;
        h->n_unlisted++;
    }
}

/* The current thread, which was no handler, has received the skb with address
 * 'skb' from the socket at 'sk_addr'.  It may be an upcall that has no
 * record. */
static __noinline int
recv_first_unseen(__u64 skb, __u64 sk_addr)
{
    __u32 slot = slot_take(skb);
    struct upcall_record *buf = slot ? slot_record(slot - 1) : NULL;
    struct upcall_handler *h;

    if (!buf) {
        return 0;
    }
    if (unseen_read(buf, skb)) {
        h = handler_get(bpf_get_current_pid_tgid());
        if (h) {
            h->sk = sk_addr;
            h->portid = 0;
            handler_begin_receive(h);
            unseen_receive(h, buf);
        }
    }
    slot_publish(slot - 1, UPCALL_SLOT_FREE);
    return 0;
}

/* Returns true if the current thread, 'h', which is NULL if it is no handler,
 * can receive an upcall that has no record although those that are alike may
 * have one. */
static __always_inline bool
unseen_is_expected(const struct upcall_handler *h)
{
    return (unseen_until && (!h || h->unseen_over != unseen_until)
            && (unseen_until == ~0ULL || bpf_ktime_get_ns() < unseen_until));
}

/* The current thread has received the skb with address 'skb' from the socket
 * at 'sk_addr'.  'h' is its state, NULL if it was no handler before.  If it is
 * an upcall that has no record, its operations must not be taken for those of
 * others: all that comes from the same socket as others is.  But those of
 * ports that were not chosen, and have not been chosen just now, cannot be:
 * they count only. */
GLOBAL int
recv_unseen(struct upcall_handler *h, __u64 skb, __u64 sk_addr)
{
    struct upcall_record *buf = NULL;
    bool is_expected;

    if (h && h->sk != sk_addr) {
        return 0;
    }
    is_expected = unseen_is_expected(h);
    if (!h) {
        return is_expected ? recv_first_unseen(skb, sk_addr) : 0;
    }
    handler_begin_receive(h);
    if (is_expected || !choose_ports) {
        if (unread_keep(h, (const struct sk_buff *) skb)) {
            return 0;
        }
        buf = unseen_read_next(h, skb);
    }
    unseen_receive(h, buf);
    return 0;
}

#define NETLINK_GENERIC 16

/* Returns true if 'sk' is a socket such as upcalls are sent to. */
static __always_inline bool
sock_is_genl(const struct sock *sk, bool direct)
{
    return (GET(direct, sk, __sk_common.skc_family) == AF_NETLINK
            && GET(direct, sk, sk_protocol) == NETLINK_GENERIC);
}

/* Returns true if 'sk' is a socket in a network namespace whose upcalls are
 * followed, as far as that was not known before. */
static __always_inline bool
sock_is_chosen(struct sock *sk, bool direct)
{
    return (!target_netns
            || bpf_core_field_exists(((struct datapath *) NULL)->net)
            || sock_netns(sk, direct) == target_netns);
}

/* Gives up the upcall in 'slot', in whose place there is 'skb': it is none
 * that was chosen. */
static __always_inline void
handler_forgo(__u32 slot, __u64 skb)
{
    if (slot_change(slot, skb, UPCALL_SLOT_BUSY)) {
        __sync_fetch_and_add(&this_cpu()->seen, -1);
        slot_publish(slot, UPCALL_SLOT_FREE);
    }
}

/* Returns true if the netlink socket 'sk', at 'sk_addr', has the portid to
 * which the message of 'rec' was sent.  'h' is the current thread, or NULL. */
static __always_inline bool
sock_is_of_record(const struct upcall_handler *h, const struct sock *sk,
                  __u64 sk_addr, const struct upcall_record *rec)
{
    const struct netlink_sock *nlk = (const void *) sk;

    /* A thread has the same socket for life where ends are visible.  Else
     * another one may have the address of the old one. */
    return ((ends_visible && h && h->sk == sk_addr && h->portid == rec->portid)
            || BPF_CORE_READ(nlk, portid) == rec->portid);
}

/* The current thread has received the skb with address 'skb' from 'sk', whose
 * address is 'sk_addr'.  'h' is its state, NULL if it was no handler before.
 *
 * The skb of an upcall vanishes with its socket, and then its address may be
 * that of any other message. */
static __always_inline void
recv_skb(struct upcall_handler *h, __u64 skb, struct sock *sk, __u64 sk_addr,
         bool direct)
{
    __u32 slot = slot_find(skb);
    struct upcall_record *rec;
    __u64 pid_tgid;

    if (!slot) {
        recv_unseen(h, skb, sk_addr);
        return;
    }
    slot--;
    rec = slot_record(slot);
    if (!rec) {
        return;
    }
    if (!sock_is_of_record(h, sk, sk_addr, rec)) {
        slot_change(slot, skb, UPCALL_SLOT_STALE);
        return;
    }
    if (!sock_is_chosen(sk, direct)) {
        handler_forgo(slot, skb);
        return;
    }
    pid_tgid = bpf_get_current_pid_tgid();
    if (!h) {
        h = handler_get(pid_tgid);
    }
    if (!h) {
        if (slot_change(slot, skb, UPCALL_SLOT_BUSY)) {
            slot_drop(slot, UPCALL_DROP_HANDLERS_FULL);
        }
        return;
    }

    /* The receive is counted before the slot says so, or the daemon could take
     * it for something that the thread had when it was idle. */
    handler_begin_receive(h);
    h->recv_seq++;
    h->sk = sk_addr;
    h->portid = rec->portid;
    if (slot_change(slot, skb, UPCALL_SLOT_RECEIVED(pid_tgid))) {
        rec->queue_len = GET(direct, sk, sk_receive_queue.qlen);
        rec->queue_drops = GET(direct, sk, sk_drops.counter);
        handler_receive(h, rec, slot, pid_tgid);
    } else {
        h->last_entry = 0;
        h->batch_recv++;
        h->n_unlisted++;
    }
}

/* The current thread could not receive from the socket at 'sk_addr'.  'errp'
 * is where the kernel has the error. */
static __always_inline void
recv_nothing(struct upcall_handler *h, __u64 sk_addr, const int *errp)
{
    int error = 0;

    /* The replies to its requests come from other sockets. */
    if (h->sk == sk_addr
        && !bpf_probe_read_kernel(&error, sizeof error, errp)
        && error == -11 /* EAGAIN */) {
        handler_drain(h);
    }
}

/* The program for the return of a receive runs, that with bit 'which' of those
 * that are twins: the current thread, 'h', has received the skb with address
 * 'skb', or nothing if that is 0.  Returns true if the twin has dealt with
 * it. */
static __always_inline bool
recv_is_twin(struct upcall_handler *h, __u64 skb, __u32 which)
{
    if (h->recv_skb == skb && !(h->recv_exits & which)) {
        h->recv_exits |= which;
        return true;
    }
    h->recv_skb = skb;
    h->recv_exits = which;
    return false;
}

/* The current thread has received the skb with address 'skb' from 'sk', whose
 * address is 'sk_addr'; or nothing if 'skb' is 0, then 'errp' is where the
 * kernel has the error.  'which' is as for recv_is_twin(). */
static __always_inline void
recv_returned(__u64 skb, struct sock *sk, __u64 sk_addr, const int *errp,
              __u32 which)
{
    struct upcall_handler *h;

    if (skb && !sock_is_genl(sk, true)) {
        return;
    }
    h = handler_find();
    if (h && recv_is_twin(h, skb, which)) {
        return;
    }
    if (!skb) {
        if (h) {
            recv_nothing(h, sk_addr, errp);
        }
        return;
    }
    recv_skb(h, skb, sk, sk_addr, true);
    if (!h) {
        h = handler_find();             /* It has become a handler. */
        if (h) {
            recv_is_twin(h, skb, which);
            if (twins) {
                h->recv_exits = 0;      /* Which it was was not known. */
            }
        }
    }
}

/* The twin of the program for the return of a receive runs, with context
 * 'ctx'.  Returns true if it has to call that. */
static __always_inline bool
recv_is_for_twin(void *ctx, struct sock *sk)
{
    struct upcall_handler *h = handler_find();
    __u64 skb = 0;

    bpf_get_func_ret(ctx, &skb);
    if (skb ? !sock_is_genl(sk, true) : !h) {
        return false;
    }
    if (h) {
        if (h->recv_skb == skb && !(h->recv_exits & 2)) {
            h->recv_exits |= 2;
            return false;
        }
        h->called_by_twin = 1;
    }
    return true;
}

/* skb_recv_datagram(sk, flags, err) has returned; before Linux 5.19 it had
 * another argument before the last. */
static __always_inline int
recv_return(void *ctx, struct sock *sk, __u32 which)
{
    __u64 skb = 0, sk_addr = 0, errp = 0;

    bpf_get_func_ret(ctx, &skb);
    bpf_get_func_arg(ctx, 0, &sk_addr);
    if (!skb) {
        bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 1, &errp);
    }
    recv_returned(skb, sk, sk_addr, (const int *) errp, which);
    return 0;
}

/* The same where the arguments are known at the entry only, and a return does
 * not know its entry: which of 'third' and 'fourth' is the last argument can
 * be told from 'third', which is a flag or a pointer. */
static __always_inline int
recv_entry(struct sock *sk, __u64 third, __u64 fourth)
{
    struct upcall_handler *h = handler_find();

    if (h) {
        h->recv_sk = (__u64) sk;
        h->recv_err = third > 1 ? third : fourth;
    }
    return 0;
}

static __always_inline int
recv_kreturn(struct sk_buff *skb)
{
    struct upcall_handler *h;
    struct sock *sk;

    if (skb) {
        sk = BPF_CORE_READ(skb, sk);
        if (sk && sock_is_genl(sk, false)) {
            recv_skb(handler_find(), (__u64) skb, sk, (__u64) sk, false);
        }
    } else {
        h = handler_find();
        if (h && h->recv_sk) {
            recv_nothing(h, h->recv_sk, (const int *) h->recv_err);
            h->recv_sk = 0;
        }
    }
    return 0;
}

#endif /* bpf/recv.bpf.h */
