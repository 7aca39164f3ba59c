/* SPDX-License-Identifier: Apache-2.0 */

/* The command pcap: writes the packets of records from files as pcapng. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/command.h"
#include "base/printable.h"
#include "file/output-name.h"
#include "file/pcapng.h"
#include "file/trace-begin.h"
#include "file/trace-choice.h"
#include "file/trace-end.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/program-commands.h"
#include "trace-input.h"
#include "trace-outfile.h"
#include "trace-program.h"
#include "util.h"

/* Where to write if nothing is said. */
#define DEFAULT_OUTPUT "-"

struct pcap {
    const struct pcap_options *options;
    struct trace_choice choice;
    struct trace_input *in;
    struct outfile out;

    /* The section that is written, of one trace. */
    struct pcapng *w;           /* NULL before the first one. */
    struct json *startup;       /* Its first line. */
    struct pcapng_counts counts;
    struct ds comment;          /* Of 'counts'. */
    bool has_counts;            /* Are they known? */
};

/* Ends the section, if there is one. */
static void
end_section(struct pcap *p)
{
    if (p->w) {
        p->counts.comment = ds_cstr(&p->comment);
        pcapng_end(p->w, p->has_counts ? &p->counts : NULL);
        pcapng_destroy(p->w);
        p->w = NULL;
        json_destroy(p->startup);
        p->startup = NULL;
        p->has_counts = false;
    }
}

/* Appends 'before' and 's', of a file, unless it is NULL. */
static void
put_string(struct ds *ds, const char *before, const char *s)
{
    if (s) {
        ds_put_cstr(ds, before);
        printable_put_string(ds, s);
    }
}

static void
begin_section(struct pcap *p, const struct json *startup)
{
    struct ds os = DS_EMPTY_INITIALIZER;
    struct ds comment = DS_EMPTY_INITIALIZER;
    struct pcapng_about about = {
        .application = "ovs-upcall-trace " VERSION,
        .snaplen = p->options->snaplen,
    };
    struct trace_begin begin;

    trace_begin_from_json(&begin, startup);
    put_string(&os, "Linux ", begin.kernel);
    ds_put_cstr(&comment, "upcalls and passes of Open vSwitch");
    put_string(&comment, " ", begin.openvswitch);
    about.os = os.length ? ds_cstr(&os) : NULL;
    about.comment = ds_cstr(&comment);
    about.wall_offset = begin.wall_offset;
    about.start_ts = begin.has_time ? begin.start_ts : 0;
    p->w = pcapng_create(&about, outfile_write, &p->out);
    p->startup = json_clone(startup);
    ds_destroy(&os);
    ds_destroy(&comment);
}

/* A trace begins, or goes on in another file. */
static char *
begin(struct pcap *p, const struct json *startup)
{
    if (!p->startup || !trace_begin_is_same(p->startup, startup)) {
        end_section(p);
        begin_section(p, startup);
    }
    return trace_choice_begin(&p->choice, startup);
}

/* A trace has ended, if 'json' tells numbers: that of a file that another
 * follows does not. */
static void
end(struct pcap *p, const struct json *json)
{
    struct trace_end e;
    char *error = trace_end_from_json(&e, json);

    if (!error) {
        ds_clear(&p->comment);
        trace_counts_format(&e.told.records, &p->comment);
        if (e.told.has_passes) {
            trace_pass_counts_format(&e.told.passes, &p->comment);
        }
        p->has_counts = true;
        p->counts.produced = e.told.records.produced + e.told.passes.produced;
        p->counts.delivered = (e.told.records.delivered
                               + e.told.passes.delivered);
        p->counts.dropped = e.told.records.dropped + e.told.passes.dropped;
        p->counts.end_ts = e.frame.now;
    }
    free(error);
}

/* Writes what 'item' tells.  Returns NULL, or why there is no use in going on,
 * which the caller frees. */
static char *
put_item(struct pcap *p, const struct trace_item *item)
{
    switch (item->kind) {
    case TRACE_STARTUP:
        return begin(p, item->json);
    case TRACE_RECORD:
        return (trace_choice_has(&p->choice, item)
                ? pcapng_put(p->w, item->record, item->size, item->context)
                : NULL);
    case TRACE_END:
        end(p, item->json);
        return NULL;
    case TRACE_GAP:
        return NULL;
    case TRACE_ERROR:
    default:
        OVS_NOT_REACHED();
    }
}

/* Writes all.  Returns true if there was a trace. */
static bool
put_all(struct pcap *p)
{
    struct trace_item item;
    bool any = false;

    while (!p->out.error && trace_input_next(p->in, &item)) {
        char *error = put_item(p, &item);

        any = true;
        if (error) {
            trace_input_error(p->in, "line %"PRIu64": %s", item.line, error);
            free(error);
            break;
        }
    }
    end_section(p);
    return any;
}

/* Writes the packets of 'files'.  Returns the exit status. */
static int
pcap(const struct command *command, const struct pcap_options *options,
     const struct svec *files)
{
    struct pcap p = { .options = options, .comment = DS_EMPTY_INITIALIZER };
    int status, closed;
    bool any;

    status = outfile_open(&p.out, command,
                          options->output ? options->output : DEFAULT_OUTPUT,
                          files, true);
    if (status) {
        return status;
    }
    trace_choice_init(&p.choice, &options->choice);
    p.in = trace_input_create(command, files);
    trace_input_set_prints(p.in, !p.out.hidden);
    trace_input_choose(p.in, &p.choice);
    any = put_all(&p);
    status = trace_input_destroy(p.in);
    closed = outfile_close(&p.out, any);
    ds_destroy(&p.comment);
    return status ? status : closed;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct pcap_options *options = call->options;

    if (call->line->json) {
        return xstrdup("there is no --json: see convert");
    }
    return options->output ? output_name_check(options->output) : NULL;
}

static int
work(const struct program_call *call)
{
    return pcap(call->command, call->options, &call->line->args);
}

/* Parses 'argv', and writes. */
int
pcap_run(const struct program *program, const struct command *command,
         int argc, char *argv[])
{
    struct pcap_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
