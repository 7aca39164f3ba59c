/* SPDX-License-Identifier: Apache-2.0 */

/* The command sort: sorts the records of files by packet. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "file/output-name.h"
#include "file/trace-begin.h"
#include "file/trace-choice.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "file/trace-sort.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/program-commands.h"
#include "trace-input.h"
#include "trace-program.h"
#include "trace-progress.h"
#include "trace-sort-output.h"
#include "util.h"

struct sort {
    const struct sort_options *options;
    const struct command *command;
    struct trace_input *in;
    struct trace_choice choice;
    bool choose;                /* Is anything to be chosen? */
    bool failed;                /* Is there no use in going on? */
    bool lacks_ids;             /* Are there ids of no record? */
    uint64_t n_lines;
    bool has_trace;             /* Was there one at all? */
    struct sort_output out;
    struct progress progress;   /* When all of a trace was read. */

    /* The trace that is being read. */
    struct trace_sort *sort;    /* NULL before the first. */
    char *startup;              /* Its first line, */
    char *end;                  /* and its last one, or NULL. */
    uint64_t n_put;             /* Lines of it that were read. */
    uint64_t n_missed;          /* Records. */
};

/* Returns true if there is no use in going on. */
static bool
is_over(const struct sort *s)
{
    return s->failed || sort_output_is_over(&s->out);
}

/* First and last lines. */

/* Appends 'line', an object, with the member 'name' being 'value', which is
 * freed. */
static void
put_changed(struct sort *s, const char *line, const char *name,
            struct json *value)
{
    struct json *json = json_from_string(line);

    json_object_put(json, name, value);
    trace_line_put_json(sort_output_get(&s->out), json);
}

/* Returns the first line of the trace, saying that it is sorted.  The caller
 * frees it. */
static char *
make_startup(const struct sort *s)
{
    struct json *json = json_from_string(s->startup);
    char *line;

    json_object_put_string(json, TRACE_SORTED, TRACE_SORTED_BY_PACKET);
    line = json_to_string(json, JSSF_SORT);
    json_destroy(json);
    return line;
}

/* Appends the last line of the trace, if it had one, with what there is in
 * this file: 'n' records. */
static void
put_end(struct sort *s, uint64_t n)
{
    struct json *file = json_object_create();

    json_object_put(file, "records", json_integer_create(n));
    json_object_put(file, "missed", json_integer_create(s->n_missed));
    json_object_put(file, "next", json_null_create());
    put_changed(s, s->end, "file", file);
}

/* Printing. */

/* Shows how many of the lines of the trace were printed: 'n'. */
static void
run_progress(struct sort *s, uint64_t n)
{
    bool all = !s->choose && s->options->last == UINT64_MAX;

    if (!progress_is_due(&s->progress)) {
        return;
    } else if (all) {
        progress_show(&s->progress, "writing: %.0f %%",
                      100.0 * n / MAX(s->n_put, n));
    } else {
        progress_show(&s->progress, "writing: %"PRIu64" lines", n);
    }
}

/* Prints the trace, of which 'startup' is the first line. */
static void
print_trace(struct sort *s, const char *startup)
{
    struct trace_sort_line line;
    uint64_t n = 0, n_lines = 0;

    /* From now on, the next trace is read between what is printed. */
    trace_input_set_prints(s->in, !s->out.hidden);
    sort_output_begin(&s->out, startup);
    while (!sort_output_is_over(&s->out)
           && trace_sort_next(s->sort, &line)) {
        sort_output_put(&s->out, &line);
        run_progress(s, ++n_lines);
        n += line.is_record;
    }
    if (s->out.json && s->end) {
        put_end(s, n);
    }
}

/* Ends the reading of a trace, and begins what takes time then. */
static bool
finish_reading(struct sort *s)
{
    if (progress_is_late(&s->progress)) {
        progress_show(&s->progress, "sorting");
    }
    return trace_sort_finish(s->sort);
}

/* Sorts and prints the trace that was read, if there is one. */
static void
end_trace(struct sort *s)
{
    char *error;

    if (s->sort && !is_over(s) && finish_reading(s)) {
        char *startup = make_startup(s);

        print_trace(s, startup);
        free(startup);
    }
    progress_clear(&s->progress);
    error = trace_sort_destroy(s->sort);
    if (error) {
        ovs_error(0, "sort: %s", error);
        free(error);
        s->failed = true;
    }
    s->sort = NULL;
    free(s->startup);
    free(s->end);
    s->startup = s->end = NULL;
    s->n_missed = s->n_put = 0;
}

/* Reading. */

/* Has lines be read again from the file that is being read, if possible. */
static void
set_file(struct sort *s)
{
    uint64_t start;
    int fd = trace_input_plain_fd(s->in, &start);

    trace_sort_set_file(s->sort, fd, start);
}

/* Returns true if 'startup' is a first line of the trace that was read last,
 * which goes on then in another file, as with rotation. */
static bool
is_same(const struct sort *s, const struct json *startup)
{
    struct json *last = s->startup ? json_from_string(s->startup) : NULL;
    bool same = last && trace_begin_is_same(last, startup);

    json_destroy(last);
    return same;
}

/* A trace begins, or goes on. */
static void
begin_trace(struct sort *s, const struct trace_item *item)
{
    const struct trace_sort_options options = {
        .memory = s->options->buffer,
        .last = s->options->last,
        .choose = s->choose,
    };
    char *error;

    s->has_trace = true;
    if (is_same(s, item->json)) {
        free(s->end);
        s->end = NULL;
    } else {
        end_trace(s);
        s->startup = xmemdup0(item->text, item->text_len);
        s->sort = trace_sort_create(&options);
    }
    set_file(s);
    error = trace_choice_begin(&s->choice, item->json);
    if (error) {
        trace_input_error(s->in, "%s", error);
        free(error);
        s->failed = true;
    }
}

/* Takes '*item' of a trace.  Returns false if no more should be read. */
static bool
take_item(struct sort *s, const struct trace_item *item)
{
    s->n_lines++;
    s->n_put++;
    switch (item->kind) {
    case TRACE_STARTUP:
        begin_trace(s, item);
        return !is_over(s);
    case TRACE_RECORD:
        return trace_sort_put(s->sort, item, s->n_lines,
                              s->choose
                              && trace_choice_has(&s->choice, item));
    case TRACE_GAP:
        s->n_missed += item->n;
        return trace_sort_put(s->sort, item, s->n_lines, false);
    case TRACE_END:
        free(s->end);
        s->end = xmemdup0(item->text, item->text_len);
        return true;
    case TRACE_ERROR:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns true if 'choice' leaves anything out. */
static bool
is_choice(const struct file_choice *choice)
{
    return (!selection_is_all(&choice->selection) || choice->ids.n
            || choice->since.kind || choice->until.kind);
}

/* Says which of the ids that were given are those of no record. */
static void
report_missing(struct sort *s)
{
    char *missing = trace_choice_get_missing(&s->choice);

    if (missing) {
        ovs_error(0, "sort: there is no record with the id %s", missing);
        free(missing);
        s->lacks_ids = true;
    }
}

static void
read_all(struct sort *s)
{
    struct trace_item item;

    while (trace_input_next(s->in, &item) && take_item(s, &item)) {
        continue;
    }
    end_trace(s);
    if (is_over(s)) {
        return;
    } else if (!s->out.json && !s->out.n_printed) {
        ds_put_cstr(sort_output_get(&s->out), "(no records)\n");
    }
    report_missing(s);
}

/* Returns why the file that was read is not to be replaced by what was sorted,
 * NULL if nothing is against it: what it has must not be lost. */
static const char *
find_hindrance(const struct sort *s)
{
    return (!s->out.is_input ? NULL
            : trace_input_has_failed(s->in) ? "not all could be read"
            : !trace_input_has_ended(s->in)
            ? "there is no end of the trace: it was cut off, or is still "
              "being written"
            : sort_output_has_changed(&s->out)
            ? "it has changed since the reading began" : NULL);
}

/* Returns true if the file that was written is to get its name.  Says why if
 * what was read keeps it. */
static bool
keep(struct sort *s)
{
    const char *why = find_hindrance(s);

    if (s->failed || !s->has_trace) {
        return false;
    } else if (why && !is_over(s)) {
        ovs_error(0, "sort: %s is left as it was, because %s: have -o name "
                  "another file", s->out.name, why);
        s->failed = true;
    }
    return !why;
}

/* Sorts 'files'.  Returns the exit status. */
static int
sort(const struct program *program, const struct command *command,
     const struct sort_options *options, bool json, const struct svec *files)
{
    struct sort s = {
        .options = options,
        .command = command,
        .out = {
            .name = options->output,
            .json = json || options->output,
            .form = (options->lines ? TRACE_TEXT_LINES
                     : options->events ? TRACE_TEXT_EVENTS
                     : TRACE_TEXT_PARAGRAPHS),
        },
        .in = trace_input_create(command, files),
        .choose = is_choice(&options->choice),
    };
    int status, written;

    /* What does not become text, nor is chosen, is not looked into. */
    trace_input_set_mode(s.in, s.out.json && !s.choose ? TRACE_READ_LINKS
                         : TRACE_READ_BOTH);
    trace_choice_init(&s.choice, &options->choice);
    /* Nothing is printed before a trace was read. */
    trace_input_set_prints(s.in, false);
    progress_init(&s.progress, (!options->output
                                || (output_name_descriptor(options->output)
                                    == STDOUT_FILENO)));
    sort_output_open(&s.out, program, files);
    if (!s.out.failed) {
        read_all(&s);
    }
    written = sort_output_close(&s.out, keep(&s));
    status = trace_input_destroy(s.in);
    return (status ? status : written ? written
            : s.lacks_ids || s.failed ? PROGRAM_FAILURE : EXIT_SUCCESS);
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct sort_options *options = call->options;

    if (options->lines + options->events
        + (call->line->json || options->output) > 1) {
        return xstrdup("--lines, --events and --json, which a file always "
                       "has, exclude each other");
    }
    return options->output ? output_name_check(options->output) : NULL;
}

static int
work(const struct program_call *call)
{
    return sort(call->program, call->command, call->options,
                call->line->json, &call->line->args);
}

/* Parses 'argv', and sorts. */
int
sort_run(const struct program *program, const struct command *command,
         int argc, char *argv[])
{
    struct sort_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
