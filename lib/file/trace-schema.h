/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_SCHEMA_H
#define LIB_TRACE_SCHEMA_H 1

/* The lines of a file with a trace, as a JSON Schema (draft 2020-12), and as a
 * part of a manual page. */

struct ds;

void trace_schema_format(struct ds *);

#endif /* lib/file/trace-schema.h */
