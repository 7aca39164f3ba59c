/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The few members of kernel structures that the programs read.  CO-RE
 * relocates them to the running kernel (checked on 6.1, 6.12 and 7.2).
 */
#ifndef BPF_KERNEL_BPF_H
#define BPF_KERNEL_BPF_H 1

#pragma clang attribute push(__attribute__((preserve_access_index)), \
                             apply_to = record)

struct ns_common {
    unsigned int inum;
};

struct net {
    struct ns_common ns;
};

typedef struct {
    struct net *net;
} possible_net_t;

struct sock_common {
    unsigned short skc_family;
    possible_net_t skc_net;
};

struct sk_buff_head {
    __u32 qlen;
};

typedef struct {
    int counter;
} atomic_t;

struct sock {
    struct sock_common __sk_common;
    __u16 sk_protocol;
    atomic_t sk_drops;
    struct sk_buff_head sk_receive_queue;
};

struct netlink_sock {
    __u32 portid;
};

struct net_device {
    possible_net_t nd_net;
    int ifindex;
};

struct sk_buff {
    struct net_device *dev;
    struct sock *sk;
    unsigned int len;
    unsigned int data_len;
    __u16 queue_mapping;
    __u32 hash;
    __be16 vlan_proto;
    __u16 vlan_tci;
    __be16 protocol;
    unsigned int napi_id;
    unsigned int end;           /* An offset, on 64-bit machines. */
    unsigned char *head;
    unsigned char *data;
    __u16 mac_len;
};

/* Before Linux 6.2, which has a 'vlan_tci' of 0 instead. */
struct sk_buff___6_1 {
    __u8 vlan_present:1;
};

struct skb_shared_info {
    __u8 nr_frags;
    struct {
        int unused;
    } frags[1];
};

struct sched_info {
    unsigned long long run_delay;
};

struct task_struct {
    void *stack;
    char comm[UPCALL_COMM_LEN];
    unsigned long nvcsw;
    struct sched_info sched_info;
};

struct genl_info {
    struct nlmsghdr *nlhdr;
    possible_net_t _net;
};

/* Of the openvswitch module: flow.h, datapath.h and vport.h in
 * net/openvswitch.  They are there only if the module has BTF. */
struct sw_flow_key {
    struct {
        __u16 in_port;
    } phy;
    __u8 mac_proto;
    __u32 recirc_id;
    struct {
        __be16 type;
    } eth;
    __u8 ct_state;
    __u16 ct_zone;
};

struct sw_flow_id {
    __u32 ufid_len;
    __u32 ufid[4];
};

struct sw_flow_actions {
    __u32 actions_len;
    struct nlattr actions[];
};

struct sw_flow {
    struct sw_flow_id id;
    struct sw_flow_actions *sf_acts;
};

/* Looked at by address only. */
struct ovs_conntrack_info {
    int unused;
};

struct dp_upcall_info {
    const struct nlattr *userdata;
    const struct nlattr *actions;
    __u32 portid;
    __u8 cmd;
};

struct hlist_node {
    struct hlist_node *next;
};

struct hlist_head {
    struct hlist_node *first;
};

struct flow_table {
    int unused;
};

struct datapath {
    struct flow_table table;
    possible_net_t net;
    struct hlist_head *ports;
};

struct vport {
    struct net_device *dev;
    __u16 port_no;
    struct hlist_node dp_hash_node;
};

#pragma clang attribute pop

/* struct dp_upcall_info where the module has no BTF that says what is where in
 * it: as it is in Linux 4.3 to 7.2. */
struct plain_upcall_info {
    const void *egress_tun_info;
    const struct nlattr *userdata;
    const struct nlattr *actions;
    int actions_len;
    __u32 portid;
    __u8 cmd;
};

/* Reads a member of a kernel structure.  'direct' is a constant: whether the
 * program may follow BTF pointers (fentry, fexit). */
#define GET(DIRECT, PTR, MEMBER)                                \
    ((DIRECT) ? (PTR)->MEMBER : BPF_CORE_READ(PTR, MEMBER))

/* Stores the name of the current thread in 'comm', which is aligned to 8
 * bytes.  (bpf_get_current_comm() takes ten times as long.) */
static __always_inline void
get_comm(char comm[UPCALL_COMM_LEN])
{
    const struct task_struct *task = (const void *) bpf_get_current_task_btf();
    const __u64 *name = (const __u64 *) &task->comm;

    ((__u64 *) comm)[0] = name[0];
    ((__u64 *) comm)[1] = name[1];
}

/* Returns for how long the current thread could have run but had no CPU, in
 * ns.  It is 0 if the kernel does not count it (CONFIG_SCHED_INFO). */
static __always_inline __u64
get_run_delay(void)
{
    const struct task_struct *task = (const void *) bpf_get_current_task_btf();

    return (bpf_core_field_exists(task->sched_info.run_delay)
            ? task->sched_info.run_delay : 0);
}

/* Returns how often the current thread has gone to sleep. */
static __always_inline __u64
get_switches(void)
{
    const struct task_struct *task = (const void *) bpf_get_current_task_btf();

    return task->nvcsw;
}

/* Returns the inode of the network namespace of 'sk'. */
static __always_inline __u32
sock_netns(struct sock *sk, bool direct)
{
    return (direct ? sk->__sk_common.skc_net.net->ns.inum
            : BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum));
}

/* Returns the ifindex of the local port of 'dp', which is that of 'dp', or 0,
 * as get_dpifindex() in net/openvswitch/datapath.c does.  The local port has
 * number 0, so it is in the first bucket of the datapath's ports. */
static __always_inline __u32
dp_get_ifindex(const struct datapath *dp)
{
    struct hlist_head *buckets = BPF_CORE_READ(dp, ports);
    struct hlist_node *node = BPF_CORE_READ(buckets, first);

    for (int i = 0; i < 8 && node; i++) {
        struct vport *vport
            = (void *) node - bpf_core_field_offset(struct vport,
                                                    dp_hash_node);

        if (!BPF_CORE_READ(vport, port_no)) {
            return BPF_CORE_READ(vport, dev, ifindex);
        }
        node = BPF_CORE_READ(node, next);
    }
    return 0;
}

#endif /* bpf/kernel.bpf.h */
