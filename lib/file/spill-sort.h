/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SPILL_SORT_H
#define LIB_SPILL_SORT_H 1

/* Sorts any number of entries of the same size in bounded memory: what does
 * not fit is sorted in parts, which are written to a temporary file (spill.h)
 * and merged.
 *
 *     s = spill_sort_create(sizeof entry, compare, memory);
 *     while (...) {
 *         spill_sort_add(s, &entry);
 *     }
 *     spill_sort_finish(s);
 *     while (spill_sort_next(s, &entry)) {
 *         ...
 *     }
 *     error = spill_sort_destroy(s);
 *
 * What goes wrong first is kept, and nothing is added or found from then on,
 * so that who sorts has to ask once, at the end. */

#include <stdbool.h>
#include <stddef.h>

struct spill_sort;

/* As for qsort().  Entries that are equal come in any order. */
typedef int spill_compare(const void *, const void *);

struct spill_sort *spill_sort_create(size_t size, spill_compare *,
                                     size_t memory);
int spill_sort_destroy(struct spill_sort *);

void spill_sort_add(struct spill_sort *, const void *entry);
void spill_sort_finish(struct spill_sort *);
bool spill_sort_next(struct spill_sort *, void *entry);
int spill_sort_error(const struct spill_sort *);

#endif /* lib/file/spill-sort.h */
