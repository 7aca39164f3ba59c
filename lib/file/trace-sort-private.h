/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_SORT_PRIVATE_H
#define LIB_TRACE_SORT_PRIVATE_H 1

/* What the parts of trace-sort.h have in common. */

#include "file/line-store.h"
#include "file/sort-tree.h"
#include "file/trace-sort.h"

/* Of struct sort_entry. */
enum {
    ENTRY_CHOSEN = 1 << 0,
    ENTRY_MARK = 1 << 1,        /* None of a record, but says that one of its
                                 * component was chosen, and comes before
                                 * these. */
    ENTRY_OTHER = 1 << 2        /* Of a line that is none of a record, and
                                 * comes behind the component of the record
                                 * before it. */
};

/* So many parts of the memory are in use at a time, at most: entries by number
 * and by component, and in the end by place; the components, or those of one
 * packet. */
#define N_PARTS 4

/* A line that has its place. */
struct placed {
    uint64_t ts;                /* Of the packet: its first event, */
    uint64_t first;             /* and the line with that. */
    uint64_t place;             /* Within the packet. */
    uint64_t line;              /* As in struct sort_entry. */
    struct line_place where;
    uint32_t depth;
    bool is_record;
};

struct trace_sort {
    struct trace_sort_options options;
    int error;                  /* A positive errno value, or 0. */
    struct line_store *lines;
    uint16_t file;              /* Of those that are put, or 0, */
    uint64_t start;             /* and what is to be added to their offsets. */
    struct spill_sort *by_self; /* Of struct sort_entry. */
    struct spill_sort *by_group;
    struct spill_sort *by_place;        /* Of struct placed. */
    struct components *components;
    bool has_last;              /* Was a record put? */
    uint64_t last_self;         /* Number of the last one. */

    /* The component that is being read. */
    struct sort_entry *entries;
    struct sort_place *places;
    size_t n, max;
    bool wanted;                /* Is it one that is to be shown? */

    uint64_t n_packets;         /* Of those that are chosen. */
    uint64_t n_read;            /* Of these, read again. */
    char *text;                 /* The last line. */
    size_t allocated;
};

void trace_sort_fail(struct trace_sort *, int error);
void trace_sort_create_sorts(struct trace_sort *, size_t memory);
void trace_sort_put_place(struct trace_sort *, const struct sort_entry *,
                          const struct sort_entry *first, uint64_t place,
                          uint32_t depth);
void trace_sort_find_places(struct trace_sort *);

#endif /* lib/file/trace-sort-private.h */
