/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The plan of a handler: executes that ovs-vswitchd has announced by USDT
 * (usdt-tier.bpf.h) and that the kernel has not seen yet.
 */
#ifndef BPF_PLAN_BPF_H
#define BPF_PLAN_BPF_H 1

/* Takes the next execute out of the plan of 'h' and stores it in
 * 'h->next_plan'.  Returns false if there is none, or if it is of no upcall
 * that is known: a copy, or a packet of ovs-vswitchd. */
static __always_inline bool
plan_take(struct upcall_handler *h)
{
    struct upcall_plan *plan = &h->next_plan;

    if (h->plan_head == h->plan_tail) {
        return false;
    }
    *plan = h->plan[MODULO(h->plan_head++, UPCALL_PLAN_MAX)];
    return plan->entry && plan->entry == *list_entry(h, plan->place);
}

/* What was announced is not what the kernel executes, which is that of 'rec'.
 * Either the program at the USDT probe was not run for 'rec': then what was
 * announced comes later.  Or ovs-vswitchd has not sent what it has
 * announced. */
static __always_inline void
plan_is_wrong(struct upcall_handler *h, struct upcall_record *rec)
{
    if (!rec || !(rec->flags & UPCALL_F_USDT_EXEC)) {
        h->plan_head--;
    } else {
        h->plan_head = h->plan_tail;
        record_conflict(h, rec, UPCALL_CONFLICT_EXEC);
    }
}

/* Returns true if the execute of 'h' can be what was announced,
 * 'h->next_plan'. */
static __always_inline bool
plan_fits(struct upcall_handler *h)
{
    const struct upcall_plan *plan = &h->next_plan;
    __u16 state = *list_state(h, plan->place);

    return ((plan->packet_len == h->execute.packet_len
             || plan->packet_len == UPCALL_PLAN_ANY_LEN)
            && list_fits(h, plan->place, state)
            && (list_is_equal(h, plan->place, state)
                || state & (UPCALL_S_MAY_HELP | UPCALL_S_HELP)));
}

#endif /* bpf/plan.bpf.h */
