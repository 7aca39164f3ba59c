/* SPDX-License-Identifier: Apache-2.0 */

/* Records of one kind: a lane of the history.
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
 * history-chain.c.
 *
 * The index has one entry for each HISTORY_RECORD_MIN bytes of the lane, so
 * it takes 1/32 of the memory.  Thus there are never more records than that,
 * but a record of an upcall or of a pass, with its header, always needs more
 * than HISTORY_RECORD_MIN bytes, so that the ring is full before the index
 * is.
 *
 * The system gives memory to a process when it is first written to, so a
 * large limit costs nothing until there are as many records. */

#include <config.h>
#include "store/history-private.h"

#include "util.h"

/* Bytes of the limit for which there is one entry of the index. */
#define HISTORY_RECORD_MIN 128

/* Largest lane.  Positions in a ring of this size fit into an entry of the
 * index. */
#define HISTORY_LANE_MAX ((uint64_t) HISTORY_ALIGN * UINT32_MAX)

/* Records for which there is one head of each chain, if they are small. */
#define RECORDS_PER_HEAD 8

static void lane_restart(struct lane *);
static void lane_make_room(struct lane *, uint64_t seq, size_t need);
static void lane_raise_floor(struct lane *, uint64_t seq);
static void lane_forget_until(struct lane *, size_t end);
static void lane_forget_oldest(struct lane *);
static size_t lane_slot(const struct lane *, uint64_t place);
static size_t lane_offset(const struct lane *, uint64_t place);
static size_t lane_space(const struct lane *, size_t size);

/* Adding and forgetting. */

/* Returns how many bytes the heads of all chains of 'lane' take. */
static size_t
heads_size(const struct lane *lane)
{
    return lane->n_heads * N_CHAINS * sizeof *lane->heads;
}

/* Plans 'lane' for 'limit' bytes, and returns how many of these it needs. */
size_t
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
void
lane_set_memory(struct lane *lane, uint8_t *memory)
{
    lane->heads = ALIGNED_CAST(uint64_t *, memory);
    lane->ring = memory + heads_size(lane);
    lane->index = ALIGNED_CAST(uint32_t *, lane->ring + lane->ring_size);
}

/* Forgets all records of 'lane'. */
void
lane_clear(struct lane *lane)
{
    lane_restart(lane);
    lane->first_slot = lane_slot(lane, lane->next);
    lane->first = lane->next;
    lane->n_bytes = 0;
}

/* Returns true if 'lane' is large enough for a record of 'size' bytes. */
bool
lane_has_room(const struct lane *lane, size_t size)
{
    return (size < lane->ring_size && lane_space(lane, size) <= lane->ring_size
            && size <= RECORD_MAX);
}

/* Adds a record for which 'lane' has room. */
void
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

/* Adds the numbers of 'lane' to '*stats'. */
void
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

/* Returns true if 'lane' has no record now. */
bool
lane_is_empty(const struct lane *lane)
{
    return lane->first == lane->next;
}

/* Returns the place of the oldest record of 'lane' whose sequence number is
 * 'seq' or higher, 'lane->next' if there is none. */
uint64_t
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
struct history_header *
lane_header(const struct lane *lane, uint64_t place)
{
    return ALIGNED_CAST(struct history_header *,
                        lane->ring + lane_offset(lane, place));
}

/* Returns the sequence number of the record at 'place', likewise. */
uint64_t
lane_seq(const struct lane *lane, uint64_t place)
{
    uint64_t low = lane_header(lane, place)->seq_and_size >> SIZE_BITS;

    return lane->newest - ((lane->newest - low) & (SEQ_SPAN - 1));
}

/* Returns the bytes of the record behind 'header', without padding. */
size_t
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
