/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of one upcall, and everything else that the BPF programs and the
 * user space part have to agree on.  Both include this and vswitchd-record.h
 * only: they use nothing but the kernel's fixed-size types.
 *
 * One 'struct upcall_record' is assembled in the kernel for each netlink
 * message that carries an upcall (so for each segment of a GSO packet), and
 * is submitted once, when the upcall has come to its end.
 */
#ifndef BPF_UPCALL_RECORD_H
#define BPF_UPCALL_RECORD_H 1

#include <linux/types.h>

#define UPCALL_COMM_LEN 16      /* TASK_COMM_LEN of the kernel. */

/* How an upcall came to its end, exactly one for each.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_OUTCOMES                                                     \
    X(EXECUTED, "executed", "the packet was executed in the datapath")      \
    X(INSTALLED, "installed", "a flow was put, there was nothing to execute") \
    X(CONSUMED, "consumed", "received, handled without flow or execute")    \
    X(FAILED, "failed", "the kernel refused to execute the packet")         \
    X(LOST, "lost", "not enqueued to the handler's socket")                 \
    X(ABANDONED, "abandoned", "enqueued and never received")

enum upcall_outcome {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_##ENUM,
    UPCALL_OUTCOMES
#undef X
    UPCALL_N_OUTCOMES
};

/* In place of an outcome: the trace was stopped before the upcall ended, or
 * what its handler executed could not be attributed. */
#define UPCALL_OUTCOME_UNKNOWN UPCALL_N_OUTCOMES

/* Why the packet was sent to user space.  Read from the netlink command and,
 * for an action, from the type of the cookie in the userdata (struct
 * user_action_cookie in lib/odp-util.h of OVS 3.1 to 4.0).
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_CLASSES                                                  \
    X(MISS, "miss", "no flow matched the packet")                       \
    X(SLOW_PATH, "slow_path", "the flow's action needs user space")     \
    X(CONTROLLER, "controller", "for an OpenFlow controller")           \
    X(SFLOW, "sflow", "an sFlow sample")                                \
    X(IPFIX, "ipfix", "an IPFIX sample of a bridge")                    \
    X(FLOW_SAMPLE, "flow_sample", "an IPFIX sample of a flow")          \
    X(ACTION, "action", "another userspace action")

enum upcall_class {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_CLASS_##ENUM,
    UPCALL_CLASSES
#undef X
    UPCALL_N_CLASSES
};

/* Why a record, or an upcall that should have become one, was dropped.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_DROPS                                                        \
    X(RING_FULL, "ring_full", "the ring buffer was full")                   \
    X(SLOTS_FULL, "slots_full", "too many upcalls in flight")               \
    X(HANDLERS_FULL, "handlers_full", "too many handler threads")           \
    X(PROGRAM_MISSED, "program_missed", "a BPF program was not run")        \
    X(STOPPED, "stopped", "came after the last one asked for")

enum upcall_drop {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_DROP_##ENUM,
    UPCALL_DROPS
#undef X
    UPCALL_N_DROPS
};

/* The hooks, in the order in which an upcall meets them: first those in the
 * kernel, whose name is that of the function (or of the tracepoint in it),
 * then the USDT probes of ovs-vswitchd (--track=full has the last, --track=all
 * has all), with PROVIDER:NAME.
 *
 * X(ENUM, NAME, WHERE) */
#define UPCALL_HOOKS                                                    \
    X(UPCALL, "ovs_dp_upcall", "entry")                                 \
    X(ENQUEUE, "skb_zerocopy", "entry")                                 \
    X(RETURN, "ovs_dp_upcall", "exit")                                  \
    X(RECV, "skb_recv_datagram", "exit")                                \
    X(PUT, "ovs_flow_cmd_new", "entry")                                 \
    X(PUT_RETURN, "ovs_flow_cmd_new", "exit")                           \
    X(EXEC, "ovs_packet_cmd_execute", "entry")                          \
    X(EXEC_RETURN, "ovs_packet_cmd_execute", "exit")                    \
    X(USDT_RECV, "dpif_recv:recv_upcall", "usdt")                       \
    X(USDT_PUT, "dpif_netlink_operate__:op_flow_put", "usdt")           \
    X(USDT_EXEC, "dpif_netlink_operate__:op_flow_execute", "usdt")

enum upcall_hook {
#define X(ENUM, NAME, WHERE) UPCALL_HOOK_##ENUM,
    UPCALL_HOOKS
#undef X
    UPCALL_N_HOOKS
};

/* The first hook in ovs-vswitchd. */
#define UPCALL_HOOK_FIRST_USDT UPCALL_HOOK_USDT_RECV

/* By what the stages of an upcall were linked.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_RULES                                                          \
    X(POINTER, "pointer", "the address of the netlink skb or of the packet")  \
    X(KEY, "key", "all bytes of the flow key, in the handler thread")         \
    X(PACKET, "packet", "the packet's bytes, in the handler thread")          \
    X(ORDER, "order", "the only upcall of the handler that it can be of")

enum upcall_rule {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_RULE_##ENUM,
    UPCALL_RULES
#undef X
    UPCALL_N_RULES
};

/* Where the USDT tier says another upcall than the kernel tier ('conflicts' of
 * struct upcall_record has a bit (1 << enum upcall_conflict) for each).
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_CONFLICTS                                                \
    X(RECV, "upcall_recv", "another upcall was received")               \
    X(EXEC, "flow_exec", "an execute was sent for another upcall")

enum upcall_conflict {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_CONFLICT_##ENUM,
    UPCALL_CONFLICTS
#undef X
    UPCALL_N_CONFLICTS
};

/* What is known of an upcall ('flags' of struct upcall_record). */
enum upcall_flags {
    UPCALL_F_ENQUEUED = 1 << 0,     /* 'enqueue_ts' and the message. */
    UPCALL_F_RECEIVED = 1 << 1,     /* 'recv_ts', 'recv_tid', ... */
    UPCALL_F_PUT = 1 << 2,          /* 'put_ts', 'ufid', ... */
    UPCALL_F_PUT_DONE = 1 << 3,     /* 'put_ret', 'put_duration'. */
    UPCALL_F_EXEC = 1 << 4,         /* 'exec_ts', ... */
    UPCALL_F_EXEC_DONE = 1 << 5,    /* 'exec_ret', 'exec_duration'. */
    UPCALL_F_PORT = 1 << 6,         /* 'dp_ifindex', 'port_no', no message. */
    UPCALL_F_PUT_CUT = 1 << 7,      /* The put part is not whole. */
    UPCALL_F_EXEC_CUT = 1 << 8,     /* The execute part is not whole. */
    UPCALL_F_UFID = 1 << 9,         /* 'ufid'. */
    UPCALL_F_NESTED = 1 << 10,      /* 'parent'. */
    UPCALL_F_USDT_RECV = 1 << 11,   /* 'usdt_recv_ts'. */
    UPCALL_F_TRANSLATED = 1 << 12,  /* 'translated_ts'. */
    UPCALL_F_USDT_PUT = 1 << 13,    /* 'usdt_put_ts'. */
    UPCALL_F_USDT_EXEC = 1 << 14,   /* 'usdt_exec_ts'. */
    UPCALL_F_HELP = 1 << 15,        /* ovs-vswitchd helps with the actions, so
                                     * what it executes differs from what it
                                     * received, and may be several. */
    UPCALL_F_UNSURE = 1 << 16,      /* A put or an execute may belong to this
                                     * upcall or to another. */
    UPCALL_F_IDLE = 1 << 17,        /* 'idle_from', 'idle_until', ... */
    UPCALL_F_DELAY = 1 << 18,       /* 'recv_delay', 'end_delay'. */
    UPCALL_F_SOFTIRQ = 1 << 19,     /* The upcall came in a softirq, */
    UPCALL_F_PROCESS = 1 << 20,     /* or in a process; if it is known. */
    UPCALL_F_HASHED = 1 << 21,      /* The message has a hash, not 0. */
};

/* One upcall.  Times are CLOCK_MONOTONIC in ns, numbers are in host order.
 *
 * Three variable parts follow the structure, each starting at a multiple of
 * 8 bytes:
 *
 *   - 'msg_len' bytes: the netlink message as it was queued to the handler,
 *     from its nlmsghdr, cut after the packet bytes that were asked for; or,
 *     if the upcall was lost before there was a message, packet bytes only
 *     (then UPCALL_F_ENQUEUED is not set).
 *
 *   - 'put_len' bytes: the attributes of the OVS_FLOW_CMD_NEW request which
 *     follow its OVS_FLOW_ATTR_KEY: MASK and ACTIONS.
 *
 *   - 'exec_len' bytes: the attributes of the OVS_PACKET_CMD_EXECUTE request
 *     which follow its OVS_PACKET_ATTR_PACKET: KEY (metadata), ACTIONS...  Of
 *     several executes, those of all, each from its KEY on. */
struct upcall_record {
    __u64 id;                   /* Of no other upcall; see next_id(). */
    __u64 parent;               /* 'id' in whose execute it happened. */
    __u64 group;                /* 'id' of the first segment. */
    __u64 ts;                   /* Entry of ovs_dp_upcall(). */
    __u64 enqueue_ts;           /* Entry of skb_zerocopy(). */
    __u64 ret_word;             /* See upcall_record_return_ns(). */
    __u64 recv_ts;              /* Copied to the handler. */
    __u64 put_ts;               /* Entry of ovs_flow_cmd_new(). */
    __u64 put_duration;         /* Until it returned. */
    __u64 exec_ts;              /* Entry of ovs_packet_cmd_execute(). */
    __u64 exec_duration;        /* Until it returned; the last of several. */
    __u64 usdt_recv_ts;         /* dpif_recv:recv_upcall. */
    __u64 translated_ts;        /* The translation had ended by then: the next
                                 * receive of the handler, or its first
                                 * operation. */
    __u64 usdt_put_ts;          /* dpif_netlink_operate__:op_flow_put. */
    __u64 usdt_exec_ts;         /* dpif_netlink_operate__:op_flow_execute. */
    __u64 packet_addr;          /* Of the packet in ovs-vswitchd. */
    __u64 idle_from;            /* When the handler, before it received this,
                                 * was last seen at work before it slept, */
    __u64 idle_until;           /* and when it received something after.  Both
                                 * are equal if it has not slept. */
    __u64 idle_delay;           /* How long, between these, it could have run
                                 * but had no CPU. */
    __u64 recv_delay;           /* The same since the thread was created: at */
    __u64 end_delay;            /* the receive, at the last known event. */
    __u64 next;                 /* For the programs: an upcall of the batch. */
    __u64 pass;                 /* Number of the pass through the datapath
                                 * within which it happened, */
    __u64 track;                /* and the first of its packet; both are 0 if
                                 * it is unknown, see also PASS_NO_TRACK. */
    __u8 ufid[16];              /* Of the flow put, in network order. */
    __s32 ret;                  /* Of ovs_dp_upcall(), for UPCALL_LOST. */
    __s32 put_ret;
    __s32 exec_ret;
    __u32 cpu;                  /* Of the upcall. */
    __u32 tid;                  /* Current thread then; 0 is idle. */
    __u32 portid;               /* Netlink socket of the handler. */
    __u32 segment;              /* 0 for the first or only one. */
    __u32 recv_tid;             /* Handler thread. */
    __u32 recv_tgid;            /* Its process. */
    __u32 batch;                /* Number of the handler's batch. */
    __u32 batch_idx;            /* Place in the batch, from 0. */
    __u32 batch_size;           /* Received in the batch. */
    __u32 recv_cpu;             /* Of the receive. */
    __u32 queue_len;            /* Behind it in the socket's queue then. */
    __u32 queue_drops;          /* The socket's drops until then. */
    __u32 hash;                 /* Of the flow, as the device or the kernel
                                 * has calculated it; else 0. */
    __u32 napi_id;              /* Of the receive queue, else 0. */
    __u32 pad2;
    __u32 packet_len;           /* Bytes of the whole packet. */
    __u32 packet_sent;          /* Bytes of it in the message. */
    __u32 dp_ifindex;           /* With UPCALL_F_PORT. */
    __u32 port_no;              /* Input port.  With UPCALL_F_PORT it comes
                                 * from ovs_dp_upcall(), otherwise it is that
                                 * of the message's key, or ~0. */
    __u32 flags;                /* UPCALL_F_*. */
    __u8 outcome;               /* enum upcall_outcome or
                                 * UPCALL_OUTCOME_UNKNOWN. */
    __u8 class_;                /* enum upcall_class. */
    __u8 conflicts;             /* Bits by enum upcall_conflict. */
    __u8 exec_rule;             /* enum upcall_rule of the execute. */
    __u16 packet_ofs;           /* In the message; 0 if not found. */
    __u16 key_len;              /* Payload of OVS_PACKET_ATTR_KEY. */
    __u16 msg_len;
    __u16 put_len;
    __u16 exec_len;
    __u16 packet_kept;          /* Packet bytes that are in the message. */
    __u16 n_execs;              /* Executes: more than 1 only with
                                 * UPCALL_F_HELP. */
    __u16 rx_queue;             /* Number of the receive queue plus 1; 0 if
                                 * the packet has none. */
    char comm[UPCALL_COMM_LEN];         /* Of 'tid'. */
    char recv_comm[UPCALL_COMM_LEN];    /* Of 'recv_tid'. */
    __u8 data[];
};

/* Returns 1 if ovs-vswitchd may send operations for upcalls of 'class_', an
 * enum upcall_class, else 0 (process_upcall() in
 * ofproto/ofproto-dpif-upcall.c, OVS 3.1 to 4.0). */
static inline int
upcall_class_has_operations(int class_)
{
    return class_ == UPCALL_CLASS_MISS || class_ == UPCALL_CLASS_SLOW_PATH;
}

/* Returns the outcome of 'rec', which was received, once its handler is done
 * with it: an enum upcall_outcome, or UPCALL_OUTCOME_UNKNOWN.  It is that of
 * the packet: whether the kernel took its flow is another question, see
 * upcall_get_put(). */
static inline int
upcall_record_outcome(const struct upcall_record *rec)
{
    if (rec->flags & UPCALL_F_EXEC_DONE) {
        return rec->exec_ret < 0 ? UPCALL_FAILED : UPCALL_EXECUTED;
    } else if (rec->flags & (UPCALL_F_EXEC | UPCALL_F_UNSURE)) {
        return UPCALL_OUTCOME_UNKNOWN;
    } else if (!(rec->flags & UPCALL_F_PUT)) {
        return UPCALL_CONSUMED;
    } else if (!(rec->flags & UPCALL_F_PUT_DONE)) {
        return UPCALL_OUTCOME_UNKNOWN;  /* The program there was not run. */
    } else {
        return rec->put_ret < 0 ? UPCALL_CONSUMED : UPCALL_INSTALLED;
    }
}

/* 'ret_word' is written by the CPU that does the upcall while the handler may
 * already have the record: its upper half is a tag made from 'id', which
 * protects a slot that has been used anew meanwhile, its lower half is the
 * time from 'ts' to the return of ovs_dp_upcall() in ns, 0 if unknown. */
#define UPCALL_RET_TAG(ID) ((__u64) (ID) << 32)

/* Limits of the variable parts, in bytes. */
#define UPCALL_KEY_MAX 768      /* Message but for the packet's bytes. */
#define UPCALL_PUT_MAX 640
#define UPCALL_EXEC_MAX 512
#define UPCALL_SNAP_MAX 9216
#define UPCALL_MATCH_MAX 128    /* Packet bytes that an execute is compared
                                 * with, and are kept for that at least. */

/* Keys of slots.  A slot holds a record in the making.  Its key is the
 * address of the netlink skb from enqueue to receive, else one of these. */
#define UPCALL_SLOT_FREE 0ULL
#define UPCALL_SLOT_BUSY 1ULL   /* Being filled, submitted or copied. */
#define UPCALL_SLOT_STALE 2ULL  /* Its skb is gone, never received. */
#define UPCALL_SLOT_RECEIVED(TID) ((__u64) (__u32) (TID) << 8 | 3)
#define UPCALL_SLOT_IS_RECEIVED(KEY) (((KEY) & ~0xffffffff00ULL) == 3)
#define UPCALL_SLOT_PENDING(TID) ((__u64) (__u32) (TID) << 8 | 5)
#define UPCALL_SLOT_IS_PENDING(KEY) (((KEY) & ~0xffffffff00ULL) == 5)
#define UPCALL_SLOT_TID(KEY) ((__u32) ((KEY) >> 8))

/* Addresses of skbs are multiples of 64 and more than the numbers above. */
#define UPCALL_SLOT_IS_QUEUED(KEY) ((KEY) > 63 && !((KEY) & 63))

/* Size of a slot whose messages have up to MSG_MAX bytes, with room for the
 * alignment of the parts. */
#define UPCALL_SLOT_SIZE(MSG_MAX)                                   \
    (sizeof(struct upcall_record) + (MSG_MAX) + UPCALL_PUT_MAX      \
     + UPCALL_EXEC_MAX + 3 * 8)

#define UPCALL_BUCKET 8         /* Slots of equal hash value. */

struct upcall_bucket {
    __u64 keys[UPCALL_BUCKET];
};

/* State of a handler thread.  Only programs that run in that thread change it,
 * but for what the daemon writes. */
#define UPCALL_LIST_MAX 128     /* Upcalls of a thread not yet finished that
                                 * can have operations; a power of 2, twice
                                 * UPCALL_BATCH_MAX. */
#define UPCALL_BATCH_MAX 64     /* UPCALL_MAX_BATCH of ofproto/
                                 * ofproto-dpif-upcall.c. */
#define UPCALL_PENDING_MAX 128  /* Executes that may be of several upcalls; a
                                 * power of 2. */
#define UPCALL_CHAIN_MAX 128    /* Others of a batch. */
#define UPCALL_FILTER_BITS 1024
#define UPCALL_HANDLER_TRIES 32 /* Places where a thread's state can be. */

/* An upcall in a handler's list: the slot, and part of the upcall's 'id' to
 * tell it from a later upcall in the same slot. */
#define UPCALL_ENTRY(ID, SLOT) ((__u64) (ID) << 32 | ((SLOT) + 1))
#define UPCALL_ENTRY_SLOT(ENTRY) ((__u32) (ENTRY) - 1)
#define UPCALL_ENTRY_TAG(ENTRY) ((__u32) ((ENTRY) >> 32))

/* What a handler thread counts; all members are __u64. */
struct upcall_counts {
    __u64 hits[UPCALL_N_HOOKS]; /* Program runs that found their upcall. */
    __u64 unmatched[UPCALL_N_HOOKS]; /* Puts, executes that found none. */
    __u64 matches[UPCALL_N_RULES]; /* Links between stages. */
    __u64 conflicts[UPCALL_N_CONFLICTS];
};

/* Requests that ovs-vswitchd has announced by its USDT probes. */
#define UPCALL_PLAN_MAX 64      /* A power of 2 above the OPERATE_MAX_OPS of
                                 * lib/dpif-netlink.c. */

/* A put that ovs-vswitchd is about to send (op_flow_put). */
struct upcall_put_plan {
    __u64 ts;                   /* When that was. */
    __u32 len;                  /* Of the request, in bytes. */
    __u32 pad;
    __u64 attrs[3];             /* How its attributes start: with the UFID. */
};

/* An execute that ovs-vswitchd is about to send (op_flow_execute). */
struct upcall_plan {
    __u64 entry;                /* Of whose packet; 0 if of none. */
    __u32 place;                /* Of the entry in the list. */
    __u32 packet_len;           /* Or UPCALL_PLAN_ANY_LEN if unknown. */
};

#define UPCALL_PLAN_ANY_LEN (~0U)

/* A request in progress, and which of the programs that are twins, see
 * upcall.bpf.c, have run for it. */
struct upcall_request {
    __u64 nlh;                  /* Its address; 0 once it is over. */
    __u32 entries, exits;       /* Bits. */
};

/* Buffers that a handler receives into, and bytes of each (UPCALL_MAX_BATCH
 * and 'recv_stubs' of recv_upcalls() in ofproto/ofproto-dpif-upcall.c). */
#define UPCALL_STUBS 64
#define UPCALL_STUB 512

/* The start of an execute request, or all of it, from its ovs_header on. */
#define UPCALL_WHOLE_MAX (2 * UPCALL_MATCH_MAX)

struct upcall_exec_start {
    __u32 dp_ifindex;
    __u16 nla_len, nla_type;    /* Of its first attribute, the packet. */
    __u64 head[UPCALL_WHOLE_MAX / 8];   /* Start of the packet, and behind a
                                         * short one the other attributes. */
};

/* Where an argument of a USDT probe is. */
enum upcall_arg_kind {
    UPCALL_ARG_CONSTANT,        /* It is 'value'. */
    UPCALL_ARG_REGISTER,        /* In 'word'. */
    UPCALL_ARG_MEMORY,          /* At the address 'word' + 'value'. */
};

struct upcall_arg {
    __s64 value;
    __u8 kind;                  /* enum upcall_arg_kind. */
    __u8 word;                  /* Of the registers as eBPF programs get them,
                                 * struct pt_regs or struct user_pt_regs. */
    __u8 bits;                  /* Size: 8, 16, 32 or 64. */
    __u8 is_signed;
    __u8 pad[4];
};

/* A USDT probe at one place in the target. */
#define UPCALL_SITES_MAX 256    /* A power of 2. */
#define UPCALL_SITE_ARGS 6

struct upcall_site {
    struct upcall_arg args[UPCALL_SITE_ARGS];
};

/* What is known of an upcall in a handler's list. */
enum upcall_state {
    UPCALL_S_MISS = 1 << 0,     /* It can have a put. */
    UPCALL_S_PUT = 1 << 1,      /* It has had its put. */
    UPCALL_S_OWES = 1 << 2,     /* It will be executed: its put has actions. */
    UPCALL_S_MAY_HELP = 1 << 3, /* ovs-vswitchd may help with its actions. */
    UPCALL_S_HELP = 1 << 4,     /* It does. */
    UPCALL_S_DONE = 1 << 5,     /* It has no more operations. */
    UPCALL_S_ALIKE = 1 << 6,    /* Another in the list begins as it does. */
    UPCALL_S_UNSEEN = 1 << 7,   /* It has no record. */
    UPCALL_S_HASHED = 1 << 8,   /* Its message had a hash. */
    UPCALL_S_EXEC = 1 << 9,     /* It has been executed. */
};

/* Upcalls, by their places in a handler's list. */
struct upcall_set {
    __u64 low, high;
};

/* An execute of which it is not known yet of which upcall it is. */
struct upcall_pending {
    __u64 ts, duration;         /* As in struct upcall_record. */
    struct upcall_set direct;   /* It can be of these, as it was received, */
    struct upcall_set helped;   /* or of these, with help. */
    __s32 ret;
    __u32 slot;                 /* Whose record has its attributes, plus 1. */
    __u32 attrs_len;            /* How many bytes of them, */
    __u32 flags;                /* UPCALL_F_EXEC_CUT, UPCALL_F_EXEC_DONE. */
    __u64 actions;              /* Fingerprint of its actions. */
};

/* An execute whose upcall is searched for. */
struct upcall_execute {
    __u64 nlh;                  /* Address of the request. */
    __u32 len;                  /* Of the request, in bytes. */
    __u32 packet_len;
    __u32 dp_ifindex;
    __u32 slot;                 /* Whose record has the attributes that follow
                                 * the packet, plus 1; 0 if none. */
    __u32 attrs_len;            /* How many bytes of them there are. */
    __u32 port_no;              /* What they say. */
    __u8 is_hashed;             /* There is HASH. */
    __u8 is_cut;                /* There are more than that. */
    __u8 is_received;           /* It surely equals what was received, */
    __u8 is_begun;              /* or its headers do. */
    __u8 pad[4];
    __u64 print, rest;          /* Fingerprints; see print.bpf.h. */
    __u64 metadata;             /* The same, of these alone. */
    __u64 actions;
    struct upcall_set equal;    /* Upcalls with the same bytes, */
    struct upcall_set alike;    /* or which start with the same. */
    struct upcall_set direct;   /* It can be of these, as received, */
    struct upcall_set helped;   /* or of these, with help. */
};

struct upcall_handler {
    __u64 tid;                  /* Its thread id; 0 if the place is free, and
                                 * all else is 0 as well. */
    __u64 recv_seq;             /* Counts receives. */
    __u64 idle_seq;             /* 'recv_seq' when the daemon, which writes
                                 * this, last saw the thread idle.  A batch
                                 * ends then, even if it had no put or
                                 * execute. */
    __u64 sk;                   /* The socket that its upcalls come from. */
    __u64 recv_sk, recv_err;    /* Arguments of the receive in progress. */
    __u64 recv_skb;             /* What it has received last, or 0, */
    __u64 recv_exits;           /* and which programs have seen it: bits. */
    __u64 called_by_twin;       /* See bpf/twin.bpf.h. */
    __u64 last_entry;           /* Entry of what it received last. */
    __u64 chain;                /* Entry of the first upcall that is not among
                                 * 'entries'; else 0. */
    __u64 exec_stack;           /* Stack address in the execute; else 0. */
    __u64 exec_id;              /* Upcall that is being executed. */
    struct upcall_request put;  /* The put in progress, or the last one. */
    struct upcall_request exec; /* The same of an execute. */
    __u64 scratch;              /* For address(). */
    __u64 put_print;            /* Fingerprint of the key of a put, 0 if it is
                                 * not known, */
    __u64 put_state;            /* enum upcall_state of its actions, */
    __u64 put_rest;             /* and how many bytes follow its key. */
    __u64 put_entry;            /* Entry that is being put; else 0. */
    __u64 exec_entry;           /* Entry that is being executed; else 0. */
    __u32 exec_place;           /* Its place in the list. */
    __u32 exec_pending;         /* Or number in 'pending' plus 1; else 0. */
    struct upcall_execute execute;       /* The last execute, */
    struct upcall_exec_start exec_start; /* and its start. */
    __u32 n;                    /* Entries in the list. */
    __u32 cursor;               /* First that the next operation can be of. */
    __u32 boundary;             /* First that may be in another batch than
                                 * those before, or UPCALL_LIST_MAX. */
    __u32 n_pending;            /* 'pending' in use. */
    __u64 last_actions;         /* Fingerprint of the actions of the last
                                 * execute, if it is of the upcall at the
                                 * cursor and was not pending. */
    __u32 n_uncounted;          /* In the list, and not in its batch. */
    __u32 n_short;              /* In the list, with too little of the packet
                                 * to have a fingerprint. */
    __u32 batch;                /* Number of batches. */
    __u32 batch_recv;           /* Receives in this batch. */
    __u32 processing;           /* The batch had a put or an execute. */
    __u32 drained;              /* It was received until there was no more. */
    __u32 missed;               /* The entry of the last request was not
                                 * seen. */
    __u32 contradiction;        /* Of the pending executes. */
    __u32 overflow;             /* The batch had too many upcalls to be sure
                                 * of anything. */
    __u32 n_chained;            /* Upcalls in 'chain'. */
    __u32 n_unlisted;           /* Upcalls of the batch that are in neither. */
    __u32 portid;               /* Of 'sk', 0 if unknown. */
    __u32 place;                /* Of this structure in its map. */
    __u32 n_recorded;           /* In the list, with a record. */
    __u32 n_unread;             /* Upcalls of the batch that come behind those
                                 * in the list, and whose messages are kept. */
    __u32 pad;
    __u64 unseen_settled;       /* 'unseen_until' if its socket was empty
                                 * UPCALL_SETTLED_NS after the reason, */
    __u64 unseen_over;          /* and once more, so that it has received all
                                 * that were meant by that. */
    struct upcall_counts counts;

    /* The list: upcalls that can have operations. */
    __u64 entries[UPCALL_LIST_MAX]; /* UPCALL_ENTRY(); 0 once finished. */
    __u64 prints[UPCALL_LIST_MAX];  /* See print.bpf.h. */
    __u64 rests[UPCALL_LIST_MAX];   /* The same; of those that are alike. */
    __u64 keys[UPCALL_LIST_MAX];    /* Of those without a record: fingerprints
                                     * of their keys; of those with too little
                                     * of the packet: of the metadata. */
    __u32 ports[UPCALL_LIST_MAX];   /* Input ports. */
    __u16 states[UPCALL_LIST_MAX];  /* enum upcall_state. */
    __u64 filter[UPCALL_FILTER_BITS / 64]; /* Bits by 'prints'. */
    struct upcall_pending pending[UPCALL_PENDING_MAX];
    struct upcall_set unsure;   /* Upcalls that several of these can be of. */

    /* For --track=full and all. */
    __u64 usdt_entry;           /* Received, and not yet seen by
                                 * dpif_recv:recv_upcall; else 0. */
    __u64 active_ts;            /* When the thread was last seen at work. */
    __u64 active_delay;         /* How long it had been without a CPU then, */
    __u64 active_switches;      /* and how often it had gone to sleep. */
    __u64 translating;          /* Was it about to translate a packet? */
    __u64 known_from;           /* Since when it is known when it slept. */
    __u64 idle_from;            /* As in struct upcall_record. */
    __u64 idle_until;
    __u64 idle_delay;
    __u32 usdt_cursor;          /* Next expected for an operation. */
    __u32 plan_head, plan_tail; /* 'plan' in use, ever growing. */
    __u32 put_head, put_tail;   /* 'puts' in use, ever growing. */
    __u32 stubs[UPCALL_STUBS];  /* Place in 'entries' of the last upcall in
                                 * this buffer of ovs-vswitchd. */
    struct upcall_plan next_plan;       /* That of the current execute. */
    struct upcall_plan plan[UPCALL_PLAN_MAX];
    struct upcall_put_plan puts[UPCALL_PLAN_MAX];
    char comm[UPCALL_COMM_LEN];
};

/* An upcall that has no record is received within that, in ns, or very
 * late. */
#define UPCALL_UNSEEN_NS 5000000000ULL

/* So long after what was the reason for that, in ns, they are in the queues:
 * a CPU puts them there within microseconds, unless the machine stops. */
#define UPCALL_SETTLED_NS 1000000000ULL

/* Messages of upcalls without a record, which a handler keeps until it has to
 * be known what is in them (bpf/unseen.bpf.h): so many of a batch, and so many
 * bytes of each. */
#define UPCALL_UNREAD_MAX 64    /* A power of 2. */
#define UPCALL_UNREAD_BYTES 512

struct upcall_message {
    __u64 len;
    __u8 data[UPCALL_UNREAD_BYTES];
};

struct upcall_unread {
    struct upcall_message messages[UPCALL_UNREAD_MAX];
};

/* What two CPUs write is so many bytes apart, two cache lines of most: the
 * second is often fetched with the first. */
#define UPCALL_LINE 128

/* Numbers of upcalls that a CPU takes at once. */
#define UPCALL_ID_BLOCK 256

/* State and counters of a CPU. */
#define UPCALL_CPUS_MAX 1024    /* Power of 2. */

/* Instead of the time of an upcall: it is none that was chosen. */
#define UPCALL_NOT_CHOSEN 1

struct upcall_cpu {
    __u64 ts;                   /* Of the current ovs_dp_upcall(), or
                                 * UPCALL_NOT_CHOSEN; else 0. */
    __u64 dp, skb, key, info;   /* Its arguments: addresses. */
    __u64 netlink_skb;          /* Of the last segment. */
    __u64 stack;                /* Stack address at the entry. */
    __u64 here;                 /* The same in the current program. */
    __u64 parent;
    __u64 group;
    __u64 id;                   /* Of the last record, 0 if there is none. */
    __u64 pass, track;          /* As in struct upcall_record. */
    __u64 last_id;              /* Of the last upcall here, or 0. */
    __u32 slot;                 /* Slot + 1 of the last segment; else 0. */
    __u32 n_segments;           /* Messages so far, chosen or not. */
    __u32 portid;               /* To which it is sent. */
    __u32 skb_len;
    __u32 tid;
    __u32 port_no;              /* Input port; ~0 if none or unknown. */
    __u32 context_flags;        /* UPCALL_F_SOFTIRQ or UPCALL_F_PROCESS. */
    __u32 hash, napi_id;        /* As in struct upcall_record. */
    __u16 rx_queue;
    __u8 nested;                /* 'parent' is set. */
    __u8 rejected;              /* Not chosen by port, class or netns. */
    __u8 has_returned;          /* An upcall has returned since the start. */
    __u8 pad[7];
    char comm[UPCALL_COMM_LEN];

    __u64 seen;                 /* Upcalls (messages) that were chosen. */
    __u64 produced;             /* Records completed, sent or not. */
    __u64 misses, losses;       /* What the datapath counts as n_missed and
                                 * n_lost: packets, as far as chosen. */
    __u64 dropped[UPCALL_N_DROPS];
    __u64 hits[UPCALL_N_HOOKS];
} __attribute__((aligned(UPCALL_LINE)));

/* A number that many CPUs write, on cache lines of its own. */
struct upcall_line {
    __u64 n;
} __attribute__((aligned(UPCALL_LINE)));

/* Key of the ports that were chosen. */
struct upcall_port_key {
    __u32 dp_ifindex;
    __u32 port_no;
};

/* Numbers of ports are less than that (DP_MAX_PORTS in
 * net/openvswitch/vport.h). */
#define UPCALL_PORTS_MAX 65536

#endif /* bpf/upcall-record.h */
