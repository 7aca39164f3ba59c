/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HISTORY_PRIVATE_H
#define LIB_HISTORY_PRIVATE_H 1

/* What the files that implement history.h share:
 *
 *   history.c          all records
 *   history-lane.c     those of one kind
 *   history-chain.c    passes by what they are related to
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/util.h"
#include "store/history-relation.h"
#include "store/history.h"

/* Alignment of records.  Entries of the index count in this unit. */
#define HISTORY_ALIGN 8

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

/* Records of one kind.  See the top of history-lane.c. */
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

/* history-lane.c. */
size_t lane_plan(struct lane *, size_t limit, bool has_chains);
void lane_set_memory(struct lane *, uint8_t *memory);
void lane_clear(struct lane *);

bool lane_has_room(const struct lane *, size_t size);
void lane_add(struct lane *, uint64_t seq, const void *record, size_t size);
void lane_add_stats(const struct lane *, struct history_stats *);

bool lane_is_empty(const struct lane *);
uint64_t lane_find(const struct lane *, uint64_t seq);
struct history_header *lane_header(const struct lane *, uint64_t place);
uint64_t lane_seq(const struct lane *, uint64_t place);
size_t lane_get_size(const struct history_header *);

/* history-chain.c. */
enum chain chain_of(enum history_relation);
uint32_t chain_hash(enum history_relation, uint64_t id);
void chains_add(struct lane *, uint64_t place);
uint64_t chain_first(const struct lane *, enum chain, uint32_t hash);
uint64_t chain_next(const struct lane *, enum chain, uint64_t place);

#endif /* lib/store/history-private.h */
