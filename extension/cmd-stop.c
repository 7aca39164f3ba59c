/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-read.h"
#include "cmd-start.h"
#include "commands-private.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "store/commands.h"
#include "traces.h"

/* Stops a trace, and lets those know who wait for it.  Returns what
 * traces_stop() does. */
static char *
stop(struct commands *c, long long int since, struct ds *text)
{
    char *error;

    if (c->session) {
        measures_reply_all(c->measures, c->session);
    }
    error = traces_stop(c->traces, since, text);
    if (c->session) {
        readers_run(c->readers, c->session);
    }
    return error;
}

/* upcall-trace/stop.  A trace that is being started is the one that is meant,
 * unless one that runs is named: nobody can have started another after it. */
void
cmd_stop(struct commands *c, const struct request *request)
{
    const struct stop_options *options = request->options;
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error = NULL;

    if (options->since_ms) {
        error = stop(c, options->since_ms, &text);
    } else if (starting_cancel(c, "not started: given up by "
                               "upcall-trace/stop")) {
        ds_put_cstr(&text, "the start of a trace was given up\n");
    } else {
        error = stop(c, 0, &text);
    }
    if (error) {
        reply_error(request->conn, error);
        ds_destroy(&text);
    } else if (request->json) {
        commands_reply_status(c, request);
        ds_destroy(&text);
    } else {
        reply_text(request->conn, &text);
    }
}
