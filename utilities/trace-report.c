/* SPDX-License-Identifier: Apache-2.0 */

/* The command report: makes a page of HTML from files. */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "file/output-name.h"
#include "file/report.h"
#include "openvswitch/dynamic-string.h"
#include "store/program-commands.h"
#include "svec.h"
#include "timeval.h"
#include "trace-input.h"
#include "trace-outfile.h"
#include "trace-program.h"
#include "trace-report-page.h"
#include "util.h"

#ifdef HAVE_D3
/* Adds what was wrong with the file that was read last, if anything was. */
static void
take_error(struct report *r, struct trace_input *in)
{
    char *error = trace_input_take_error(in);

    if (error) {
        const struct trace_item item = {
            .kind = TRACE_ERROR, .error = error
        };

        report_put(r, &item);
        free(error);
    }
}

/* Adds 'item' to 'r'.  Returns false if it does not belong to what is there,
 * which was said then. */
static bool
take_item(struct report *r, struct trace_input *in,
          const struct trace_item *item)
{
    char *error = report_put(r, item);

    if (error) {
        trace_input_error(in, "line %"PRIu64": %s", item->line, error);
        free(error);
        return false;
    }
    return true;
}

/* Reads all that there is. */
static void
read_files(struct report *r, struct trace_input *in)
{
    const char *file = NULL;
    struct trace_item item;
    bool ok = true;

    while (ok && trace_input_next(in, &item)) {
        take_error(r, in);
        if (file != trace_input_name(in)) {
            file = trace_input_name(in);
            report_begin_file(r, file);
        }
        ok = take_item(r, in, &item);
    }
    take_error(r, in);
    report_finish(r);
}

static void
write_text(struct outfile *out, const char *text)
{
    outfile_write(text, strlen(text), out);
}

/* Writes the page about 'r'. */
static void
write_page(struct report *r, struct outfile *out)
{
    struct ds json = DS_EMPTY_INITIALIZER;
    struct ds escaped = DS_EMPTY_INITIALIZER;

    report_put_json(r, time_wall_msec(), &json);
    report_put_escaped(&escaped, ds_cstr(&json));
    ds_destroy(&json);
    write_text(out, report_page_before);
    write_text(out, ds_cstr(&escaped));
    write_text(out, report_page_after);
    ds_destroy(&escaped);
}

/* Makes the page 'name' from 'files', unless these have no trace.  Returns the
 * exit status. */
static int
make_page(const struct command *command, const char *name,
          const struct svec *files)
{
    struct trace_input *in;
    struct report *r;
    struct outfile out;
    int status, closed;
    bool any;

    status = outfile_open(&out, command, name, files, true);
    if (status) {
        return status;
    }
    in = trace_input_create(command, files);
    trace_input_set_prints(in, false);
    r = report_create();
    read_files(r, in);
    any = report_has_trace(r);
    if (any) {
        write_page(r, &out);
    }
    report_destroy(r);
    status = trace_input_destroy(in);
    closed = outfile_close(&out, any);
    return status ? status : closed;
}
#else
static int
make_page(const struct command *command, const char *name OVS_UNUSED,
          const struct svec *files OVS_UNUSED)
{
    ovs_error(0, "%s: this program was built without D3, which draws the "
              "charts: install Debian's libjs-d3, or name it to configure "
              "(--with-d3=FILE), and build again", command->name);
    return PROGRAM_FAILURE;
}
#endif

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct report_options *options = call->options;

    if (call->line->json) {
        return xstrdup("there is no --json: 'stats --json' has the numbers");
    } else if (!options->output) {
        return xstrdup("--output=FILE is missing, such as -o trace.html");
    }
    return output_name_check(options->output);
}

static int
work(const struct program_call *call)
{
    const struct report_options *options = call->options;

    return make_page(call->command, options->output, &call->line->args);
}

/* Parses 'argv', and makes the page. */
int
report_run(const struct program *program, const struct command *command,
           int argc, char *argv[])
{
    struct report_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
