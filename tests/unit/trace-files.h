/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TRACE_FILES_H
#define TESTS_TRACE_FILES_H 1

/* Files that are written with file/trace-writer.h, for tests. */

#include <stddef.h>
#include <stdint.h>

#include "file/follow.h"
#include "show/record-context.h"

struct flow_table;
struct json;
struct trace_writer;

/* The first line of each trace. */
#define TRACE_FIRST "{\"event\":\"startup\",\"started_ms\":7}"

/* What trace_setup() makes.  Flows are known to the context in tests that have
 * it so. */
extern struct record_context trace_context;
extern struct flow_table *trace_flows;
extern uint64_t trace_seq;      /* Number of the last record. */

void trace_setup(void);
void trace_teardown(void);

struct trace_writer *trace_create(const char *name, uint64_t rotate,
                                  uint64_t files);
void trace_destroy(struct trace_writer *);
void trace_put_item(struct trace_writer *, enum follow_kind,
                    const void *record, size_t, uint64_t n,
                    long long int now);
void trace_put_upcall(struct trace_writer *, long long int now);
void trace_put_pass(struct trace_writer *, long long int now);
void trace_end(struct trace_writer *);

struct json *trace_read_lines(const char *name);
char *trace_get_outline(const char *name);
void trace_expect_outline(const char *name, const char *expected);
void trace_expect_end(const char *name, const char *expected);

#endif /* tests/unit/trace-files.h */
