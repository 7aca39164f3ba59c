/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/program-commands.h"

#include <string.h>

#include "openvswitch/util.h"
#include "store/commands.h"
#include "store/option-names.h"
#include "util.h"

static const struct command_option monitor_table[] = {
    { .name = "tree", .help = "a paragraph for each, as 'show' and 'passes' "
      "print it, not a line", .kind = &option_kind_flag,
      .offset = offsetof(struct monitor_options, tree) },
    { .name = "events", .help = "a line for each event",
      .kind = &option_kind_flag,
      .offset = offsetof(struct monitor_options, events) },
    { .name = "where", .arg = "COND,...", .example = "total>5ms",
      .help = "only those that meet one of these conditions",
      .details = "If it is repeated, up to 16 times, they have to meet one of "
      "each.  'CONDITIONS' of 'ovs-upcall-traced'(8) has what a condition can "
      "be.", .kind = &option_kind_where,
      .offset = offsetof(struct monitor_options, selection.where) },
    { .name = "rate", .arg = "N", .example = "50", .max = INT64_MAX,
      .default_help = "30 on a terminal, otherwise 0",
      .help = "no more than N in a second, 0 for all", .unit = "records",
      .details = "Of those that --where chooses, the first N of each second "
      "are printed, and how many were skipped.",
      .kind = &option_kind_number,
      .offset = offsetof(struct monitor_options, rate) },
};
const struct command program_monitor = {
    .name = "monitor",
    .summary = "Prints upcalls and passes as they end, until it is "
    "interrupted, and says how many it skipped or missed.",
    COMMAND_OPTIONS(monitor_table, struct monitor_options),
};

static const struct command_option record_table[] = {
    { .name = "output", .letter = 'o', .arg = "FILE",
      .example = "trace.json.zst",
      .help = "file to write, compressed if it ends in .gz or .zst, '-' for "
      "standard output", .unit = "file",
      .details = "What the file had before is gone.",
      .kind = &option_kind_file, .offset = offsetof(struct record_options,
                                                    output) },
    { .name = "rotate", .arg = "SIZE", .example = "100M",
      .help = "begin another file after so many bytes", .min = 4096,
      .max = INT64_MAX, .unit = "bytes (suffixes: K, M, G)",
      .details = "For 't.json.zst' they are 't.00001.json.zst' and so on, "
      "behind the number of the last one that is there: what was recorded "
      "before stays.  Each has a first and a last line, which names the next "
      "file.",
      .kind = &option_kind_size,
      .offset = offsetof(struct record_options, rotate) },
    { .name = "files", .arg = "N", .example = "10", .default_help = "all",
      .only_with = "rotate", .help = "keep the last N files", .min = 1,
      .max = 99999, .unit = "files", .details = "Those with such names from "
      "before count, too: the oldest are removed, unless they do not begin as "
      "a trace.",
      .kind = &option_kind_number,
      .offset = offsetof(struct record_options, files) },
};
const struct command program_record = {
    .name = "record",
    .summary = "Writes a trace to a file, of what happens while COMMAND runs "
    "or until it is interrupted.  Takes the options of start, too, and has "
    "the exit status of COMMAND.",
    .arg = "-- COMMAND [ARG]...",
    .arg_help = "The trace starts before COMMAND does and stops after it.",
    .also = &command_start,
    COMMAND_OPTIONS(record_table, struct record_options),
};

const struct command program_schema = {
    .name = "schema",
    .summary = "Prints the JSON Schema of a line of a file with a trace.",
};

static const struct command_option watch_table[] = {
    { .name = "interval", .arg = "SECONDS", .example = "5", .default_ = "2",
      .help = "over so long rates and percentiles are, and how often they are "
      "shown", .min = 1, .max = 3600, .unit = "seconds",
      .json_name = "interval_s", .kind = &option_kind_number,
      .offset = offsetof(struct watch_options, interval) },
    { .name = "sort", .arg = "COLUMN", .example = "p99", .default_ = "rate",
      .help = "by which tables are sorted", .unit = "columns",
      .kind = &option_kind_watch_sort,
      .offset = offsetof(struct watch_options, sort) },
    { .name = "where", .arg = "COND,...", .example = "port=tap3",
      .help = "counts only those that meet one of these conditions",
      .details = "If it is repeated, up to 16 times, they have to meet one of "
      "each.  'CONDITIONS' of 'ovs-upcall-traced'(8) has what a condition can "
      "be.", .kind = &option_kind_where,
      .offset = offsetof(struct watch_options, selection.where) },
    { .name = "once", .help = "prints all that there was in one interval as "
      "text, and ends", .kind = &option_kind_flag,
      .offset = offsetof(struct watch_options, once) },
};
const struct command program_watch = {
    .name = "watch",
    .summary = "Shows on the whole terminal how many upcalls there are, how "
    "long they take, where they come from, which handlers get them and what "
    "is lost.  Press h there for help.",
    COMMAND_OPTIONS(watch_table, struct watch_options),
};

/* Returns the command with 'number', from 0 on, or NULL if there are no
 * more. */
const struct command *
program_command_get(size_t number)
{
    static const struct command *const commands[] = {
#define X(NAME) &program_##NAME,
        PROGRAM_COMMANDS
#undef X
    };

    return number < ARRAY_SIZE(commands) ? commands[number] : NULL;
}

/* Returns the command that is called 'name', or NULL. */
const struct command *
program_command_from_name(const char *name)
{
    const struct command *command;

    for (size_t i = 0; (command = program_command_get(i)); i++) {
        if (!strcmp(command->name, name)) {
            return command;
        }
    }
    return NULL;
}
