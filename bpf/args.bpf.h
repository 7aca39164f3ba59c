/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The arguments of ovs_dp_upcall(), for an upcall that is lost before there
 * is a netlink message that says the same.  Only possible with the BTF of the
 * openvswitch module.
 */
#ifndef BPF_ARGS_BPF_H
#define BPF_ARGS_BPF_H 1

struct upcall_args {
    struct upcall_port_key port;
    __u32 portid;
    __u32 class_;               /* UPCALL_N_CLASSES if unknown. */
    bool known;                 /* Whether 'port' is. */
};

/* Returns the ifindex of the local port of 'dp', which is that of 'dp', or 0,
 * as get_dpifindex() in net/openvswitch/datapath.c does.  The local port has
 * number 0, so it is in the first bucket of the datapath's ports. */
static __always_inline __u32
dp_get_ifindex(struct datapath *dp)
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

static __always_inline __u32
info_class(const struct dp_upcall_info *info)
{
    const struct nlattr *userdata = BPF_CORE_READ(info, userdata);
    __u16 type = 0;

    if (BPF_CORE_READ(info, cmd) == OVS_PACKET_CMD_MISS) {
        return UPCALL_CLASS_MISS;
    }
    if (userdata) {
        bpf_probe_read_kernel(&type, sizeof type, userdata + 1);
    }
    return cookie_class(type);
}

static __always_inline void
args_read(struct upcall_args *args, struct datapath *dp,
          const struct sw_flow_key *key, const struct dp_upcall_info *info)
{
    if (bpf_core_field_exists(info->cmd)) {
        args->class_ = info_class(info);
        args->portid = BPF_CORE_READ(info, portid);
    }
    if (bpf_core_field_exists(key->phy.in_port)
        && bpf_core_type_exists(struct vport)) {
        args->port.port_no = BPF_CORE_READ(key, phy.in_port);
        args->port.dp_ifindex = dp_get_ifindex(dp);
        args->known = true;
    }
}

#endif /* bpf/args.bpf.h */
