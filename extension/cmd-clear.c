/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"
#include "session.h"
#include "unixctl.h"

/* upcall-trace/clear. */
void
cmd_clear(struct commands *c, const struct request *request)
{
    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    session_clear(c->session);
    if (request->json) {
        commands_reply_status(c, request);
    } else {
        unixctl_command_reply(request->conn, "the history is empty now\n");
    }
}
