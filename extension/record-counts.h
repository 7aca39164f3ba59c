/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_RECORD_COUNTS_H
#define EXTENSION_RECORD_COUNTS_H 1

/* How many records there were, and what became of them: for
 * upcall-trace/status and upcall-trace/stats, and for the end of a stream. */

struct ds;
struct json;
struct session;
struct trace_told;

struct json *record_counts_to_json(const struct session *);
struct json *record_counts_passes_to_json(const struct session *);
void record_counts_format(const struct session *, struct ds *);
void record_counts_get_told(const struct session *, struct trace_told *);

#endif /* extension/record-counts.h */
