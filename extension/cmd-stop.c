/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-read.h"
#include "commands-private.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "traces.h"

/* upcall-trace/stop. */
void
cmd_stop(struct commands *c, const struct request *request)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error;

    if (c->session) {
        measures_reply_all(c->measures, c->session);
    }
    error = traces_stop(c->traces, &text);
    if (c->session) {
        readers_run(c->readers, c->session);
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
