/* SPDX-License-Identifier: Apache-2.0 */

/* The commands that the daemon does. */

#include <config.h>

#include "trace-program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/compat.h"
#include "jsonrpc.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-output.h"
#include "trace-target.h"
#include "unixctl.h"
#include "util.h"

/* Returns true if 'argv' are arguments that 'command' takes, and stores in
 * '*help' whether they ask for its help. */
static bool
parse(const struct command *command, int argc, char *argv[], bool *help)
{
    void *options = xmalloc(command->size ? command->size : 1);
    struct command_line line;
    char *error;
    bool ok;

    command_init(command, options);
    error = command_parse(command, argc, (const char **) argv, options, &line);
    ok = !error;
    *help = ok && line.help && !line.json;
    free(error);
    command_line_destroy(&line);
    command_destroy(command, options);
    free(options);
    return ok;
}

/* Appends what 'reply' lacks of its last line.  Returns it. */
static char *
end_line(char *reply)
{
    size_t length = strlen(reply);
    char *line;

    if (!length || reply[length - 1] == '\n') {
        return reply;
    }
    line = xasprintf("%s\n", reply);
    free(reply);
    return line;
}

/* Connects to the control socket of 'target'.  Returns NULL after an error
 * message if that is not possible. */
static struct jsonrpc *
connect_to(const char *target)
{
    struct jsonrpc *client = NULL;
    char *error;
    char *path = target_ctl_path(target, &error);
    int retval;

    if (!path) {
        ovs_error(0, "%s", error);
    } else {
        retval = unixctl_client_create(path, &client);
        if (retval) {
            ovs_error(retval, "cannot connect to \"%s\"", path);
        }
    }
    free(path);
    free(error);
    return client;
}

/* Has the daemon at 'client' run 'command' with 'argv', whose status is
 * 'refused' if the daemon does not, and prints the reply. */
static int
transact(const struct program *program, struct jsonrpc *client,
         const struct command *command, int argc, char *argv[], int refused)
{
    char *method = xasprintf(COMMAND_PREFIX "%s", command->name);
    char *result, *error;
    int status;
    int retval = upcall_unixctl_transact(client, method, argc - 1, argv + 1,
                                         &result, &error);

    if (retval) {
        ovs_error(retval, "%s: transaction error", program->target);
        status = PROGRAM_FAILURE;
    } else if (error) {
        error = end_line(error);
        fputs(error, stderr);
        ovs_error(0, "%s: server returned an error", program->target);
        status = refused;
    } else {
        result = end_line(result);
        status = output_text(result);
    }
    free(result);
    free(error);
    free(method);
    return status;
}

/* Has the daemon run 'command'.  What the arguments may be, it decides itself:
 * it may be of another release. */
int
relay_run(const struct program *program, const struct command *command,
          int argc, char *argv[])
{
    bool help;
    bool ok = parse(command, argc, argv, &help);
    struct jsonrpc *client;
    int status;

    if (help) {
        return program_print_help(command);
    }
    ctl_timeout_setup(program->timeout);        /* Or as OVS_CTL_TIMEOUT. */
    client = connect_to(program->target);
    if (!client) {
        return PROGRAM_FAILURE;
    }
    status = transact(program, client, command, argc, argv,
                      ok ? PROGRAM_FAILURE : PROGRAM_USAGE);
    jsonrpc_close(client);
    return status;
}
