/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>

#include "cmd-read.h"
#include "commands-private.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "session.h"
#include "unixctl.h"

/* Ends the waiting of --start, as 'request' asks for. */
static void
stop_waiting(struct commands *c, const struct request *request)
{
    commands_forget_auto_start(c);
    if (request->json) {
        commands_reply_status(c, request);
    } else {
        unixctl_command_reply(request->conn,
                              "no trace will start by itself now\n");
    }
}

/* Stops the trace, which must be running, as 'request' asks for. */
static void
stop_trace(struct commands *c, const struct request *request)
{
    struct session_counters counters;
    struct ds text = DS_EMPTY_INITIALIZER;

    measures_reply_all(c->measures, c->session);
    session_stop(c->session);
    readers_run(c->readers, c->session);
    if (request->json) {
        commands_reply_status(c, request);
        return;
    }
    session_get_counters(c->session, &counters);
    ds_put_format(&text, "stopped; %"PRIu64" upcalls recorded, %"PRIu64" "
                  "dropped\n", counters.delivered, counters.dropped);
    reply_text(request->conn, &text);
}

/* upcall-trace/stop. */
void
cmd_stop(struct commands *c, const struct request *request)
{
    if (c->auto_start) {
        stop_waiting(c, request);
    } else if (c->session && session_is_running(c->session)) {
        stop_trace(c, request);
    } else {
        unixctl_command_reply_error(
            request->conn, "no trace is running: start one with "
            "upcall-trace/start");
    }
}
