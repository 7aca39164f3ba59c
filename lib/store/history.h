/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HISTORY_H
#define LIB_HISTORY_H 1

/* Finished upcalls and passes, as raw records, in a fixed amount of memory.
 *
 * Records get consecutive sequence numbers, from 1, in the order in which
 * they are added, whatever their kind.  Each kind has a share of the memory,
 * and forgets its own records, oldest first, when it needs memory for new
 * ones.  So numbers are missing where another kind was forgotten. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/history-relation.h"

/* What a record is: record_is_pass() tells. */
enum history_kind {
    HISTORY_UPCALLS,            /* struct upcall_record. */
    HISTORY_PASSES,             /* struct pass_record. */
    HISTORY_N_KINDS,

    HISTORY_ALL = HISTORY_N_KINDS       /* Either, where that is said. */
};

struct history;

struct history *history_create(size_t limit, bool has_passes);
void history_destroy(struct history *);
void history_clear(struct history *);

uint64_t history_add(struct history *, const void *record, size_t size);
const void *history_get(const struct history *, uint64_t seq, size_t *sizep);

uint64_t history_first(const struct history *);
uint64_t history_next(const struct history *);

/* Kinds, or HISTORY_ALL. */
uint64_t history_count(const struct history *, enum history_kind,
                       uint64_t from);

/* Kinds, but not HISTORY_ALL. */
uint64_t history_newest(const struct history *, enum history_kind,
                        uint64_t n);

/* A place between two records of a history, to go from there to those before
 * or behind it, over one kind or HISTORY_ALL. */
struct history_walk {
    const struct history *history;
    enum history_kind kind;
    uint64_t places[HISTORY_N_KINDS];   /* See history.c. */
};

void history_walk_init(struct history_walk *, const struct history *,
                       enum history_kind, uint64_t seq);
const void *history_walk_next(struct history_walk *, uint64_t *seqp,
                              size_t *sizep);
const void *history_walk_prev(struct history_walk *, uint64_t *seqp,
                              size_t *sizep);

/* A search for the passes that are related to a pass or an upcall, of which it
 * looks at few others. */
struct history_search {
    const struct history *history;
    enum history_relation relation;
    uint64_t id;
    uint64_t place;             /* See history.c. */
};

void history_search_init(struct history_search *, const struct history *,
                         enum history_relation, uint64_t id);
const void *history_search_next(struct history_search *, uint64_t *seqp,
                                size_t *sizep);

struct history_stats {
    size_t limit;               /* Bytes that may be used. */
    size_t bytes;               /* Bytes that the kept records take. */
    size_t memory;              /* Bytes that were ever used. */
    uint64_t records;           /* Records that are kept. */
    uint64_t forgotten;         /* Records that no longer are. */
};

bool history_has_passes(const struct history *);
void history_get_stats(const struct history *, enum history_kind,
                       struct history_stats *);

#endif /* lib/store/history.h */
