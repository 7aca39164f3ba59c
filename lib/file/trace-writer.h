/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_WRITER_H
#define LIB_TRACE_WRITER_H 1

/* Writes a trace to files: a line of JSON for each record, after a first line
 * about the trace and before a last one about what was recorded and lost.
 *
 * With rotation, each file has the first line, and the last line of one that
 * another follows names that.  Files are called as in numbered-files.h, go on
 * behind those that are there, and of all of these the oldest are removed.
 *
 * What ovs-vswitchd tells about a flow comes after the record of its upcall,
 * or of the first pass that has hit it, so such a record is kept back for a
 * while, see file/hold-back.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct follow_item;
struct record_context;
struct trace_writer;

struct trace_writer_options {
    const char *name;           /* "-" for standard output, without rotation.
                                 * What ends in ".gz" or ".zst" is
                                 * compressed. */
    const int *fd;              /* Where 'name', a pipe, is open already, or
                                 * NULL. */
    uint64_t rotate;            /* Bytes after which another file is begun, 0
                                 * for never. */
    uint64_t files;             /* How many are kept, also of those that were
                                 * there, 0 for all. */
    bool (*is_hurried)(void);   /* See packed_file_create(). */
};

/* What was written, of all files. */
struct trace_writer_stats {
    uint64_t upcalls, passes;   /* If there was an error, those that can be
                                 * read. */
    uint64_t missed;            /* Records in gaps, also of these. */
    uint64_t unwritten;         /* Records that are not, due to the error. */
    uint64_t damaged;           /* Records that make no sense. */
    uint64_t n_files;           /* Begun. */
    uint64_t n_removed;         /* Removed by rotation, of these and of those
                                 * that were there before. */
    uint64_t bytes;             /* Of all that were begun. */
    const char *name;           /* Of the last file. */
};

char *trace_writer_try(const struct trace_writer_options *);
char *trace_writer_create(const struct trace_writer_options *,
                          struct trace_writer **);
char *trace_writer_destroy(struct trace_writer *);

void trace_writer_begin(struct trace_writer *, const char *text);
void trace_writer_put(struct trace_writer *, const struct follow_item *,
                      const struct record_context *, long long int now);
void trace_writer_end(struct trace_writer *, const char *text, const char *why,
                      const struct record_context *);

void trace_writer_run(struct trace_writer *, const struct record_context *,
                      long long int now);
void trace_writer_wait(const struct trace_writer *);

char *trace_writer_take_warning(struct trace_writer *);
const char *trace_writer_error(const struct trace_writer *);
void trace_writer_get_stats(const struct trace_writer *,
                            struct trace_writer_stats *);

#endif /* lib/file/trace-writer.h */
