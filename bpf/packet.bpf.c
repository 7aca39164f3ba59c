/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The programs of the packet tier (start --datapath), which run for every
 * packet in the datapath, so they are loaded only if asked for:
 *
 *   ovs_dp_process_packet() entered        a pass begins: time, packet
 *     ovs_flow_tbl_lookup_stats() left     lookup: flow, actions; the record
 *   ovs_packet_cmd_execute()               an execute: entered, left
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
 *   pass-executed.bpf.h what else there is with --datapath=actions: programs
 *                       that see which actions are executed, what becomes of
 *                       the packet, and the end of a pass
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
#include "pass-executed.bpf.h"

/* Of the packets that come to the datapath, one in so many is recorded, with
 * all of its passes. */
SETTING __u32 sample_every = 1;

/* Changes whenever a datapath comes or goes: then another may have the address
 * of one that was known. */
__u32 dp_epoch = 0;

/* DP_MAX_PORTS of net/openvswitch/vport.h: no port. */
#define NO_PORT 0xffff

/* Returns true if the packet 'skb' that comes to the datapath with 'key' is to
 * be recorded, whatever it was before: one that was recirculated may have been
 * chosen then, and is not chosen now if it is one of a sample. */
static __always_inline bool
is_chosen(struct pass_cpu *pc, struct sk_buff *skb,
          const struct sw_flow_key *key)
{
    if ((choose_ports && !port_may_be_chosen(key->phy.in_port))
        || (filter_bytes && !filter_matches(skb, true))) {
        return false;
    }
    return (sample_every <= 1
            || (!key->recirc_id && pc->n_matched++ % sample_every == 0));
}

/* Fills in what is known of the pass of 'skb' when it begins. */
static __always_inline void
begin_record(struct pass_record *rec, const struct pass_frame *f, __u64 below,
             __u64 stack, struct sk_buff *skb, struct sw_flow_key *key)
{
    rec->head = PASS_RECORD | f->id;
    rec->root = f->root;
    rec->track = f->track;
    rec->below = below;
    rec->upcall = 0;
    rec->flags = below ? PASS_F_BELOW : 0;
    rec->flags |= pass_context(stack) | (executed ? PASS_F_EXECUTED : 0);
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

/* Returns 'track', that of the pass or execute within which the pass of a
 * packet that was recirculated begins, or PASS_NO_TRACK if that may be another
 * packet.  That is so if some packet has come to a datapath within the
 * outermost pass or, if it is not NULL, the execute 'e': what the passes of
 * that put off is executed by the outermost one. */
static __always_inline __u64
track_within(const struct pass_cpu *pc, const struct pass_execute *e,
             __u64 track)
{
    __u64 began = e ? e->ts : pc->frames[0].ts;

    return pc->first_ts > began ? PASS_NO_TRACK : track;
}

/* Stores in '*below', '*root' and '*track' the numbers of the pass or execute
 * within which the pass of a packet that was recirculated begins at 'stack',
 * of the outermost one, and of the first one of its packet; 0 if they are not
 * known or not recorded. */
static __always_inline void
find_below(struct pass_cpu *pc, __u64 stack, __u64 *below, __u64 *root,
           __u64 *track)
{
    struct pass_execute *e;
    struct pass_frame *f = pass_find_around(pc, stack, &e);

    if (f) {
        *below = f->id;
        *root = f->root;
        *track = track_within(pc, e, f->track);
        return;
    }
    if (executed && e) {
        if (!e->is_written) {
            f = executed_begin_execute(pc, e);
            executed_is_missed(f);
        }
        *below = *root = e->id;
        *track = track_within(pc, e, execute_track(e));
    } else if (e && execute_is_chosen(e)) {
        *below = *root = execute_id(pc, e);
        *track = track_within(pc, e, execute_track(e));
        execute_write_first(pc, e);
    }
}

/* Returns true if a pass that begins at 'stack' and is not recorded needs a
 * frame all the same: without one, what is within it would seem to be of what
 * is around it.  With --datapath=actions, it is also the end of the outermost
 * one that shows when all that was put off has been executed. */
static __always_inline bool
needs_frame(const struct pass_cpu *pc, __u64 stack)
{
    return (pc->n_frames || executed
            || (find_context(stack) == UPCALL_F_PROCESS
                && pass_execute_around(stack)));
}

SEC("fentry/ovs_dp_process_packet")
int BPF_PROG(pass_begin, struct sk_buff *skb, struct sw_flow_key *key)
{
    struct pass_cpu *pc = this_pass_cpu();
    __u64 stack, below = 0, root = 0, track = 0;
    struct pass_record *rec;
    struct pass_frame *f;
    bool chosen;

    if (!pc || !enabled) {
        return 0;
    }
    if (pc->has_miss || pc->is_open) {
        end_last(pc);
    }
    stack = address(&pc->here, ctx);
    if (key->recirc_id) {
        find_below(pc, stack, &below, &root, &track);
    } else if (pc->n_frames) {
        pass_around(pc, stack);
    }
    if (executed && !pc->n_frames) {
        executed_flush(pc, PASS_F_EXECUTED_CUT);
    }
    chosen = below || (!root && is_chosen(pc, skb, key));
    if (!chosen && !needs_frame(pc, stack)) {
        return 0;
    }
    f = push_frame(pc, stack, bpf_ktime_get_ns(),
                   chosen ? pass_next_id(pc) : 0, root, track);
    if (!key->recirc_id) {
        pc->first_ts = f->ts;
    }
    rec = !chosen ? NULL : executed ? executed_hold(pc, f) : pass_slot(false);
    if (rec) {
        pc->hits[PASS_HOOK_PROCESS]++;
        pc->is_open = 1;
        address(&pc->key, key);
        rec->ts = f->ts;
        if (executed) {
            pc->open_place = f->place;
            executed_packet_is(pc, f, skb);
        }
        begin_record(rec, f, below, stack, skb, key);
    }
    return 0;
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
add_flow(struct pass_record *rec, struct pass_frame *f, struct sw_flow *flow)
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

SEC("fexit/ovs_flow_tbl_lookup_stats")
int BPF_PROG(pass_lookup, struct flow_table *table,
             const struct sw_flow_key *key, __u32 skb_hash, __u32 *masks,
             __u32 *cache, struct sw_flow *flow)
{
    struct pass_cpu *pc = this_pass_cpu();
    struct pass_record *rec;
    struct pass_frame *f;

    if (!pc || !pc->is_open || address(&pc->here, key) != pc->key) {
        return 0;
    }
    pc->is_open = 0;
    rec = pass_open(pc);
    if (!rec) {
        return 0;
    }
    f = &pc->frames[MODULO(pc->n_frames - 1, PASS_FRAMES_MAX)];
    find_datapath(pc, table);
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
    rec->actions_total = 0;
    add_counts(rec, masks, cache);
    if (flow) {
        rec->lookup = PASS_HIT;
        add_flow(rec, f, flow);
        if (executed) {
            executed_actions_are(pc, f);
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

SEC("fentry/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_begin, struct sk_buff *skb, struct genl_info *info)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc && enabled ? execute_begin(pc, ctx, info) : 0;
}

SEC("fexit/ovs_packet_cmd_execute")
int BPF_PROG(pass_execute_end, struct sk_buff *skb, struct genl_info *info,
             int ret)
{
    struct pass_cpu *pc = this_pass_cpu();

    return pc ? execute_end(pc, info, ret) : 0;
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
