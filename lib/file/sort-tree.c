/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/sort-tree.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "util.h"

/* Index of nothing. */
#define NONE UINT32_MAX

struct tree {
    const struct sort_entry *entries;   /* By time. */
    size_t n;
    uint32_t *by_self;          /* Indexes of them, by number. */
    uint32_t *parent;           /* Of each, or NONE. */
    uint32_t *child, *next;     /* The first beneath each; the next beneath
                                 * the same, or at the top; or NONE. */
    uint32_t *walked;           /* Which walk was last at each. */
    uint32_t top;               /* The first at the top. */
};

/* The entries of whom indexes are being compared: qsort() passes nothing
 * on. */
static const struct sort_entry *compared;

static int
compare_self(const void *a_, const void *b_)
{
    uint32_t a = *(const uint32_t *) a_;
    uint32_t b = *(const uint32_t *) b_;
    uint64_t x = compared[a].self;
    uint64_t y = compared[b].self;

    return x != y ? (x < y ? -1 : 1) : a < b ? -1 : a > b;
}

/* Returns the index of the first entry whose number is 'self', NONE if there
 * is none. */
static uint32_t
find(const struct tree *t, uint64_t self)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->entries[t->by_self[middle]].self < self) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (low < t->n && t->entries[t->by_self[low]].self == self
            ? t->by_self[low] : NONE);
}

/* Stores what each is beneath: the first of what it says that is there. */
static void
find_parents(struct tree *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const struct sort_entry *e = &t->entries[i];

        t->parent[i] = NONE;
        for (int j = 0; j < e->n_above && t->parent[i] == NONE; j++) {
            t->parent[i] = find(t, e->above[j]);
        }
    }
}

/* Takes the earliest of those out of what it is beneath that are beneath each
 * other, of which 'i' is one. */
static void
cut_circle(struct tree *t, uint32_t i)
{
    uint32_t first = i;

    for (uint32_t j = t->parent[i]; j != i; j = t->parent[j]) {
        first = MIN(first, j);
    }
    t->parent[first] = NONE;
}

/* Has none be beneath itself, whatever records say. */
static void
cut_circles(struct tree *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        t->walked[i] = NONE;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t j = i;

        while (j != NONE && t->walked[j] == NONE) {
            t->walked[j] = i;
            j = t->parent[j];
        }
        if (j != NONE && t->walked[j] == i) {
            cut_circle(t, j);
        }
    }
}

/* Puts each into the list of those that are beneath the same, by time. */
static void
link_children(struct tree *t)
{
    t->top = NONE;
    for (uint32_t i = 0; i < t->n; i++) {
        t->child[i] = NONE;
    }
    for (uint32_t i = t->n; i-- > 0; ) {
        uint32_t *list = (t->parent[i] == NONE ? &t->top
                          : &t->child[t->parent[i]]);

        t->next[i] = *list;
        *list = i;
    }
}

/* Stores all in 'places', each before what is beneath it. */
static void
walk(const struct tree *t, struct sort_place *places)
{
    uint32_t i = t->top;
    uint32_t depth = 0;

    while (i != NONE) {
        *places++ = (struct sort_place) { .entry = i, .depth = depth };
        if (t->child[i] != NONE) {
            i = t->child[i];
            depth++;
            continue;
        }
        while (i != NONE && t->next[i] == NONE) {
            i = t->parent[i];
            depth--;
        }
        i = i == NONE ? NONE : t->next[i];
    }
}

/* Stores the places of the 'n' entries at 'entries', which are in the order of
 * time and fewer than UINT32_MAX, in 'places', each behind what it is beneath
 * and those that are beneath the same by time.  If two have the same number,
 * others are beneath the first of them. */
void
sort_tree(const struct sort_entry *entries, size_t n,
          struct sort_place *places)
{
    uint32_t *memory = xcalloc(MAX(n, 1), 5 * sizeof *memory);
    struct tree t = {
        .entries = entries,
        .n = n,
        .by_self = memory,
        .parent = memory + n,
        .child = memory + 2 * n,
        .next = memory + 3 * n,
        .walked = memory + 4 * n,
    };

    for (uint32_t i = 0; i < n; i++) {
        t.by_self[i] = i;
    }
    compared = entries;
    qsort(t.by_self, n, sizeof *t.by_self, compare_self);
    find_parents(&t);
    cut_circles(&t);
    link_children(&t);
    walk(&t, places);
    free(memory);
}
