/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HISTORY_H
#define LIB_HISTORY_H 1

/* Finished upcalls, as raw records, in a fixed amount of memory.
 *
 * Records get consecutive sequence numbers, from 1, in the order in which
 * they are added, and are forgotten in this order, oldest first, when the
 * memory is needed for new ones. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;

struct history *history_create(size_t limit);
void history_destroy(struct history *);
void history_clear(struct history *);

uint64_t history_add(struct history *, const void *record, size_t size);
const void *history_get(const struct history *, uint64_t seq, size_t *sizep);

uint64_t history_first(const struct history *);
uint64_t history_next(const struct history *);

struct history_stats {
    size_t limit;               /* Bytes that may be used. */
    size_t bytes;               /* Bytes that the kept records take. */
    size_t memory;              /* Bytes that were ever used. */
    uint64_t records;           /* Records that are kept. */
    uint64_t forgotten;         /* Records that no longer are. */
};

void history_get_stats(const struct history *, struct history_stats *);

#endif /* lib/store/history.h */
