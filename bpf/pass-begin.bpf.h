/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Where the pass of a packet begins, and whether it is to be recorded.
 *
 * Needs filter.bpf.h, ports.bpf.h, pass-packet.bpf.h, pass-execute.bpf.h and
 * pass-executed.bpf.h.
 */
#ifndef BPF_PASS_BEGIN_BPF_H
#define BPF_PASS_BEGIN_BPF_H 1

/* Of the packets that come to the datapath, one in so many is recorded, with
 * all of its passes. */
SETTING __u32 sample_every = 1;

/* Returns true if the packet 'skb' that comes to the datapath with 'key' is to
 * be recorded, whatever it was before: one that was recirculated may have been
 * chosen then, and is not chosen now if it is one of a sample. */
static __always_inline bool
is_chosen(struct pass_cpu *pc, struct sk_buff *skb,
          const struct sw_flow_key *key)
{
    if ((choose_ports && !port_may_be_chosen(key->phy.in_port))
        || (filter_bytes && !filter_matches(&pc->filter, skb, true))) {
        return false;
    }
    return (sample_every <= 1
            || (!key->recirc_id && pc->n_matched++ % sample_every == 0));
}

/* Where a pass begins. */
enum pass_begins {
    BEGINS_FREE,                /* Nothing is in progress. */
    BEGINS_AMID,                /* Something may be, but has not recirculated
                                 * the packet, as far as is known. */
    BEGINS_WITHIN,              /* In a pass or execute that has, and that is
                                 * recorded, */
    BEGINS_WITHIN_UNSEEN,       /* or that is not. */
};

/* The arguments of ovs_dp_process_packet(). */
enum { PROCESS_SKB, PROCESS_KEY };

/* Fills in what is known of the pass of 'skb' when it begins, 'at'. */
static __always_inline void
begin_record(struct pass_record *rec, const struct pass_frame *f,
             const struct pass_beginning *at, struct sk_buff *skb,
             struct sw_flow_key *key)
{
    rec->head = PASS_RECORD | f->id;
    rec->root = f->root;
    rec->track = f->track;
    rec->below = at->below;
    rec->upcall = 0;
    rec->flags = at->flags | (at->below ? PASS_F_BELOW : 0);
    rec->flags |= pass_context(at->stack) | (executed ? PASS_F_EXECUTED : 0);
    rec->recirc_id = key->recirc_id;
    rec->ct_state = key->ct_state;
    rec->ct_zone = key->ct_zone;
    rec->ethertype = key->eth.type;
    rec->cpu = bpf_get_smp_processor_id();
    rec->tid = (__u32) bpf_get_current_pid_tgid();
    get_comm(rec->comm);
    rec->end_ns = 0;
    rec->ret = 0;
    rec->drop_reason = rec->drop_ns = 0;
    rec->drop_offset = PASS_NO_OFFSET;
    rec->n_drops = 0;
    rec->n_executed = 0;
    rec->n_not_kept = 0;
    pass_copy_packet(rec, skb, key);
}

/* Ends what the programs that were to follow the last pass on 'pc' have not
 * ended, because the kernel has not run them. */
static __always_inline void
end_last(struct pass_cpu *pc)
{
    if (pc->has_miss) {
        pass_end_miss(pc, 0);
    }
    if (pc->is_open) {
        pc->is_open = 0;
        COUNT(pc->produced);
        COUNT(pc->dropped[PASS_DROP_PROGRAM_MISSED]);
        if (executed) {
            executed_discard(pc);
        }
    }
}

/* Sets that a pass with the input port 'port' has begun at 'ts'. */
static __always_inline void
set_last(struct pass_last *last, __u64 ts, __u32 port)
{
    if (last->port != port) {
        last->other_ts = last->ts;
        last->port = port;
    }
    last->ts = ts;
}

/* Returns when the last pass with the input port 'port' has begun, or a later
 * time. */
static __always_inline __u64
last_from(const struct pass_last *last, __u32 port)
{
    return last->port == port ? last->ts : last->other_ts;
}

/* Stores in 'at' where the pass of a packet from 'port' that was recirculated
 * begins: in 'root', which began at 'root_ts', and whose packet, or that of
 * what is in progress within, has 'track'.
 *
 * If some packet from the same port has come to a datapath since then, so
 * within 'root', it may be that one: what its passes put off is executed by
 * the outermost one.  If they are not recorded, user space has to be told.  (A
 * packet that is recirculated keeps its input port.) */
static __always_inline void
begin_within(const struct pass_cpu *pc, __u32 port, __u64 root, __u64 root_ts,
             __u64 track, struct pass_beginning *at)
{
    at->root = root;
    at->root_ts = root_ts;
    at->track = (last_from(&pc->first, port) > root_ts ? PASS_NO_TRACK
                 : track);
    at->flags = last_from(&pc->unseen, port) > root_ts ? PASS_F_UNSEEN : 0;
}

/* Stores in 'at' within which pass or execute the pass of a packet from 'port'
 * that was recirculated begins, the outermost one, and the first one of its
 * packet, if they are known and recorded. */
static __always_inline void
find_below(struct pass_cpu *pc, __u32 port, struct pass_beginning *at)
{
    struct pass_execute *e;
    struct pass_frame *f = pass_find_around(pc, at->stack, &e);

    if (f) {
        at->below = f->id;
        begin_within(pc, port, f->root, f->root_ts, f->track, at);
        return;
    }
    if (executed && e) {
        if (!e->is_written) {
            f = executed_begin_execute(pc, e);
            executed_set_missed(f);
        }
        at->below = e->id;
        begin_within(pc, port, e->id, e->ts, execute_track(e), at);
    } else if (e && execute_is_chosen(e)) {
        at->below = execute_id(pc, e);
        begin_within(pc, port, e->id, e->ts, execute_track(e), at);
        execute_write_first(pc, e);
    }
}

/* Returns true if the pass that begins at 'pc->at' needs a frame even if it is
 * not recorded: without one, what is within it would seem to be of what is
 * around it.  With --datapath=actions, it is also the end of the outermost one
 * that shows when all that was put off has been executed. */
static __always_inline bool
needs_frame(const struct pass_cpu *pc)
{
    __u64 stack = pc->at.stack;

    return (pc->n_frames || executed
            || (n_pass_executes.n && find_context(stack) == UPCALL_F_PROCESS
                && pass_execute_around(stack)));
}

/* Stores in 'at' where the pass with the arguments in 'ctx' begins, within
 * nothing. */
static __always_inline void
begin_at(struct pass_beginning *at, const unsigned long long *ctx)
{
    address(&at->stack, ctx);
    at->below = 0;
    at->root = 0;
    at->track = 0;
    at->root_ts = 0;
    at->flags = 0;
}

/* Finds out what is in progress on 'pc' where the pass with the arguments in
 * 'ctx' begins.  Returns an enum pass_begins and, unless that is BEGINS_FREE,
 * stores in 'pc->at' what is known of it. */
static __noinline int
look_around(unsigned long long *ctx, struct pass_cpu *pc)
{
    const struct sw_flow_key *key = (const void *) ctx[PROCESS_KEY];
    struct pass_beginning *at = &pc->at;

    if (!enabled) {
        return BEGINS_FREE;
    }
    begin_at(at, ctx);
    if (pc->has_miss || pc->is_open) {
        end_last(pc);
    }
    if (key->recirc_id) {
        find_below(pc, key->phy.in_port, at);
    } else if (pc->n_frames) {
        pass_around(pc, at->stack);
    }
    if (executed && !pc->n_frames) {
        executed_flush(pc, PASS_F_EXECUTED_CUT);
    }
    return (at->below ? BEGINS_WITHIN
            : at->root ? BEGINS_WITHIN_UNSEEN
            : BEGINS_AMID);
}

/* A packet that was not recirculated comes to the datapath at 'stack'.  If
 * this is within an execute, that gets its number first: what this pass puts
 * off may be executed by the execute, and user space looks for whose it is
 * among those behind that number. */
static __always_inline void
number_execute(struct pass_cpu *pc, __u64 stack)
{
    struct pass_execute *e = NULL;

    if (n_pass_executes.n && find_context(stack) == UPCALL_F_PROCESS) {
        e = pass_execute_around(stack);
    }
    if (e && execute_is_chosen(e)) {
        execute_id(pc, e);
    }
}

/* Begins the pass with the arguments in 'ctx', 'where' it does, which is to be
 * recorded if it was 'chosen'.  Returns 0. */
static __noinline int
begin_pass(unsigned long long *ctx, struct pass_cpu *pc,
           enum pass_begins where, bool chosen)
{
    struct sk_buff *skb = (void *) ctx[PROCESS_SKB];
    struct sw_flow_key *key = (void *) ctx[PROCESS_KEY];
    struct pass_beginning *at = &pc->at;
    struct pass_record *rec;
    struct pass_frame *f;

    if (!enabled) {
        return 0;
    }
    if (where == BEGINS_FREE) {
        begin_at(at, ctx);
    }
    if (!executed && !key->recirc_id) {
        number_execute(pc, at->stack);
    }
    f = push_frame(pc, at->stack, bpf_ktime_get_ns(),
                   chosen ? pass_next_id(pc) : 0);
    if (at->root) {
        f->root = at->root;
        f->root_ts = at->root_ts;
        f->track = at->track;
    }
    if (!key->recirc_id) {
        set_last(&pc->first, f->ts, key->phy.in_port);
    }
    if (!chosen) {
        set_last(&pc->unseen, f->ts, key->phy.in_port);
    }
    rec = (!chosen ? NULL : executed ? executed_hold(pc, f)
           : pass_slot(PASS_SLOT_LOOKUP));
    if (rec) {
        pc->hits[PASS_HOOK_PROCESS]++;
        pc->is_open = 1;
        address(&pc->key, key);
        rec->ts = f->ts;
        if (executed) {
            pc->open_place = f->place;
            executed_set_packet(pc, f, skb);
        }
        begin_record(rec, f, at, skb, key);
    }
    return 0;
}

#endif /* bpf/pass-begin.bpf.h */
