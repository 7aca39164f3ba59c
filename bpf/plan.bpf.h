/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The plan of a handler: executes that ovs-vswitchd has announced by USDT
 * (usdt-tier.bpf.h) and that the kernel has not seen yet.
 */
#ifndef BPF_PLAN_BPF_H
#define BPF_PLAN_BPF_H 1

/* Takes the next execute out of the plan of 'h' and stores it in '*plan'.
 * Returns false if there is none. */
static __always_inline bool
plan_take(struct upcall_handler *h, struct upcall_plan *plan)
{
    if (h->plan_head == h->plan_tail) {
        return false;
    }
    *plan = h->plan[MODULO(h->plan_head++, UPCALL_PLAN_MAX)];
    return true;
}

/* What was announced is not the packet that the kernel executes, which is that
 * of 'rec'.  Either the program at the USDT probe was not run for 'rec': then
 * what was announced comes later.  Or ovs-vswitchd has not sent what it has
 * announced. */
static __always_inline void
plan_is_wrong(struct upcall_handler *h, struct upcall_record *rec)
{
    if (!(rec->flags & UPCALL_F_USDT_EXEC)) {
        h->plan_head--;
    } else {
        h->plan_head = h->plan_tail;
        record_conflict(h, rec, UPCALL_CONFLICT_EXEC);
    }
}

/* Compares what the kernel tier has found for the execute in 'f', with 'rule'
 * or -1, with what was announced, 'plan'.  Returns the rule that counts, or -1
 * if the upcall is unknown, and changes 'f->pos' accordingly:
 *
 *   kernel tier       announced                     then
 *   ----------------  ----------------------------  -------------------------
 *   any or none       of no upcall (a copy, or a    as the kernel tier says
 *                     packet of ovs-vswitchd)
 *   an upcall         the same                      it, by pointer
 *   any or none       of another length             plan_is_wrong()
 *   another or none   with this packet              it, by pointer; a conflict
 *                                                   if there is another
 *   other by packet   with another packet           plan_is_wrong()
 *   none, or by order with another packet, maybe    it, by pointer:
 *                     changed by ovs-vswitchd       UPCALL_F_HELP
 *   none, or by order with another packet           plan_is_wrong()
 */
static __noinline int
plan_apply(struct upcall_handler *h, struct find_ctx *f,
           const struct upcall_plan *plan, int rule)
{
    struct upcall_record *rec = entry_record(plan->entry);
    struct upcall_record *other = NULL;

    if (!rec || (rule >= 0 && f->pos == plan->pos)) {
        return rec ? UPCALL_RULE_POINTER : rule;
    }
    if (rule >= 0) {
        other = entry_record(find_entry(f));
    }
    if (plan->packet_len != f->packet_len
        && plan->packet_len != UPCALL_PLAN_ANY_LEN) {
        plan_is_wrong(h, other ? other : rec);
        return rule;
    }
    if (exec_matches(rec, f)) {
        if (other) {
            record_conflict(h, rec, UPCALL_CONFLICT_EXEC);
        }
    } else if ((other && rule == UPCALL_RULE_PACKET)
               || !may_be_helped(rec) || !exec_fits(rec, f)) {
        plan_is_wrong(h, other ? other : rec);
        return rule;
    } else {
        rec->flags |= UPCALL_F_HELP;
    }
    f->pos = plan->pos;
    return UPCALL_RULE_POINTER;
}

#endif /* bpf/plan.bpf.h */
