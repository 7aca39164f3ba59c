/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SESSION_REPORT_H
#define EXTENSION_SESSION_REPORT_H 1

/* All statistics of a trace, for upcall-trace/stats and for the last line of a
 * stream. */

#include "show/trace-stats.h"
#include "vport-monitor.h"

struct json;
struct session;

struct session_report {
    struct trace_stats stats;   /* Refers to what follows. */
    struct trace_told told;
    struct stats_datapath datapaths[VPORT_DATAPATHS_MAX];
    struct json *vswitchd;      /* Or NULL. */
};

void session_report_init(struct session_report *, const struct session *);
void session_report_uninit(struct session_report *);
struct json *session_report_get_end(const struct session *);

#endif /* extension/session-report.h */
