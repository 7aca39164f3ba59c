/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "session-report.h"
#include "session.h"
#include "show/trace-stats.h"
#include "unixctl.h"

/* Replies with 'r', in the form that 'request' asks for. */
static void
reply(const struct request *request, const struct session_report *r)
{
    const struct stats_options *options = request->options;

    if (request->json) {
        reply_json(request->conn, trace_stats_to_json(&r->stats));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        trace_stats_format(&r->stats, options->stage, &text);
        reply_text(request->conn, &text);
    }
}

/* upcall-trace/stats. */
void
cmd_stats(struct commands *c, const struct request *request)
{
    const struct stats_options *options = request->options;
    struct session_report report;

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    session_report_init(&report, c->session);
    reply(request, &report);
    if (options->reset) {
        session_reset_stats(c->session, &report.stats.frame);
    }
    session_report_uninit(&report);
}
