/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_END_H
#define LIB_TRACE_END_H 1

/* The last line of a trace, "event": "end": what statistics have beside what
 * follows from its records. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "show/trace-stats.h"

struct json;
struct port_map;

/* Most datapaths that a last line tells about. */
#define TRACE_END_DATAPATHS_MAX 64

struct trace_end {
    struct trace_told told;
    const char *stopped;        /* Why; NULL if it has not been. */

    /* Of the whole trace: with nothing about datapaths and ovs-vswitchd if
     * that is not known. */
    struct stats_frame frame;
    const struct json *vswitchd;        /* See vswitchd-show.h, or NULL. */
    const struct port_map *ports;       /* Names of the datapaths. */

    /* For trace_end_from_json(). */
    struct stats_datapath datapaths[TRACE_END_DATAPATHS_MAX];
    const char *names[TRACE_END_DATAPATHS_MAX]; /* NULL if unknown. */
};

struct json *trace_end_to_json(const struct trace_end *);
char *trace_end_from_json(struct trace_end *, const struct json *);

#endif /* lib/file/trace-end.h */
