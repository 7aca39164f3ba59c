/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Empty programs on the hooks of upcall.bpf.c.  What they cost, no tracer on
 * these hooks can avoid: utilities/dev/bench compares with that.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#define EMPTY(NAME, SECTION)                    \
SEC(SECTION)                                    \
int NAME(void *ctx)                             \
{                                               \
    return 0;                                   \
}

EMPTY(upcall, "fentry/ovs_dp_upcall")
EMPTY(enqueue, "fentry/skb_zerocopy")
EMPTY(upcall_return, "fexit/ovs_dp_upcall")
EMPTY(recv, "fexit/skb_recv_datagram")
EMPTY(put, "fentry/ovs_flow_cmd_new")
EMPTY(put_return, "fexit/ovs_flow_cmd_new")
EMPTY(exec, "fentry/ovs_packet_cmd_execute")
EMPTY(exec_return, "fexit/ovs_packet_cmd_execute")

EMPTY(usdt_exec, "usdt")

char LICENSE[] SEC("license") = "GPL";
