/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_LINES_H
#define LIB_TRACE_LINES_H 1

/* The lines of a file with a trace, each a JSON object. */

#include <stddef.h>
#include <stdint.h>

struct ds;
struct json;
struct record_context;

char *trace_line_put_record(struct ds *, const void *record, size_t size,
                            uint64_t seq, const struct record_context *);
void trace_line_put_json(struct ds *, struct json *);
void trace_line_put_gap(struct ds *, uint64_t next, uint64_t n);
struct json *trace_line_unknown_end(const char *why);

#endif /* lib/file/trace-lines.h */
