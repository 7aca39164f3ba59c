/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The buffers of ovs-vswitchd that a handler receives into (--track=full).
 *
 * They are on its stack, one for each upcall of a batch, each of UPCALL_STUB
 * bytes and next to each other; for what is longer, it allocates one
 * (recv_upcalls() in ofproto/ofproto-dpif-upcall.c of OVS 3.1 to 4.0).  A
 * buffer is used anew when ovs-vswitchd is done with the upcall in it: in the
 * next batch, or at once if there is nothing to do for it.
 */
#ifndef BPF_BUFFER_BPF_H
#define BPF_BUFFER_BPF_H 1

/* What a process passes to recvmsg(), as far as it is needed. */
struct user_iovec {
    __u64 base, len;
};

struct user_msghdr {
    const void *name;
    __u32 name_len;
    const struct user_iovec *iov;
};

/* Returns the address in ovs-vswitchd of the message of 'len' bytes that the
 * current thread receives by recvmsg(), 0 if that is not known.
 * nl_sock_recv__() in lib/netlink-socket.c of OVS 3.1 to 4.0 receives what
 * does not fit into the first buffer into another one, and moves it all. */
static __always_inline __u64
buffer_address(__u32 len)
{
    struct pt_regs *regs = (void *) bpf_task_pt_regs(
        (void *) bpf_get_current_task_btf());
    const struct user_msghdr *msg = (void *) PT_REGS_PARM2_SYSCALL(regs);
    const struct user_iovec *iovp = NULL;
    struct user_iovec iov = { 0, 0 };

    return (!bpf_probe_read_user(&iovp, sizeof iovp, &msg->iov)
            && !bpf_probe_read_user(&iov, sizeof iov, iovp)
            && iov.len >= len ? iov.base : 0);
}

/* Ends the upcall that was in the same buffer as the last one, 'rec', before.
 * Otherwise an execute of 'rec' could be taken for one of it. */
static __always_inline void
buffer_is_overwritten(struct upcall_handler *h,
                      const struct upcall_record *rec)
{
    __u64 buffer = rec->packet_addr - rec->packet_ofs;
    __u32 *placep = &h->stubs[MODULO(buffer / UPCALL_STUB, UPCALL_STUBS)];
    struct upcall_record *old;
    __u32 last = h->n - 1;
    __u32 place = *placep;

    *placep = last;
    if (place >= last) {
        return;                         /* Of an earlier batch. */
    }
    old = list_record(h, place);
    if (old && old->packet_addr - old->packet_ofs == buffer) {
        *list_state(h, place) |= UPCALL_S_DONE;
        list_close(h, place);
    }
}

/* The current thread, 'h', receives 'rec', the last of what it has received.
 * Finds out where its packet is. */
static __always_inline void
buffer_take(struct upcall_handler *h, struct upcall_record *rec)
{
    __u32 ofs = rec->packet_ofs;
    __u64 address = ofs ? buffer_address(ofs + rec->packet_sent) : 0;

    if (address) {
        rec->packet_addr = address + ofs;
        if (upcall_class_has_operations(rec->class_)) {
            buffer_is_overwritten(h, rec);
        }
    }
}

#endif /* bpf/buffer.bpf.h */
