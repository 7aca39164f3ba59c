/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "chosen.h"
#include "commands-private.h"
#include "reply.h"
#include "session.h"
#include "util.h"

/* upcall-trace/passes. */
void
cmd_passes(struct commands *c, const struct request *request)
{
    if (c->session && !history_has_passes(session_view(c->session).history)) {
        reply_error(request->conn,
                    xstrdup("this trace records no passes: run "
                            "upcall-trace/start with --datapath"));
    } else {
        chosen_reply(c, request, HISTORY_PASSES);
    }
}
