/* SPDX-License-Identifier: Apache-2.0 */

/* The command stats: statistics of a trace in files.  Without any, the daemon
 * does it. */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "file/file-stats.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/commands.h"
#include "store/program-commands.h"
#include "svec.h"
#include "trace-input.h"
#include "trace-output.h"
#include "trace-program.h"
#include "util.h"

/* Prints the statistics of 's', if it has any.  Returns the exit status. */
static int
print_stats(struct file_stats *s, enum upcall_stage stage, bool json)
{
    struct trace_stats stats;
    struct ds text = DS_EMPTY_INITIALIZER;
    int status;

    if (!file_stats_get(s, &stats)) {
        return EXIT_SUCCESS;
    }
    if (json) {
        struct json *o = trace_stats_to_json(&stats);

        json_to_ds(o, JSSF_SORT, &text);
        ds_put_char(&text, '\n');
        json_destroy(o);
    } else {
        trace_stats_format(&stats, stage, &text);
    }
    status = output_text(ds_cstr(&text));
    ds_destroy(&text);
    return status;
}

/* Prints the statistics of 'files'.  Returns the exit status. */
static int
stats(const struct command *command, enum upcall_stage stage, bool json,
      const struct svec *files)
{
    struct trace_input *in = trace_input_create(command, files);
    struct file_stats *s = file_stats_create();
    struct trace_item item;
    char *error = NULL;
    int status, printed;

    trace_input_set_prints(in, false);
    while (!error && trace_input_next(in, &item)) {
        error = file_stats_put(s, &item);
        if (error) {
            trace_input_error(in, "line %"PRIu64": %s", item.line, error);
        }
    }
    free(error);
    status = trace_input_destroy(in);
    printed = print_stats(s, stage, json);
    file_stats_destroy(s);
    return status ? status : printed;
}

/* Returns true if 'argument' is an option of 'command' whose value is the next
 * argument. */
static bool
takes_next(const struct command *command, const char *argument)
{
    const struct command_option *option;

    option = (!strncmp(argument, "--", 2)
              ? command_option(command, argument + 2) : NULL);
    return option && !option->kind->is_flag;
}

/* Returns true if 'argv' has a file: something that is no option and no value
 * of one. */
static bool
has_file(const struct command *command, int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || !argv[i][1]) {
            return true;
        }
        i += takes_next(command, argv[i]);
    }
    return false;
}

/* Parses 'argv', and prints statistics, or has the daemon do it. */
int
stats_run(const struct program *program, const struct command *command,
          int argc, char *argv[])
{
    struct program_stats_options options;
    struct command_line line;
    char *error;
    int status;

    command_init(command, &options);
    error = command_parse(command, argc, (const char **) argv, &options,
                          &line);
    if (!error && options.reset && line.args.n) {
        error = xstrdup("--reset is for the daemon's statistics, not for "
                        "those of a file");
    }
    if (!error && line.help && !line.json) {
        status = program_print_help(command);
    } else if (!has_file(command, argc, argv)) {
        status = relay_run(program, &command_stats, argc, argv);
    } else if (error) {
        ovs_error(0, "%s: %s", command->name, error);
        status = PROGRAM_USAGE;
    } else {
        status = stats(command, options.stage, line.json, &line.args);
    }
    free(error);
    command_line_destroy(&line);
    command_destroy(command, &options);
    return status;
}
