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

/* Returns true if 'regs' are of a process with 64-bit words, as the structures
 * above have, and as it must be that recvmsg() is a system call with its own
 * arguments. */
static __always_inline bool
regs_are_64bit(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
    return *(volatile __u16 *) &regs->cs != 0x23;       /* __USER32_CS. */
#elif defined(__TARGET_ARCH_arm64)
    return !(((struct user_pt_regs *) regs)->pstate & 0x10);
#else
    return sizeof(long) == 8;
#endif
}

/* Returns the first buffer into which the current thread receives by
 * recvmsg(), or one that has no length if that is not known. */
static __always_inline struct user_iovec
buffer_get(void)
{
    struct pt_regs *regs = (void *) bpf_task_pt_regs(
        (void *) bpf_get_current_task_btf());
    const struct user_msghdr *msg = (void *) PT_REGS_PARM2_SYSCALL(regs);
    const struct user_iovec *iovp = NULL;
    struct user_iovec iov = { 0, 0 };

    if (!regs_are_64bit(regs)
        || bpf_probe_read_user(&iovp, sizeof iovp, &msg->iov)
        || bpf_probe_read_user(&iov, sizeof iov, iovp)) {
        iov.len = 0;
    }
    return iov;
}

/* Ends the upcall that was in 'buffer' before the one that the current thread,
 * 'h', has appended to its list.  Otherwise an execute of that could be taken
 * for one of it. */
static __always_inline void
buffer_is_overwritten(struct upcall_handler *h, __u64 buffer)
{
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

/* The same for one without a record. */
static __noinline int
buffer_is_used(struct upcall_handler *h)
{
    struct user_iovec iov = buffer_get();

    if (iov.len) {
        buffer_is_overwritten(h, iov.base);
    }
    return 0;
}

/* The current thread, 'h', receives 'rec', the last of what it has received.
 * Finds out where its packet is.  What does not fit into the first buffer,
 * nl_sock_recv__() in lib/netlink-socket.c of OVS 3.1 to 4.0 receives into
 * another one, and moves it all. */
static __always_inline void
buffer_take(struct upcall_handler *h, struct upcall_record *rec)
{
    struct user_iovec iov = buffer_get();
    __u32 ofs = rec->packet_ofs;

    if (!iov.len) {
        return;
    }
    if (ofs && iov.len >= ofs + rec->packet_sent) {
        rec->packet_addr = iov.base + ofs;
    }
    if (upcall_class_has_operations(rec->class_)) {
        buffer_is_overwritten(h, iov.base);
    }
}

#endif /* bpf/buffer.bpf.h */
