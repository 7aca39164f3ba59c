/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Passes of packets through the datapath: what the programs of packet.bpf.c,
 * which see them, and those of upcall.bpf.c have in common, in maps that both
 * use.
 *
 * Each CPU has a stack of frames, one for each pass that may be in progress.
 * A pass begins within another one if that recirculates the packet at once, so
 * that it is deeper in the kernel's stack.  The end of a pass is not seen: its
 * frame is taken away when another pass begins, or an upcall, that is not
 * within it, because it is not deeper in the same stack.  So a frame below may
 * be of a pass that has ended, if the one above was reached by more function
 * calls; user space finds that out (record/pass-links.h).  With
 * --datapath=actions, the end is seen (pass-executed.bpf.h).
 *
 * An execute of ovs-vswitchd is a pass as well.  It runs in a process, which
 * may change its CPU before and after the datapath has disabled bottom halves,
 * so it is kept by thread.
 *
 * Needs common.bpf.h, ring.bpf.h and filter.bpf.h.
 */
#ifndef BPF_PASS_BPF_H
#define BPF_PASS_BPF_H 1

/* Whether the programs of packet.bpf.c are attached. */
SETTING bool passes = false;

/* Whether it is recorded which actions are executed, see
 * pass-executed.bpf.h. */
SETTING bool executed = false;

/* Bytes of the ring buffer that passes may fill; the rest is for upcalls. */
SETTING __u64 pass_share = 0;

/* By CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);             /* Set by user space. */
    __type(key, __u32);
    __type(value, struct pass_cpu);
} pass_cpus SEC(".maps");

/* Records in the making, PASS_SLOTS_PER_CPU() for each CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 2);             /* Set by user space. */
    __uint(key_size, sizeof(__u32));
    __uint(value_size, PASS_SLOT_SIZE(UPCALL_MATCH_MAX));
} pass_slots SEC(".maps");

/* Executes in progress, by thread. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, struct pass_execute);
} pass_executes SEC(".maps");

/* Size of the largest record. */
#define PASS_MAX (sizeof(struct pass_record) + snap_max + PASS_ACTIONS_MAX \
                  + PASS_POINTED_MAX \
                  + PASS_EXECUTED_MAX * sizeof(struct pass_executed))

static __always_inline struct pass_cpu *
this_pass_cpu(void)
{
    __u32 cpu = bpf_get_smp_processor_id();

    return bpf_map_lookup_elem(&pass_cpus, &cpu);
}

/* Returns the record of this CPU that is at 'slot'. */
static __always_inline struct pass_record *
pass_slot(enum pass_slot slot)
{
    __u32 i = (bpf_get_smp_processor_id() * PASS_SLOTS_PER_CPU(executed)
               + slot);

    return bpf_map_lookup_elem(&pass_slots, &i);
}

/* Returns the record of this CPU that is held at 'place', NULL if that is
 * PASS_NO_PLACE. */
static __always_inline struct pass_record *
pass_held(__u32 place)
{
    __u32 i = (bpf_get_smp_processor_id() * PASS_SLOTS_PER_CPU(executed)
               + PASS_SLOT_HELD + place);

    return place < PASS_HELD_MAX ? bpf_map_lookup_elem(&pass_slots, &i) : NULL;
}

/* Returns the record of the last pass that began on this CPU. */
static __always_inline struct pass_record *
pass_open(const struct pass_cpu *pc)
{
    return executed ? pass_held(pc->open_place) : pass_slot(PASS_SLOT_LOOKUP);
}

/* Returns the number of a new pass: CPUs have numbers of their own. */
static __always_inline __u64
pass_next_id(struct pass_cpu *pc)
{
    return (__sync_fetch_and_add(&pc->n_ids, 1) * n_cpus
            + bpf_get_smp_processor_id() + 1);
}

/* Puts a frame for the pass 'id', 0 if it is not recorded, that has begun at
 * 'stack', at 'ts', on top of those of 'pc', and returns it.  There is none
 * around it that has recirculated its packet. */
static __always_inline struct pass_frame *
push_frame(struct pass_cpu *pc, __u64 stack, __u64 ts, __u64 id)
{
    __u32 n = min_u32(pc->n_frames, PASS_FRAMES_MAX - 1);
    struct pass_frame *f = &pc->frames[MODULO(n, PASS_FRAMES_MAX)];

    f->stack = stack;
    f->ts = ts;
    f->id = id;
    f->root = f->track = id;
    f->root_ts = ts;
    f->actions = f->actions_end = 0;
    if (executed) {
        f->place = f->action_place = PASS_NO_PLACE;
        f->skb = f->head = f->action = 0;
        f->entry = 0;
        f->is_execute = 0;
        pc->is_unsure |= n && !id;
    }
    pc->n_frames = n + 1;
    return f;
}

/* Takes the frames away that are not above 'stack' on the same stack, and
 * returns the one just above, or NULL if there is none.  It may be of a pass
 * of an execute that has ended, see pass_find_around(). */
static __always_inline struct pass_frame *
pass_around(struct pass_cpu *pc, __u64 stack)
{
    struct pass_frame *found = NULL;
    __u32 n = pc->n_frames;

    for (int i = 0; i < PASS_FRAMES_MAX && n; i++) {
        struct pass_frame *f = &pc->frames[MODULO(n - 1, PASS_FRAMES_MAX)];

        if (is_deeper(stack, f->stack)) {
            found = f;
            break;
        }
        n--;
    }
    pc->n_frames = n;
    return found;
}

/* Returns the execute within which the current thread is at 'stack', or NULL
 * if there is none. */
static __always_inline struct pass_execute *
pass_execute_around(__u64 stack)
{
    __u32 tid = bpf_get_current_pid_tgid();
    struct pass_execute *e = bpf_map_lookup_elem(&pass_executes, &tid);

    return e && is_deeper(stack, e->stack) ? e : NULL;
}

/* Returns the frame of the pass within which something happens at 'stack', or
 * NULL if there is none.  Then stores in '*e' the execute within which it
 * happens, or NULL, also if it may be a softirq on the stack of a thread.
 *
 * Nothing takes the frames of an execute's passes away when it ends.  The same
 * thread may be at a deeper address of its stack within the next one, so what
 * began before the execute is none of its passes. */
static __always_inline struct pass_frame *
pass_find_around(struct pass_cpu *pc, __u64 stack, struct pass_execute **e)
{
    struct pass_frame *f = pass_around(pc, stack);

    *e = (find_context(stack) == UPCALL_F_PROCESS
          ? pass_execute_around(stack) : NULL);
    if (f && *e && f->ts < (*e)->ts) {
        pc->n_frames = 0;
        f = NULL;
    }
    return f;
}

/* Returns true if 'e' is to be recorded as far as is known before its request
 * is read.  The filter has looked at the packet of the upcall. */
static __always_inline bool
execute_is_chosen(const struct pass_execute *e)
{
    return !e->is_excluded && (!filter_bytes || e->upcall);
}

/* Returns the number of 'e', which gets one if it has none.  It does not have
 * one from the start: until the datapath disables bottom halves, other packets
 * may come, so that many numbers would be between its own and those of its
 * passes; and if it is not recorded, its number would seem to be lost. */
static __always_inline __u64
execute_id(struct pass_cpu *pc, struct pass_execute *e)
{
    if (!e->id) {
        e->id = pass_next_id(pc);
    }
    return e->id;
}

/* Returns the number of the first pass of the packet of 'e', which has a
 * number. */
static __always_inline __u64
execute_track(const struct pass_execute *e)
{
    return e->track ? e->track : e->id;
}

/* Writes 'rec', whose parts are complete, to the ring buffer, unless that has
 * no more than the share of upcalls left. */
static __always_inline void
pass_submit(struct pass_cpu *pc, struct pass_record *rec)
{
    __u32 size = (sizeof *rec + ALIGN8(rec->packet_kept)
                  + ALIGN8(rec->actions_len) + rec->pointed_len);

    if (executed) {
        size += rec->n_executed * sizeof(struct pass_executed);
    }
    COUNT(pc->produced);
    if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > pass_share
        || !ring_write(rec, size, RING_BLOCKS(sizeof *rec), PASS_MAX)) {
        COUNT(pc->dropped[PASS_DROP_RING_FULL]);
    }
}

/* Submits the record of the miss that waits for its upcall, if any, which has
 * the number 'upcall', or 0 if that is unknown; or has it only say that, if it
 * is held. */
static __always_inline void
pass_end_miss(struct pass_cpu *pc, __u64 upcall)
{
    struct pass_record *rec = pass_open(pc);

    if (pc->has_miss && rec) {
        pc->has_miss = 0;
        if (upcall) {
            rec->upcall = upcall;
            rec->flags |= PASS_F_UPCALL;
        }
        if (!executed) {
            pass_submit(pc, rec);
        }
    }
}

/* Returns the number of the pass that missed, of which an upcall begins at
 * 'stack', or 0 if it is not recorded.  Stores in '*track' the first pass of
 * its packet. */
static __always_inline __u64
pass_find_missed(struct pass_cpu *pc, __u64 stack, __u64 *track)
{
    struct pass_frame *f = pass_around(pc, stack);

    if (!f || !pc->has_miss) {
        return 0;
    }
    *track = f->track;
    return f->id;
}

/* Returns the number of the pass or execute that makes an upcall at 'stack'
 * with an action, or 0 if it is not recorded or not known, and stores in
 * '*track' the first pass of its packet.  'where' is an address in this
 * action, 0 if it is not known.
 *
 * The innermost pass may have ended, as in pass_find_around(), but an action
 * is one of the flow that has it in its memory.  If none has, it is of the
 * execute, unless that has a frame. */
static __always_inline __u64
pass_find_acting(struct pass_cpu *pc, __u64 stack, __u64 where, __u64 *track)
{
    struct pass_execute *e;
    __u32 n;

    pass_find_around(pc, stack, &e);
    n = where ? pc->n_frames : 0;
    for (int i = 0; i < PASS_FRAMES_MAX && n; i++) {
        struct pass_frame *f = &pc->frames[MODULO(n - 1, PASS_FRAMES_MAX)];

        if (!is_deeper(stack, f->stack) || (e && f->ts < e->ts)) {
            n = 0;              /* It is of something else. */
            break;
        }
        if (!f->id) {
            return 0;
        }
        if (where >= f->actions && where < f->actions_end) {
            *track = f->track;
            return f->id;
        }
        n--;
    }
    if (n || !e || !where || (executed && e->is_written)
        || !execute_is_chosen(e)) {
        return 0;
    }
    execute_id(pc, e);
    *track = execute_track(e);
    return e->id;
}

/* Sets that the execute of the current thread with the request at 'nlh' is of
 * upcall 'id', which happened in a pass whose packet has 'track', 0 if there
 * is no such pass. */
static __always_inline void
pass_set_execute_upcall(__u64 nlh, __u64 id, __u64 track)
{
    __u32 tid = bpf_get_current_pid_tgid();
    struct pass_execute *e = bpf_map_lookup_elem(&pass_executes, &tid);

    if (e && e->nlh == nlh) {
        e->upcall = id;
        e->track = track;
    }
}

#endif /* bpf/pass.bpf.h */
