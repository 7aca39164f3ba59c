/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what is made from the tables of the commands when ovs-upcall-trace is
 * built:
 *
 *   command-docs --man           the manual page that standard input has, with
 *                                "@COMMAND check@" replaced by the entry of
 *                                that command, and "@COMMON_OPTIONS@" by what
 *                                there is to say of the options of all
 *   command-docs --completion    what can be completed after each command */

#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "sset.h"
#include "store/commands.h"
#include "util.h"

#define COMMON_OPTIONS "@COMMON_OPTIONS@"

static void
put_completion(struct ds *text)
{
    const struct command *command;

    for (size_t i = 0; (command = command_get(i)); i++) {
        command_put_completion(command, text);
    }
}

/* Appends the entry of the command that is called 'name', which the page must
 * not have yet, to 'page', and adds it to 'names'. */
static void
put_entry(const char *name, struct ds *page, struct sset *names)
{
    const struct command *command = command_from_name(name);

    if (!command) {
        ovs_fatal(0, "%s: there is no such command", name);
    } else if (!sset_add(names, name)) {
        ovs_fatal(0, "%s: this command has two entries", name);
    }
    command_put_man(command, COMMAND_PREFIX, page);
}

/* Appends 'line' of the input to 'page', or what it stands for.  Counts in
 * '*n_common' how often that is COMMON_OPTIONS. */
static void
put_man_line(const char *line, struct ds *page, struct sset *names,
             int *n_common)
{
    char name[32];
    int n = 0;

    if (ovs_scan(line, "@COMMAND %31[a-z]@%n", name, &n) && !line[n]) {
        put_entry(name, page, names);
    } else if (!strcmp(line, COMMON_OPTIONS)) {
        command_put_options_man(&command_common, page);
        ++*n_common;
    } else if (!strncmp(line, "@COM", 4)) {
        ovs_fatal(0, "%s: this stands for nothing", line);
    } else {
        ds_put_format(page, "%s\n", line);
    }
}

/* Appends the manual page to 'page'.  It must have all commands. */
static void
put_man(struct ds *page)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct ds line = DS_EMPTY_INITIALIZER;
    const struct command *command;
    int n_common = 0;

    while (ds_get_line(&line, stdin) != EOF) {
        put_man_line(ds_cstr(&line), page, &names, &n_common);
    }
    for (size_t i = 0; (command = command_get(i)); i++) {
        if (!sset_contains(&names, command->name)) {
            ovs_fatal(0, "%s: no entry, add \"@COMMAND %s@\" to the page",
                      command->name, command->name);
        }
    }
    if (n_common != 1) {
        ovs_fatal(0, "%s: %d times instead of once", COMMON_OPTIONS, n_common);
    }
    ds_destroy(&line);
    sset_destroy(&names);
}

int
main(int argc, char *argv[])
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ovs_set_program_name(argv[0], VERSION);
    if (argc == 2 && !strcmp(argv[1], "--man")) {
        put_man(&text);
    } else if (argc == 2 && !strcmp(argv[1], "--completion")) {
        put_completion(&text);
    } else {
        ovs_fatal(0, "one argument is needed: \"--man\" or \"--completion\"");
    }
    fputs(ds_cstr(&text), stdout);
    ds_destroy(&text);
    if (fflush(stdout) || ferror(stdout)) {
        ovs_fatal(0, "cannot write to standard output");
    }
    return EXIT_SUCCESS;
}
