/* SPDX-License-Identifier: Apache-2.0 */

/* Handler threads and slots: the second part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <string.h>

#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* Returns how many handler threads there can be. */
size_t
attach_n_places(const struct attachment *a)
{
    return a->n_handlers;
}

/* Returns the state of the handler thread at 'place', below attach_n_places(),
 * or NULL if there is none.  The thread may change its state at any time; only
 * 'idle_seq' is the caller's to write. */
struct upcall_handler *
attach_handler_at(const struct attachment *a, size_t place)
{
    struct upcall_handler *h = &a->handlers[place];

    return __atomic_load_n(&h->tid, __ATOMIC_SEQ_CST) ? h : NULL;
}

/* Returns the state of handler thread 'tid', NULL if there is no such
 * thread. */
struct upcall_handler *
attach_get_handler(const struct attachment *a, uint32_t tid)
{
    for (size_t i = 0; i < UPCALL_HANDLER_TRIES; i++) {
        struct upcall_handler *h;

        h = attach_handler_at(a, (tid + i) % a->n_handlers);
        if (h && h->tid == tid) {
            return h;
        }
    }
    return NULL;
}

/* Adds 'src' to 'dst'. */
static void
add_counts(struct upcall_counts *dst_, const struct upcall_counts *src_)
{
    uint64_t *dst = (uint64_t *) dst_;
    const uint64_t *src = (const uint64_t *) src_;

    for (size_t i = 0; i < sizeof *src_ / sizeof *src; i++) {
        dst[i] += src[i];
    }
}

/* Forgets the handler thread 'h', which has ended, but not what it counted. */
void
attach_handler_is_gone(struct attachment *a, struct upcall_handler *h)
{
    add_counts(&a->past, &h->counts);
    memset(&h->tid + 1, 0, sizeof *h - sizeof h->tid);
    __atomic_store_n(&h->tid, 0, __ATOMIC_SEQ_CST);
}

/* Stores in '*counts' what all handler threads have counted. */
void
attach_get_counts(const struct attachment *a, struct upcall_counts *counts)
{
    *counts = a->past;
    for (size_t i = 0; i < a->n_handlers; i++) {
        const struct upcall_handler *h = attach_handler_at(a, i);

        if (h) {
            add_counts(counts, &h->counts);
        }
    }
}

/* Returns the number of slots of 'a'. */
size_t
attach_n_slots(const struct attachment *a)
{
    return a->n_slots;
}

/* Returns true if all of the UPCALL_BUCKET slots from 'slot', a multiple of
 * that, were free just now: as nearly all are nearly always. */
bool
attach_slots_are_free(const struct attachment *a, size_t slot)
{
    const struct upcall_bucket *b = &a->buckets[slot / UPCALL_BUCKET];
    unsigned long long any = 0;

    for (size_t i = 0; i < UPCALL_BUCKET; i++) {
        any |= __atomic_load_n(&b->keys[i], __ATOMIC_RELAXED);
    }
    return !any;
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
    *sizep = upcall_record_size(rec);
    return *sizep <= a->slot_size ? rec : NULL;
}
