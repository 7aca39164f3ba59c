/* SPDX-License-Identifier: Apache-2.0 */

/* The program ovs-upcall-trace: what its commands have in common. */

#include <config.h>

#include "trace-program.h"

#include <stdlib.h>

#include "base/command.h"
#include "openvswitch/dynamic-string.h"
#include "store/program-commands.h"
#include "trace-output.h"
#include "util.h"

/* Parses 'argv', as program_run has it, into 'options', which is of the type
 * that 'command' has or NULL if it has none.  Then prints the help of
 * 'command', says what 'check' (NULL if there is nothing to check) finds
 * wrong, or has 'work' do it.  Returns the exit status. */
int
program_run_command(const struct program *program,
                    const struct command *command, int argc, char *argv[],
                    void *options, program_check *check, program_work *work)
{
    struct command_line line;
    struct program_call call = {
        .program = program, .command = command, .options = options,
        .line = &line,
    };
    char *error;
    int status;

    command_init(command, options);
    error = command_parse(command, argc, (const char **) argv, options, &line);
    if (!error && !line.help && check) {
        error = check(&call);
    }
    if (error) {
        ovs_error(0, "%s: %s", command->name, error);
        status = PROGRAM_USAGE;
    } else if (line.help) {
        status = program_print_help(command);
    } else {
        status = work(&call);
    }
    free(error);
    command_line_destroy(&line);
    command_destroy(command, options);
    return status;
}

/* Prints the help of 'command'.  Returns the exit status. */
int
program_print_help(const struct command *command)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int status;

    command_put_help(command, PROGRAM_PREFIX, &text);
    status = output_text(ds_cstr(&text));
    ds_destroy(&text);
    return status;
}
