/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * The batch of a handler: what it has received and not finished.
 *
 * A handler receives a batch of upcalls, translating each, until its socket is
 * empty or UPCALL_BATCH_MAX of them may need something of the datapath.  Then
 * it sends the operations of all in the order of the upcalls: for each an
 * optional put followed by an optional execute, or by any number of executes
 * if ovs-vswitchd helps with the actions (recv_upcalls() and handle_upcalls()
 * in ofproto/ofproto-dpif-upcall.c, dpif_operate() and
 * dpif_execute_with_help() in lib/dpif.c, OVS 3.1 to 4.0).  The kernel carries
 * them out in that order in the handler thread.  So each thread has a list of
 * the upcalls that it has received, and a cursor.
 *
 * An upcall ends with its execute, unless there may be others of it, or when
 * its batch has ended, see recv.bpf.h.
 *
 * Upcalls for sFlow, IPFIX and controllers never have operations
 * (process_upcall()), nor have those with another cookie (classify_upcall()),
 * so they are not in the list, but chained by their records, until the batch
 * ends.  There may be any number of them in a batch, so they also end when
 * there are UPCALL_CHAIN_MAX.
 */
#ifndef BPF_BATCH_BPF_H
#define BPF_BATCH_BPF_H 1

/* Returns the entry at place 'i' of the list of 'h'. */
static __always_inline __u64 *
list_entry(struct upcall_handler *h, __u32 i)
{
    return &h->entries[MODULO(i, UPCALL_LIST_MAX)];
}

/* Returns the record of the upcall there, NULL if it has none. */
static __always_inline struct upcall_record *
list_record(struct upcall_handler *h, __u32 i)
{
    return entry_record(*list_entry(h, i));
}

/* Returns true if messages are kept of 'h', see unseen.bpf.h. */
static __always_inline bool
has_unread(const struct upcall_handler *h)
{
    return keep_unread && h->n_unread;
}

/* Returns how many upcalls of the batch of 'h' count, at most. */
static __always_inline __u32
batch_counted(const struct upcall_handler *h)
{
    return h->n + h->n_unread - h->n_uncounted + h->n_unlisted;
}

/* Returns true if none of the upcalls of the batch of 'h', of which all have
 * been received, has a record.  Of which of them an operation is matters to
 * nobody then. */
static __always_inline bool
batch_is_unseen(const struct upcall_handler *h)
{
    return !h->n_recorded && (h->processing || h->drained);
}

/* Returns what is known of it, bits of enum upcall_state. */
static __always_inline __u16 *
list_state(struct upcall_handler *h, __u32 i)
{
    return &h->states[MODULO(i, UPCALL_LIST_MAX)];
}

/* Ends the upcall at place 'i' in the list, if it has not ended. */
static __noinline int
list_close(struct upcall_handler *h, __u32 i)
{
    __u64 *entryp = list_entry(h, i);
    __u64 entry = *entryp;
    struct upcall_record *rec = entry_record(entry);

    *entryp = 0;
    if (rec) {
        record_close(h, rec, UPCALL_ENTRY_SLOT(entry));
    }
    return 0;
}

struct close_ctx {
    struct upcall_handler *h;
};

static long
close_listed(__u32 i, struct close_ctx *c)
{
    list_close(c->h, i);
    return 0;
}

/* Ends the first of the upcalls that are chained. */
static long
close_chained(__u32 i, struct close_ctx *c)
{
    __u64 entry = c->h->chain;
    struct upcall_record *rec = entry_record(entry);

    if (!rec) {
        c->h->chain = 0;                /* The daemon has collected it, and
                                         * will collect those behind. */
        return 1;
    }
    c->h->chain = rec->next;
    record_close(c->h, rec, UPCALL_ENTRY_SLOT(entry));
    return !c->h->chain;
}

/* Ends the upcalls that are chained. */
static __always_inline void
chain_close(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };

    bpf_loop(UPCALL_CHAIN_MAX, close_chained, &c, 0);
    h->chain = 0;
    h->n_chained = 0;
}

/* Empties the list of 'h'. */
static __always_inline void
list_clear(struct upcall_handler *h)
{
    h->n = 0;
    h->n_recorded = 0;
    h->cursor = 0;
    h->boundary = 0;
    h->n_uncounted = 0;
    h->n_short = 0;
#pragma unroll
    for (int i = 0; i < UPCALL_FILTER_BITS / 64; i++) {
        h->filter[i] = 0;
    }
}

/* Ends all upcalls of 'h', whose executes have been resolved, and begins a new
 * batch. */
GLOBAL int
batch_close(struct upcall_handler *h)
{
    struct close_ctx c = { .h = h };
    __u32 n;

    if (!h) {
        return 0;
    }
    n = h->n;
    if (n) {
        bpf_loop(n <= UPCALL_LIST_MAX ? n : UPCALL_LIST_MAX, close_listed, &c,
                 0);
        list_clear(h);
    }
    h->n_unread = 0;
    h->boundary = 0;
    if (h->chain) {
        chain_close(h);
    }
    h->n_unlisted = 0;
    h->processing = 0;
    h->drained = 0;
    h->last_entry = 0;
    h->batch++;
    h->batch_recv = 0;
    if (full) {
        h->usdt_entry = 0;
        h->usdt_cursor = 0;
        h->plan_head = h->plan_tail;
        h->put_head = h->put_tail;
    }
    return 0;
}

/* Returns the packet in 'rec'. */
static __always_inline const __u64 *
record_packet(const struct upcall_record *rec)
{
    return (const void *) (rec->data
                           + bounded(rec->packet_ofs, UPCALL_KEY_MAX));
}

/* Returns true if 'rec' has the first 'max' bytes of its packet, or all. */
static __always_inline bool
record_has_packet(const struct upcall_record *rec, __u32 max)
{
    return rec->packet_ofs && rec->packet_kept >= min_u32(rec->packet_sent,
                                                          max);
}

/* Sets the fingerprint of the rest of the upcall at place 'i'.  It stays 0 if
 * that is not known. */
GLOBAL int
list_rest(struct upcall_handler *h, __u32 i)
{
    struct upcall_record *rec;
    __u64 *restp, sum;

    if (!h) {
        return 0;
    }
    restp = &h->rests[MODULO(i, UPCALL_LIST_MAX)];
    rec = list_record(h, i);
    if (*restp || !rec || !record_has_packet(rec, PRINT_REST)) {
        return 0;
    }
    sum = print_of_key(rec, MSG_KEY_OFS, rec->key_len);
    *restp = print_of_rest(sum, record_packet(rec), rec->packet_sent);
    return 0;
}

/* What list_append() looks for. */
struct alike_ctx {
    struct upcall_handler *h;
    __u64 print;
};

/* Compares with the i-th last upcall.  If it is equal, those before it that
 * are have been found by it. */
static long
mark_alike(__u32 i, struct alike_ctx *c)
{
    __u32 place = c->h->n - 1 - i;

    if (c->h->prints[MODULO(place, UPCALL_LIST_MAX)] == c->print) {
        list_rest(c->h, place);
        *list_state(c->h, place) |= UPCALL_S_ALIKE;
        *list_state(c->h, c->h->n) |= UPCALL_S_ALIKE;
        return 1;
    }
    return 0;
}

/* Appends an upcall to the list of 'h', in which there is room.  Its packet
 * has the fingerprint 'print', 0 if that is not known. */
static __always_inline void
list_append(struct upcall_handler *h, __u64 entry, __u32 port_no, __u16 state,
            __u64 print)
{
    __u32 i = MODULO(h->n, UPCALL_LIST_MAX);
    __u64 *word = &h->filter[MODULO(print >> 6, UPCALL_FILTER_BITS / 64)];
    __u64 bit = 1ULL << (print & 63);

    h->entries[i] = entry;
    h->ports[i] = port_no;
    h->prints[i] = print;
    h->rests[i] = 0;
    h->states[i] = state;
    if (!print) {
        h->n_short++;
    } else if (*word & bit) {
        struct alike_ctx c = { .h = h, .print = print };

        bpf_loop(i, mark_alike, &c, 0);
    }
    *word |= bit;
    h->n = i + 1;
    if (h->states[i] & UPCALL_S_ALIKE) {
        list_rest(h, i);
    }
}

/* Returns what is known of the upcall of 'rec' when it is received. */
static __always_inline __u16
first_state(const struct upcall_record *rec)
{
    return ((rec->class_ == UPCALL_CLASS_MISS
             ? UPCALL_S_MISS | UPCALL_S_MAY_HELP
             : rec->class_ == UPCALL_CLASS_SLOW_PATH ? UPCALL_S_MAY_HELP : 0)
            | (rec->flags & UPCALL_F_HASHED ? UPCALL_S_HASHED : 0));
}

/* Appends the upcall of 'rec', with 'entry'. */
static __always_inline void
list_append_record(struct upcall_handler *h, struct upcall_record *rec,
                   __u64 entry)
{
    __u32 i = MODULO(h->n, UPCALL_LIST_MAX);

    list_append(h, entry, rec->port_no, first_state(rec),
                record_has_packet(rec, PRINT_START)
                ? print_of_start(record_packet(rec), rec->packet_sent)
                : 0);
    if (!record_has_packet(rec, PRINT_REST)) {
        h->keys[i] = print_of_key(rec, MSG_KEY_OFS, rec->key_len);
    }
}

/* Offset from which the parts of 'rec' behind the message start. */
static __always_inline __u64
tail_ofs(const struct upcall_record *rec)
{
    return bounded(ALIGN8((__u64) rec->msg_len), msg_max);
}

#endif /* bpf/batch.bpf.h */
