/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PROGRAM_COMMANDS_H
#define LIB_PROGRAM_COMMANDS_H 1

/* The commands that the program ovs-upcall-trace has beside those of the
 * daemon, and their options.  Like store/commands.h for these, the tables are
 * the only source of names, defaults, limits and help. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/command.h"
#include "store/selection.h"

/* What users type before the name of a command of the program. */
#define PROGRAM_PREFIX "ovs-upcall-trace "

/* All of them, in the order of their names. */
#define PROGRAM_COMMANDS                        \
    X(monitor)                                  \
    X(record)

#define X(NAME) extern const struct command program_##NAME;
PROGRAM_COMMANDS
#undef X

const struct command *program_command_get(size_t number);
const struct command *program_command_from_name(const char *);

struct monitor_options {
    bool tree;                  /* --tree: what is beneath each? */
    bool events;                /* --events: a line for each event? */
    uint64_t rate;              /* --rate: records a second, 0 for all;
                                 * OPTION_UNSET if not given. */
    struct selection selection; /* Of --where. */
};

/* Beside the options of start, which are passed on. */
struct record_options {
    char *output;               /* --output: name of the file. */
    uint64_t rotate;            /* --rotate: bytes; 0 if not given. */
    uint64_t files;             /* --files: how many, 0 for all. */
};

#endif /* lib/store/program-commands.h */
