/* SPDX-License-Identifier: Apache-2.0 */

/* The history: finished upcalls and passes in a fixed amount of memory.
 *
 * The daemon adds each record that it takes from the ring buffer, and reads
 * records when a command asks for them.  All of this happens in its main
 * thread: nothing here may be called from two threads at the same time.
 *
 *
 * Lanes
 * =====
 *
 * There can be a thousand passes for each upcall.  So that they do not push
 * the upcalls out, each kind of record has a lane of its own, with a share of
 * the memory, and a lane forgets only its own records: half of the memory is
 * for upcalls, or all of it if passes are not recorded.
 *
 * One block of memory holds, for each lane, two parts, which together never
 * exceed its share of the limit:
 *
 *   - The ring.  A record is one piece of it: a header of 8 bytes with the
 *     sequence number and the size of the record, then the record, padded to
 *     a multiple of 8 bytes.  A record that does not fit between the newest
 *     one and the end of the ring goes to the start of the ring; the bytes
 *     before the end are unused until the next lap.
 *
 *   - The index.  It has the position in the ring of each record, 4 bytes for
 *     each, so that a lane is an array of records, in the order of their
 *     sequence numbers, each of which has a place: its first record ever has
 *     0, the next 1, and so on.
 *
 *                 tail                  head
 *                  |                     |
 *        +---------+------+----+---------+---------------+  +---------+
 *   ring |  free   |  17  | 18 |    20   |     free      |  | | | | | | index
 *        +---------+------+----+---------+---------------+  +---------+
 *
 * In front of these, the lane of passes has the heads of its chains, see
 * below.
 *
 * The index has one entry for each HISTORY_RECORD_MIN bytes of the lane, so
 * it takes 1/32 of the memory.  Thus there are never more records than that,
 * but a record of an upcall or of a pass, with its header, always needs more
 * than HISTORY_RECORD_MIN bytes, so that the ring is full before the index
 * is.
 *
 * The system gives memory to a process when it is first written to, so a
 * large limit costs nothing until there are as many records.
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
 * than the newest: after 200 days with a million records in a second.
 *
 *
 * Chains
 * ======
 *
 * So that passes are found by what they are related to, each is in two chains:
 * that of its own number, and that of the upcall whose execute it is, or of
 * the pass that is its parent.  A chain has the records whose keys have a hash
 * in common: its head is the place of the newest, and behind each record is
 * how many places before it the next one is.  A chain ends with the first that
 * is forgotten, so nothing has to be taken out of it. */

#include <config.h>
#include "store/history.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "hash.h"
#include "openvswitch/util.h"
#include "store/history-relation.h"
#include "util.h"

/* Bytes of the limit for which there is one entry of the index. */
#define HISTORY_RECORD_MIN 128

/* Alignment of records.  Entries of the index count in this unit. */
#define HISTORY_ALIGN 8

/* Largest lane.  Positions in a ring of this size fit into an entry of the
 * index. */
#define HISTORY_LANE_MAX ((uint64_t) HISTORY_ALIGN * UINT32_MAX)

/* Bits of a sequence number that a header has, of which a test makes do with
 * few, and the largest record, in bytes. */
#ifndef SEQ_BITS
#define SEQ_BITS 44
#endif
#define SEQ_SPAN (UINT64_C(1) << SEQ_BITS)
#define SIZE_BITS (64 - SEQ_BITS)
#define RECORD_MAX ((UINT64_C(1) << SIZE_BITS) - 1)

/* In front of each record. */
struct history_header {
    uint64_t seq_and_size;      /* SEQ_BITS bits of the sequence number, then
                                 * the bytes of the record, without padding. */
};
BUILD_ASSERT_DECL(sizeof(struct history_header) == HISTORY_ALIGN);

/* The chains that a pass is in. */
enum chain {
    CHAIN_SELF,                 /* By its number. */
    CHAIN_ORIGIN,               /* By its upcall or its parent. */
    N_CHAINS
};

/* Bytes behind each record of a lane with chains. */
#define LINKS_SIZE (N_CHAINS * sizeof(uint32_t))
BUILD_ASSERT_DECL(LINKS_SIZE % HISTORY_ALIGN == 0);

/* Records for which there is one head of each chain, if they are small. */
#define RECORDS_PER_HEAD 8

/* Records of one kind.  See the top of this file. */
struct lane {
    /* Set when the history is created. */
    uint64_t *heads;            /* Of chains: N_CHAINS for each of 'n_heads',
                                 * the place of a record plus 1, or 0. */
    size_t n_heads;             /* A power of 2, or 0. */
    uint8_t *ring;              /* The memory: ring, then index. */
    uint32_t *index;            /* See lane_slot(). */
    size_t ring_size;           /* Bytes of 'ring', multiple of 8. */
    size_t n_index;             /* Entries of 'index'. */
    size_t limit;               /* Bytes that it may use. */

    /* What is kept. */
    size_t head;                /* Where the next record will be, if it fits
                                 * between there and the end. */
    size_t reached;             /* Highest 'head' before it was set to 0. */
    uint64_t first;             /* Place of the oldest record, */
    uint64_t next;              /* and of the next one that is added. */
    size_t first_slot;          /* Entry of 'index' of 'first'. */
    uint64_t newest;            /* Its sequence number, if there is one. */
    uint64_t floor;             /* No record has a lower one than this. */
    size_t n_bytes;             /* Bytes of records, with header and
                                 * padding. */
    uint64_t n_too_large;       /* Records that were never here. */
};

/* A history. */
struct history {
    uint8_t *memory;            /* Of all lanes. */
    struct lane lanes[HISTORY_N_KINDS];
    uint64_t next;              /* Sequence number of the next record. */
};

static enum history_kind get_kind(const void *record, size_t size);
static bool is_of(enum history_kind, int i);
static size_t lane_plan(struct lane *, size_t limit, bool has_chains);
static void lane_set_memory(struct lane *, uint8_t *memory);
static void lane_clear(struct lane *);
static bool lane_has_room(const struct lane *, size_t size);
static void lane_add(struct lane *, uint64_t seq, const void *record,
                     size_t size);
static void lane_restart(struct lane *);
static void lane_make_room(struct lane *, uint64_t seq, size_t need);
static void lane_raise_floor(struct lane *, uint64_t seq);
static void lane_forget_until(struct lane *, size_t end);
static void lane_forget_oldest(struct lane *);
static void lane_add_stats(const struct lane *, struct history_stats *);
static bool lane_is_empty(const struct lane *);
static uint64_t lane_find(const struct lane *, uint64_t seq);
static size_t lane_slot(const struct lane *, uint64_t place);
static size_t lane_offset(const struct lane *, uint64_t place);
static struct history_header *lane_header(const struct lane *,
                                          uint64_t place);
static uint64_t lane_seq(const struct lane *, uint64_t place);
static size_t lane_get_size(const struct history_header *);
static size_t lane_space(const struct lane *, size_t size);
static void chains_add(struct lane *, uint64_t place);
static uint64_t chain_first(const struct lane *, enum chain, uint32_t hash);
static uint64_t chain_next(const struct lane *, enum chain, uint64_t place);
static uint32_t chain_hash(enum history_relation, uint64_t id);
static enum chain chain_of(enum history_relation);

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

/* Adding and forgetting. */

/* Returns how many bytes the heads of all chains of 'lane' take. */
static size_t
heads_size(const struct lane *lane)
{
    return lane->n_heads * N_CHAINS * sizeof *lane->heads;
}

/* Plans 'lane' for 'limit' bytes, and returns how many of these it needs. */
static size_t
lane_plan(struct lane *lane, size_t limit, bool has_chains)
{
    size_t most = MIN(limit, HISTORY_LANE_MAX) / HISTORY_RECORD_MIN;

    lane->limit = limit;
    if (has_chains && most) {
        lane->n_heads = 1;
        while (lane->n_heads * 2 * RECORDS_PER_HEAD <= most) {
            lane->n_heads *= 2;
        }
    }
    lane->n_index = ((MIN(limit, HISTORY_LANE_MAX) - heads_size(lane))
                     / HISTORY_RECORD_MIN);
    lane->ring_size = ROUND_DOWN(
        lane->n_index * (HISTORY_RECORD_MIN - sizeof(uint32_t)),
        HISTORY_ALIGN);
    return heads_size(lane) + lane->n_index * HISTORY_RECORD_MIN;
}

/* Has 'lane' use 'memory', all zeros, of as many bytes as lane_plan() has
 * returned. */
static void
lane_set_memory(struct lane *lane, uint8_t *memory)
{
    lane->heads = ALIGNED_CAST(uint64_t *, memory);
    lane->ring = memory + heads_size(lane);
    lane->index = ALIGNED_CAST(uint32_t *, lane->ring + lane->ring_size);
}

static void
lane_clear(struct lane *lane)
{
    lane_restart(lane);
    lane->first_slot = lane_slot(lane, lane->next);
    lane->first = lane->next;
    lane->n_bytes = 0;
}

/* Returns true if 'lane' is large enough for a record of 'size' bytes. */
static bool
lane_has_room(const struct lane *lane, size_t size)
{
    return (size < lane->ring_size && lane_space(lane, size) <= lane->ring_size
            && size <= RECORD_MAX);
}

/* Adds a record for which 'lane' has room. */
static void
lane_add(struct lane *lane, uint64_t seq, const void *record, size_t size)
{
    size_t need = lane_space(lane, size);
    struct history_header *header;

    lane_make_room(lane, seq, need);
    lane->newest = seq;
    lane->index[lane_slot(lane, lane->next++)] = lane->head / HISTORY_ALIGN;
    header = ALIGNED_CAST(struct history_header *, lane->ring + lane->head);
    header->seq_and_size = seq << SIZE_BITS | size;
    nullable_memcpy(header + 1, record, size);
    if (lane->n_heads) {
        chains_add(lane, lane->next - 1);
    }
    lane->head += need;
    lane->n_bytes += need;
}

/* Has the next record be at the start of the ring. */
static void
lane_restart(struct lane *lane)
{
    lane->reached = MAX(lane->reached, lane->head);
    lane->head = 0;
}

/* Makes 'need' bytes free at 'lane->head', which is set to the start of the
 * ring if there are fewer bytes than that before its end.  Also makes an entry
 * of the index free, and forgets what is too old for a record 'seq'. */
static void
lane_make_room(struct lane *lane, uint64_t seq, size_t need)
{
    if (lane->next - lane->first >= lane->n_index) {
        lane_forget_oldest(lane);
    }
    if (seq - lane->floor >= SEQ_SPAN) {
        lane_raise_floor(lane, seq);
    }
    if (lane->ring_size - lane->head < need) {
        /* Records between the head and the end are the oldest ones. */
        lane_forget_until(lane, lane->ring_size);
        lane_restart(lane);
    }
    lane_forget_until(lane, lane->head + need);
}

/* Forgets what is too old for a record 'seq'. */
static void
lane_raise_floor(struct lane *lane, uint64_t seq)
{
    lane->floor = seq;
    while (!lane_is_empty(lane)) {
        uint64_t oldest = lane_seq(lane, lane->first);

        if (seq - oldest < SEQ_SPAN) {
            lane->floor = oldest;
            break;
        }
        lane_forget_oldest(lane);
    }
}

/* Forgets the records that begin between the head of 'lane' and the position
 * 'end', which are its oldest. */
static void
lane_forget_until(struct lane *lane, size_t end)
{
    while (!lane_is_empty(lane)) {
        size_t ofs = lane_offset(lane, lane->first);

        if (ofs < lane->head || ofs >= end) {
            break;
        }
        lane_forget_oldest(lane);
    }
}

/* Forgets the oldest record of 'lane', which must have one. */
static void
lane_forget_oldest(struct lane *lane)
{
    const struct history_header *oldest = lane_header(lane, lane->first);

    lane->n_bytes -= lane_space(lane, lane_get_size(oldest));
    lane->first_slot = lane_slot(lane, lane->first + 1);
    lane->first++;
}

static void
lane_add_stats(const struct lane *lane, struct history_stats *stats)
{
    stats->limit += lane->limit;
    stats->bytes += lane->n_bytes;
    stats->memory += (MAX(lane->reached, lane->head)
                      + (lane->next ? heads_size(lane) : 0)
                      + MIN(lane->next, lane->n_index) * sizeof *lane->index);
    stats->records += lane->next - lane->first;
    stats->forgotten += lane->first + lane->n_too_large;
}

/* Places. */

static bool
lane_is_empty(const struct lane *lane)
{
    return lane->first == lane->next;
}

/* Returns the place of the oldest record of 'lane' whose sequence number is
 * 'seq' or higher, 'lane->next' if there is none. */
static uint64_t
lane_find(const struct lane *lane, uint64_t seq)
{
    uint64_t low, high;         /* It is in between, or one of them. */
    uint64_t oldest;

    if (lane_is_empty(lane) || seq > lane->newest) {
        return lane->next;
    }
    oldest = lane_seq(lane, lane->first);
    if (seq <= oldest) {
        return lane->first;
    }
    high = lane->first + MIN(seq - oldest, lane->next - 1 - lane->first);
    low = lane->next - 1 - MIN(lane->newest - seq,
                               lane->next - 1 - lane->first);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (lane_seq(lane, middle) < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Returns the entry of the index for 'place', which must not be before the
 * oldest record, nor more than 'lane->n_index' behind it.  The index is a
 * ring, too. */
static size_t
lane_slot(const struct lane *lane, uint64_t place)
{
    size_t slot = lane->first_slot + (place - lane->first);

    return slot < lane->n_index ? slot : slot - lane->n_index;
}

/* Returns the position in the ring of the record at 'place', which must be
 * there. */
static size_t
lane_offset(const struct lane *lane, uint64_t place)
{
    return (size_t) lane->index[lane_slot(lane, place)] * HISTORY_ALIGN;
}

/* Returns the header of the record at 'place', likewise. */
static struct history_header *
lane_header(const struct lane *lane, uint64_t place)
{
    return ALIGNED_CAST(struct history_header *,
                        lane->ring + lane_offset(lane, place));
}

/* Returns the sequence number of the record at 'place', likewise. */
static uint64_t
lane_seq(const struct lane *lane, uint64_t place)
{
    uint64_t low = lane_header(lane, place)->seq_and_size >> SIZE_BITS;

    return lane->newest - ((lane->newest - low) & (SEQ_SPAN - 1));
}

static size_t
lane_get_size(const struct history_header *header)
{
    return header->seq_and_size & RECORD_MAX;
}

/* Returns the bytes of the ring of 'lane' that a record of 'size' bytes
 * takes. */
static size_t
lane_space(const struct lane *lane, size_t size)
{
    return (sizeof(struct history_header) + ROUND_UP(size, HISTORY_ALIGN)
            + (lane->n_heads ? LINKS_SIZE : 0));
}

/* Chains. */

static enum chain
chain_of(enum history_relation relation)
{
    return relation == HISTORY_SELF ? CHAIN_SELF : CHAIN_ORIGIN;
}

static uint32_t
chain_hash(enum history_relation relation, uint64_t id)
{
    return hash_uint64_basis(id, relation);
}

/* Returns what is behind the record at 'place', by chain. */
static uint32_t *
get_links(const struct lane *lane, uint64_t place)
{
    struct history_header *header = lane_header(lane, place);
    uint8_t *record = (uint8_t *) (header + 1);

    return ALIGNED_CAST(uint32_t *, record + ROUND_UP(lane_get_size(header),
                                                      HISTORY_ALIGN));
}

static uint64_t *
get_head(const struct lane *lane, enum chain chain, uint32_t hash)
{
    return &lane->heads[(hash & (lane->n_heads - 1)) * N_CHAINS + chain];
}

/* Puts the record at 'place', the newest, into its chains. */
static void
chains_add(struct lane *lane, uint64_t place)
{
    const struct history_header *header = lane_header(lane, place);
    uint32_t *links = get_links(lane, place);

    memset(links, 0, LINKS_SIZE);
    for (int i = 0; i < HISTORY_N_RELATIONS; i++) {
        uint64_t id;

        if (history_relation_get(header + 1, lane_get_size(header), i, &id)) {
            enum chain chain = chain_of(i);
            uint64_t *head = get_head(lane, chain, chain_hash(i, id));
            uint64_t distance = place - (*head - 1);

            links[chain] = *head && distance <= UINT32_MAX ? distance : 0;
            *head = place + 1;
        }
    }
}

/* Returns the newest place of 'lane' in 'chain' with 'hash', or UINT64_MAX if
 * there is none. */
static uint64_t
chain_first(const struct lane *lane, enum chain chain, uint32_t hash)
{
    uint64_t head = lane->n_heads ? *get_head(lane, chain, hash) : 0;

    return head > lane->first ? head - 1 : UINT64_MAX;
}

/* Returns the one before 'place', likewise. */
static uint64_t
chain_next(const struct lane *lane, enum chain chain, uint64_t place)
{
    uint32_t distance = get_links(lane, place)[chain];

    return (distance && distance <= place - lane->first ? place - distance
            : UINT64_MAX);
}
