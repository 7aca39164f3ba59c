/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_BEGIN_H
#define LIB_TRACE_BEGIN_H 1

/* The first line of a trace, "event": "startup". */

#include <stdbool.h>
#include <stdint.h>

struct json;

struct trace_begin {
    bool has_time;              /* Is the time known? */
    int64_t wall_offset;        /* To be added to times in records for those of
                                 * the wall clock, ns since the epoch. */
    int64_t started;            /* When it began, ns since the epoch. */
    uint64_t start_ts;          /* The same as times in records, 0 if that is
                                 * impossible. */
    bool has_passes;            /* Is it one with --datapath? */
    const char *kernel, *openvswitch;   /* Versions, NULL if unknown. */
    const char *binary;         /* Of ovs-vswitchd, NULL if unknown. */
};

void trace_begin_from_json(struct trace_begin *, const struct json *);
char *trace_begin_get_id(const struct json *);
bool trace_begin_is_same(const struct json *, const struct json *);

#endif /* lib/file/trace-begin.h */
