/* SPDX-License-Identifier: Apache-2.0 */

/* The command schema: prints what the lines of a file are. */

#include <config.h>

#include "trace-program.h"

#include <stdlib.h>

#include "base/command.h"
#include "file/trace-schema.h"
#include "openvswitch/dynamic-string.h"
#include "trace-output.h"
#include "util.h"

static int
print_schema(void)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int status;

    trace_schema_format(&text);
    status = output_text(ds_cstr(&text));
    ds_destroy(&text);
    return status;
}

/* Prints the schema. */
int
schema_run(const struct program *program OVS_UNUSED,
           const struct command *command, int argc, char *argv[])
{
    struct command_line line;
    char *error = command_parse(command, argc, (const char **) argv, NULL,
                                &line);
    int status;

    if (error) {
        ovs_error(0, "%s: %s", command->name, error);
        status = PROGRAM_USAGE;
    } else if (line.help) {
        status = program_print_help(command);
    } else {
        status = print_schema();
    }
    free(error);
    command_line_destroy(&line);
    return status;
}
