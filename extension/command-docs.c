/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what is made from the tables of the commands when ovs-upcall-trace is
 * built:
 *
 *   command-docs COMMAND         the entry of COMMAND in the manual page
 *   command-docs common          what it says of the options of all commands
 *   command-docs --completion    what can be completed after each command
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "store/commands.h"
#include "util.h"

static void
put_completion(struct ds *text)
{
    const struct command *command;

    for (size_t i = 0; (command = command_get(i)); i++) {
        command_put_completion(command, text);
    }
}

/* Appends what was asked for by 'name' to 'text'. */
static void
put(const char *name, struct ds *text)
{
    const struct command *command = command_from_name(name);

    if (command) {
        command_put_man(command, text);
    } else if (!strcmp(name, "common")) {
        command_put_options_man(&command_common, text);
    } else if (!strcmp(name, "--completion")) {
        put_completion(text);
    } else {
        ovs_fatal(0, "%s: there is no such command", name);
    }
}

int
main(int argc, char *argv[])
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ovs_set_program_name(argv[0], VERSION);
    if (argc != 2) {
        ovs_fatal(0, "one argument is needed: a command, \"common\" or "
                  "\"--completion\"");
    }
    put(argv[1], &text);
    fputs(ds_cstr(&text), stdout);
    ds_destroy(&text);
    if (fflush(stdout) || ferror(stdout)) {
        ovs_fatal(0, "cannot write to standard output");
    }
    return EXIT_SUCCESS;
}
