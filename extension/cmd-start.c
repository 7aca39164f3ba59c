/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "cmd-status.h"
#include "commands-private.h"
#include "limited.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "session.h"
#include "target.h"
#include "traces.h"
#include "util.h"

/* Returns NULL, or an error if 'options', which come from a client, have a
 * relative file name: the client's working directory is not ours. */
static char *
check_trigger_dir(const struct start_options *options)
{
    const char *dir = options->trigger_dir;
    struct ds error = DS_EMPTY_INITIALIZER;

    if (!dir || dir[0] == '/') {
        return NULL;
    }
    ds_put_cstr(&error, "--trigger-dir=");
    printable_put_start(&error, dir, strlen(dir));
    ds_put_cstr(&error, ": must be an absolute name, which begins with /");
    return ds_steal_cstr(&error);
}

/* upcall-trace/start. */
void
cmd_start(struct commands *c, const struct request *request)
{
    const struct start_options *options = request->options;
    char *error = check_trigger_dir(options);

    if (!error) {
        error = traces_start(c->traces, options);
    }
    if (error) {
        reply_error(request->conn, error);
        return;
    }
    if (request->json) {
        commands_reply_status(c, request);
    } else {
        const struct target *t = session_view(c->session).target;
        struct ds text = DS_EMPTY_INITIALIZER;

        ds_put_format(&text, "recording the upcalls of ovs-vswitchd, "
                      "pid %ld\n", (long) t->pid);
        status_format_absent_ports(c->session, "absent ports: ", &text);
        limited_format(c->session, "limited: ", &text);
        reply_text(request->conn, &text);
    }
}
