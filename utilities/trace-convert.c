/* SPDX-License-Identifier: Apache-2.0 */

/* The command convert: writes records from files in the formats of other
 * programs. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/command.h"
#include "file/convert.h"
#include "file/output-name.h"
#include "file/trace-begin.h"
#include "file/trace-choice.h"
#include "openvswitch/json.h"
#include "store/program-commands.h"
#include "trace-input.h"
#include "trace-outfile.h"
#include "trace-program.h"
#include "util.h"

/* Where to write if nothing is said. */
#define DEFAULT_OUTPUT "-"

struct conversion {
    const struct convert_options *options;
    struct trace_choice choice;
    struct converter *c;
    struct json *startup;       /* First line of the trace, NULL before it. */
};

/* A trace begins, or goes on in another file.  In most formats, times and
 * numbers are of one trace. */
static char *
begin(struct conversion *v, const struct json *startup)
{
    if (!v->startup) {
        v->startup = json_clone(startup);
    } else if (v->options->to != CONVERT_JSON
               && !trace_begin_is_same(v->startup, startup)) {
        return xstrdup("another trace begins here: convert one at a time");
    }
    converter_begin(v->c, startup);
    return trace_choice_begin(&v->choice, startup);
}

/* Converts 'item'.  Returns NULL, or why there is no use in going on, which
 * the caller frees. */
static char *
put_item(struct conversion *v, const struct trace_item *item)
{
    char *error = NULL;

    if (item->kind == TRACE_STARTUP) {
        return begin(v, item->json);
    } else if (item->kind == TRACE_RECORD
               && trace_choice_has(&v->choice, item)) {
        error = converter_put(v->c, item);
    }
    return error ? error : converter_tell(v->c, item);
}

/* Converts all of 'in'. */
static void
put_all(struct conversion *v, struct trace_input *in)
{
    struct trace_item item;

    while (!converter_get_error(v->c) && trace_input_next(in, &item)) {
        char *error = put_item(v, &item);

        if (error) {
            trace_input_error(in, "line %"PRIu64": %s", item.line, error);
            free(error);
            break;
        }
    }
    converter_end(v->c);
}

/* Converts 'files'.  Returns the exit status. */
static int
convert(const struct command *command, const struct convert_options *options,
        const struct svec *files)
{
    struct conversion v = { .options = options };
    struct trace_input *in;
    struct outfile out;
    int status, closed;

    status = outfile_open(&out, command,
                          options->output ? options->output : DEFAULT_OUTPUT,
                          files, false);
    if (status) {
        return status;
    }
    trace_choice_init(&v.choice, &options->choice);
    in = trace_input_create(command, files);
    trace_input_set_prints(in, !out.hidden);
    trace_input_choose(in, &v.choice);
    v.c = converter_create(options->to, outfile_write, &out);
    put_all(&v, in);
    converter_destroy(v.c);
    status = trace_input_destroy(in);
    closed = outfile_close(&out, v.startup != NULL);
    json_destroy(v.startup);
    return status ? status : closed;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct convert_options *options = call->options;

    if (call->line->json) {
        return xstrdup("there is no --json, but --to=json");
    } else if (!options->to) {
        return xstrdup("--to=FORMAT is missing, such as --to=perfetto");
    }
    return options->output ? output_name_check(options->output) : NULL;
}

static int
work(const struct program_call *call)
{
    return convert(call->command, call->options, &call->line->args);
}

/* Parses 'argv', and converts. */
int
convert_run(const struct program *program, const struct command *command,
            int argc, char *argv[])
{
    struct convert_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
