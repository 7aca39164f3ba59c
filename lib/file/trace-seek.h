/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_SEEK_H
#define LIB_TRACE_SEEK_H 1

/* Finds where to begin in a file that has a trace, so that not all of it is
 * read: at a line or, if it is packed, at a member of gzip or a frame of
 * Zstandard that begins with a line, as packed-file.h writes them.
 *
 * Nothing that looks like the start of a member is believed to be one before
 * it was unpacked, and its first line was a line of a trace. */

#include <stdbool.h>
#include <stdint.h>

struct svec;
struct trace_choice;

/* Where to begin. */
struct trace_place {
    uint64_t offset;            /* For trace_file_seek(); 0 for the start of
                                 * the file. */
    uint64_t n_chosen;          /* Of the last records: how many that are
                                 * chosen there are from there on, if it is one
                                 * trace. */
    bool is_one_trace;          /* Has the file one trace only, as far as is
                                 * known?  Of a time, also: are its records
                                 * more or less in the order of time? */
    uint64_t n_read;            /* Bytes of the file that were read to find
                                 * it. */
};

void trace_seek_last(const char *name, const struct trace_choice *,
                     uint64_t n, struct trace_place *);
void trace_seek_since(const char *name, const struct trace_choice *,
                      struct trace_place *);

bool trace_seek_are_disjoint(const struct svec *names);

#endif /* lib/file/trace-seek.h */
