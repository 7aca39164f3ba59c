/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The programs of the kernel tier.  They follow an upcall through the kernel
 * and make one record of it:
 *
 *   ovs_dp_upcall() entered      upcall: time, CPU, thread, parent
 *     netlink_unicast() entered  enqueue: a slot is taken, once per segment
 *   ovs_dp_upcall() left         return: done, or lost with an errno
 *   skb_copy_datagram_iovec      receive: in the handler thread
 *   ovs_flow_cmd_new()           flow put: entered, left
 *   ovs_packet_cmd_execute()     execute: entered, left; ends the upcall
 *
 * Each has an fentry/fexit and a kprobe/kretprobe variant around a common
 * body.  User space loads the one that the kernel takes.  With --track=full,
 * those at the USDT probes of ovs-vswitchd come in addition.
 *
 *   bound.bpf.h     bounds of indexes and lengths, for the verifier
 *   slot.bpf.h      where records are made, and who may touch them
 *   message.bpf.h   the netlink message of the upcall
 *   handler.bpf.h   the batches of a handler thread, and its receives
 *   put.bpf.h       its flow puts
 *   exec-match.bpf.h  which upcall an execute is of
 *   plan.bpf.h      executes that USDT has announced
 *   exec.bpf.h      executes
 *   usdt-tier.bpf.h the USDT probes
 *   loss.bpf.h      upcalls that are not enqueued
 *   vswitchd.bpf.h  USDT probes that have to do with no upcall
 */
#include "upcall-record.h"
#include "vswitchd-record.h"

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kernel.bpf.h"
#include "bound.bpf.h"
#include "config.bpf.h"
#include "slot.bpf.h"
#include "message.bpf.h"
#include "handler.bpf.h"
#include "put.bpf.h"
#include "exec-match.bpf.h"
#include "plan.bpf.h"
#include "exec.bpf.h"
#include "usdt-tier.bpf.h"
#include "loss.bpf.h"
#include "vswitchd.bpf.h"

/* Sets 'parent' of 'cpu' if the current thread is executing a traced upcall
 * and this one happens inside: the packet was recirculated, or an action
 * sends it to user space again. */
static __always_inline void
find_parent(struct upcall_cpu *cpu)
{
    struct upcall_handler *h;

    cpu->nested = 0;
    if (n_executing && cpu->tid) {
        h = handler_find__(cpu->tid, false);
        if (h && handler_executes_at(h, cpu->stack)) {
            cpu->parent = h->exec_id;
            cpu->nested = 1;
        }
    }
}

/* Returns true if an upcall with these arguments of ovs_dp_upcall() may have
 * been chosen.  The message tells for sure. */
static __always_inline bool
may_be_chosen(__u32 port_no, const struct dp_upcall_info *info)
{
    struct upcall_port_key any = { .port_no = port_no };

    return ((class_mask == ~0U || class_mask & (1U << info_class(info, true)))
            && (!choose_ports || bpf_map_lookup_elem(&ports, &any)));
}

/* 'args' is NULL if the arguments are not known. */
static __always_inline int
upcall_entry(void *ctx, struct sk_buff *skb, const struct entry_args *args)
{
    struct upcall_cpu *cpu = this_cpu();
    bool direct = args != NULL;

    cpu->port_no = args ? key_in_port(args->key) : ~0U;
    if (!enabled || (args && !may_be_chosen(cpu->port_no, args->info))) {
        cpu->ts = 0;
        return 0;
    }

    /* Bottom halves are disabled until ovs_dp_upcall() returns, so there is
     * one at a time on a CPU. */
    cpu->ts = bpf_ktime_get_ns();
    address(&cpu->skb, skb);
    cpu->skb_len = GET(direct, skb, len);
    address(&cpu->stack, ctx);
    cpu->group = 0;
    cpu->slot = 0;
    cpu->n_segments = 0;
    cpu->n_runs[0] = 0;
    cpu->n_runs[1] = 0;
    cpu->rejected = 0;
    cpu->tid = (__u32) bpf_get_current_pid_tgid();
    get_comm(cpu->comm);
    find_parent(cpu);
    cpu->hits[UPCALL_HOOK_UPCALL]++;
    return 0;
}

/* Segments of a GSO packet are upcalls of their own with a common group. */
static __always_inline void
record_set_segment(struct upcall_record *rec, struct upcall_cpu *cpu)
{
    rec->segment = cpu->n_segments - 1;
    if (rec->segment || (rec->packet_len && rec->packet_len < cpu->skb_len)) {
        if (!cpu->group) {
            cpu->group = rec->id;
        }
        rec->group = cpu->group;
    }
}

static __always_inline void
enqueue(struct upcall_cpu *cpu, struct sk_buff *skb, __u32 portid,
        bool direct)
{
    __u32 linear = GET(direct, skb, len) - GET(direct, skb, data_len);
    __u64 key = address(&cpu->netlink_skb, skb);
    __u32 slot = forget(&cpu->here, slot_take(key));
    struct upcall_record *rec;

    cpu->slot = 0;
    if (!slot) {
        COUNT(cpu->seen);
        COUNT(cpu->produced);
        COUNT(cpu->dropped[UPCALL_DROP_SLOTS_FULL]);
        return;
    }
    rec = slot_record(slot - 1);
    if (!rec) {
        return;
    }

    if (!msg_copy(rec, GET(direct, skb, data), linear, cpu->port_no)) {
        slot_publish(slot - 1, UPCALL_SLOT_FREE);
        cpu->rejected = 1;
        return;
    }
    COUNT(cpu->seen);
    record_init(rec, cpu);
    record_set_segment(rec, cpu);
    if (!rec->packet_kept && rec->packet_sent == cpu->skb_len) {
        struct sk_buff *orig = (struct sk_buff *) cpu->skb;

        msg_copy_packet(rec, BPF_CORE_READ(orig, data),
                        cpu->skb_len - BPF_CORE_READ(orig, data_len));
    }
    rec->flags |= UPCALL_F_ENQUEUED;
    rec->portid = portid;
    rec->enqueue_ts = bpf_ktime_get_ns();
    cpu->id = rec->id;
    cpu->slot = slot;
    slot_publish(slot - 1, key);
}

/* Returns true if the program with context 'ctx' runs inside the upcall in
 * progress on 'cpu'. */
static __always_inline bool
is_in_upcall(struct upcall_cpu *cpu, void *ctx)
{
    return cpu->ts && is_deeper(address(&cpu->here, ctx), cpu->stack);
}

static __always_inline int
enqueue_entry(void *ctx, struct sock *ssk, struct sk_buff *skb, __u32 portid,
              bool direct, int twin)
{
    struct upcall_cpu *cpu = this_cpu();

    if (!is_in_upcall(cpu, ctx) || ++cpu->n_runs[twin] <= cpu->n_segments) {
        return 0;
    }
    cpu->n_segments++;
    if (target_netns && sock_netns(ssk, direct) != target_netns) {
        cpu->rejected = 1;
        return 0;
    }
    cpu->hits[UPCALL_HOOK_ENQUEUE]++;
    enqueue(cpu, skb, portid, direct);
    return 0;
}

static __always_inline int
upcall_return(struct sk_buff *skb, const struct upcall_args *args, int ret,
              bool direct)
{
    struct upcall_cpu *cpu = this_cpu();

    if (!cpu->ts) {
        return 0;                       /* Entered before the start. */
    }
    cpu->hits[UPCALL_HOOK_RETURN]++;

    if (ret < 0 && cpu->n_segments && refused_by_socket(ret)) {
        if (cpu->slot) {
            lose_queued(cpu, cpu->slot - 1, ret);
        }
    } else if (ret < 0) {
        if (!cpu->rejected) {
            lose_early(cpu, skb, args, ret, direct);
        }
    } else if (cpu->slot) {
        struct upcall_record *rec = slot_record(cpu->slot - 1);

        /* The handler may be done with the upcall already. */
        if (rec) {
            __u64 tag = UPCALL_RET_TAG(cpu->id);
            __u32 ns = bpf_ktime_get_ns() - cpu->ts;

            __sync_val_compare_and_swap(&rec->ret_word, tag, tag | ns);
        }
    } else if (!cpu->n_segments) {
        /* The program at netlink_unicast() did not run. */
        COUNT(cpu->seen);
        COUNT(cpu->produced);
        COUNT(cpu->dropped[UPCALL_DROP_PROGRAM_MISSED]);
    }
    cpu->ts = 0;
    wake_reader();
    return 0;
}

/* Trampolines: the quickest, where the module has BTF. */

SEC("fentry/ovs_dp_upcall")
int BPF_PROG(upcall_fentry, void *dp, struct sk_buff *skb,
             const struct sw_flow_key *key, const struct dp_upcall_info *info)
{
    struct entry_args args = { .key = key, .info = info };

    return upcall_entry(ctx, skb, &args);
}

SEC("fexit/ovs_dp_upcall")
int BPF_PROG(upcall_fexit, struct datapath *dp, struct sk_buff *skb,
             const struct sw_flow_key *key, const struct dp_upcall_info *info,
             __u32 cutlen, int ret)
{
    struct upcall_args args = { .class_ = UPCALL_N_CLASSES };

    if (ret < 0) {
        args_read(&args, dp, skb, key, info);
    }
    return upcall_return(skb, &args, ret, true);
}

/* The kernel does not run a program on a CPU where it is running already: in a
 * thread that was preempted in the middle of it, where the kernel can preempt
 * itself (__bpf_prog_enter_recur() in kernel/bpf/trampoline.c,
 * __bpf_trace_run() in kernel/trace/bpf_trace.c, Linux 6.1 to 7.2).  So each
 * program here that can be preempted has a twin there, which does the work if
 * the first was not run.  Both are missed only if both have been preempted. */
#define ENQUEUE_FENTRY(NAME, TWIN)                                          \
SEC("fentry/netlink_unicast")                                               \
int BPF_PROG(NAME, struct sock *ssk, struct sk_buff *skb, __u32 portid)     \
{                                                                           \
    return enqueue_entry(ctx, ssk, skb, portid, true, TWIN);                \
}
ENQUEUE_FENTRY(enqueue_fentry, 0)
ENQUEUE_FENTRY(enqueue_twin, 1)

#define PUT_FENTRY(NAME)                                                    \
SEC("fentry/ovs_flow_cmd_new")                                              \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info)             \
{                                                                           \
    return put_entry(info->nlhdr, info->nlhdr->nlmsg_len);                  \
}
PUT_FENTRY(put_fentry)
PUT_FENTRY(put_twin)

#define PUT_FEXIT(NAME)                                                     \
SEC("fexit/ovs_flow_cmd_new")                                               \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info, int ret)    \
{                                                                           \
    return put_return(ret);                                                 \
}
PUT_FEXIT(put_fexit)
PUT_FEXIT(put_return_twin)

#define EXEC_FENTRY(NAME)                                                   \
SEC("fentry/ovs_packet_cmd_execute")                                        \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info)             \
{                                                                           \
    return exec_entry(ctx, info->nlhdr, info->nlhdr->nlmsg_len);            \
}
EXEC_FENTRY(exec_fentry)
EXEC_FENTRY(exec_twin)

#define EXEC_FEXIT(NAME)                                                    \
SEC("fexit/ovs_packet_cmd_execute")                                         \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info, int ret)    \
{                                                                           \
    return exec_return(ret);                                                \
}
EXEC_FEXIT(exec_fexit)
EXEC_FEXIT(exec_return_twin)

/* The same by kprobe, for a module or a kernel where that is not possible. */

SEC("kprobe/ovs_dp_upcall")
int BPF_KPROBE(upcall_kprobe, void *dp, struct sk_buff *skb)
{
    return upcall_entry(ctx, skb, NULL);
}

SEC("kretprobe/ovs_dp_upcall")
int BPF_KRETPROBE(upcall_kretprobe, int ret)
{
    struct sk_buff *skb = (struct sk_buff *) this_cpu()->skb;
    struct upcall_args args = { .class_ = UPCALL_N_CLASSES };

    if (ret < 0) {
        args.netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
    }
    return upcall_return(skb, &args, ret, false);
}

SEC("kprobe/netlink_unicast")
int BPF_KPROBE(enqueue_kprobe, struct sock *ssk, struct sk_buff *skb,
               __u32 portid)
{
    return enqueue_entry(ctx, ssk, skb, portid, false, 0);
}

SEC("kprobe/ovs_flow_cmd_new")
int BPF_KPROBE(put_kprobe, struct sk_buff *skb, struct genl_info *info)
{
    struct nlmsghdr *nlh = BPF_CORE_READ(info, nlhdr);

    return put_entry(nlh, BPF_CORE_READ(nlh, nlmsg_len));
}

SEC("kretprobe/ovs_flow_cmd_new")
int BPF_KRETPROBE(put_kretprobe, int ret)
{
    return put_return(ret);
}

SEC("kprobe/ovs_packet_cmd_execute")
int BPF_KPROBE(exec_kprobe, struct sk_buff *skb, struct genl_info *info)
{
    struct nlmsghdr *nlh = BPF_CORE_READ(info, nlhdr);

    return exec_entry(ctx, nlh, BPF_CORE_READ(nlh, nlmsg_len));
}

SEC("kretprobe/ovs_packet_cmd_execute")
int BPF_KRETPROBE(exec_kretprobe, int ret)
{
    return exec_return(ret);
}

/* The receive has a tracepoint in the kernel itself. */

#define RECV_TP(NAME, TWIN)                                                 \
SEC("tp_btf/skb_copy_datagram_iovec")                                       \
int BPF_PROG(NAME, struct sk_buff *skb)                                     \
{                                                                           \
    return recv(skb, TWIN);                                                 \
}
RECV_TP(recv_tp, 0)
RECV_TP(recv_twin, 1)

/* USDT probes. */

SEC("uprobe")
int usdt_recv_upcall(struct pt_regs *ctx)
{
    forgo_private_stack(ctx);
    return usdt_recv(ctx);
}

SEC("uprobe")
int usdt_op_flow_put(struct pt_regs *ctx)
{
    forgo_private_stack(ctx);
    return usdt_put(ctx);
}

SEC("uprobe")
int usdt_op_flow_execute(struct pt_regs *ctx)
{
    forgo_private_stack(ctx);
    return usdt_exec(ctx);
}

/* The kernel gives the helpers that read its memory to programs under the GPL
 * only, which these are, see the first line. */
char LICENSE[] SEC("license") = "GPL";
