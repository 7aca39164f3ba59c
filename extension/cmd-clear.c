/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"
#include "session.h"
#include "traces.h"
#include "unixctl.h"

/* upcall-trace/clear. */
void
cmd_clear(struct commands *c, const struct request *request)
{
    const char *text = "the history is empty now\n";

    if (commands_lack_session(c, request)) {
        return;
    }
    if (traces_forget(c->traces)) {
        text = "the trace by hand is forgotten, and that of --start is "
               "shown\n";
    } else {
        session_catch_up(c->session);
        session_clear(c->session);
    }
    if (request->json) {
        commands_reply_status(c, request);
    } else {
        unixctl_command_reply(request->conn, text);
    }
}
