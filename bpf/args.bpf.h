/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The arguments of ovs_dp_upcall().
 */
#ifndef BPF_ARGS_BPF_H
#define BPF_ARGS_BPF_H 1

/* What ovs_dp_upcall() gets.  (A member must be in a variable before what it
 * points to is read by CO-RE, or that would look for the member, too.) */
struct entry_args {
    const struct datapath *dp;
    struct sk_buff *skb;
    const struct sw_flow_key *key;
    const struct dp_upcall_info *info;
};

/* Returns a member of 'INFO', a struct dp_upcall_info. */
#define INFO_GET(DIRECT, INFO, MEMBER)                                  \
    (!bpf_core_field_exists((INFO)->MEMBER)                             \
     ? plain_##MEMBER((const void *) (INFO))                            \
     : (DIRECT) ? (INFO)->MEMBER : BPF_CORE_READ(INFO, MEMBER))

#define PLAIN(TYPE, MEMBER)                                             \
static __always_inline TYPE                                             \
plain_##MEMBER(const struct plain_upcall_info *info)                    \
{                                                                       \
    TYPE value = 0;                                                     \
                                                                        \
    bpf_probe_read_kernel(&value, sizeof value, &info->MEMBER);         \
    return value;                                                       \
}
PLAIN(const struct nlattr *, userdata)
PLAIN(const struct nlattr *, actions)
PLAIN(__u32, portid)
PLAIN(__u8, cmd)

/* Returns the input port in 'key', ~0 if it has none (DP_MAX_PORTS of
 * net/openvswitch/vport.h) or if that is not known. */
static __always_inline __u32
key_in_port(const struct sw_flow_key *key, bool direct)
{
    __u32 port_no;

    if (!bpf_core_field_exists(key->phy.in_port)) {
        return ~0U;
    }
    port_no = GET(direct, key, phy.in_port);
    return port_no == 0xffff ? ~0U : port_no;
}

/* Returns true if no flow matched the packet. */
static __always_inline bool
info_is_miss(const struct dp_upcall_info *info, bool direct)
{
    return INFO_GET(direct, info, cmd) == OVS_PACKET_CMD_MISS;
}

static __always_inline __u32
info_class(const struct dp_upcall_info *info, bool direct)
{
    const struct nlattr *userdata;
    __u16 type = 0;

    if (info_is_miss(info, direct)) {
        return UPCALL_CLASS_MISS;
    }
    userdata = INFO_GET(direct, info, userdata);
    if (userdata) {
        bpf_probe_read_kernel(&type, sizeof type, userdata + 1);
    }
    return cookie_class(type);
}

/* Returns an address in the action that makes the upcall, by way of 'store',
 * see address(); 0 if it is not known. */
static __always_inline __u64
info_action(const struct dp_upcall_info *info, __u64 *store, bool direct)
{
    __u64 userdata = address(store, INFO_GET(direct, info, userdata));

    return userdata ? userdata
                    : address(store, INFO_GET(direct, info, actions));
}

/* Returns the netlink port to which the upcall is sent. */
static __always_inline __u32
info_portid(const struct dp_upcall_info *info, bool direct)
{
    return INFO_GET(direct, info, portid);
}

/* Returns true if the network namespace of the datapath is known. */
static __always_inline bool
netns_is_known(const struct entry_args *args)
{
    const struct datapath *dp = args->dp;

    return bpf_core_field_exists(dp->net);
}

/* Returns the inode of the network namespace of the datapath or, if that is
 * not known, of the device of the packet, which may have been moved to another
 * one if it belongs to an internal port. */
static __always_inline __u32
args_netns(const struct entry_args *args, bool direct)
{
    const struct datapath *dp = args->dp;
    struct sk_buff *skb = args->skb;

    if (!bpf_core_field_exists(dp->net)) {
        return (direct ? skb->dev->nd_net.net->ns.inum
                : BPF_CORE_READ(skb, dev, nd_net.net, ns.inum));
    } else if (direct) {
        return dp->net.net->ns.inum;
    } else {
        return BPF_CORE_READ(dp, net.net, ns.inum);
    }
}

#endif /* bpf/args.bpf.h */
