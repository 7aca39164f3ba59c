/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which actions of a pass are executed, and what becomes of the packet, with
 * --datapath=actions ('executed').
 *
 * The kernel tells of each action with the address of its attribute
 * (do_execute_actions() in net/openvswitch/actions.c, Linux 5.15 to 7.2),
 * which is among the actions of the flow, or of its own copy of those of a
 * request.  So it belongs to the innermost pass in progress, if it is one of
 * the actions of that.
 *
 * If lists of actions are too deep in each other, the kernel puts them off
 * until the outermost pass has executed its own (process_deferred_actions()).
 * The pass that they belong to may have ended then.  So the records of all
 * passes that are within one another are held until the outermost one ends,
 * and are written in the order in which the passes began.  If more than one of
 * them have the same actions, it is not known to which such an action belongs:
 * all are marked as incomplete, with PASS_F_EXECUTED_CUT.
 *
 * Needs pass.bpf.h and pass-execute.bpf.h.
 */
#ifndef BPF_PASS_EXECUTED_BPF_H
#define BPF_PASS_EXECUTED_BPF_H 1

/* Offset of the entry of an action in the data of a record, at most. */
#define ENTRY_MAX                                                       \
    (snap_max + PASS_ACTIONS_MAX + PASS_POINTED_MAX                     \
     + (PASS_EXECUTED_MAX - 1) * sizeof(struct pass_executed))

static __always_inline struct pass_held *
held_at(struct pass_cpu *pc, __u32 place)
{
    return &pc->held[MODULO(place, PASS_HELD_MAX)];
}

/* What executed_write() writes. */
struct held_walk {
    struct pass_cpu *pc;
    __u32 flags;                /* What is added to those of each record. */
};

/* Writes the record that is held at 'place'. */
static long
executed_write(__u32 place, struct held_walk *w)
{
    struct pass_record *rec = pass_held(place);

    if (rec && rec->head) {
        rec->flags |= w->flags;
        pass_submit(w->pc, rec);
    }
    return 0;
}

/* Writes all records that are held, with 'flags' added to those of each. */
static __noinline int
executed_flush(struct pass_cpu *pc, __u32 flags)
{
    struct held_walk w = { .pc = pc, .flags = flags };

    if (pc->n_held) {
        bpf_loop(min_u32(pc->n_held, PASS_HELD_MAX), executed_write, &w, 0);
        pc->n_held = 0;
    }
    pc->is_unsure = 0;
    return 0;
}

/* Writes all records that are held although their passes may not have ended,
 * and has the passes in progress go on without one. */
static __noinline int
executed_give_up(struct pass_cpu *pc)
{
    executed_flush(pc, PASS_F_EXECUTED_CUT);
    pc->is_unsure = 1;
    for (int i = 0; i < PASS_FRAMES_MAX; i++) {
        pc->frames[i].place = PASS_NO_PLACE;
        pc->frames[i].action_place = PASS_NO_PLACE;
    }
    return 0;
}

/* Returns a record for the pass of 'f', which begins. */
static __always_inline struct pass_record *
executed_hold(struct pass_cpu *pc, struct pass_frame *f)
{
    struct pass_held *h;

    if (pc->n_held >= PASS_HELD_MAX) {
        executed_give_up(pc);
    }
    f->place = pc->n_held++;
    h = held_at(pc, f->place);
    h->base = 0;
    h->len = 0;
    return pass_held(f->place);
}

/* There is to be no record of the last pass that began. */
static __always_inline void
executed_discard(struct pass_cpu *pc)
{
    struct pass_record *rec = pass_open(pc);

    if (rec) {
        rec->head = 0;
    }
}

/* Nor has its frame, 'f', a place any more. */
static __always_inline void
executed_release(struct pass_cpu *pc, struct pass_frame *f)
{
    executed_discard(pc);
    if (f->place + 1 == pc->n_held) {
        pc->n_held--;
    }
    f->place = PASS_NO_PLACE;
    pc->is_unsure |= pc->n_frames > 1;
}

/* Sets that 'skb' is the packet of the pass of 'f'. */
static __always_inline void
executed_set_packet(struct pass_cpu *pc, struct pass_frame *f,
                    struct sk_buff *skb)
{
    f->skb = address(&pc->there, skb);
    f->head = (__u64) skb->head;
}

/* Sets the actions of the last pass that began: those of the flow of 'f', its
 * frame, which are known.  (They are not looked for in the flow again: they
 * may have become others since the record was made.) */
static __always_inline void
executed_set_actions(struct pass_cpu *pc, const struct pass_frame *f)
{
    struct pass_held *h = held_at(pc, pc->open_place);

    h->base = f->actions;
    h->len = f->actions_end - f->actions;
}

/* Begins the record of 'e', no pass being in progress, and returns its frame,
 * which it has even if it is not recorded. */
static __always_inline struct pass_frame *
executed_begin_execute(struct pass_cpu *pc, struct pass_execute *e)
{
    struct pass_frame *f;
    struct pass_record *rec;

    executed_flush(pc, PASS_F_EXECUTED_CUT);
    f = push_frame(pc, e->stack, e->ts, 0);
    f->is_execute = 1;
    e->is_written = 1;
    rec = execute_is_chosen(e) ? executed_hold(pc, f) : NULL;
    if (!rec) {
        return f;
    }
    execute_read(rec, e);
    if (!port_is_chosen(rec->dp_ifindex, rec->port_no)) {
        rec->head = 0;
        f->place = PASS_NO_PLACE;
        pc->n_held = 0;
        return f;
    }
    f->id = f->root = rec->root = execute_id(pc, e);
    f->track = rec->track = execute_track(e);
    rec->head = PASS_RECORD | f->id;
    rec->flags |= PASS_F_EXECUTED;
    return f;
}

/* Sets that the first actions of the execute of 'f' were missed. */
static __always_inline void
executed_set_missed(struct pass_frame *f)
{
    struct pass_record *rec = pass_held(f->place);

    f->action = ~0ULL;
    if (rec) {
        rec->flags |= PASS_F_EXECUTED_CUT;
    }
}

/* Returns the frame of what is in progress at 'stack', or NULL if that is
 * nothing that would be recorded. */
static __always_inline struct pass_frame *
executed_frame(struct pass_cpu *pc, __u64 stack)
{
    struct pass_execute *e;
    struct pass_frame *f = pass_find_around(pc, stack, &e);

    return (f ? f
            : e && !e->is_written ? executed_begin_execute(pc, e) : NULL);
}

/* Sets the actions of the execute of 'f', of which the first one is at address
 * 'action'. */
static __always_inline void
executed_set_request(struct pass_cpu *pc, struct pass_frame *f, __u64 action)
{
    struct pass_held *h = held_at(pc, f->place);
    __u64 acts = action - bpf_core_field_offset(struct sw_flow_actions,
                                                actions);
    __u32 len;

    if (!bpf_core_read(&len, sizeof len,
                       &((struct sw_flow_actions *) acts)->actions_len)) {
        h->base = action;
        h->len = len;
        f->actions = action;
        f->actions_end = action + len;
    }
}

/* Whether it is to be said of passes that what they executed is not known. */
enum search_mark {
    MARK_NONE,                  /* Of none, */
    MARK_THOSE,                 /* of those that are searched, */
    MARK_ALL                    /* or of all. */
};

/* Goes over the passes whose records are held. */
struct search {
    struct pass_cpu *pc;
    __u64 action;               /* Address of an action. */
    __u32 n;                    /* Passes that have it among theirs, */
    __u32 place;                /* and the last of them. */
    __u32 mark;                 /* enum search_mark. */
};

static long
executed_look(__u32 place, struct search *s)
{
    const struct pass_held *h = held_at(s->pc, place);
    struct pass_record *rec;

    if (s->action - h->base < h->len || s->mark == MARK_ALL) {
        s->n++;
        s->place = place;
        if (s->mark != MARK_NONE) {
            rec = pass_held(place);
            if (rec) {
                rec->flags |= PASS_F_EXECUTED_CUT;
            }
        }
    }
    return 0;
}

/* Returns the place of the only pass that has the action at address 'action'
 * among its own, or PASS_NO_PLACE, and marks those for which that is not
 * known.  'own' is that of the innermost pass in progress. */
static __noinline int
executed_search(struct pass_cpu *pc, __u64 action, __u32 own)
{
    struct search s = { .pc = pc, .action = action };
    __u32 n = min_u32(pc->n_held, PASS_HELD_MAX);

    bpf_loop(n, executed_look, &s, 0);
    if (s.n == 1 && own < PASS_HELD_MAX
        && (s.place == own || !pc->is_unsure)) {
        return s.place;
    }

    /* What the innermost one executes is not known if it is not recorded, so
     * that may be its own. */
    s.mark = (s.n ? MARK_THOSE : own < PASS_HELD_MAX ? MARK_ALL : MARK_NONE);
    if (s.mark != MARK_NONE) {
        bpf_loop(n, executed_look, &s, 0);
    }
    return PASS_NO_PLACE;
}

/* Returns the place of the pass to which the action at address 'action'
 * belongs, which is executed within 'f', the innermost one.  What was put off
 * is executed within the outermost one only. */
static __always_inline __u32
executed_place(struct pass_cpu *pc, const struct pass_frame *f, __u64 action)
{
    const struct pass_held *h = held_at(pc, f->place);
    bool is_own = (f->place < PASS_HELD_MAX && action - h->base < h->len);

    if ((is_own && (pc->n_frames > 1 || pc->n_held == 1))
        || (f->place >= PASS_HELD_MAX && pc->n_frames > 1)) {
        return f->place;
    }
    return executed_search(pc, action, f->place);
}

/* Adds the action with 'offset' among the actions to 'rec'.  Returns where its
 * entry is, in bytes from 'data', or 0 if there is no more room. */
static __always_inline __u32
executed_append(struct pass_record *rec, __u32 offset)
{
    __u32 n = rec->n_executed;
    struct pass_executed *x;
    __u32 entry;

    if (n >= PASS_EXECUTED_MAX) {
        rec->n_not_kept += rec->n_not_kept < 0xffff;
        return 0;
    }
    entry = (ALIGN8(rec->packet_kept) + ALIGN8(rec->actions_len)
             + rec->pointed_len + n * sizeof *x);
    x = (void *) (rec->data + bounded(entry, ENTRY_MAX));
    x->ns = bpf_ktime_get_ns() - rec->ts;
    x->offset = offset;
    x->result = PASS_NO_RESULT;
    rec->n_executed = n + 1;
    return entry;
}

/* The action 'a' is executed on 'skb' within 'f'. */
static __always_inline void
executed_add(struct pass_cpu *pc, struct pass_frame *f, struct sk_buff *skb,
             const struct nlattr *a)
{
    __u64 action = address(&pc->there, a);
    struct pass_record *rec;
    __u32 place;

    if (!pc->n_held) {
        return;                         /* Nothing of this is recorded. */
    }
    if (f->is_execute && !f->action && f->place < PASS_HELD_MAX) {
        executed_set_request(pc, f, action);
    }
    executed_set_packet(pc, f, skb);
    place = executed_place(pc, f, action);
    f->action = action;
    f->action_place = place;
    f->type = a->nla_type & ATTR_TYPE_MASK;
    f->entry = 0;
    rec = pass_held(place);
    if (rec) {
        f->offset = action - held_at(pc, place)->base;
        f->entry = executed_append(rec, f->offset);
    }
}

/* Returns the frame of the pass that is in progress at 'stack', without taking
 * others away, or NULL if that is not recorded. */
static __always_inline struct pass_frame *
executed_top(struct pass_cpu *pc, __u64 stack)
{
    struct pass_frame *f = &pc->frames[MODULO(pc->n_frames - 1,
                                              PASS_FRAMES_MAX)];

    return pc->n_frames && is_deeper(stack, f->stack) ? f : NULL;
}

/* The last action within 'f', which is of 'type', has had 'result'. */
static __always_inline void
executed_result(const struct pass_frame *f, __u32 type, __s32 result)
{
    struct pass_record *rec;
    struct pass_executed *x;

    if (f->type != type || !f->entry) {
        return;
    }
    rec = pass_held(f->action_place);
    if (rec) {
        x = (void *) (rec->data + bounded(f->entry, ENTRY_MAX));
        x->result = result;
    }
}

/* Returns true if 'reason' is OVS_DROP_LAST_ACTION, the first one of Open
 * vSwitch (net/openvswitch/drop.h of Linux 6.7 and later; the upper half of a
 * reason is that of the subsystem, 0 for those of the core). */
static __always_inline bool
is_last_action(__u32 reason)
{
    return reason >> 16 && (reason & 0xffff) == 1;
}

/* The kernel drops 'skb', which is at address 'addr', for 'reason' within
 * 'f'.  It is the packet of the pass if it is that of the last action, or a
 * clone, which has the same bytes. */
static __always_inline void
executed_drop(struct pass_cpu *pc, const struct pass_frame *f,
              struct sk_buff *skb, __u64 addr, __u32 reason)
{
    struct pass_record *rec;

    if (addr != f->skb && (__u64) skb->head != f->head) {
        return;
    }
    rec = pass_held(f->action ? f->action_place : f->place);
    if (!rec) {
        return;
    }
    pc->hits[PASS_HOOK_DROP]++;
    if (!(rec->flags & PASS_F_DROP)
        || (is_last_action(rec->drop_reason) && !is_last_action(reason))) {
        rec->flags |= PASS_F_DROP;
        rec->drop_reason = reason;
        rec->drop_ns = bpf_ktime_get_ns() - rec->ts;
        rec->drop_offset = f->action ? f->offset : PASS_NO_OFFSET;
    }
    rec->n_drops += rec->n_drops < 0xffff;
}

/* The pass of 'f', the innermost one, has ended, and an execute with 'ret'.
 * Nothing is held any more if it was the outermost one. */
static __always_inline void
executed_end(struct pass_cpu *pc, struct pass_frame *f, __s32 ret)
{
    struct pass_record *rec = pass_held(f->place);

    if (rec) {
        rec->end_ns = bpf_ktime_get_ns() - rec->ts;
        rec->ret = ret;
        rec->flags |= PASS_F_DONE;
    }
    pc->n_frames--;
    if (!pc->n_frames && pc->n_held) {
        executed_flush(pc, 0);
        wake_reader();
    }
}

#endif /* bpf/pass-executed.bpf.h */
