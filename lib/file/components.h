/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_COMPONENTS_H
#define LIB_COMPONENTS_H 1

/* Finds what belongs together: the connected components of a graph of any size
 * in bounded memory.  Nodes are numbers.
 *
 *     c = components_create(memory);
 *     while (...) {
 *         components_add(c, a, b);
 *     }
 *     components_finish(c);
 *     while (components_next(c, &node, &root)) {
 *         ...
 *     }
 *     error = components_destroy(c);
 *
 * As in spill-sort.h, what goes wrong first is kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct components;

struct components *components_create(size_t memory);
int components_destroy(struct components *);

void components_add(struct components *, uint64_t a, uint64_t b);
void components_finish(struct components *);
bool components_next(struct components *, uint64_t *node, uint64_t *root);
int components_error(const struct components *);

#endif /* lib/file/components.h */
