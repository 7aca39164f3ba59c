/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_SORT_H
#define LIB_TRACE_SORT_H 1

/* Sorts the lines of a trace by packet:
 *
 *     s = trace_sort_create(&options);
 *     while (...) {
 *         trace_sort_put(s, ...);
 *     }
 *     trace_sort_finish(s);
 *     while (trace_sort_next(s, &line)) {
 *         use line, until the next call;
 *     }
 *     error = trace_sort_destroy(s);
 *
 * All records that have a link to each other, or to the same one even if that
 * is missing, or to such ones, and so on, are a packet.  Packets come in the
 * order of their first event.  Within one, each record comes behind that which
 * it is beneath, and those beneath the same one by time.  A packet of so many
 * records that they do not fit into the memory that was given, some hundred
 * thousand with the default, has them by time only.
 *
 * Lines are kept in a temporary file, unless they can be read again from where
 * they came from; memory does not depend on how many there are.  What goes
 * wrong first, which only files can, is kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_item;
struct trace_sort;

struct trace_sort_options {
    uint64_t memory;            /* In bytes. */
    uint64_t last;              /* Only so many packets, the last ones;
                                 * UINT64_MAX for all. */
    bool choose;                /* Only packets with a record that was
                                 * chosen. */
};

struct trace_sort_line {
    const char *text;           /* Without its end, */
    size_t len;                 /* of so many bytes. */
    uint64_t number;            /* As it was put. */
    bool is_record;
    bool begins;                /* Does a packet begin with it? */
    uint32_t depth;             /* How many records it is beneath. */
};

struct trace_sort *trace_sort_create(const struct trace_sort_options *);
char *trace_sort_destroy(struct trace_sort *);

void trace_sort_set_file(struct trace_sort *, int fd, uint64_t start);
bool trace_sort_put(struct trace_sort *, const struct trace_item *,
                    uint64_t number, bool chosen);
bool trace_sort_finish(struct trace_sort *);
bool trace_sort_next(struct trace_sort *, struct trace_sort_line *);

size_t trace_sort_packet_max(uint64_t memory);
uint64_t trace_sort_n_packets(const struct trace_sort *);

#endif /* lib/file/trace-sort.h */
