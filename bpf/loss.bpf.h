/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Upcalls that are lost: the handler's socket refused the message, or there
 * never was one.
 */
#ifndef BPF_LOSS_BPF_H
#define BPF_LOSS_BPF_H 1

/* What the arguments of ovs_dp_upcall() say, for an upcall that is lost before
 * there is a netlink message that says the same.  Most is only known with the
 * BTF of the openvswitch module. */
struct upcall_args {
    struct upcall_port_key port;
    __u32 portid;
    __u32 class_;               /* UPCALL_N_CLASSES if unknown. */
    bool known;                 /* Whether 'port' is. */
    __u32 netns;                /* Inode of the network namespace. */
};

static __always_inline void
args_read(struct upcall_args *a, const struct entry_args *args)
{
    const struct sw_flow_key *key = args->key;

    __builtin_memset(a, 0, sizeof *a);
    a->netns = args_netns(args, false);
    a->class_ = info_class(args->info, false);
    a->portid = info_portid(args->info, false);
    if (bpf_core_field_exists(key->phy.in_port)
        && bpf_core_type_exists(struct vport)) {
        a->port.port_no = BPF_CORE_READ(key, phy.in_port);
        a->port.dp_ifindex = dp_get_ifindex(args->dp);
        a->known = true;
    }
}

/* Ends the upcall whose message was refused by the socket. */
static __always_inline void
lose_queued(struct upcall_cpu *cpu, __u32 slot, int ret)
{
    struct upcall_record *rec = slot_record(slot);
    __u64 *key = slot_key(slot);

    if (!rec || !key) {
        return;
    }

    /* The skb is freed, so its address may be on its way to another slot
     * already, which makes the key stale. */
    __u64 old = *key;

    if (rec->id != cpu->id
        || (!UPCALL_SLOT_IS_QUEUED(old) && old != UPCALL_SLOT_STALE)
        || !slot_change(slot, old, UPCALL_SLOT_BUSY)) {
        return;
    }
    rec->ret = ret;
    rec->ret_word |= (__u32) (bpf_ktime_get_ns() - cpu->ts);
    rec->outcome = UPCALL_LOST;
    slot_submit(rec, slot);
}

/* Returns true if an upcall that has no message was chosen. */
static __always_inline bool
args_chosen(const struct upcall_args *args)
{
    if (target_netns && args->netns != target_netns) {
        return false;
    }
    if (class_mask != ~0U && !(class_mask & (1U << (args->class_ & 31)))) {
        return false;
    }
    return !choose_ports || bpf_map_lookup_elem(&ports, &args->port);
}

/* Makes a record of an upcall that was lost before there was a message: no
 * handler's portid, no memory, ... */
static __always_inline void
lose_early(struct upcall_cpu *cpu, const struct entry_args *args, int ret,
           bool direct)
{
    struct sk_buff *packet = args->skb;
    struct upcall_record *rec;
    struct upcall_args a;
    __u32 slot, linear;

    args_read(&a, args);
    if (!args_chosen(&a)) {
        return;
    }
    COUNT(cpu->seen);
    slot = slot_take(cpu->skb);
    rec = slot ? slot_record(slot - 1) : NULL;
    if (!rec) {
        COUNT(cpu->produced);
        COUNT(cpu->dropped[UPCALL_DROP_SLOTS_FULL]);
        return;
    }
    rec->flags = 0;
    record_init(rec, cpu);
    cpu->id = rec->id;
    rec->segment = cpu->n_segments;
    if (rec->segment) {
        rec->group = cpu->group;
    }
    rec->class_ = a.class_;
    rec->portid = a.portid;
    rec->dp_ifindex = a.port.dp_ifindex;
    rec->port_no = a.port.port_no;
    if (a.known) {
        rec->flags |= UPCALL_F_PORT;
    }
    rec->key_len = 0;
    rec->packet_ofs = 0;
    rec->packet_sent = cpu->skb_len;
    rec->packet_len = cpu->skb_len;
    rec->msg_len = 0;
    linear = cpu->skb_len - GET(direct, packet, data_len);
    msg_copy_packet(rec, GET(direct, packet, data), linear);
    msg_append_pages(rec, packet, linear, direct);
    rec->ret = ret;
    rec->ret_word |= (__u32) (bpf_ktime_get_ns() - cpu->ts);
    rec->outcome = UPCALL_LOST;
    slot_submit(rec, slot - 1);
}

/* Returns true if 'ret' of ovs_dp_upcall() comes from netlink_unicast(), so
 * if it was the last message that was refused, and not the next segment that
 * could not be made.  netlink_unicast() in net/netlink/af_netlink.c returns
 * these; nothing before it in queue_gso_packets() does. */
static __always_inline bool
refused_by_socket(int ret)
{
    return ret == -11 /* EAGAIN */ || ret == -111 /* ECONNREFUSED */
           || ret == -4 /* EINTR */ || ret == -512 /* ERESTARTSYS */;
}

#endif /* bpf/loss.bpf.h */
