/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REPORT_H
#define LIB_REPORT_H 1

/* What a page about a trace has to show, collected from its items, in memory
 * that does not grow with them:
 *
 *     struct report *r = report_create();
 *
 *     report_begin_file(r, name);
 *     while (trace_file_next(file, &item)) {
 *         error = report_put(r, &item);
 *     }
 *     report_finish(r);
 *     report_put_json(r, now, &ds);
 *
 * Counts and times are those that 'stats' has of the same files. */

#include <stdbool.h>

struct ds;
struct report;
struct trace_item;

/* Most rows of a table, and bytes of a name in one, which a file may make
 * up. */
#define REPORT_ROWS_MAX 100
#define REPORT_NAME_MAX 256

struct report *report_create(void);
void report_destroy(struct report *);

void report_begin_file(struct report *, const char *name);
char *report_put(struct report *, const struct trace_item *);
bool report_has_trace(const struct report *);
void report_finish(struct report *);
void report_put_json(struct report *, long long int now, struct ds *);

void report_put_escaped(struct ds *, const char *json);

#endif /* lib/file/report.h */
