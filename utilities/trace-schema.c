/* SPDX-License-Identifier: Apache-2.0 */

/* The command schema: prints what the lines of a file are. */

#include <config.h>

#include "trace-program.h"

#include "file/trace-schema.h"
#include "openvswitch/dynamic-string.h"
#include "trace-output.h"
#include "util.h"

static int
print_schema(const struct program_call *call OVS_UNUSED)
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
schema_run(const struct program *program, const struct command *command,
           int argc, char *argv[])
{
    return program_run_command(program, command, argc, argv, NULL, NULL,
                               print_schema);
}
