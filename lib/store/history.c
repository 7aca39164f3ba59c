/* SPDX-License-Identifier: Apache-2.0 */

/* The history: finished upcalls in a fixed amount of memory.
 *
 * The daemon adds each record that it takes from the ring buffer, and reads
 * records when a command asks for them.  All of this happens in its main
 * thread: nothing here may be called from two threads at the same time.
 *
 *
 * Memory
 * ======
 *
 * One block of memory holds two parts, which together never exceed the limit:
 *
 *   - The ring.  A record is one piece of it: a header of 8 bytes with the
 *     size of the record, then the record, padded to a multiple of 8 bytes.
 *     A record that does not fit between the newest one and the end of the
 *     ring goes to the start of the ring; the bytes before the end are unused
 *     until the next lap.
 *
 *   - The index.  It has the position in the ring of each record, 4 bytes for
 *     each, so that any record is found at once from its sequence number.
 *
 *                 tail                  head
 *                  |                     |
 *        +---------+------+----+---------+---------------+  +---------+
 *   ring |  free   |  17  | 18 |    20   |     free      |  | | | | | | index
 *        +---------+------+----+---------+---------------+  +---------+
 *
 * The index has one entry for each HISTORY_RECORD_MIN bytes of the limit, so
 * it takes 1/32 of the memory.  Thus there are never more records than that,
 * but a record of an upcall, with its header, always needs more than
 * HISTORY_RECORD_MIN bytes, so that the ring is full before the index is.
 *
 * The system gives memory to a process when it is first written to, so a
 * large limit costs nothing until there are as many records.
 *
 *
 * Sequence numbers
 * ================
 *
 * 'first' is the number of the oldest record, 'next' the number of the one
 * that will be added next.  If they are equal then there is no record.
 *
 * A record that is larger than the ring gets a number, too, so that a reader
 * sees that one is missing.  It leaves a hole: an entry of the index that is
 * HISTORY_HOLE.  'first' is never the number of a hole. */

#include <config.h>
#include "store/history.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Bytes of the limit for which there is one entry of the index. */
#define HISTORY_RECORD_MIN 128

/* Alignment of records.  Entries of the index count in this unit. */
#define HISTORY_ALIGN 8

/* Entry of the index for a record that is not stored. */
#define HISTORY_HOLE UINT32_MAX

/* Largest limit.  Positions in a ring of this size are less than
 * HISTORY_HOLE. */
#define HISTORY_LIMIT_MAX ((uint64_t) HISTORY_ALIGN * HISTORY_HOLE)

/* In front of each record. */
struct history_header {
    uint64_t size;              /* Bytes of the record, without padding. */
};
BUILD_ASSERT_DECL(sizeof(struct history_header) == HISTORY_ALIGN);

/* A history.  See the top of this file. */
struct history {
    /* Set when the history is created. */
    uint8_t *ring;              /* The memory: ring, then index. */
    uint32_t *index;            /* By sequence number modulo 'n_index'. */
    size_t ring_size;           /* Bytes of 'ring', multiple of 8. */
    size_t n_index;             /* Entries of 'index'. */
    size_t limit;               /* Bytes that the creator allowed. */

    /* What is kept. */
    size_t head;                /* Where the next record will be, if it fits
                                 * between there and the end. */
    size_t reached;             /* Highest 'head' before it was set to 0. */
    uint64_t first;             /* Oldest record. */
    uint64_t next;              /* Next record that is added. */
    uint64_t n_records;         /* Records, without holes. */
    size_t n_bytes;             /* Bytes of them, with header and padding. */
};

static void history_restart(struct history *);
static void history_make_room(struct history *, size_t need);
static void history_forget_oldest(struct history *);
static void history_skip_holes(struct history *);
static void history_add_hole(struct history *);
static bool history_is_empty(const struct history *);
static uint32_t *history_entry(const struct history *, uint64_t seq);
static size_t history_offset(const struct history *, uint64_t seq);
static struct history_header *history_header_at(const struct history *,
                                                size_t ofs);
static size_t history_space(size_t size);

/* Returns a new history that uses at most 'limit' bytes for records and its
 * index (and no more than 32 GiB of a higher limit), or NULL if the system
 * refuses to give this memory.  The caller must free it with
 * history_destroy(). */
struct history *
history_create(size_t limit)
{
    size_t n_index = MIN(limit, HISTORY_LIMIT_MAX) / HISTORY_RECORD_MIN;
    size_t ring_size = ROUND_DOWN(
        n_index * (HISTORY_RECORD_MIN - sizeof(uint32_t)), HISTORY_ALIGN);

    /* Not xmalloc(): a user may ask for more than there is. */
    uint8_t *ring = malloc(MAX(n_index * HISTORY_RECORD_MIN, 1));
    if (!ring) {
        return NULL;
    }

    struct history *h = xzalloc(sizeof *h);
    h->ring = ring;
    h->index = ALIGNED_CAST(uint32_t *, ring + ring_size);
    h->ring_size = ring_size;
    h->n_index = n_index;
    h->limit = limit;
    h->first = h->next = 1;
    return h;
}

/* Frees 'h' and all of its records.  Does nothing if 'h' is NULL. */
void
history_destroy(struct history *h)
{
    if (h) {
        free(h->ring);
        free(h);
    }
}

/* Forgets all records of 'h'.  Sequence numbers go on: the next record gets
 * the number that it would have got otherwise, and the ones that were removed
 * count as forgotten, so that a reader with a cursor sees a gap and not old
 * numbers with new records. */
void
history_clear(struct history *h)
{
    history_restart(h);
    h->first = h->next;
    h->n_records = 0;
    h->n_bytes = 0;
}

/* Adds a copy of the 'size' bytes at 'record' to 'h' and returns its sequence
 * number.  Forgets as many of the oldest records as are in the way, which
 * invalidates what history_get() returned for them.
 *
 * A record that is larger than 'h' is forgotten at once; it has a sequence
 * number nevertheless. */
uint64_t
history_add(struct history *h, const void *record, size_t size)
{
    if (size >= h->ring_size || history_space(size) > h->ring_size) {
        history_add_hole(h);
        return h->next - 1;
    }

    size_t need = history_space(size);
    history_make_room(h, need);

    struct history_header *header = history_header_at(h, h->head);
    header->size = size;
    nullable_memcpy(header + 1, record, size);

    *history_entry(h, h->next) = h->head / HISTORY_ALIGN;
    h->head += need;
    h->n_bytes += need;
    h->n_records++;
    return h->next++;
}

/* Returns the record of 'h' with sequence number 'seq', aligned to 8 bytes,
 * and stores the number of its bytes in '*sizep'.  It stays in place until
 * the next call of history_add(), history_clear() or history_destroy().
 *
 * Returns NULL and stores 0 if the record has been forgotten, was too large
 * to be stored, or has not been added yet. */
const void *
history_get(const struct history *h, uint64_t seq, size_t *sizep)
{
    *sizep = 0;
    if (seq < h->first || seq >= h->next
        || *history_entry(h, seq) == HISTORY_HOLE) {
        return NULL;
    }

    const struct history_header *header
        = history_header_at(h, history_offset(h, seq));
    *sizep = header->size;
    return header + 1;
}

/* Returns the sequence number of the oldest record of 'h'.  If there is none,
 * returns the same as history_next(). */
uint64_t
history_first(const struct history *h)
{
    return h->first;
}

/* Returns the sequence number that the next record of 'h' will get, so one
 * more than that of the newest record. */
uint64_t
history_next(const struct history *h)
{
    return h->next;
}

/* Stores numbers about 'h' in '*stats'.  Each record that has ever been added
 * is either in 'records' or in 'forgotten'. */
void
history_get_stats(const struct history *h, struct history_stats *stats)
{
    stats->limit = h->limit;
    stats->bytes = h->n_bytes;
    stats->memory = (MAX(h->reached, h->head)
                     + MIN(h->next, h->n_index) * sizeof *h->index);
    stats->records = h->n_records;
    stats->forgotten = h->next - 1 - h->n_records;
}

/* Adding and forgetting. */

/* Has the next record be at the start of the ring. */
static void
history_restart(struct history *h)
{
    h->reached = MAX(h->reached, h->head);
    h->head = 0;
}

/* Makes 'need' bytes free at 'h->head', which is set to the start of the ring
 * if there are fewer bytes than that before its end.  Also makes an entry of
 * the index free. */
static void
history_make_room(struct history *h, size_t need)
{
    if (h->next - h->first >= h->n_index) {
        history_forget_oldest(h);
    }

    if (h->ring_size - h->head < need) {
        /* Records between the head and the end are the oldest ones. */
        while (!history_is_empty(h)
               && history_offset(h, h->first) >= h->head) {
            history_forget_oldest(h);
        }
        history_restart(h);
    }

    while (!history_is_empty(h)
           && history_offset(h, h->first) >= h->head
           && history_offset(h, h->first) - h->head < need) {
        history_forget_oldest(h);
    }
}

/* Forgets the oldest record of 'h', which must have one. */
static void
history_forget_oldest(struct history *h)
{
    size_t ofs = history_offset(h, h->first);

    h->n_bytes -= history_space(history_header_at(h, ofs)->size);
    h->n_records--;
    h->first++;
    history_skip_holes(h);
}

/* Makes sure that 'h->first' is a record, not a hole. */
static void
history_skip_holes(struct history *h)
{
    while (!history_is_empty(h)
           && *history_entry(h, h->first) == HISTORY_HOLE) {
        h->first++;
    }
}

/* Uses a sequence number for a record that cannot be stored. */
static void
history_add_hole(struct history *h)
{
    if (history_is_empty(h)) {
        h->first = ++h->next;
        return;
    }

    if (h->next - h->first >= h->n_index) {
        history_forget_oldest(h);
    }
    *history_entry(h, h->next++) = HISTORY_HOLE;
    history_skip_holes(h);
}

/* Positions. */

static bool
history_is_empty(const struct history *h)
{
    return h->first == h->next;
}

/* Returns the entry of the index for 'seq'.  There must be an index. */
static uint32_t *
history_entry(const struct history *h, uint64_t seq)
{
    return &h->index[seq % h->n_index];
}

/* Returns the position in the ring of record 'seq', which must be there. */
static size_t
history_offset(const struct history *h, uint64_t seq)
{
    return (size_t) *history_entry(h, seq) * HISTORY_ALIGN;
}

static struct history_header *
history_header_at(const struct history *h, size_t ofs)
{
    return ALIGNED_CAST(struct history_header *, h->ring + ofs);
}

/* Returns the bytes of the ring that a record of 'size' bytes takes. */
static size_t
history_space(size_t size)
{
    return sizeof(struct history_header) + ROUND_UP(size, HISTORY_ALIGN);
}
