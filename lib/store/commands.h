/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_COMMANDS_H
#define LIB_COMMANDS_H 1

/* The commands of the control socket: which there are, and the options of
 * each.  The tables in commands.c are the only source of names, defaults,
 * limits and help. */

#include <stdbool.h>
#include <stdint.h>

#include "base/command.h"
#include "record/record.h"
#include "store/selection.h"
#include "store/start-options.h"

/* All commands, in the order of their names. */
#define COMMANDS                                \
    X(check)                                    \
    X(clear)                                    \
    X(flows)                                    \
    X(metrics)                                  \
    X(passes)                                   \
    X(pending)                                  \
    X(probes)                                   \
    X(read)                                     \
    X(show)                                     \
    X(start)                                    \
    X(stats)                                    \
    X(status)                                   \
    X(stop)

#define X(NAME) extern const struct command command_##NAME;
COMMANDS
#undef X

const struct command *command_get(size_t number);
const struct command *command_from_name(const char *);

/* Options of the commands, but those of start. */

struct check_options {
    char *target;               /* --target: file or pid, NULL for the
                                 * default. */
};

struct flows_options {
    uint64_t last;              /* --last: newest ones, 0 for all;
                                 * OPTION_UNSET if not given. */
    uint64_t after;             /* --after: upcall of the last that the client
                                 * has; 0 if not given. */
};

struct metrics_options {
    bool openmetrics;           /* --openmetrics: another format. */
};

struct pending_options {
    uint64_t oldest;            /* --oldest: how many; 0 for all. */
    uint64_t after;             /* --after: younger than this, in ns of
                                 * CLOCK_MONOTONIC. */
};

struct read_options {
    uint64_t after;             /* --after: sequence number of the last that
                                 * the client has. */
    uint64_t max;               /* --max: records at once. */
    uint64_t wait;              /* --wait: for so long, in ms. */
};

/* Of show, and of passes. */
struct show_options {
    uint64_t last;              /* --last: newest ones, 0 for all;
                                 * OPTION_UNSET if not given. */
    uint64_t slowest;           /* --slowest: how many of those; 0 if not
                                 * given. */
    uint64_t after;             /* --after: sequence number of the last that
                                 * the client has; OPTION_UNSET if not
                                 * given. */
    bool events;                /* --events: a line for each event? */
    struct selection selection; /* Of all. */
};

struct stats_options {
    enum upcall_stage stage;    /* --stage: of the histogram. */
    bool reset;                 /* --reset: start anew afterwards? */
};

struct status_options {
    uint64_t measure;           /* --measure: for so long, in s; 0 for not at
                                 * all. */
};

struct stop_options {
    uint64_t since_ms;          /* --since-ms: of the trace that is meant, 0 if
                                 * not given. */
};

#endif /* lib/store/commands.h */
