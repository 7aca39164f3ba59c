/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "session-report.h"

#include "file/trace-end.h"
#include "openvswitch/json.h"
#include "record-counts.h"
#include "session.h"
#include "show/vswitchd-show.h"
#include "util.h"

BUILD_ASSERT_DECL(VPORT_DATAPATHS_MAX <= TRACE_END_DATAPATHS_MAX);

/* Sets 'r' to the statistics of 's' as they are now, for which the caller has
 * called session_catch_up().  It refers to 's' until that changes.  The caller
 * frees what is in it with session_report_uninit(). */
void
session_report_init(struct session_report *r, const struct session *s)
{
    const struct session_view v = session_view(s);

    r->stats = (struct trace_stats) {
        .upcalls = v.stats,
        .passes = v.passes,
        .layout = v.layout,
        .told = &r->told,
        .n_gaps = v.n_gaps,
        .gap_records = v.gap_records,
        .vswitchd = v.vswitchd,
    };
    session_get_stats_frame(s, &r->stats.frame, r->datapaths);
    record_counts_get_told(s, &r->told);
    r->vswitchd = (v.vswitchd
                   ? vswitchd_stats_to_json(v.vswitchd, r->stats.frame.now)
                   : NULL);
    r->stats.vswitchd_json = r->vswitchd;
}

/* Frees what is in 'r'. */
void
session_report_uninit(struct session_report *r)
{
    json_destroy(r->vswitchd);
}

/* Returns the last line of the trace 's', an object.  If its statistics were
 * started anew meanwhile, they are not told as those of the trace. */
struct json *
session_report_get_end(const struct session *s)
{
    const struct session_view v = session_view(s);
    struct session_report r;
    struct trace_end e;
    struct json *json;

    session_report_init(&r, s);
    e = (struct trace_end) {
        .told = r.told,
        .stopped = v.why_stopped,
        .frame = r.stats.frame,
        .vswitchd = r.vswitchd,
        .ports = v.ports,
    };
    if (session_was_reset(s, &e.frame.since, &e.frame.since_wall)) {
        e.frame.datapaths = NULL;
        e.frame.n_datapaths = 0;
        e.vswitchd = NULL;
    }
    json = trace_end_to_json(&e);
    session_report_uninit(&r);
    return json;
}
