/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_FILE_H
#define LIB_TRACE_FILE_H 1

/* A file with a trace that is read from its start: packed-reader.h and
 * trace-reader.h in one.
 *
 *     char *error = trace_file_open(name, &file);
 *     ...
 *     while (trace_file_next(file, &item)) {
 *         ...
 *     }
 *     trace_file_close(file);
 */

#include <stdbool.h>
#include <stdint.h>

#include "file/trace-reader.h"

struct trace_file;

char *trace_file_open(const char *name, struct trace_file **);
void trace_file_close(struct trace_file *);
void trace_file_set_mode(struct trace_file *, enum trace_reader_mode);

bool trace_file_next(struct trace_file *, struct trace_item *);
bool trace_file_seek(struct trace_file *, uint64_t offset);
uint64_t trace_file_n_unknown(const struct trace_file *);
bool trace_file_has_ended(const struct trace_file *);
int trace_file_plain_fd(const struct trace_file *, uint64_t *start);

uint64_t trace_file_n_read(const struct trace_file *);
void trace_file_get_progress(const struct trace_file *, uint64_t *done,
                             uint64_t *total);

#endif /* lib/file/trace-file.h */
