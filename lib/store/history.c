/* SPDX-License-Identifier: Apache-2.0 */

/* The history: finished upcalls and passes in a fixed amount of memory.
 *
 * The daemon adds each record that it takes from the ring buffer, and reads
 * records when a command asks for them.  All of this happens in its main
 * thread: nothing here may be called from two threads at the same time.
 *
 * Each kind of record has a lane of its own, see history-lane.c, and passes
 * are also in chains there, see history-chain.c.
 *
 *
 * Sequence numbers
 * ================
 *
 * There is one series of numbers for all lanes.  A number that is in no lane
 * is that of a record which was forgotten, or of one that is larger than its
 * lane, which is forgotten at once.  So whoever goes from one record to the
 * next, or from a cursor, knows by the numbers alone how many are missing in
 * between, see history_walk_next().
 *
 * A record is found from its number by a binary search in each lane.  As
 * numbers in a lane go up by at least one from place to place, the numbers of
 * its oldest and newest record narrow the search to begin with: to a single
 * place, which is the case without passes, unless numbers are missing.
 *
 * Of a sequence number, the header has the SEQ_BITS lowest bits, and the
 * newest record of the lane tells the rest.  For this to be right, a lane
 * also forgets a record once its number is 2 to the power of SEQ_BITS less
 * than the newest: after 200 days with a million records in a second. */

#include <config.h>
#include "store/history-private.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "openvswitch/util.h"
#include "util.h"

/* A history. */
struct history {
    uint8_t *memory;            /* Of all lanes. */
    struct lane lanes[HISTORY_N_KINDS];
    uint64_t next;              /* Sequence number of the next record. */
};

static enum history_kind get_kind(const void *record, size_t size);
static bool is_of(enum history_kind, int i);

/* Returns a new history that uses at most 'limit' bytes for records and its
 * index (and no more than 32 GiB of a higher limit for each kind), or NULL if
 * the system refuses to give this memory.  With 'has_passes', half of it is
 * for passes; otherwise these are forgotten at once.  The caller must free it
 * with history_destroy(). */
struct history *
history_create(size_t limit, bool has_passes)
{
    struct history *h = xzalloc(sizeof *h);
    struct lane *upcalls = &h->lanes[HISTORY_UPCALLS];
    struct lane *passes = &h->lanes[HISTORY_PASSES];
    size_t n_upcalls = lane_plan(upcalls, limit - (has_passes ? limit / 2
                                                   : 0), false);
    size_t n_passes = lane_plan(passes, has_passes ? limit / 2 : 0, true);

    /* Not xcalloc(): a user may ask for more than there is. */
    h->memory = calloc(1, MAX(n_upcalls + n_passes, 1));
    if (!h->memory) {
        free(h);
        return NULL;
    }
    lane_set_memory(upcalls, h->memory);
    lane_set_memory(passes, h->memory + n_upcalls);
    h->next = 1;
    return h;
}

/* Frees 'h' and all of its records.  Does nothing if 'h' is NULL. */
void
history_destroy(struct history *h)
{
    if (h) {
        free(h->memory);
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
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        lane_clear(&h->lanes[i]);
    }
}

/* Adds a copy of the 'size' bytes at 'record' to 'h' and returns its sequence
 * number.  Forgets as many of the oldest records of its kind as are in the
 * way, which invalidates what history_get() returned for them.
 *
 * A record that is larger than what its kind may have is forgotten at once; it
 * has a sequence number nevertheless. */
uint64_t
history_add(struct history *h, const void *record, size_t size)
{
    struct lane *lane = &h->lanes[get_kind(record, size)];

    if (lane_has_room(lane, size)) {
        lane_add(lane, h->next, record, size);
    } else {
        lane->n_too_large++;
    }
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
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        const struct lane *lane = &h->lanes[i];
        uint64_t place = lane_find(lane, seq);

        if (place < lane->next && lane_seq(lane, place) == seq) {
            const struct history_header *header = lane_header(lane, place);

            *sizep = lane_get_size(header);
            return header + 1;
        }
    }
    *sizep = 0;
    return NULL;
}

/* Returns the sequence number of the oldest record of 'h', of whatever kind.
 * If there is none, returns the same as history_next(). */
uint64_t
history_first(const struct history *h)
{
    uint64_t first = h->next;

    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        if (!lane_is_empty(&h->lanes[i])) {
            first = MIN(first, lane_seq(&h->lanes[i], h->lanes[i].first));
        }
    }
    return first;
}

/* Returns the sequence number that the next record of 'h' will get, so one
 * more than that of the newest record. */
uint64_t
history_next(const struct history *h)
{
    return h->next;
}

/* Returns how many records of 'kind', or of all with HISTORY_ALL, 'h' has
 * whose sequence numbers are 'from' or higher. */
uint64_t
history_count(const struct history *h, enum history_kind kind, uint64_t from)
{
    uint64_t n = 0;

    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        if (is_of(kind, i)) {
            n += h->lanes[i].next - lane_find(&h->lanes[i], from);
        }
    }
    return n;
}

/* Returns the sequence number from which on 'h' has 'n' records of 'kind', or
 * that of the oldest if it has fewer.  If there is none, or 'n' is 0, returns
 * the same as history_next(). */
uint64_t
history_newest(const struct history *h, enum history_kind kind, uint64_t n)
{
    const struct lane *lane = &h->lanes[kind];

    n = MIN(n, lane->next - lane->first);
    return n ? lane_seq(lane, lane->next - n) : h->next;
}

/* Returns true if 'h' keeps passes. */
bool
history_has_passes(const struct history *h)
{
    return h->lanes[HISTORY_PASSES].limit > 0;
}

/* Stores numbers about the records of 'kind' of 'h', or all with HISTORY_ALL,
 * in '*stats'.  Each record that has ever been added is either in 'records' or
 * in 'forgotten'. */
void
history_get_stats(const struct history *h, enum history_kind kind,
                  struct history_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        if (is_of(kind, i)) {
            lane_add_stats(&h->lanes[i], stats);
        }
    }
}

/* Walks.
 *
 * In each lane that it goes through, a walk is in front of the place in
 * 'places'.  In others, it has nothing to go to. */

/* Has 'w' be in 'h' between the records with sequence numbers less than 'seq'
 * and those from there on, to go through those of 'kind', or all with
 * HISTORY_ALL.  It must not be used after the next record was added. */
void
history_walk_init(struct history_walk *w, const struct history *h,
                  enum history_kind kind, uint64_t seq)
{
    w->history = h;
    w->kind = kind;
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        w->places[i] = is_of(kind, i) ? lane_find(&h->lanes[i], seq) : 0;
    }
}

/* Returns the record of 'lane' at 'place', and its number and size. */
static const void *
walk_get(const struct lane *lane, uint64_t place, uint64_t *seqp,
         size_t *sizep)
{
    const struct history_header *header = lane_header(lane, place);

    *seqp = lane_seq(lane, place);
    *sizep = lane_get_size(header);
    return header + 1;
}

/* Goes behind the next record, and returns it as history_get() does, with its
 * sequence number in '*seqp' and its size in '*sizep'.  At the end, returns
 * NULL and stores history_next() and 0.  Either way, all records that had
 * numbers in between and that 'w' goes through are forgotten. */
const void *
history_walk_next(struct history_walk *w, uint64_t *seqp, size_t *sizep)
{
    const struct history *h = w->history;
    int best = -1;

    *seqp = h->next;
    *sizep = 0;
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        const struct lane *lane = &h->lanes[i];

        if (is_of(w->kind, i) && w->places[i] < lane->next) {
            uint64_t seq = lane_seq(lane, w->places[i]);

            if (seq < *seqp) {
                *seqp = seq;
                best = i;
            }
        }
    }
    return (best < 0 ? NULL
            : walk_get(&h->lanes[best], w->places[best]++, seqp, sizep));
}

/* Goes in front of the record before, and returns that, in the same way.  At
 * the start, returns NULL and stores 0 and 0. */
const void *
history_walk_prev(struct history_walk *w, uint64_t *seqp, size_t *sizep)
{
    const struct history *h = w->history;
    int best = -1;

    *seqp = 0;
    *sizep = 0;
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        const struct lane *lane = &h->lanes[i];

        if (is_of(w->kind, i) && w->places[i] > lane->first) {
            uint64_t seq = lane_seq(lane, w->places[i] - 1);

            if (seq > *seqp) {
                *seqp = seq;
                best = i;
            }
        }
    }
    return (best < 0 ? NULL
            : walk_get(&h->lanes[best], --w->places[best], seqp, sizep));
}

/* Has 's' find the passes of 'h' that have 'relation' with 'id'.  It must not
 * be used after the next record was added. */
void
history_search_init(struct history_search *s, const struct history *h,
                    enum history_relation relation, uint64_t id)
{
    s->history = h;
    s->relation = relation;
    s->id = id;
    s->place = chain_first(&h->lanes[HISTORY_PASSES], chain_of(relation),
                           chain_hash(relation, id));
}

/* Returns the newest pass that was not found before, as history_get() does,
 * with its sequence number in '*seqp' and its size in '*sizep', or NULL if
 * there are no more. */
const void *
history_search_next(struct history_search *s, uint64_t *seqp, size_t *sizep)
{
    const struct lane *lane = &s->history->lanes[HISTORY_PASSES];

    while (s->place != UINT64_MAX) {
        const void *record = walk_get(lane, s->place, seqp, sizep);
        uint64_t id;

        s->place = chain_next(lane, chain_of(s->relation), s->place);
        if (history_relation_get(record, *sizep, s->relation, &id)
            && id == s->id) {
            return record;
        }
    }
    return NULL;
}

/* Kinds. */

static enum history_kind
get_kind(const void *record, size_t size)
{
    uint64_t word = 0;

    if (size >= sizeof word) {
        memcpy(&word, record, sizeof word);
    }
    return record_is_pass(&word) ? HISTORY_PASSES : HISTORY_UPCALLS;
}

/* Returns true if 'kind', which may be HISTORY_ALL, has that of lane 'i'. */
static bool
is_of(enum history_kind kind, int i)
{
    return kind == HISTORY_ALL || kind == i;
}
