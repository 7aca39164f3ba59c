/* SPDX-License-Identifier: Apache-2.0 */

/* The command convert: writes records from files in the formats of other
 * programs. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/command.h"
#include "file/convert.h"
#include "file/trace-choice.h"
#include "store/program-commands.h"
#include "trace-input.h"
#include "trace-outfile.h"
#include "trace-program.h"
#include "util.h"

/* Where to write if nothing is said. */
#define DEFAULT_OUTPUT "-"

/* Converts 'item'.  Returns NULL, or why there is no use in going on, which
 * the caller frees. */
static char *
put_item(struct converter *c, struct trace_choice *choice,
         const struct trace_item *item)
{
    if (item->kind == TRACE_STARTUP) {
        converter_begin(c, item->json);
        return trace_choice_begin(choice, item->json);
    } else if (item->kind == TRACE_RECORD && trace_choice_has(choice, item)) {
        return converter_put(c, item);
    }
    return NULL;
}

/* Converts all of 'in'.  Returns true if there was a trace. */
static bool
put_all(struct converter *c, struct trace_choice *choice,
        struct trace_input *in)
{
    struct trace_item item;
    bool any = false;

    while (!converter_get_error(c) && trace_input_next(in, &item)) {
        char *error = put_item(c, choice, &item);

        any = true;
        if (error) {
            trace_input_error(in, "line %"PRIu64": %s", item.line, error);
            free(error);
            break;
        }
    }
    converter_end(c);
    return any;
}

/* Converts 'files'.  Returns the exit status. */
static int
convert(const struct command *command, const struct convert_options *options,
        const struct svec *files)
{
    struct trace_choice choice;
    struct trace_input *in;
    struct converter *c;
    struct outfile out;
    int status, closed;
    bool any;

    status = outfile_open(&out, command,
                          options->output ? options->output : DEFAULT_OUTPUT,
                          files, false);
    if (status) {
        return status;
    }
    trace_choice_init(&choice, &options->choice);
    in = trace_input_create(command, files);
    trace_input_choose(in, &choice);
    c = converter_create(options->to, outfile_write, &out);
    any = put_all(c, &choice, in);
    converter_destroy(c);
    status = trace_input_destroy(in);
    closed = outfile_close(&out, any);
    return status ? status : closed;
}

/* Parses 'argv', and converts. */
int
convert_run(const struct program *program OVS_UNUSED,
            const struct command *command, int argc, char *argv[])
{
    struct convert_options options;
    struct command_line line;
    char *error;
    int status;

    command_init(command, &options);
    error = command_parse(command, argc, (const char **) argv, &options,
                          &line);
    if (!error && !line.help && line.json) {
        error = xstrdup("there is no --json, but --to=json");
    } else if (!error && !line.help && !options.to) {
        error = xstrdup("--to=FORMAT is missing, such as --to=perfetto");
    }
    if (error) {
        ovs_error(0, "%s: %s", command->name, error);
        status = PROGRAM_USAGE;
    } else if (line.help) {
        status = program_print_help(command);
    } else {
        status = convert(command, &options, &line.args);
    }
    free(error);
    command_line_destroy(&line);
    command_destroy(command, &options);
    return status;
}
