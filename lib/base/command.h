/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_COMMAND_H
#define LIB_COMMAND_H 1

/* Commands, such as those of the control socket, and their arguments.
 *
 * A command is a table: its name, its options, what else it takes.  All that
 * has to do with its arguments comes from there: the structure that the parser
 * fills, the defaults, what errors say, and in command-show.c the help, the
 * usage, the manual page's text and the names for completion. */

#include <stdbool.h>
#include <stddef.h>

#include "base/option-kind.h"
#include "svec.h"

struct ds;
struct json;

/* What comes before the name of a command on the control socket. */
#define COMMAND_PREFIX "upcall-trace/"

/* Most arguments of a command that users have a need for. */
#define COMMAND_ARGS_MAX 64

/* A command. */
struct command {
    const char *name;           /* Such as "show". */
    const char *summary;        /* What it does, a sentence.  Up to the first
                                 * comma or full stop, it fits into a line. */
    const char *arg;            /* What the help calls its arguments that are
                                 * not options; NULL if it takes none.  If it
                                 * has a space, there are as many as it says,
                                 * otherwise any number. */
    bool one_arg;               /* Is one needed, and no more? */
    const char *arg_help;       /* What they are, unless 'arg' is NULL. */
    const struct command_option *options;
    size_t n_options;
    size_t size;                /* Of the structure that has the values of
                                 * 'options'. */
    const struct command *also; /* Another one, which it runs and whose options
                                 * it takes, too, and passes on; or NULL. */
};

/* Members of struct command for the options in array TABLE, whose values are
 * in a structure of type STRUCT. */
#define COMMAND_OPTIONS(TABLE, STRUCT)          \
    .options = TABLE,                           \
    .n_options = ARRAY_SIZE(TABLE),             \
    .size = sizeof(STRUCT)

/* What was given to a command beside its own options. */
struct command_line {
    bool json;                  /* --json: reply in JSON. */
    bool help;                  /* --help: reply with the help. */
    struct svec args;           /* What is no option. */
};

/* The options that every command takes, in struct command_line. */
extern const struct command command_common;

#define FOR_EACH_COMMAND_OPTION(OPTION, COMMAND)                    \
    for (const struct command_option *OPTION = (COMMAND)->options;  \
         OPTION && OPTION < (COMMAND)->options + (COMMAND)->n_options; \
         OPTION++)

/* The values of the options of a command. */
void command_init(const struct command *, void *values);
void command_clone(const struct command *, void *dst, const void *src);
void command_destroy(const struct command *, void *values);

const struct command_option *command_option(const struct command *,
                                            const char *name);

void command_line_destroy(struct command_line *);
char *command_parse(const struct command *, int argc, const char *argv[],
                    void *values, struct command_line *);
void command_split(const struct command *, int argc, char *argv[],
                   struct svec *own, struct svec *also, struct svec *others);

struct json *command_values_to_json(const struct command *,
                                    const void *values);
void command_values_format(const struct command *, const void *values,
                           struct ds *);

/* What there is to say about a command, in command-show.c. */
void command_put_usage(const struct command *, struct ds *);
void command_put_summary(const struct command *, struct ds *);
void command_put_help(const struct command *, const char *prefix, struct ds *);
void command_put_options_help(const struct command *, struct ds *);
void command_put_man(const struct command *, const char *prefix, struct ds *);
void command_put_options_man(const struct command *, struct ds *);
void command_put_completion(const struct command *, struct ds *);
struct json *command_to_json(const struct command *);

#endif /* lib/base/command.h */
