/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The programs of the packet tier (start --datapath), which run for every
 * packet in the datapath, so they are loaded only if asked for:
 *
 *   ovs_dp_process_packet() entered        a pass begins: time, packet
 *     ovs_flow_tbl_lookup_stats() left     lookup: flow, actions; the record
 *   ovs_packet_cmd_execute()               an execute: entered, left
 *   ovs_dp_cmd_new() entered               another datapath
 *
 * and with --datapath=actions:
 *
 *   openvswitch:ovs_do_execute_action      an action is executed
 *     ovs_ct_execute(), ovs_meter_execute() left   what came of it
 *     skb:kfree_skb                        a packet is dropped
 *   ovs_execute_actions() left             the end of an execute
 *   ovs_dp_process_packet() left           the end of a pass; the records
 *
 * The record of a miss waits for the number of its upcall, which comes next on
 * the same CPU (pass_end_miss() in upcall.bpf.c).  They need the BTF of the
 * module openvswitch.
 *
 *   filter.bpf.h        which packets are chosen by their bytes
 *   pass.bpf.h          what is shared with upcall.bpf.c
 *   pass-packet.bpf.h   the bytes of packets
 *   pass-execute.bpf.h  executes
 *   pass-pointed.bpf.h  what the actions of flows point to
 *   pass-executed.bpf.h what else there is with --datapath=actions: programs
 *                       that see which actions are executed, what becomes of
 *                       the packet, and the end of a pass
 *   pass-begin.bpf.h    which packets are recorded, and where passes begin
 */
#include "pass-record.h"

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
#include "pass-packet.bpf.h"
#include "pass-execute.bpf.h"
#include "pass-pointed.bpf.h"
#include "pass-executed.bpf.h"
#include "pass-begin.bpf.h"

/* Changes whenever a datapath is made: that may have the address of one that
 * was known. */
__u32 dp_epoch = 0;

/* DP_MAX_PORTS of net/openvswitch/vport.h: no port. */
#define NO_PORT 0xffff

/* Few packets may be chosen.  What is to be done for others is done with few
 * instructions, and what is not is in other functions, so that the compiler
 * does not prepare for it; they look whether the trace has begun, too. */
SEC("fentry/ovs_dp_process_packet")
int BPF_PROG(pass_begin, struct sk_buff *skb, struct sw_flow_key *key)
{
    struct pass_cpu *pc = this_pass_cpu();
    enum pass_begins where = BEGINS_FREE;
    bool chosen;

    if (!pc) {
        return 0;
    }
    if (executed || pc->in_progress || n_pass_executes.n) {
        where = look_around(ctx, pc);
    }
    chosen = (where == BEGINS_WITHIN
              || (where != BEGINS_WITHIN_UNSEEN && is_chosen(pc, skb, key)));
    return (chosen || (where != BEGINS_FREE && needs_frame(pc))
            ? begin_pass(ctx, pc, where, chosen) : 0);
}

/* Finds out which datapath has 'table'. */
static __always_inline void
find_datapath(struct pass_cpu *pc, const struct flow_table *table)
{
    __u64 dp_addr = (address(&pc->there, table)
                     - bpf_core_field_offset(struct datapath, table));
    const struct datapath *dp = (const void *) dp_addr;

    if (dp_addr != pc->dp || dp_epoch != pc->dp_epoch || !pc->dp_ifindex) {
        pc->dp = dp_addr;
        pc->dp_epoch = dp_epoch;
        pc->dp_ifindex = dp_get_ifindex(dp);
        pc->dp_netns = BPF_CORE_READ(dp, net.net, ns.inum);
    }
}

/* Returns true if a pass in the datapath of 'pc' from 'port_no' is to be
 * recorded. */
static __always_inline bool
datapath_is_chosen(const struct pass_cpu *pc, __u32 port_no)
{
    return ((!target_netns || pc->dp_netns == target_netns)
            && port_is_chosen(pc->dp_ifindex, port_no));
}

/* Adds what the lookup has found to 'rec', and to its frame 'f'. */
static __always_inline void
add_flow(struct pass_cpu *pc, struct pass_record *rec, struct pass_frame *f,
         struct sw_flow *flow)
{
    const struct sw_flow_actions *acts = flow->sf_acts;
    __u32 *ufid = (__u32 *) rec->ufid;
    __u32 ofs = ALIGN8(rec->packet_kept);
    __u32 n = acts->actions_len;

    if (flow->id.ufid_len == sizeof rec->ufid) {
        ufid[0] = flow->id.ufid[0];
        ufid[1] = flow->id.ufid[1];
        ufid[2] = flow->id.ufid[2];
        ufid[3] = flow->id.ufid[3];
        rec->flags |= PASS_F_UFID;
    }
    f->actions_end = address(&f->actions, acts->actions) + n;
    rec->actions_total = n;
    rec->flags |= PASS_F_ACTIONS;
    if (n > PASS_ACTIONS_MAX) {
        n = PASS_ACTIONS_MAX;
        rec->flags |= PASS_F_ACTIONS_CUT;
    }
    if (read_kernel(rec->data + bounded(ofs, snap_max), n, PASS_ACTIONS_MAX,
                    acts->actions)) {
        rec->actions_len = n;
        if (n >= POINTED_LEAST) {
            read_pointed(pc, rec);
        }
    } else {
        rec->flags |= PASS_F_ACTIONS_CUT;
    }
}

/* Adds what the lookup has counted: 'masks' and 'cache' are variables of
 * ovs_dp_process_packet(), beside each other in the kernels that were seen. */
static __always_inline void
add_counts(struct pass_record *rec, const __u32 *masks, const __u32 *cache)
{
    bpf_probe_read_kernel(&rec->masks, sizeof rec->masks, masks);
    bpf_probe_read_kernel(&rec->cache, sizeof rec->cache, cache);
}

/* The arguments of ovs_flow_tbl_lookup_stats(), and what it returns. */
enum { LOOKUP_TABLE, LOOKUP_KEY, LOOKUP_HASH, LOOKUP_MASKS, LOOKUP_CACHE,
       LOOKUP_FLOW };

/* The lookup of the pass that began last on 'pc', that in 'ctx', is over. */
static __noinline int
end_lookup(unsigned long long *ctx, struct pass_cpu *pc)
{
    const struct sw_flow_key *key = (const void *) ctx[LOOKUP_KEY];
    struct sw_flow *flow = (void *) ctx[LOOKUP_FLOW];
    struct pass_record *rec;
    struct pass_frame *f;

    if (address(&pc->here, key) != pc->key) {
        return 0;
    }
    pc->is_open = 0;
    rec = pass_open(pc);
    if (!rec) {
        return 0;
    }
    f = &pc->frames[MODULO(pc->n_frames - 1, PASS_FRAMES_MAX)];
    find_datapath(pc, (const struct flow_table *) ctx[LOOKUP_TABLE]);
    rec->port_no = key->phy.in_port;
    if (!datapath_is_chosen(pc, rec->port_no)) {
        f->id = 0;
        if (executed) {
            executed_release(pc, f);
        }
        return 0;
    }
    pc->hits[PASS_HOOK_LOOKUP]++;
    rec->dp_ifindex = pc->dp_ifindex;
    if (rec->dp_ifindex) {
        rec->flags |= PASS_F_DP;
    }
    if (rec->port_no != NO_PORT) {
        rec->flags |= PASS_F_PORT;
    }
    rec->lookup_ns = bpf_ktime_get_ns() - rec->ts;
    rec->actions_len = 0;
    rec->pointed_len = 0;
    rec->actions_total = 0;
    add_counts(rec, (const __u32 *) ctx[LOOKUP_MASKS],
               (const __u32 *) ctx[LOOKUP_CACHE]);
    if (flow) {
        rec->lookup = PASS_HIT;
        add_flow(pc, rec, f, flow);
        if (executed) {
            executed_set_actions(pc, f);
        } else {
            pass_submit(pc, rec);
            wake_reader();
        }
    } else {
        rec->lookup = PASS_MISS;
        pc->has_miss = 1;
    }
    return 0;
}

SEC("fexit/ovs_flow_tbl_lookup_stats")
int
pass_lookup(unsigned long long *ctx)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc && pc->is_open ? end_lookup(ctx, pc) : 0;
}

/* The old one has gone when the memory for the new one is allocated. */
SEC("fentry/ovs_dp_cmd_new")
int BPF_PROG(pass_new_datapath, struct sk_buff *skb, struct genl_info *info)
{
    struct pass_cpu *pc = this_pass_cpu();

    __sync_fetch_and_add(&dp_epoch, 1);
    if (pc) {
        COUNT(pc->hits[PASS_HOOK_NEW_DATAPATH]);
    }
    return 0;
}

/* Executes can be preempted, so that these have twins, see twin.bpf.h.  Of two
 * at the same place, the one that is defined last is attached last, so that it
 * runs first (attach_packet_attach()): at the entry that has to be the one
 * which the twin asks about. */

SEC("fentry/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_twin, struct sk_buff *skb, struct genl_info *info)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc && enabled ? execute_begin(pc, ctx, info, true) : 0;
}

SEC("fentry/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_begin, struct sk_buff *skb, struct genl_info *info)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc && enabled ? execute_begin(pc, ctx, info, false) : 0;
}

SEC("fexit/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_end, struct sk_buff *skb, struct genl_info *info,
             int ret)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc ? execute_end(pc, info, ret, PASS_SLOT_EXECUTE) : 0;
}

SEC("fexit/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_end_twin, struct sk_buff *skb,
             struct genl_info *info, int ret)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc ? execute_end(pc, info, ret, PASS_SLOT_EXECUTE_TWIN) : 0;
}

/* With --datapath=actions. */

SEC("tp_btf/ovs_do_execute_action")
int BPF_PROG(pass_action, struct datapath *dp, struct sk_buff *skb,
             struct sw_flow_key *key, const struct nlattr *a, int rem)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;

    /* To the verifier, arguments of a module's tracepoint may be NULL (Linux
     * 6.14 and some before). */
    if (!pc || !enabled || !skb || !a) {
        return 0;
    }
    f = executed_frame(pc, address(&pc->here, ctx));
    if (f) {
        pc->hits[PASS_HOOK_ACTION]++;
        executed_add(pc, f, skb, a);
    }
    return 0;
}

SEC("fexit/ovs_ct_execute")
int BPF_PROG(pass_ct, struct net *net, struct sk_buff *skb,
             struct sw_flow_key *key, const struct ovs_conntrack_info *info,
             int ret)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;

    if (!pc || !pc->n_frames) {
        return 0;
    }
    f = executed_top(pc, address(&pc->here, ctx));
    if (f && address(&pc->there, info) == f->action + sizeof(struct nlattr)) {
        pc->hits[PASS_HOOK_CT]++;
        executed_result(f, OVS_ACTION_ATTR_CT, ret);
    }
    return 0;
}

SEC("fexit/ovs_meter_execute")
int BPF_PROG(pass_meter, struct datapath *dp, struct sk_buff *skb,
             struct sw_flow_key *key, __u32 meter_id, __u8 ret)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;

    if (!pc || !pc->n_frames) {
        return 0;
    }
    f = executed_top(pc, address(&pc->here, ctx));
    if (f) {
        pc->hits[PASS_HOOK_METER]++;
        executed_result(f, OVS_ACTION_ATTR_METER,
                        ret ? PASS_METER_DROPS : 0);
    }
    return 0;
}

/* The packet of an execute is done with here: bottom halves are enabled before
 * ovs_packet_cmd_execute() is left, and other packets may come then. */
SEC("fexit/ovs_execute_actions")
int BPF_PROG(pass_actions_end, struct datapath *dp, struct sk_buff *skb,
             const struct sw_flow_actions *acts, struct sw_flow_key *key,
             int ret)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;

    if (!pc || !pc->n_frames || !pc->frames[0].is_execute) {
        return 0;
    }
    f = pass_around(pc, address(&pc->here, ctx));
    if (f && f->is_execute) {
        pc->hits[PASS_HOOK_ACTIONS_RETURN]++;
        executed_end(pc, f, ret);
    }
    return 0;
}

SEC("fexit/ovs_dp_process_packet")
int BPF_PROG(pass_end, struct sk_buff *skb, struct sw_flow_key *key)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;
    __u64 stack;

    if (!pc || !pc->n_frames) {
        return 0;
    }
    if (pc->has_miss || pc->is_open) {
        end_last(pc);
    }
    stack = address(&pc->here, ctx);
    f = pass_around(pc, stack - 1);
    if (f && f->stack == stack) {
        pc->hits[PASS_HOOK_PROCESS_RETURN]++;
        executed_end(pc, f, 0);
    } else if (!pc->n_frames && pc->n_held) {
        executed_flush(pc, PASS_F_EXECUTED_CUT);
    }
    return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(pass_drop, struct sk_buff *skb, void *location, __u32 reason)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_frame *f;

    if (!pc || !pc->n_frames || !skb) {
        return 0;
    }
    f = executed_top(pc, address(&pc->drop_here, ctx));
    if (f) {
        executed_drop(pc, f, skb, address(&pc->drop_here, skb), reason);
    }
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
