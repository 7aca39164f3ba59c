/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The USDT tier: what ovs-vswitchd itself says (--track=full).
 *
 * A handler passes the probes in dpif_netlink_operate__() when it has built a
 * request, before it sends it (lib/dpif-netlink.c of OVS 3.1 to 4.0).  That of
 * an execute names the upcall by the address of its packet, which stays where
 * it was received (buffer.bpf.h) until the batch is done, unless the message
 * was too long for that.
 *
 * With --track=all there are two more: that of a put, and after each receive
 * dpif_recv:recv_upcall (lib/dpif.c).  They tell when, and the second tells
 * where the packet is, too.
 *
 * Requests are built in chunks, so puts and executes that are announced wait
 * until the kernel gets them, in the same order.
 */
#ifndef BPF_USDT_TIER_BPF_H
#define BPF_USDT_TIER_BPF_H 1

/* struct ofpbuf in include/openvswitch/ofpbuf.h of OVS 2.16 to 4.0, as far as
 * it is needed. */
struct user_ofpbuf {
    void *base;
    void *data;
    __u32 size;
};

/* Returns a word of 'ctx', which can be accessed at constant offsets only. */
static __always_inline __u64
ctx_word(struct pt_regs *ctx, __u32 word)
{
    __u64 value = 0;

    /* The compiler must not make one access of all. */
#define WORD(N)                                                         \
    case N:                                                             \
        asm volatile("%[value] = *(u64 *)(%[ctx] + %[ofs])"             \
                     : [value] "=r"(value)                              \
                     : [ctx] "r"(ctx), [ofs] "i"((N) * 8));             \
        break;
#define WORDS(N) WORD(N) WORD(N + 1) WORD(N + 2) WORD(N + 3)
    switch (word) {
    WORDS(0) WORDS(4) WORDS(8) WORDS(12) WORD(16) WORD(17) WORD(18)
#if !defined(__TARGET_ARCH_s390)        /* It has no more. */
    WORD(19)
#if !defined(__TARGET_ARCH_x86)         /* Nothing there is an argument. */
    WORDS(20) WORDS(24) WORDS(28)
#endif
#endif
    }
#undef WORDS
#undef WORD
    return value;
}

/* An argument of a probe.  It can be in memory that is not there for a moment,
 * for example because the kernel moves the page. */
struct user_arg {
    __u64 value;
    bool known;
};

/* Returns the probe that 'ctx' has hit. */
static __always_inline const struct upcall_site *
usdt_site(struct pt_regs *ctx)
{
    return &sites[MODULO(bpf_get_attach_cookie(ctx), UPCALL_SITES_MAX)];
}

/* Returns argument 'i', a constant, of 'site', which 'ctx' has hit. */
static __always_inline struct user_arg
usdt_arg(struct pt_regs *ctx, const struct upcall_site *site, int i)
{
    const struct upcall_arg *a = &site->args[i];
    struct user_arg arg = { .value = a->value, .known = true };
    __u32 shift = 64 - a->bits;

    if (a->kind != UPCALL_ARG_CONSTANT) {
        arg.value = ctx_word(ctx, a->word);
    }
    if (a->kind == UPCALL_ARG_MEMORY) {
        const void *p = (const void *) (arg.value + a->value);

        arg.value = 0;
        arg.known = !bpf_probe_read_user(&arg.value, bounded(a->bits / 8, 8),
                                         p);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        arg.value >>= shift & 63;
#endif
    }
    arg.value <<= shift & 63;
    arg.value = (a->is_signed ? (__u64) ((__s64) arg.value >> (shift & 63))
                 : arg.value >> (shift & 63));
    return arg;
}

/* Returns true if 'arg' is 'expected', as far as is known. */
static __always_inline bool
arg_is(const struct user_arg *arg, __u32 expected)
{
    return !arg->known || (__u32) arg->value == expected;
}

/* recv_upcall(name, type, packet, packet_len, key, key_len) */
static __always_inline int
usdt_recv(struct pt_regs *ctx)
{
    const struct upcall_site *site = usdt_site(ctx);
    __u64 now = bpf_ktime_get_ns();
    struct user_arg type = usdt_arg(ctx, site, 1);
    struct user_arg packet = usdt_arg(ctx, site, 2);
    struct user_arg packet_len = usdt_arg(ctx, site, 3);
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec;

    if (!h) {
        return 0;
    }
    rec = entry_record(h->usdt_entry);
    h->usdt_entry = 0;
    handler_is_active(h, rec, now);
    h->translating = (rec ? upcall_class_has_operations(rec->class_)
                      : type.known && !type.value);
    if (!rec) {
        return 0;                       /* Not an upcall that we follow. */
    }
    if (!arg_is(&packet_len, rec->packet_sent)
        || !arg_is(&type, rec->class_ != UPCALL_CLASS_MISS)
        || (rec->packet_addr && packet.known
            && packet.value != rec->packet_addr)) {
        record_conflict(h, rec, UPCALL_CONFLICT_RECV);
        return 0;
    }
    rec->usdt_recv_ts = now;
    rec->flags |= UPCALL_F_USDT_RECV;
    h->counts.hits[UPCALL_HOOK_USDT_RECV]++;
    if (!rec->packet_addr && packet.known) {
        rec->packet_addr = packet.value;        /* It was allocated. */
        if (h->translating) {
            buffer_is_overwritten(h, packet.value - rec->packet_ofs);
        }
    }
    return 0;
}

/* The start of a put request, from its genlmsghdr on. */
struct user_put {
    __u8 cmd, version;
    __u16 reserved;
    __u32 dp_ifindex;
    __u64 attrs[3];
};

/* Reads the start of the request in the ofpbuf at 'p' in user memory.  Returns
 * its length in bytes, or 0 if it is no put. */
static __always_inline __u32
usdt_read_put(struct user_put *put, const void *p)
{
    struct user_ofpbuf buf;

    if (bpf_probe_read_user(&buf, sizeof buf, p)
        || buf.size < MSG_GENLMSGHDR_OFS + sizeof *put
        || bpf_probe_read_user(put, sizeof *put,
                               buf.data + MSG_GENLMSGHDR_OFS)
        || put->cmd != OVS_FLOW_CMD_NEW) {
        return 0;
    }
    return buf.size;
}

/* op_flow_put(dpif, put, flow, request).  Its upcall is found when the kernel
 * gets the request. */
static __always_inline int
usdt_put(struct pt_regs *ctx)
{
    const struct upcall_site *site = usdt_site(ctx);
    __u64 now = bpf_ktime_get_ns();
    struct user_arg request = usdt_arg(ctx, site, 3);
    struct upcall_handler *h = handler_find();
    struct upcall_put_plan *plan;
    struct user_put put;
    __u32 len;

    if (!h) {
        return 0;
    }
    handler_is_active(h, NULL, now);
    if (!h->n || !request.known) {
        return 0;
    }
    len = usdt_read_put(&put, (const void *) request.value);
    if (!len) {
        return 0;
    }
    if (h->put_tail - h->put_head >= UPCALL_PLAN_MAX) {
        h->put_head = h->put_tail;      /* They were not sent. */
    }
    plan = &h->puts[MODULO(h->put_tail++, UPCALL_PLAN_MAX)];
    plan->ts = now;
    plan->len = len;
    plan->attrs[0] = put.attrs[0];
    plan->attrs[1] = put.attrs[1];
    plan->attrs[2] = put.attrs[2];
    return 0;
}

/* The packet is at the address of that of the upcall or, where ovs-vswitchd
 * helps with the actions, within it, since it may remove headers; or it starts
 * where the header of the attribute was, since it may add a VLAN tag. */
struct addr_ctx {
    struct upcall_handler *h;
    __u64 addr;                 /* Of the packet in user memory. */
    __u32 place;                /* Where it was found. */
    bool found;
    bool may_be_other;          /* It can be one whose address is unknown. */
};

static long
find_addr_one(__u32 i, struct addr_ctx *f)
{
    __u32 place = f->h->usdt_cursor + i;
    struct upcall_record *rec = list_record(f->h, place);

    if (rec && rec->packet_addr && f->addr + 4 >= rec->packet_addr
        && f->addr + 4 - rec->packet_addr <= rec->packet_sent + 4) {
        f->place = place;
        f->found = true;
        return 1;
    }
    f->may_be_other |= rec && !rec->packet_addr;
    return 0;
}

static __always_inline void
plan_add(struct upcall_handler *h, __u64 entry, __u32 place,
         __u32 packet_len)
{
    struct upcall_plan *p;

    if (h->plan_tail - h->plan_head >= UPCALL_PLAN_MAX) {
        h->plan_head = h->plan_tail;    /* They were not sent. */
    }
    p = &h->plan[MODULO(h->plan_tail++, UPCALL_PLAN_MAX)];
    p->entry = entry;
    p->place = place;
    p->packet_len = packet_len;
}

/* op_flow_execute(dpif, execute, packet, packet_len) */
static __always_inline int
usdt_exec(struct pt_regs *ctx)
{
    const struct upcall_site *site = usdt_site(ctx);
    __u64 now = bpf_ktime_get_ns();
    struct user_arg packet = usdt_arg(ctx, site, 2);
    struct user_arg packet_len = usdt_arg(ctx, site, 3);
    struct upcall_handler *h = handler_find();
    struct upcall_record *rec = NULL;
    __u64 entry = 0;
    __u32 n;

    if (!h) {
        return 0;
    }
    handler_is_active(h, NULL, now);
    if (!h->n) {
        return 0;
    }

    struct addr_ctx f = { .h = h, .addr = packet.known ? packet.value : 0 };

    n = h->n - h->usdt_cursor;
    if (!find_addr_one(0, &f) && n > 1 && n <= UPCALL_LIST_MAX) {
        bpf_loop(n, find_addr_one, &f, 0);
    }
    if (f.found) {
        entry = *list_entry(h, f.place);
        rec = entry_record(entry);
    }
    if (rec) {
        if (!(rec->flags & UPCALL_F_USDT_EXEC)) {
            rec->usdt_exec_ts = now;
            rec->flags |= UPCALL_F_USDT_EXEC;
        }
        h->counts.hits[UPCALL_HOOK_USDT_EXEC]++;
        h->usdt_cursor = f.place;
        handler_begin_operations(h);
    } else if (!f.may_be_other) {
        h->counts.unmatched[UPCALL_HOOK_USDT_EXEC]++;
    }
    plan_add(h, rec ? entry : 0, f.place,
             packet_len.known ? packet_len.value : UPCALL_PLAN_ANY_LEN);
    return 0;
}

#endif /* bpf/usdt-tier.bpf.h */
