/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_SCHEMA_PRIVATE_H
#define LIB_RECORD_SCHEMA_PRIVATE_H 1

/* For record-schema.c, which has what upcalls and passes have in common, and
 * the files with the rest. */

struct json;

/* The object "NAME"; that of an event "NAME". */
#define EVENT_PREFIX "event_"
#define ACTION_PREFIX "action_"

/* Members that several objects have. */
#define MEMBER_TS(WHEN)                                                 \
    MEMBER_OF("ts", "uint|null", WHEN ", in ns of CLOCK_MONOTONIC; "    \
              "null if it is not known.")
#define MEMBER_TS_KNOWN(WHEN)                                           \
    MEMBER_OF("ts", "uint", WHEN ", in ns of CLOCK_MONOTONIC.")
#define MEMBER_RET(OF, WHEN)                                            \
    MEMBER_OF("ret", "integer|null", "What " OF " returned: 0, or a "   \
              "negative errno value; null if " WHEN ".")
#define MEMBER_UFID                                                     \
    MEMBER_OF("ufid", "ufid|null", "The name of the flow; null if it is " \
              "not known.")
#define MEMBER_COMM(OF)                                                 \
    MEMBER_OF("comm", "string", "The name of " OF ".")
#define MEMBER_CONTEXT                                                  \
    MEMBER_OF("context", "=softirq|=process|null", "Was it in a softirq, " \
              "or in a process?  Null if that is not known.")

void upcall_schema_add(struct json *defs);
void pass_schema_add(struct json *defs);
void action_schema_add(struct json *defs);

#endif /* lib/show/record-schema-private.h */
