/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what is made from the tables of the commands when ovs-upcall-trace is
 * built:
 *
 *   command-docs --man           the manual page of the daemon that standard
 *                                input has, with "@COMMAND check@" replaced by
 *                                the entry of that command, and
 *                                "@COMMON_OPTIONS@" by what there is to say of
 *                                the options of all
 *   command-docs --program-man   the same of the program, with
 *                                "@DAEMON_COMMANDS@" replaced by the names of
 *                                those of the daemon
 *   command-docs --completion    what can be completed after each command,
 *                                "daemon" or "program" in front of each line
 *   command-docs --bash          the script that standard input has, with
 *                                "@COMPLETION@" replaced by that
 *
 * What is replaced has a line of its own. */

#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "sset.h"
#include "store/commands.h"
#include "store/program-commands.h"
#include "util.h"

#define COMMON_OPTIONS "@COMMON_OPTIONS@"
#define DAEMON_COMMANDS "@DAEMON_COMMANDS@"
#define COMPLETION "@COMPLETION@"

/* Commands of one kind. */
struct commands {
    const char *kind;
    const struct command *(*get)(size_t number);
    const struct command *(*from_name)(const char *);
    const char *prefix;         /* Of their names in the manual page. */
};

static const struct commands daemon_commands = {
    "daemon", command_get, command_from_name, COMMAND_PREFIX
};
static const struct commands program_commands = {
    "program", program_command_get, program_command_from_name, ""
};

/* A manual page in the making. */
struct page {
    const struct commands *commands;
    struct ds text;
    struct sset names;          /* Of commands that have their entry. */
    int n_common;               /* How often it has COMMON_OPTIONS, */
    int n_daemon;               /* and DAEMON_COMMANDS. */
};

/* Completion. */

/* Appends the lines of 'commands' to 'text'. */
static void
put_completion_of(const struct commands *commands, struct ds *text)
{
    const struct command *command;

    for (size_t i = 0; (command = commands->get(i)); i++) {
        struct ds lines = DS_EMPTY_INITIALIZER;
        char *rest, *line;

        command_put_completion(command, &lines);
        rest = ds_cstr(&lines);
        while (*rest && (line = strsep(&rest, "\n"))) {
            ds_put_format(text, "%s %s\n", commands->kind, line);
        }
        ds_destroy(&lines);
    }
}

static void
put_completion(struct ds *text)
{
    put_completion_of(&daemon_commands, text);
    put_completion_of(&program_commands, text);
}

static void
put_bash(struct ds *text)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    int n = 0;

    while (ds_get_line(&line, stdin) != EOF) {
        if (!strcmp(ds_cstr(&line), COMPLETION)) {
            put_completion(text);
            n++;
        } else {
            ds_put_format(text, "%s\n", ds_cstr(&line));
        }
    }
    if (n != 1) {
        ovs_fatal(0, "%s: %d times instead of once", COMPLETION, n);
    }
    ds_destroy(&line);
}

/* Manual pages. */

/* Appends the entry of the command that is called 'name', which 'page' must
 * not have yet. */
static void
put_entry(const char *name, struct page *page)
{
    const struct command *command = page->commands->from_name(name);

    if (!command) {
        ovs_fatal(0, "%s: there is no such command", name);
    } else if (!sset_add(&page->names, name)) {
        ovs_fatal(0, "%s: this command has two entries", name);
    }
    command_put_man(command, page->commands->prefix, &page->text);
}

static void
put_daemon_commands(struct page *page)
{
    const struct command *command;

    for (size_t i = 0; (command = command_get(i)); i++) {
        ds_put_format(&page->text, ".B %s\n", command->name);
    }
    page->n_daemon++;
}

/* Appends 'line' of the input, or what it stands for. */
static void
put_man_line(const char *line, struct page *page)
{
    char name[32];
    int n = 0;

    if (ovs_scan(line, "@COMMAND %31[a-z]@%n", name, &n) && !line[n]) {
        put_entry(name, page);
    } else if (!strcmp(line, COMMON_OPTIONS)) {
        command_put_options_man(&command_common, &page->text);
        page->n_common++;
    } else if (!strcmp(line, DAEMON_COMMANDS)) {
        put_daemon_commands(page);
    } else if (!strncmp(line, "@COM", 4)) {
        ovs_fatal(0, "%s: this stands for nothing", line);
    } else {
        ds_put_format(&page->text, "%s\n", line);
    }
}

/* Fails unless 'page' has all of its commands. */
static void
check_entries(const struct page *page)
{
    const struct command *command;

    for (size_t i = 0; (command = page->commands->get(i)); i++) {
        if (!sset_contains(&page->names, command->name)) {
            ovs_fatal(0, "%s: no entry, add \"@COMMAND %s@\" to the page",
                      command->name, command->name);
        }
    }
}

/* Appends the manual page of 'commands' to 'text', which is empty. */
static void
put_man(const struct commands *commands, struct ds *text)
{
    struct page page = {
        .commands = commands, .text = DS_EMPTY_INITIALIZER,
        .names = SSET_INITIALIZER(&page.names),
    };
    struct ds line = DS_EMPTY_INITIALIZER;
    bool is_program = commands == &program_commands;

    while (ds_get_line(&line, stdin) != EOF) {
        put_man_line(ds_cstr(&line), &page);
    }
    check_entries(&page);
    if (page.n_common != 1) {
        ovs_fatal(0, "%s: %d times instead of once", COMMON_OPTIONS,
                  page.n_common);
    } else if (page.n_daemon != is_program) {
        ovs_fatal(0, "%s: %d times instead of %d", DAEMON_COMMANDS,
                  page.n_daemon, is_program);
    }
    ds_destroy(&line);
    sset_destroy(&page.names);
    *text = page.text;
}

int
main(int argc, char *argv[])
{
    const char *what = argc == 2 ? argv[1] : "";
    struct ds text = DS_EMPTY_INITIALIZER;

    ovs_set_program_name(argv[0], VERSION);
    if (!strcmp(what, "--man")) {
        put_man(&daemon_commands, &text);
    } else if (!strcmp(what, "--program-man")) {
        put_man(&program_commands, &text);
    } else if (!strcmp(what, "--completion")) {
        put_completion(&text);
    } else if (!strcmp(what, "--bash")) {
        put_bash(&text);
    } else {
        ovs_fatal(0, "one argument is needed: \"--man\", \"--program-man\", "
                  "\"--completion\" or \"--bash\"");
    }
    fputs(ds_cstr(&text), stdout);
    ds_destroy(&text);
    if (fflush(stdout) || ferror(stdout)) {
        ovs_fatal(0, "cannot write to standard output");
    }
    return EXIT_SUCCESS;
}
