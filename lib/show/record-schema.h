/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_SCHEMA_H
#define LIB_RECORD_SCHEMA_H 1

/* What records are as JSON, as a JSON Schema.
 *
 * What is written by code alone is said again in tables.  tests/schema.at
 * compares both, with all records of the unit tests. */

struct json;

void record_schema_add(struct json *defs);

/* The objects that records are, among these. */
#define RECORD_SCHEMA_UPCALL "upcall"
#define RECORD_SCHEMA_PASS "pass"

/* Members that lines have in files of the command receive, which get them from
 * lib/file/forward-name.c. */
#define MEMBER_HOST                                                     \
    MEMBER_IF("host", "string", "In a file of receive, the host that has " \
              "sent the line, as that calls itself.")
#define MEMBER_SYSTEM_ID                                                \
    MEMBER_IF("system-id", "string|null", "In a file of receive, that of " \
              "the host; null if it is not known.")

#endif /* lib/show/record-schema.h */
