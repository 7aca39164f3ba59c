/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The programs of the kernel tier.  They follow an upcall through the kernel
 * and make one record of it:
 *
 *   ovs_dp_upcall() entered      upcall: time, CPU, thread, parent
 *     skb_zerocopy() entered     enqueue: a slot is taken, once per segment
 *   ovs_dp_upcall() left         return: done, or lost with an errno
 *   skb_recv_datagram() left     receive: in the handler thread
 *   ovs_flow_cmd_new()           flow put: entered, left
 *   ovs_packet_cmd_execute()     execute: entered, left; ends the upcall
 *   skb_recv_datagram() left     the end of a handler's batch
 *
 * Each has an fentry/fexit variant and one by kprobe, kretprobe or raw
 * tracepoint around a common body.  User space loads the one that the kernel
 * takes.  With --track=full, those at the USDT probes of ovs-vswitchd come in
 * addition.
 *
 *   bound.bpf.h     bounds of indexes and lengths, for the verifier
 *   common.bpf.h    what all programs need
 *   ring.bpf.h      the ring buffer
 *   ports.bpf.h     which ports were chosen
 *   pages.bpf.h     bytes of packets that are in pages
 *   vlan.bpf.h      VLAN tags beside packets
 *   filter.bpf.h    which packets are chosen by their bytes
 *   pass.bpf.h      passes of packets, see packet.bpf.c
 *   slot.bpf.h      where records are made, and who may touch them
 *   message.bpf.h   the netlink message of the upcall
 *   args.bpf.h      the arguments of ovs_dp_upcall()
 *   handler.bpf.h   the state of handler threads
 *   twin.bpf.h      programs that the kernel does not run
 *   print.bpf.h     fingerprints of packets
 *   batch.bpf.h     what a handler has received, and not finished
 *   align.bpf.h     which upcalls some executes can be of, together
 *   pending.bpf.h   executes of which that is not known yet
 *   buffer.bpf.h    where ovs-vswitchd has the packets of a handler
 *   unseen.bpf.h    what it receives that has no record
 *   recv.bpf.h      its receives, and where its batches end
 *   put-match.bpf.h   which upcall a flow put is of
 *   put.bpf.h       flow puts
 *   exec-match.bpf.h  which upcall an execute is of
 *   plan.bpf.h      executes that USDT has announced
 *   exec.bpf.h      executes
 *   usdt-tier.bpf.h the USDT probes
 *   loss.bpf.h      upcalls that are not enqueued
 *   vswitchd.bpf.h  USDT probes that have to do with no upcall
 */
#include "pass-record.h"
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
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "kernel.bpf.h"
#include "bound.bpf.h"
#include "common.bpf.h"
#include "ring.bpf.h"
#include "ports.bpf.h"
#include "pages.bpf.h"
#include "vlan.bpf.h"
#include "filter.bpf.h"
#include "pass.bpf.h"
#include "config.bpf.h"
#include "slot.bpf.h"
#include "message.bpf.h"
#include "message-pages.bpf.h"
#include "args.bpf.h"
#include "handler.bpf.h"
#include "twin.bpf.h"
#include "print.bpf.h"
#include "batch.bpf.h"
#include "align.bpf.h"
#include "pending.bpf.h"
#include "buffer.bpf.h"
#include "unseen.bpf.h"
#include "recv.bpf.h"
#include "put-match.bpf.h"
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
    if (n_executing.n && cpu->tid) {
        h = handler_find__(cpu->tid, false);
        if (h && handler_executes_at(h, cpu->stack)) {
            cpu->parent = h->exec_id;
            cpu->nested = 1;
        }
    }
}

/* Sets 'pass' of 'cpu' to the pass that the packet is in. */
static __always_inline void
find_pass(struct upcall_cpu *cpu, const struct dp_upcall_info *info,
          bool direct)
{
    struct pass_cpu *pc = this_pass_cpu();

    cpu->track = 0;
    cpu->pass = (!pc ? 0
                 : info_is_miss(info, direct)
                 ? pass_find_missed(pc, cpu->stack, &cpu->track)
                 : pass_find_acting(pc, cpu->stack,
                                    info_action(info, &cpu->here, direct),
                                    &cpu->track));
}

/* Returns true if an upcall with these arguments of ovs_dp_upcall() may have
 * been chosen.  The message tells for sure. */
static __always_inline bool
may_be_chosen(const struct upcall_cpu *cpu, const struct entry_args *args,
              bool direct)
{
    return ((class_mask == ~0U
             || class_mask & (1U << info_class(args->info, direct)))
            && (!choose_ports || port_may_be_chosen(cpu->port_no))
            && (!target_netns || !netns_is_known(args)
                || args_netns(args, direct) == target_netns));
}

/* Notes for 'cpu' in which thread, where in its stack, and in which other
 * upcall and pass this one begins.  Returns true if it was chosen by the
 * filter: its packet matches, or it is nested in an upcall or a pass that was,
 * whose packet may have been changed since. */
static __always_inline bool
filter_chooses(struct upcall_cpu *cpu, void *ctx,
               const struct entry_args *args, bool direct)
{
    struct filter_buffer *b;

    address(&cpu->stack, ctx);
    cpu->tid = (__u32) bpf_get_current_pid_tgid();
    find_parent(cpu);
    if (passes) {
        find_pass(cpu, args->info, direct);
    }
    if (!filter_bytes || cpu->nested || (passes && cpu->pass)) {
        return true;
    }
    b = filter_buffer();
    return b && filter_matches(b, args->skb, direct);
}

/* Remembers the arguments of ovs_dp_upcall(). */
static __always_inline void
keep_args(struct upcall_cpu *cpu, const struct entry_args *args)
{
    address(&cpu->dp, args->dp);
    address(&cpu->skb, args->skb);
    address(&cpu->key, args->key);
    address(&cpu->info, args->info);
}

/* Remembers where the packet of 'args' has come from. */
static __always_inline void
keep_origin(struct upcall_cpu *cpu, const struct sk_buff *skb, bool direct)
{
    cpu->context_flags = find_context(cpu->stack);
    cpu->hash = GET(direct, skb, hash);
    cpu->rx_queue = GET(direct, skb, queue_mapping);
    cpu->napi_id = (bpf_core_field_exists(skb->napi_id)
                    ? GET(direct, skb, napi_id) : 0);
    if (cpu->napi_id <= n_cpus) {
        cpu->napi_id = 0;               /* It is the 'sender_cpu'. */
    }
}

/* 'direct' is a constant: whether the kernel knows the types of 'args'. */
static __always_inline int
upcall_entry(void *ctx, const struct entry_args *args, bool direct)
{
    struct upcall_cpu *cpu = this_cpu();
    struct sk_buff *skb = args->skb;

    cpu->port_no = key_in_port(args->key, direct);
    if (!enabled || !may_be_chosen(cpu, args, direct)
        || !filter_chooses(cpu, ctx, args, direct)) {
        cpu->ts = UPCALL_NOT_CHOSEN;
        return 0;
    }

    /* Bottom halves are disabled until ovs_dp_upcall() returns, so there is
     * one at a time on a CPU. */
    cpu->ts = bpf_ktime_get_ns();
    keep_args(cpu, args);
    cpu->portid = info_portid(args->info, direct);
    cpu->skb_len = GET(direct, skb, len);
    keep_origin(cpu, skb, direct);
    cpu->group = 0;
    cpu->id = 0;
    cpu->slot = 0;
    cpu->n_segments = 0;
    cpu->rejected = 0;
    get_comm(cpu->comm);
    cpu->hits[UPCALL_HOOK_UPCALL]++;
    if (info_is_miss(args->info, direct)) {
        cpu->misses++;
    }
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

/* An upcall has no record, at 'now': it is received soon. */
static __always_inline void
expect_unseen(__u64 now)
{
    if (unseen_until < now + UPCALL_UNSEEN_NS) {
        unseen_until = now + UPCALL_UNSEEN_NS;
    }
}

/* 'to' is the netlink message, complete but for the bytes of the packet, which
 * are about to be copied from 'from'. */
static __always_inline void
enqueue(struct upcall_cpu *cpu, struct sk_buff *to, struct sk_buff *from,
        bool direct)
{
    __u64 key = address(&cpu->netlink_skb, to);
    __u32 slot = forget(&cpu->here, slot_take(key));
    struct upcall_record *rec;
    __u32 linear;

    cpu->slot = 0;
    if (!slot) {
        expect_unseen(cpu->ts);
        COUNT(cpu->seen);
        COUNT(cpu->produced);
        COUNT(cpu->dropped[UPCALL_DROP_SLOTS_FULL]);
        return;
    }
    rec = slot_record(slot - 1);
    if (!rec) {
        return;
    }

    if (!msg_copy(rec, GET(direct, to, data), GET(direct, to, len),
                  cpu->port_no)) {
        slot_publish(slot - 1, UPCALL_SLOT_FREE);
        cpu->rejected = 1;
        return;
    }
    COUNT(cpu->seen);
    linear = GET(direct, from, len) - GET(direct, from, data_len);
    msg_copy_packet(rec, GET(direct, from, data), linear);
    msg_append_pages(rec, from, linear, direct);
    record_init(rec, cpu);
    record_set_segment(rec, cpu);
    rec->flags |= UPCALL_F_ENQUEUED;
    rec->portid = cpu->portid;
    rec->enqueue_ts = bpf_ktime_get_ns();
    cpu->id = rec->id;
    cpu->slot = slot;
    slot_publish(slot - 1, key);
}

/* The context of the program at the entry can be so much deeper in the stack
 * than that of a program inside, where a tracepoint calls it. */
#define ENTRY_DEPTH_MAX 1024

/* Returns true if the program with context 'ctx' runs inside the upcall in
 * progress on 'cpu'.  If the program at the return of an earlier one was not
 * run, this may be of somebody else: skb_zerocopy() has another caller,
 * nfqnl_build_packet_message() in net/netfilter/nfnetlink_queue.c. */
static __always_inline bool
is_in_upcall(struct upcall_cpu *cpu, void *ctx)
{
    return (cpu->ts > UPCALL_NOT_CHOSEN
            && is_deeper(address(&cpu->here, ctx),
                         cpu->stack + ENTRY_DEPTH_MAX));
}

static __always_inline int
enqueue_entry(void *ctx, struct sk_buff *to, struct sk_buff *from, bool direct)
{
    struct upcall_cpu *cpu = this_cpu();

    if (is_in_upcall(cpu, ctx)) {
        cpu->n_segments++;
        cpu->hits[UPCALL_HOOK_ENQUEUE]++;
        enqueue(cpu, to, from, direct);
    }
    return 0;
}

/* The upcall that returns now was not seen to begin, or no message of it was:
 * a program was not run. */
static __always_inline void
count_missed(struct upcall_cpu *cpu)
{
    expect_unseen(bpf_ktime_get_ns());
    COUNT(cpu->seen);
    COUNT(cpu->produced);
    COUNT(cpu->dropped[UPCALL_DROP_PROGRAM_MISSED]);
}

/* The same for one whose entry was not seen.  That is not so of the one that
 * was in progress on this CPU when the programs were attached. */
static __always_inline void
miss_entry(struct upcall_cpu *cpu, const struct entry_args *args, bool known)
{
    struct upcall_args a;

    if (!enabled || !cpu->has_returned) {
        return;
    }
    if (known) {
        args_read(&a, args);
        if (!args_chosen(&a)) {
            return;
        }
    }
    count_missed(cpu);
}

/* 'direct' is a constant: whether the kernel knows the types of 'args', and
 * that they are those of this upcall.  Else they are only if its entry was
 * seen. */
static __always_inline int
upcall_return__(const struct entry_args *args, int ret, bool direct)
{
    struct upcall_cpu *cpu = this_cpu();
    __u64 ts = cpu->ts;

    if (ts <= UPCALL_NOT_CHOSEN) {
        if (!ts) {
            miss_entry(cpu, args, direct);
        }
        cpu->has_returned = 1;
        return 0;
    }
    cpu->has_returned = 1;
    cpu->hits[UPCALL_HOOK_RETURN]++;

    if (ret < 0) {
        cpu->losses++;
    }
    if (ret < 0 && cpu->n_segments
        && (!cpu->group || refused_by_socket(ret))) {
        if (cpu->slot) {
            lose_queued(cpu, cpu->slot - 1, ret);
        }
    } else if (ret < 0) {
        if (!cpu->rejected) {
            lose_early(cpu, args, ret, direct);
        }
    } else if (cpu->slot) {
        struct upcall_record *rec = slot_record(cpu->slot - 1);

        /* The handler may be done with the upcall already. */
        if (rec) {
            __u64 tag = UPCALL_RET_TAG(cpu->id);
            __u32 ns = bpf_ktime_get_ns() - ts;

            __sync_val_compare_and_swap(&rec->ret_word, tag, tag | ns);
        }
    } else if (!cpu->n_segments) {
        count_missed(cpu);
    }
    wake_reader();
    return 0;
}

static __always_inline int
upcall_return(const struct entry_args *args, int ret, bool direct)
{
    struct pass_cpu *pc = passes ? this_pass_cpu() : NULL;
    struct upcall_cpu *cpu = this_cpu();
    bool chosen = cpu->ts > UPCALL_NOT_CHOSEN;

    upcall_return__(args, ret, direct);
    cpu->ts = 0;
    if (pc && pc->has_miss) {
        pass_end_miss(pc, !chosen ? 0 : cpu->group ? cpu->group : cpu->id);
    }
    return 0;
}

/* Trampolines: the quickest, where the module has BTF. */

#define ENTRY_ARGS \
    struct entry_args args = { .dp = dp, .skb = skb, .key = key, .info = info }

SEC("fentry/ovs_dp_upcall")
int BPF_PROG(upcall_fentry, const struct datapath *dp, struct sk_buff *skb,
             const struct sw_flow_key *key, const struct dp_upcall_info *info)
{
    ENTRY_ARGS;

    return upcall_entry(ctx, &args, true);
}

SEC("fexit/ovs_dp_upcall")
int BPF_PROG(upcall_fexit, const struct datapath *dp, struct sk_buff *skb,
             const struct sw_flow_key *key, const struct dp_upcall_info *info,
             __u32 cutlen, int ret)
{
    ENTRY_ARGS;

    return upcall_return(&args, ret, true);
}

/* Bottom halves are disabled in upcalls, so no other upcall interrupts this
 * program. */
SEC("fentry/skb_zerocopy")
int BPF_PROG(enqueue_fentry, struct sk_buff *to, struct sk_buff *from)
{
    return enqueue_entry(ctx, to, from, true);
}

SEC("fexit/skb_recv_datagram")
int BPF_PROG(recv_fexit, struct sock *sk)
{
    if (twins) {
        forgo_private_stack(ctx, recv_programs);
    }
    return recv_return(ctx, sk, twin_number());
}

SEC("fexit/skb_recv_datagram")
int BPF_PROG(recv_twin, struct sock *sk)
{
    if (recv_is_for_twin(ctx, sk)) {
        bpf_tail_call(ctx, &recv_programs, 0);
    }
    return 0;
}

SEC("fentry/ovs_flow_cmd_new")
int BPF_PROG(put_fentry, struct sk_buff *skb, struct genl_info *info)
{
    if (twins) {
        forgo_private_stack(ctx, put_programs);
    }
    return put_entry(info->nlhdr, info->nlhdr->nlmsg_len, twin_number());
}

SEC("fentry/ovs_flow_cmd_new")
int BPF_PROG(put_twin, struct sk_buff *skb, struct genl_info *info)
{
    struct upcall_handler *h = handler_find();

    if (h && request_is_for_twin(h, &h->put, info->nlhdr)) {
        bpf_tail_call(ctx, &put_programs, 0);
        h->called_by_twin = 0;
    }
    return 0;
}

#define PUT_FEXIT(NAME, WHICH)                                              \
SEC("fexit/ovs_flow_cmd_new")                                               \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info, int ret)    \
{                                                                           \
    return put_return(ret, WHICH);                                          \
}
PUT_FEXIT(put_fexit, 1)
PUT_FEXIT(put_return_twin, 2)

SEC("fentry/ovs_packet_cmd_execute")
int BPF_PROG(exec_fentry, struct sk_buff *skb, struct genl_info *info)
{
    if (twins) {
        forgo_private_stack(ctx, exec_programs);
    }
    return exec_entry(ctx, info->nlhdr, info->nlhdr->nlmsg_len,
                      twin_number());
}

SEC("fentry/ovs_packet_cmd_execute")
int BPF_PROG(exec_twin, struct sk_buff *skb, struct genl_info *info)
{
    struct upcall_handler *h = handler_find();

    if (h && request_is_for_twin(h, &h->exec, info->nlhdr)) {
        bpf_tail_call(ctx, &exec_programs, 0);
        h->called_by_twin = 0;
    }
    return 0;
}

#define EXEC_FEXIT(NAME, WHICH)                                             \
SEC("fexit/ovs_packet_cmd_execute")                                         \
int BPF_PROG(NAME, struct sk_buff *skb, struct genl_info *info, int ret)    \
{                                                                           \
    return exec_return(ret, WHICH);                                         \
}
EXEC_FEXIT(exec_fexit, 1)
EXEC_FEXIT(exec_return_twin, 2)

/* The same by raw tracepoint and kprobe, for a module or a kernel where that
 * is not possible.  The tracepoint needs no BTF, and is there even where the
 * compiler has inlined the function. */

SEC("raw_tp/ovs_dp_upcall")
int BPF_PROG(upcall_raw_tp, const struct datapath *dp, struct sk_buff *skb,
             const struct sw_flow_key *key, const struct dp_upcall_info *info)
{
    ENTRY_ARGS;

    return upcall_entry(ctx, &args, false);
}

SEC("kretprobe/ovs_dp_upcall")
int BPF_KRETPROBE(upcall_kretprobe, int ret)
{
    const struct upcall_cpu *cpu = this_cpu();
    struct entry_args args = {
        .dp = (const void *) cpu->dp, .skb = (void *) cpu->skb,
        .key = (const void *) cpu->key, .info = (const void *) cpu->info,
    };

    return upcall_return(&args, ret, false);
}

SEC("kprobe/skb_zerocopy")
int BPF_KPROBE(enqueue_kprobe, struct sk_buff *to, struct sk_buff *from)
{
    return enqueue_entry(ctx, to, from, false);
}

SEC("kprobe/skb_recv_datagram")
int BPF_KPROBE(recv_kprobe, struct sock *sk, unsigned int flags, void *third,
               void *fourth)
{
    return recv_entry(sk, (__u64) third, (__u64) fourth);
}

SEC("kretprobe/skb_recv_datagram")
int BPF_KRETPROBE(recv_kretprobe, struct sk_buff *skb)
{
    return recv_kreturn(skb);
}

SEC("kprobe/ovs_flow_cmd_new")
int BPF_KPROBE(put_kprobe, struct sk_buff *skb, struct genl_info *info)
{
    struct nlmsghdr *nlh = BPF_CORE_READ(info, nlhdr);

    return put_entry(nlh, BPF_CORE_READ(nlh, nlmsg_len), 1);
}

SEC("kretprobe/ovs_flow_cmd_new")
int BPF_KRETPROBE(put_kretprobe, int ret)
{
    return put_return(ret, 1);
}

SEC("kprobe/ovs_packet_cmd_execute")
int BPF_KPROBE(exec_kprobe, struct sk_buff *skb, struct genl_info *info)
{
    struct nlmsghdr *nlh = BPF_CORE_READ(info, nlhdr);

    return exec_entry(ctx, nlh, BPF_CORE_READ(nlh, nlmsg_len), 1);
}

SEC("kretprobe/ovs_packet_cmd_execute")
int BPF_KRETPROBE(exec_kretprobe, int ret)
{
    return exec_return(ret, 1);
}

/* USDT probes. */

SEC("uprobe")
int usdt_recv_upcall(struct pt_regs *ctx)
{
    forgo_private_stack(ctx, uprobe_programs);
    return usdt_recv(ctx);
}

SEC("uprobe")
int usdt_op_flow_put(struct pt_regs *ctx)
{
    forgo_private_stack(ctx, uprobe_programs);
    return usdt_put(ctx);
}

SEC("uprobe")
int usdt_op_flow_execute(struct pt_regs *ctx)
{
    forgo_private_stack(ctx, uprobe_programs);
    return usdt_exec(ctx);
}

/* The kernel gives the helpers that read its memory to programs under the GPL
 * only, which these are, see the first line. */
char LICENSE[] SEC("license") = "GPL";
