/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SORT_TREE_H
#define LIB_SORT_TREE_H 1

/* The records of one packet as a tree: which is beneath which. */

#include <stddef.h>
#include <stdint.h>

#include "file/line-store.h"

/* A record that is to be sorted, without all that need not be known of it. */
struct sort_entry {
    uint64_t group;             /* What it belongs to, in trace-sort.c. */
    uint64_t self;              /* Its number, as in record-links.h. */
    uint64_t ts;                /* Of its first event. */
    uint64_t line;              /* Where it is among all lines. */
    struct line_place place;    /* Where its line is kept. */
    uint64_t above[2];          /* It is beneath the first of these that is
                                 * there, */
    uint8_t n_above;            /* if there are any. */
    uint8_t flags;              /* Of trace-sort.c. */
};

/* The place of an entry in the tree. */
struct sort_place {
    uint32_t entry;             /* Its index. */
    uint32_t depth;             /* How many are above it. */
};

/* Memory that sort_tree() needs for each entry, in bytes. */
#define SORT_TREE_MEMORY (sizeof(struct sort_place) + 5 * sizeof(uint32_t))

void sort_tree(const struct sort_entry *, size_t n, struct sort_place *);

#endif /* lib/file/sort-tree.h */
