/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Programs that the kernel does not run, and those that it preempts.
 *
 * The kernel does not run a program on a CPU where it is running already: in a
 * thread that was preempted in the middle of it, where the kernel can preempt
 * itself (__bpf_prog_enter_recur() in kernel/bpf/trampoline.c, Linux 6.1 to
 * 7.2).  So each program at a trampoline that can be preempted has a twin
 * there, which does the work if the first was not run.  Both are missed only
 * if both have been preempted.
 *
 * The large ones have twins that call them, so that the verifier does not have
 * to look at all twice.  So these may run more than once on a CPU.
 *
 * Twins have numbers, bits, by which it is noted which of them have run for a
 * request: 1 for the first, 2 for its twin.
 */
#ifndef BPF_TWIN_BPF_H
#define BPF_TWIN_BPF_H 1

/* Whether there are twins. */
SETTING bool twins = false;

/* The programs that twins call, one in each.  User space puts them there. */
#define PROGRAMS(NAME)                                  \
struct {                                                \
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);              \
    __uint(max_entries, 1);                             \
    __uint(key_size, sizeof(__u32));                    \
    __uint(value_size, sizeof(__u32));                  \
} NAME SEC(".maps")
PROGRAMS(recv_programs);
PROGRAMS(put_programs);
PROGRAMS(exec_programs);

/* None, for forgo_private_stack() of programs at uprobes. */
PROGRAMS(uprobe_programs);

/* Never set, but the verifier does not know. */
__u32 tail_call = 0;

/* Since Linux 6.13 the stack of a program may be private, one for each CPU, so
 * that two that run there overwrite each other's variables: those that twins
 * call, and those at uprobes, for which the kernel has no guard at all
 * (bpf_prog_run_array_uprobe() in include/linux/bpf.h): on 7.2, one upcall in
 * some thousands got the arguments of another thread.  A program that could do
 * a tail call has no private stack (check_max_stack_depth() in
 * kernel/bpf/verifier.c). */
#define forgo_private_stack(CTX, PROGRAMS)              \
    ({                                                  \
        if (tail_call) {                                \
            bpf_tail_call(CTX, &(PROGRAMS), 0);         \
        }                                               \
    })

/* The program for the entry of the request at 'nlh' runs, that with bit
 * 'which' of those that are twins.  Returns true if it is the first of them,
 * so that there is something to do. */
static __always_inline bool
request_begin(struct upcall_request *r, __u64 *scratch, const void *nlh,
              __u32 which)
{
    if (address(scratch, nlh) == r->nlh && !(r->entries & which)) {
        r->entries |= which;
        return false;
    }
    r->nlh = *scratch;
    r->entries = which;
    return true;
}

/* The twin of the program for the entry of the request at 'nlh' runs.  Returns
 * true if it has to call that. */
static __always_inline bool
request_is_for_twin(struct upcall_handler *h, struct upcall_request *r,
                    const void *nlh)
{
    if (address(&h->scratch, nlh) == r->nlh && !(r->entries & 2)) {
        r->entries |= 2;
        return false;
    }
    h->called_by_twin = 1;
    return true;
}

/* Returns the number of the current program, 2 if its twin has called it. */
static __always_inline __u32
twin_number(void)
{
    struct upcall_handler *h = twins ? handler_find() : NULL;

    if (h && h->called_by_twin) {
        h->called_by_twin = 0;
        return 2;
    }
    return 1;
}

enum request_end {
    REQUEST_TWIN,               /* The twin has done what there is to do. */
    REQUEST_SEEN,               /* The request is over now. */
    REQUEST_MISSED,             /* So it is, but its entry was not seen. */
};

/* The same for the exit of a request. */
static __always_inline enum request_end
request_end(struct upcall_request *r, __u32 which)
{
    enum request_end end = r->nlh ? REQUEST_SEEN : REQUEST_MISSED;

    if (!r->nlh && r->exits && !(r->exits & which)) {
        r->exits |= which;
        return REQUEST_TWIN;
    }
    r->nlh = 0;
    r->exits = which;
    return end;
}

#endif /* bpf/twin.bpf.h */
