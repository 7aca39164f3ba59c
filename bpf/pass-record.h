/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of one pass of a packet through the datapath (start --datapath),
 * and what else the programs of packet.bpf.c and user space have to agree on.
 * Like upcall-record.h, both include this.
 *
 * A pass begins where a packet comes to the datapath, from a port or because
 * an action recirculated it, and has one lookup for a flow.  An execute of
 * ovs-vswitchd (OVS_PACKET_CMD_EXECUTE) is a pass without a lookup.
 */
#ifndef BPF_PASS_RECORD_H
#define BPF_PASS_RECORD_H 1

#include <linux/types.h>

#include "filter-buffer.h"
#include "upcall-record.h"

/* Records of passes and of upcalls come by the same way.  The first word of
 * both is the number that no other of its kind has, with this bit for a
 * pass. */
#define PASS_RECORD (1ULL << 63)

/* Returns 1 if the record at 'record', aligned to 8 bytes, is that of a pass,
 * 0 if it is that of an upcall. */
static inline int
record_is_pass(const void *record)
{
    return *(const __u64 *) record >> 63;
}

/* What came of the lookup.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define PASS_LOOKUPS                                                    \
    X(HIT, "hit", "a flow matched the packet")                          \
    X(MISS, "miss", "no flow matched the packet")                       \
    X(NONE, "execute", "an execute of ovs-vswitchd, which has no lookup")

enum pass_lookup {
#define X(ENUM, NAME, DESCRIPTION) PASS_##ENUM,
    PASS_LOOKUPS
#undef X
    PASS_N_LOOKUPS
};

/* The hooks, beside those of upcall-record.h.
 *
 * X(ENUM, NAME, WHERE) */
#define PASS_HOOKS                                                      \
    X(PROCESS, "ovs_dp_process_packet", "entry")                        \
    X(LOOKUP, "ovs_flow_tbl_lookup_stats", "exit")                      \
    X(EXECUTE, "ovs_packet_cmd_execute", "entry")                       \
    X(EXECUTE_RETURN, "ovs_packet_cmd_execute", "exit")                 \
    X(NEW_DATAPATH, "ovs_dp_cmd_new", "entry")                          \
    X(ACTION, "ovs_do_execute_action", "tracepoint")                    \
    X(CT, "ovs_ct_execute", "exit")                                     \
    X(METER, "ovs_meter_execute", "exit")                               \
    X(ACTIONS_RETURN, "ovs_execute_actions", "exit")                    \
    X(PROCESS_RETURN, "ovs_dp_process_packet", "exit")                  \
    X(DROP, "kfree_skb", "tracepoint")

enum pass_hook {
#define X(ENUM, NAME, WHERE) PASS_HOOK_##ENUM,
    PASS_HOOKS
#undef X
    PASS_N_HOOKS,

    /* From this one on, they are for --datapath=actions. */
    PASS_FIRST_EXECUTED_HOOK = PASS_HOOK_ACTION
};

/* Why the record of a pass was dropped.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define PASS_DROPS                                                      \
    X(RING_FULL, "ring_full", "the ring buffer was full, but for the "  \
      "share of upcalls")                                               \
    X(PROGRAM_MISSED, "program_missed", "a BPF program was not run")

enum pass_drop {
#define X(ENUM, NAME, DESCRIPTION) PASS_DROP_##ENUM,
    PASS_DROPS
#undef X
    PASS_N_DROPS
};

/* What is known of a pass ('flags' of struct pass_record). */
enum pass_flags {
    PASS_F_UPCALL = 1 << 0,     /* 'upcall'. */
    PASS_F_BELOW = 1 << 1,      /* 'below'. */
    PASS_F_UFID = 1 << 2,       /* 'ufid'. */
    PASS_F_ACTIONS = 1 << 3,    /* The part with the actions. */
    PASS_F_ACTIONS_CUT = 1 << 4,        /* It is not whole: has the first
                                         * bytes only. */
    PASS_F_PORT = 1 << 5,       /* 'port_no'. */
    PASS_F_DP = 1 << 6,         /* 'dp_ifindex'. */
    PASS_F_L3 = 1 << 7,         /* The packet has no Ethernet header. */
    PASS_F_DONE = 1 << 8,       /* 'end_ns'. */
    PASS_F_SOFTIRQ = 1 << 9,    /* It came in a softirq, */
    PASS_F_PROCESS = 1 << 10,   /* or in a process; if it is known. */
    PASS_F_CT = 1 << 11,        /* 'ct_state', 'ct_zone' are not 0. */

    /* With --datapath=actions. */
    PASS_F_EXECUTED = 1 << 12,  /* Which actions were executed. */
    PASS_F_EXECUTED_CUT = 1 << 13,      /* Some may be missing among them. */
    PASS_F_DROP = 1 << 14,      /* 'drop_reason' and what follows it. */

    PASS_F_UNSEEN = 1 << 15,    /* Within 'root' there were passes that are not
                                 * recorded, which may have recirculated the
                                 * packet. */

    /* Not of the programs, but of records that were read from a file. */
    PASS_F_DECODED = 1 << 16,   /* Actions are as in a request, also those of
                                 * a flow, and may have more than
                                 * PASS_ACTIONS_MAX bytes; and 'offset' of
                                 * struct pass_executed and 'drop_offset' are
                                 * the places of action_nth(). */
};

/* An action that was executed. */
struct pass_executed {
    __u32 ns;                   /* When that began, from 'ts' of the record. */
    __u16 offset;               /* Where it begins among the actions, as the
                                 * kernel has them. */
    __s16 result;               /* PASS_NO_RESULT, or what came of it: of ct, 0
                                 * or a negative errno, where -EINPROGRESS is
                                 * a fragment that is kept; of a meter,
                                 * PASS_METER_DROPS or 0. */
};

#define PASS_NO_RESULT (-32768)
#define PASS_METER_DROPS 1

/* A recirculated packet can be one of several. */
#define PASS_NO_TRACK (~0ULL)

/* No action was being executed. */
#define PASS_NO_OFFSET 0xffff

/* Most of them that a record has. */
#define PASS_EXECUTED_MAX 64

/* What the pointers among the actions of a flow point to. */
enum pass_pointed_kind {
    PASS_POINTED_TUNNEL,        /* The struct ip_tunnel_info of a set, and its
                                 * options. */
    PASS_POINTED_HELPER,        /* The name of the helper of a ct. */
    PASS_N_POINTED_KINDS
};

/* What one of them points to. */
struct pass_pointed {
    __u16 offset;               /* Where the action that has it begins among
                                 * the actions. */
    __u16 len;                  /* Bytes that follow, and then any bytes up to
                                 * a multiple of 8. */
    __u16 kind;                 /* enum pass_pointed_kind. */
    __u16 pad;
};

/* Most bytes that one has: a struct ip_tunnel_info (96 in Linux 7.2) and its
 * options, whose length is a byte; or a name, with zeros up to its end. */
#define PASS_TUNNEL_MAX 128
#define PASS_TUNNEL_OPTIONS_MAX 255
#define PASS_HELPER_LEN 16

/* Most bytes of all that a record has, a multiple of 8.  What there is no more
 * room for is left out. */
#define PASS_POINTED_MAX 4096

/* Where the kernel has pointers among the actions of a flow, and what they
 * point to, in bytes; and the numbers that its actions have. */
struct pass_pointers {
    __u32 tunnel_info;          /* Type of the key of a set of a tunnel; 0 if
                                 * tunnels are not to be read. */
    __u32 tunnel;               /* Of the struct ip_tunnel_info in what the key
                                 * points to, */
    __u32 tunnel_len;           /* its bytes, at most PASS_TUNNEL_MAX, */
    __u32 tunnel_options_len;   /* and where in it the number of those of the
                                 * options is that follow it. */
    __u32 ct_len;               /* Of a ct; 0 if helpers are not to be read, */
    __u32 ct_helper;            /* and where the pointer in it is. */
    __u32 helper_name;          /* Of the name in what that points to. */
    __u32 sample_len;           /* Of the argument of a sample, */
    __u32 check_len;            /* and of a check_pkt_len; 0 if the actions in
                                 * these are not to be looked at. */
};

/* One pass.  Times are CLOCK_MONOTONIC in ns, numbers are in host order but
 * for 'ethertype'.
 *
 * Four variable parts follow the structure, each starting at a multiple of 8
 * bytes:
 *
 *   - 'packet_kept' bytes: the start of the packet, as it came, with the VLAN
 *     tag that the kernel keeps beside it.
 *
 *   - 'actions_len' bytes: the actions.  Those of a flow are as the kernel has
 *     them in a struct sw_flow_actions, see record/kernel-actions.h; those of
 *     an execute are as in the request.
 *
 *   - 'pointed_len' bytes, a multiple of 8: what those of a flow point to,
 *     each a struct pass_pointed and its bytes, in the order of the actions,
 *     as far as it was read.
 *
 *   - 'n_executed' times struct pass_executed, in the order in which they were
 *     executed. */
struct pass_record {
    __u64 head;                 /* Its number, and PASS_RECORD. */
    __u64 root;                 /* Number of the pass that this is within, or
                                 * which recirculated the packet first: the
                                 * outermost one, so 'below' of 'below' and so
                                 * on; its own if there is none. */
    __u64 track;                /* Number of the first pass of the packet that
                                 * is known: that of 'root' or, if this is an
                                 * execute whose upcall is known, that of the
                                 * miss, and so on; or PASS_NO_TRACK. */
    __u64 below;                /* Number of the pass within which this one
                                 * began, see record/pass-links.h. */
    __u64 upcall;               /* 'id' of the upcall: that of a miss, or the
                                 * one of which an execute is. */
    __u64 ts;                   /* Entry of ovs_dp_process_packet(), or of
                                 * ovs_packet_cmd_execute(). */
    __u32 lookup_ns;            /* From that to the end of the lookup. */
    __u32 end_ns;               /* From that to the end of the pass. */
    __u8 ufid[16];              /* Of the flow, in network order. */
    __u32 recirc_id;            /* Of the packet as it came. */
    __u32 masks;                /* How many masks were tried, */
    __u32 cache;                /* of which so many were in the cache. */
    __u32 dp_ifindex;
    __u32 port_no;              /* Input port. */
    __u32 packet_len;           /* Bytes of the whole packet, with its VLAN
                                 * tag. */
    __u32 cpu;
    __u32 tid;                  /* Current thread; 0 is idle. */
    __s32 ret;                  /* Of an execute, with PASS_F_DONE. */
    __u32 actions_total;        /* Bytes that the actions have. */
    __u32 flags;                /* PASS_F_*. */
    __u16 packet_kept;
    __u16 actions_len;
    __u16 ethertype;            /* Of the packet behind VLAN tags, in network
                                 * order. */
    __u16 ct_zone;
    __u8 ct_state;
    __u8 lookup;                /* enum pass_lookup. */
    __u16 pointed_len;
    char comm[UPCALL_COMM_LEN]; /* Of 'tid'. */
    __u32 drop_reason;          /* The kernel's number for why it dropped the
                                 * packet or a copy of it, the first time, or
                                 * the first time that this was not for having
                                 * no more actions, */
    __u32 drop_ns;              /* when, from 'ts', */
    __u16 drop_offset;          /* during which action, or PASS_NO_OFFSET, */
    __u16 n_drops;              /* and how often it did. */
    __u16 n_executed;
    __u16 n_not_kept;           /* More that were executed. */
    __u8 data[];
};

/* Limits of the variable parts, in bytes; that of the packet is
 * UPCALL_SNAP_MAX. */
#define PASS_ACTIONS_MAX 4096

/* Size of what a record of packets of which SNAP_MAX bytes are kept is made
 * in: records are written in blocks of 64 bytes. */
#define PASS_SLOT_SIZE(SNAP_MAX) \
    (sizeof(struct pass_record) + (SNAP_MAX) + PASS_ACTIONS_MAX \
     + PASS_POINTED_MAX \
     + PASS_EXECUTED_MAX * sizeof(struct pass_executed) + 64)

/* The kernel allows 5 levels of recursion (OVS_RECURSION_LIMIT in
 * net/openvswitch/actions.c); a power of 2. */
#define PASS_FRAMES_MAX 8

/* Records of an outermost pass and of all that are within it, which are held
 * until that one has ended: a power of 2. */
#define PASS_HELD_MAX 16

/* None of them. */
#define PASS_NO_PLACE PASS_HELD_MAX

/* The records that there is room for on each CPU: one for passes with a
 * lookup; and for executes, which these may interrupt, one of the program that
 * ends them and one of its twin, which may run while the first is preempted;
 * and with --datapath=actions those that are held. */
enum pass_slot {
    PASS_SLOT_LOOKUP,
    PASS_SLOT_EXECUTE,
    PASS_SLOT_EXECUTE_TWIN,
    PASS_SLOT_HELD,
};
#define PASS_SLOTS_PER_CPU(EXECUTED) \
    (PASS_SLOT_HELD + ((EXECUTED) ? PASS_HELD_MAX : 0))

/* A pass that may be in progress, see pass.bpf.h. */
struct pass_frame {
    __u64 stack;                /* Stack address where it began, */
    __u64 ts;                   /* and when. */
    __u64 id;                   /* Its number, 0 if it is not recorded. */
    __u64 root;                 /* That of the outermost pass, */
    __u64 root_ts;              /* and when that began. */
    __u64 track;                /* That of the first pass of its packet, or
                                 * PASS_NO_TRACK. */
    __u64 actions;              /* Address of the actions of its flow, */
    __u64 actions_end;          /* and of what follows them; 0 if it is not
                                 * recorded, or has none. */

    /* The rest is for pass-executed.bpf.h. */
    __u64 skb, head;            /* Addresses of the packet and of its bytes
                                 * when the last action began. */
    __u64 action;               /* Address of that, 0 before the first. */
    __u32 place;                /* Where its record is, */
    __u32 action_place;         /* and that which has the action. */
    __u32 entry;                /* Where the action is in that: bytes from
                                 * 'data'; 0 if it is not. */
    __u16 offset;               /* As in the record. */
    __u16 type;                 /* Of the action. */
    __u32 is_execute;
    __u32 pad;
};

/* The actions of a pass whose record is held. */
struct pass_held {
    __u64 base;                 /* Address of the first one, */
    __u64 len;                  /* and how many bytes they have. */
};

/* When passes have begun last: */
struct pass_last {
    __u64 ts;                   /* any, */
    __u64 other_ts;             /* and those with another input port */
    __u32 port;                 /* than this, which the last one had. */
    __u32 pad;
};

/* An execute in progress. */
struct pass_execute {
    __u64 stack;                /* As in struct pass_frame. */
    __u64 id;                   /* Its number, 0 if it has none yet. */
    __u64 nlh;                  /* Address of the request. */
    __u64 ts;                   /* When it began. */
    __u64 upcall;               /* Whose it is; 0 if unknown. */
    __u64 track;                /* That of the pass in which that happened; 0
                                 * if there is none. */
    __u64 is_written;           /* Its record was. */
    __u64 is_excluded;          /* It is not to be recorded. */
    __u64 twin_has_run;         /* The twin of the program at its begin, after
                                 * that. */
};

/* Where a pass begins. */
struct pass_beginning {
    __u64 stack;
    __u64 below, root, track;   /* As in struct pass_record, 0 if there is
                                 * none. */
    __u64 root_ts;              /* As in struct pass_frame. */
    __u64 flags;                /* PASS_F_UNSEEN or 0. */
};

/* Goes over the actions of a flow, looking for pointers. */
struct pass_pointed_walk {
    __u64 heads;                /* Where the heads of lists of actions are that
                                 * are still to come, 16 bits each, the next
                                 * one last; 0 for none. */
    __u32 at;                   /* Where the next action is, or such a head. */
    __u32 pad;
};

/* State and counters of a CPU. */
struct pass_cpu {
    __u64 n_ids;                /* Numbers used. */
    __u64 here, there;          /* For address(). */
    __u64 key;                  /* Address of the key that is looked up. */
    struct pass_beginning at;   /* The last one that was looked for. */
    struct pass_last first;     /* With a frame, whose packet was not
                                 * recirculated. */
    struct pass_last unseen;    /* With a frame, that are not recorded. */
    __u64 dp;                   /* Address of the last datapath, */
    __u32 dp_ifindex;           /* its number, */
    __u32 dp_netns;             /* its network namespace, */
    __u32 dp_epoch;             /* and when that was found out. */
    __u32 n_matched;            /* For --sample. */
    union {
        __u64 in_progress;      /* 0 if all of these are. */
        struct {
            __u32 n_frames;
            __u16 is_open;      /* A lookup of a pass is to come. */
            __u16 has_miss;     /* A record waits for its upcall. */
        };
    };
    __u32 n_held;               /* Records that are held. */
    __u32 open_place;           /* That of the last pass that began. */
    __u32 is_unsure;            /* Passes without a record may have put
                                 * actions off. */
    __u64 drop_here;            /* For address(). */
    struct pass_frame frames[PASS_FRAMES_MAX];
    struct pass_held held[PASS_HELD_MAX];

    struct pass_pointed_walk pointed;   /* For pass-pointed.bpf.h. */
    struct filter_buffer filter;        /* For filter.bpf.h. */

    __u64 produced;             /* Records completed, sent or not. */
    __u64 dropped[PASS_N_DROPS];
    __u64 hits[PASS_N_HOOKS];
} __attribute__((aligned(UPCALL_LINE)));

#endif /* bpf/pass-record.h */
