/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-background.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/command.h"
#include "base/compat.h"
#include "daemon.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(background);

static struct unixctl_server *server;   /* NULL if there is none. */

/* What "ovs-appctl exit" does: the same as a signal. */
static void
exit_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    kill(getpid(), SIGTERM);
    unixctl_command_reply(conn, NULL);
}

/* Returns what is wrong with options before the command 'call', NULL if
 * nothing is.  The caller frees it. */
char *
background_check(const struct program_call *call)
{
    return (!call->line->json || !get_detach() ? NULL
            : xstrdup("--json prints, and --detach leaves nothing to print "
                      "to: leave one of them out"));
}

/* Goes into the background, if 'program' has been told to, and catches
 * signals, and that of --timeout.  To be called before anything is opened.
 * What can still go wrong until background_complete() is what the program that
 * was started says and has as its exit status. */
void
background_start(const struct program *program)
{
    upcall_daemonize_start(false);
    signals_catch();
    /* The process that was started has set that for itself only. */
    alarm(program->timeout);
}

/* Opens the control socket, if one is due, and has the program that was
 * started end, if this is in the background.  After that, names of files that
 * are not absolute are of no use.  Returns 0 if successful, otherwise a
 * positive errno value after an error message. */
int
background_complete(const struct program *program)
{
    int error = 0;

    if (program->is_daemon) {
        error = unixctl_server_create(NULL, &server);
        if (!error) {
            unixctl_command_register("exit", "", 0, 0, exit_cb, NULL);
        }
    }
    if (!error) {
        daemonize_complete();
    }
    return error;
}

/* Does what the control socket asks for. */
void
background_run(void)
{
    if (server) {
        unixctl_server_run(server);
    }
}

/* Arranges for the poll loop to wake up when background_run() has something to
 * do. */
void
background_wait(void)
{
    if (server) {
        unixctl_server_wait(server);
    }
}

/* Says a line on standard error, or in the log in the background, where nobody
 * reads that. */
void
background_say(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = xvasprintf(format, args);
    va_end(args);
    if (get_detach()) {
        VLOG_INFO("%s", text);
    } else {
        fprintf(stderr, "%s\n", text);
    }
    free(text);
}

/* Closes the control socket. */
void
background_end(void)
{
    unixctl_server_destroy(server);
    server = NULL;
}
