/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Executes of ovs-vswitchd, as passes without a lookup.  All that there is to
 * know is in the request, of which the packet is the first attribute.
 */
#ifndef BPF_PASS_EXECUTE_BPF_H
#define BPF_PASS_EXECUTE_BPF_H 1

/* Where the parts of a request start. */
#define REQUEST_DP_IFINDEX_OFS 20
#define REQUEST_ATTRS_OFS 24

/* The attributes that a request can have, and those of its key that are looked
 * at, and how many bytes of it. */
#define REQUEST_ATTRS_MAX 10
#define REQUEST_KEY_ATTRS_MAX 24
#define REQUEST_KEY_MAX 512

#define ATTR_TYPE_MASK 0x3fff

/* How many there are in 'pass_executes'.  A packet that comes to the datapath
 * looks for the execute that it is within only if there is one.  (If the end
 * of one was missed, it stays there until the thread has another.) */
struct upcall_line n_pass_executes;

/* Goes over attributes in the memory of the kernel. */
struct attr_walk {
    struct pass_record *rec;
    __u64 at;                   /* Address of the next one, */
    __u64 end;                  /* and of what follows the last one. */
};

/* Reads the header of the next attribute of 'w' to '*attr' and goes on to the
 * one that follows it.  Returns the address of its payload, or 0 if there is
 * no more. */
static __always_inline __u64
attr_next(struct attr_walk *w, struct nlattr *attr)
{
    __u64 at = w->at;

    if (at + sizeof *attr > w->end
        || bpf_probe_read_kernel(attr, sizeof *attr, (const void *) at)
        || attr->nla_len < sizeof *attr || at + attr->nla_len > w->end) {
        return 0;
    }
    w->at = at + ((attr->nla_len + 3) & ~3U);
    return at + sizeof *attr;
}

/* Goes over the attributes of a key that was copied. */
struct key_walk {
    struct pass_record *rec;
    __u8 *key;                  /* REQUEST_KEY_MAX bytes and some more. */
    __u64 ofs;                  /* Of the next one, */
    __u64 end;                  /* and of what follows the last one. */
};

/* Takes what the record says over from the next attribute of the key. */
static long
execute_key_attr(__u32 i, struct key_walk *w)
{
    struct pass_record *rec = w->rec;
    const struct nlattr *attr;
    __u32 value;

    if (w->ofs + sizeof *attr > w->end) {
        return 1;
    }
    attr = (const void *) (w->key + bounded(w->ofs, REQUEST_KEY_MAX));
    value = *(const __u32 *) (attr + 1);
    if (attr->nla_len < sizeof *attr) {
        return 1;
    }
    w->ofs += (attr->nla_len + 3) & ~3U;
    switch (attr->nla_type & ATTR_TYPE_MASK) {
    case OVS_KEY_ATTR_IN_PORT:
        rec->port_no = value;
        rec->flags |= PASS_F_PORT;
        break;
    case OVS_KEY_ATTR_RECIRC_ID:
        rec->recirc_id = value;
        break;
    case OVS_KEY_ATTR_CT_STATE:
        rec->ct_state = value;
        break;
    case OVS_KEY_ATTR_CT_ZONE:
        rec->ct_zone = value & 0xffff;
        break;
    case OVS_KEY_ATTR_PACKET_TYPE:
        rec->flags |= value & bpf_htonl(0xffff0000) ? PASS_F_L3 : 0;
        rec->ethertype = value >> 16;
        break;
    }
    return 0;
}

/* Takes what the record says over from the key at 'data', 'len' bytes: copied
 * to where the actions will be, it is looked at with fewer instructions. */
static __always_inline void
execute_parse_key(struct pass_record *rec, __u64 data, __u32 len)
{
    __u32 n = min_u32(len, REQUEST_KEY_MAX);
    struct key_walk w = {
        .rec = rec, .end = n,
        .key = rec->data + bounded(ALIGN8(rec->packet_kept), snap_max),
    };

    if (read_kernel(w.key, n, REQUEST_KEY_MAX, (const void *) data)) {
        bpf_loop(REQUEST_KEY_ATTRS_MAX, execute_key_attr, &w, 0);
    }
}

/* Copies the actions at 'data', 'n' bytes, to 'rec'. */
static __always_inline void
execute_copy_actions(struct pass_record *rec, __u64 data, __u32 n)
{
    __u32 ofs = ALIGN8(rec->packet_kept);

    rec->actions_total = n;
    rec->flags |= PASS_F_ACTIONS;
    if (n > PASS_ACTIONS_MAX) {
        n = PASS_ACTIONS_MAX;
        rec->flags |= PASS_F_ACTIONS_CUT;
    }
    if (read_kernel(rec->data + bounded(ofs, snap_max), n, PASS_ACTIONS_MAX,
                    (const void *) data)) {
        rec->actions_len = n;
    } else {
        rec->flags |= PASS_F_ACTIONS_CUT;
    }
}

/* Takes what the record says over from the next attribute of the request. */
static long
execute_attr(__u32 i, struct attr_walk *w)
{
    struct pass_record *rec = w->rec;
    struct nlattr attr;
    __u64 payload = attr_next(w, &attr);
    __u32 len, n;

    if (!payload) {
        return 1;
    }
    len = attr.nla_len - sizeof attr;
    switch (attr.nla_type & ATTR_TYPE_MASK) {
    case OVS_PACKET_ATTR_PACKET:
        n = min_u32(len, snap_max);
        rec->packet_len = len;
        if (read_kernel(rec->data, n, snap_max, (const void *) payload)) {
            rec->packet_kept = n;
        }
        break;
    case OVS_PACKET_ATTR_KEY:
        execute_parse_key(rec, payload, len);
        break;
    case OVS_PACKET_ATTR_ACTIONS:
        execute_copy_actions(rec, payload, len);
        break;
    }
    return 0;
}

/* How the key of a request usually begins (odp_key_from_dp_packet() in
 * lib/odp-util.c, OVS 3.1 to 4.0): two attributes of 8 bytes, and the input
 * port. */
struct usual_key {
    struct nlattr key;
    struct nlattr priority;
    __u32 priority_value;
    struct nlattr mark;
    __u32 mark_value;
    struct nlattr port;
    __u32 port_no;
};

/* Returns false if the input port in the request at 'nlh' surely was not
 * chosen. */
static __always_inline bool
execute_may_be_chosen(const struct nlmsghdr *nlh)
{
    const void *attrs = (const void *) nlh + REQUEST_ATTRS_OFS;
    struct usual_key usual;
    struct nlattr packet;

    return (bpf_probe_read_kernel(&packet, sizeof packet, attrs)
            || bpf_probe_read_kernel(&usual, sizeof usual, attrs
                                     + ((packet.nla_len + 3) & ~3U))
            || (usual.key.nla_type & ATTR_TYPE_MASK) != OVS_PACKET_ATTR_KEY
            || usual.port.nla_type != OVS_KEY_ATTR_IN_PORT
            || usual.port.nla_len != sizeof usual.port + sizeof(__u32)
            || port_may_be_chosen(usual.port_no));
}

/* Returns true if the execute of 'info' surely is not to be recorded. */
static __always_inline bool
execute_is_excluded(const struct genl_info *info)
{
    return ((target_netns && info->_net.net->ns.inum != target_netns)
            || (choose_ports && !execute_may_be_chosen(info->nlhdr)));
}

/* Returns true if the execute of the request at 'nlh', for which the twin of
 * the program runs, has begun: it is told so once. */
static __always_inline bool
execute_has_begun(const struct nlmsghdr *nlh)
{
    __u32 tid = bpf_get_current_pid_tgid();
    struct pass_execute *e = bpf_map_lookup_elem(&pass_executes, &tid);

    if (!e || e->nlh != (__u64) nlh || e->twin_has_run) {
        return false;
    }
    e->twin_has_run = 1;
    return true;
}

/* Puts 'e' in the place of the execute of thread 'tid' whose end was not seen,
 * because the kernel has not run the programs for that.  Returns false if
 * there is none: there is no room for more threads. */
static __always_inline bool
execute_replace(struct pass_cpu *pc, __u32 tid, const struct pass_execute *e)
{
    struct pass_execute *old = bpf_map_lookup_elem(&pass_executes, &tid);

    if (!old) {
        return false;
    }
    if (!old->is_written && execute_is_chosen(old)) {
        COUNT(pc->produced);
        COUNT(pc->dropped[PASS_DROP_PROGRAM_MISSED]);
    }
    *old = *e;
    return true;
}

/* The execute of 'info' begins.  'twin' is whether the twin of the program for
 * that runs.
 *
 * With --datapath=actions, one that is not to be recorded is kept all the
 * same, because a pass within it may be recorded that puts actions off until
 * it has executed its own: it gets a frame (executed_begin_execute()). */
static __always_inline int
execute_begin(struct pass_cpu *pc, void *ctx, const struct genl_info *info,
              bool twin)
{
    __u32 tid = bpf_get_current_pid_tgid();
    struct pass_execute e = { .twin_has_run = twin };

    if (twin && execute_has_begun(info->nlhdr)) {
        return 0;
    }
    e.is_excluded = execute_is_excluded(info);
    if (e.is_excluded && !executed) {
        return 0;
    }
    e.ts = bpf_ktime_get_ns();
    e.stack = (__u64) ctx;
    e.nlh = (__u64) info->nlhdr;
    if (!bpf_map_update_elem(&pass_executes, &tid, &e, BPF_NOEXIST)) {
        COUNT(n_pass_executes.n);
    } else if (!execute_replace(pc, tid, &e)) {
        return 0;
    }
    if (!e.is_excluded) {
        COUNT(pc->hits[PASS_HOOK_EXECUTE]);
    }
    return 0;
}

/* Fills 'rec' with what is known of 'e', which has a number. */
static __always_inline void
execute_fill(struct pass_record *rec, const struct pass_execute *e)
{
    __builtin_memset(rec, 0, sizeof *rec);
    rec->head = PASS_RECORD | e->id;
    rec->root = e->id;
    rec->track = execute_track(e);
    rec->lookup = PASS_NONE;
    rec->ts = e->ts;
    rec->cpu = bpf_get_smp_processor_id();
    rec->tid = (__u32) bpf_get_current_pid_tgid();
    get_comm(rec->comm);
    rec->flags |= pass_context(e->stack);
    if (e->upcall) {
        rec->upcall = e->upcall;
        rec->flags |= PASS_F_UPCALL;
    }
}

/* Makes 'rec' the record of 'e', but for its end, from its request. */
static __always_inline void
execute_read(struct pass_record *rec, const struct pass_execute *e)
{
    struct attr_walk w = { .rec = rec };
    __u32 len = 0;

    execute_fill(rec, e);
    bpf_probe_read_kernel(&len, sizeof len, (const void *) e->nlh);
    w.at = e->nlh + REQUEST_ATTRS_OFS;
    w.end = e->nlh + len;
    if (!bpf_probe_read_kernel(&rec->dp_ifindex, sizeof rec->dp_ifindex,
                               (const void *) (e->nlh
                                               + REQUEST_DP_IFINDEX_OFS))) {
        rec->flags |= PASS_F_DP;
    }
    bpf_loop(REQUEST_ATTRS_MAX, execute_attr, &w, 0);
}

/* Writes 'rec', which is that of 'e', unless its port was not chosen. */
static __always_inline void
execute_write(struct pass_cpu *pc, struct pass_record *rec,
              struct pass_execute *e)
{
    e->is_written = 1;
    if (port_is_chosen(rec->dp_ifindex, rec->port_no)) {
        pass_submit(pc, rec);
    }
}

/* Writes the record of 'e', within which a pass begins, so that it comes
 * before that of the pass.  Its end is unknown then.  This must be called with
 * bottom halves disabled, before that record is begun. */
static __always_inline void
execute_write_first(struct pass_cpu *pc, struct pass_execute *e)
{
    struct pass_record *rec = pass_slot(PASS_SLOT_LOOKUP);

    if (rec && !e->is_written) {
        execute_read(rec, e);
        execute_write(pc, rec, e);
    }
}

/* 'slot' is where the record is made.  There is nothing to do for the second
 * of two that call this for the same request. */
static __always_inline int
execute_end(struct pass_cpu *pc, const struct genl_info *info, int ret,
            enum pass_slot slot)
{
    __u32 tid = bpf_get_current_pid_tgid();
    struct pass_execute *e = bpf_map_lookup_elem(&pass_executes, &tid);
    struct pass_record *rec = pass_slot(slot);

    if (!e || !rec) {
        return 0;
    }
    if (e->nlh == (__u64) info->nlhdr && enabled && !e->is_excluded) {
        COUNT(pc->hits[PASS_HOOK_EXECUTE_RETURN]);
        if (!e->is_written && execute_is_chosen(e)) {
            execute_id(pc, e);
            execute_read(rec, e);
            rec->end_ns = bpf_ktime_get_ns() - e->ts;
            rec->ret = ret;
            rec->flags |= PASS_F_DONE;
            execute_write(pc, rec, e);
        }
    }
    if (!bpf_map_delete_elem(&pass_executes, &tid)) {
        __sync_fetch_and_add(&n_pass_executes.n, -1);
    }
    return 0;
}

#endif /* bpf/pass-execute.bpf.h */
