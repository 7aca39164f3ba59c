/* SPDX-License-Identifier: Apache-2.0 */

/* Handler threads and slots: the third part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Stores the state of handler thread 'tid' in '*h'.  Returns false if there is
 * no such thread. */
bool
attach_get_handler(struct attachment *a, uint32_t tid,
                   struct upcall_handler *h)
{
    return !bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.handlers), &tid, h);
}

/* Finds the handler thread that follows thread '*tid', or the first if '*tid'
 * is 0, and stores its number in '*tid' and its state in '*h'.  Returns false
 * if there is none. */
bool
attach_next_handler(struct attachment *a, uint32_t *tid,
                    struct upcall_handler *h)
{
    int fd = bpf_map__fd(a->skel->maps.handlers);

    while (!bpf_map_get_next_key(fd, *tid ? tid : NULL, tid)) {
        if (attach_get_handler(a, *tid, h)) {
            return true;
        }
    }
    return false;
}

/* Tells the programs that handler thread 'tid' was asleep when it had received
 * 'recv_seq' upcalls. */
void
attach_handler_is_idle(struct attachment *a, uint32_t tid, uint64_t recv_seq)
{
    struct upcall_idle *idle
        = &a->skel->bss->idle[tid & (UPCALL_IDLE_MAX - 1)];

    idle->recv_seq = 0;
    __atomic_store_n(&idle->tid, tid, __ATOMIC_SEQ_CST);
    __atomic_store_n(&idle->recv_seq, recv_seq, __ATOMIC_SEQ_CST);
}

/* Returns true if attach_handler_is_idle() was called with the same arguments
 * and nothing has changed since. */
bool
attach_handler_is_known_idle(const struct attachment *a, uint32_t tid,
                             uint64_t recv_seq)
{
    const struct upcall_idle *idle
        = &a->skel->bss->idle[tid & (UPCALL_IDLE_MAX - 1)];

    return idle->tid == tid && idle->recv_seq == recv_seq;
}

/* Forgets handler thread 'tid', which has ended, but not what it counted. */
void
attach_handler_is_gone(struct attachment *a, uint32_t tid)
{
    int fd = bpf_map__fd(a->skel->maps.handlers);
    struct upcall_handler h;

    if (bpf_map_lookup_elem(fd, &tid, &h)) {
        return;
    }
    attach_add_counts(&a->past, &h.counts);
    bpf_map_delete_elem(fd, &tid);
}

/* Returns the number of slots of 'a'. */
size_t
attach_n_slots(const struct attachment *a)
{
    return a->n_slots;
}

/* Returns the key of 'slot', shared with the kernel. */
unsigned long long *
attach_slot_key(struct attachment *a, size_t slot)
{
    return &a->buckets[slot / UPCALL_BUCKET].keys[slot % UPCALL_BUCKET];
}

/* Reads the record in 'slot'.  Returns NULL if that fails, else the record,
 * which is valid until the next call, and stores its size in '*sizep'. */
const struct upcall_record *
attach_slot_read(struct attachment *a, size_t slot_, size_t *sizep)
{
    uint32_t slot = slot_;
    const struct upcall_record *rec = a->slot;

    if (bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.slots), &slot,
                            a->slot)) {
        return NULL;
    }
    *sizep = (sizeof *rec + ROUND_UP(rec->msg_len, 8)
              + ROUND_UP(rec->put_len, 8) + rec->exec_len);
    return *sizep <= a->slot_size ? rec : NULL;
}
