/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fake-attach.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* Bytes of a slot. */
#define SLOT_SIZE UPCALL_SLOT_SIZE(UPCALL_KEY_MAX + UPCALL_MATCH_MAX)

struct attachment {
    size_t n_slots;
    unsigned long long *keys;
    uint8_t *slots;             /* SLOT_SIZE bytes for each. */
    uint64_t copy[DIV_ROUND_UP(SLOT_SIZE, 8)];  /* What was read last. */
    size_t n_reads;
};

/* Returns an attachment with 'n_slots', a multiple of UPCALL_BUCKET, all of
 * them free.  The caller frees it with fake_attach_destroy(). */
struct attachment *
fake_attach_create(size_t n_slots)
{
    struct attachment *a = xzalloc(sizeof *a);

    a->n_slots = n_slots;
    a->keys = xcalloc(n_slots, sizeof *a->keys);
    a->slots = xcalloc(n_slots, SLOT_SIZE);
    return a;
}

/* Frees 'a'. */
void
fake_attach_destroy(struct attachment *a)
{
    free(a->keys);
    free(a->slots);
    free(a);
}

/* Has 'slot' hold 'rec' under 'key'. */
void
fake_attach_fill(struct attachment *a, size_t slot, uint64_t key,
                 const struct upcall_record *rec)
{
    memcpy(&a->slots[slot * SLOT_SIZE], rec, upcall_record_size(rec));
    a->keys[slot] = key;
}

/* Returns the key of 'slot'. */
uint64_t
fake_attach_key(const struct attachment *a, size_t slot)
{
    return a->keys[slot];
}

/* Returns how many records were read since this was called last. */
size_t
fake_attach_reads(struct attachment *a)
{
    size_t n = a->n_reads;

    a->n_reads = 0;
    return n;
}

/* What sweep.c uses of attach.h for slots. */

size_t
attach_n_slots(const struct attachment *a)
{
    return a->n_slots;
}

bool
attach_slots_are_free(const struct attachment *a, size_t slot)
{
    static const unsigned long long none[UPCALL_BUCKET];

    return !memcmp(&a->keys[slot], none, sizeof none);
}

unsigned long long *
attach_slot_key(struct attachment *a, size_t slot)
{
    return &a->keys[slot];
}

const struct upcall_record *
attach_slot_read(struct attachment *a, size_t slot, size_t *sizep)
{
    const struct upcall_record *rec = (const void *) a->copy;

    a->n_reads++;
    memcpy(a->copy, &a->slots[slot * SLOT_SIZE], SLOT_SIZE);
    *sizep = upcall_record_size(rec);
    return rec;
}
