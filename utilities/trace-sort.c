/* SPDX-License-Identifier: Apache-2.0 */

/* The command sort: sorts the records of files by packet. */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "file/hidden-file.h"
#include "file/packed-file.h"
#include "file/trace-choice.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "file/trace-sort.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "store/program-commands.h"
#include "trace-input.h"
#include "trace-pager.h"
#include "trace-program.h"
#include "trace-text.h"
#include "util.h"

/* How far what is beneath something is indented. */
#define INDENT 2
#define INDENT_MAX 32

/* Lines are written when there are so many bytes of them. */
#define CHUNK (64 * 1024)

struct sort {
    const struct sort_options *options;
    const struct command *command;
    bool json;                  /* Are lines of JSON printed? */
    enum trace_text form;       /* If not: how text is. */
    struct trace_input *in;
    struct trace_choice choice;
    bool choose;                /* Is anything to be chosen? */
    bool failed;                /* Is there no use in going on? */
    bool lacks_ids;             /* Are there ids of no record? */
    uint64_t n_lines, n_printed;

    /* The output: a file, or else standard output. */
    struct hidden_file *hidden; /* NULL if it is standard output. */
    struct packed_file *file;
    struct ds lines;            /* That come next in 'file'. */
    struct paged out;
    struct trace_reader *reader;        /* Of what becomes text. */

    /* The trace that is being read. */
    struct trace_sort *sort;    /* NULL before the first. */
    char *startup;              /* Its first line, */
    char *end;                  /* and its last one, or NULL. */
    uint64_t last_seq;          /* The last "seq" that was read. */
    bool continues;             /* Has a file of rotation just begun? */
    uint64_t n_missed;          /* Records. */
};

/* Output. */

static void
fail_to_write(struct sort *s, int error)
{
    if (!s->failed) {
        ovs_error(error, "sort: %s cannot be written%s", s->options->output,
                  error == ENOSPC || error == EDQUOT
                  ? ": free space, or compress it (.zst)"
                  : "");
    }
    s->failed = true;
}

/* Writes what has come together, all of it or if it is enough. */
static void
run_output(struct sort *s, bool all)
{
    if (!s->file) {
        paged_run(&s->out);
    } else if (s->lines.length >= CHUNK || all) {
        int error = packed_file_write(s->file, ds_cstr(&s->lines),
                                      s->lines.length);

        ds_clear(&s->lines);
        if (error) {
            fail_to_write(s, error);
        }
    }
}

/* Returns where lines are to be appended. */
static struct ds *
get_output(struct sort *s)
{
    return s->file ? &s->lines : &s->out.ds;
}

static void
open_output(struct sort *s)
{
    const char *name = s->options->output;
    int error;

    if (!name || !strcmp(name, "-")) {
        return;
    }
    error = hidden_file_create(name, &s->hidden);
    if (error) {
        fail_to_write(s, error);
    } else {
        s->file = packed_file_create_fd(name, hidden_file_fd(s->hidden),
                                        NULL);
    }
}

/* Ends the output.  Returns the exit status. */
static int
close_output(struct sort *s)
{
    int error;

    if (s->file) {
        run_output(s, true);
        error = packed_file_close(s->file, NULL);
        s->file = NULL;
        if (error) {
            fail_to_write(s, error);
        }
    }
    if (s->hidden && !s->failed) {
        error = hidden_file_publish(s->hidden);
        if (error) {
            fail_to_write(s, error);
        }
    }
    hidden_file_destroy(s->hidden);
    ds_destroy(&s->lines);
    error = paged_finish(&s->out);
    return s->failed ? PROGRAM_FAILURE : error;
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
    trace_line_put_json(get_output(s), json);
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

/* Appends 'text' with each line indented as one that 'depth' others are
 * above. */
static void
put_indented(struct ds *ds, const char *text, uint32_t depth)
{
    int spaces = MIN(depth, INDENT_MAX) * INDENT;

    while (*text) {
        size_t n = strcspn(text, "\n");

        n += text[n] == '\n';
        ds_put_char_multiple(ds, ' ', spaces);
        ds_put_buffer(ds, text, n);
        text += n;
    }
}

/* Appends 'line' as text. */
static void
put_text(struct sort *s, const struct trace_sort_line *line)
{
    struct ds *ds = get_output(s);
    struct trace_item item;

    trace_reader_put(s->reader, line->text, line->len);
    trace_reader_put(s->reader, "\n", 1);
    while (trace_reader_next(s->reader, &item)) {
        struct ds text = DS_EMPTY_INITIALIZER;
        char *error = NULL;

        if (item.kind == TRACE_GAP) {
            trace_text_put_missed(ds, item.n);
        } else if (item.kind == TRACE_RECORD) {
            error = trace_text_put(&text, item.record, item.size, s->form,
                                   s->out.color, item.context);
            put_indented(ds, ds_cstr(&text), line->depth);
        }
        free(error);            /* All have been looked at before. */
        ds_destroy(&text);
    }
}

static void
put_line(struct sort *s, const struct trace_sort_line *line)
{
    struct ds *ds = get_output(s);

    if (s->json) {
        ds_put_buffer(ds, line->text, line->len);
        ds_put_char(ds, '\n');
        return;
    }
    if (line->begins && s->n_printed) {
        ds_put_char(ds, '\n');
    }
    s->n_printed += line->is_record;
    put_text(s, line);
}

/* Prints the trace, of which 'startup' is the first line. */
static void
print_trace(struct sort *s, const char *startup)
{
    struct trace_sort_line line;
    uint64_t n = 0;

    if (s->json) {
        ds_put_format(get_output(s), "%s\n", startup);
    } else {
        trace_reader_destroy(s->reader);
        s->reader = trace_reader_create();
        put_text(s, &(struct trace_sort_line) {
            .text = startup, .len = strlen(startup),
        });
    }
    while (!s->failed && !s->out.is_closed
           && trace_sort_next(s->sort, &line)) {
        put_line(s, &line);
        run_output(s, false);
        n += line.is_record;
    }
    if (s->json && s->end) {
        put_end(s, n);
    }
}

/* Sorts and prints the trace that was read, if there is one. */
static void
end_trace(struct sort *s)
{
    char *error;

    if (s->sort && !s->failed && trace_sort_finish(s->sort)) {
        char *startup = make_startup(s);

        print_trace(s, startup);
        free(startup);
    }
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
    s->n_missed = 0;
}

/* Reading. */

/* Returns true if 'end', the last line of a file, says that another one of the
 * same trace follows. */
static bool
is_rotated(const char *end)
{
    struct json *json = end ? json_from_string(end) : NULL;
    const struct json *stopped;
    bool rotated;

    stopped = (json && json->type == JSON_OBJECT
               ? shash_find_data(json_object(json), "stopped") : NULL);
    rotated = (stopped && stopped->type == JSON_STRING
               && !strcmp(json_string(stopped), "rotated"));
    json_destroy(json);
    return rotated;
}

/* Has lines be read again from the file that is being read, if possible. */
static void
set_file(struct sort *s)
{
    uint64_t start;
    int fd = trace_input_plain_fd(s->in, &start);

    trace_sort_set_file(s->sort, fd, start);
}

/* A trace begins, or goes on in another file of rotation, which has the same
 * first line. */
static void
begin_trace(struct sort *s, const struct trace_item *item)
{
    const struct trace_sort_options options = {
        .memory = s->options->buffer,
        .last = s->options->last,
        .choose = s->choose,
    };
    char *startup = xmemdup0(item->text, item->text_len);
    char *error;

    s->continues = (s->startup && !strcmp(s->startup, startup)
                    && is_rotated(s->end));
    if (s->continues) {
        free(startup);
        free(s->end);
        s->end = NULL;
        set_file(s);
        return;
    }
    end_trace(s);
    s->startup = startup;
    s->sort = trace_sort_create(&options);
    set_file(s);
    error = trace_choice_begin(&s->choice, item->json);
    if (error) {
        trace_input_error(s->in, "%s", error);
        free(error);
        s->failed = true;
    }
}

/* Notes the number of the record of 'item'.  Returns false, after an error
 * message, if it cannot be one of the trace. */
static bool
check_order(struct sort *s, const struct trace_item *item)
{
    if (s->continues && item->seq <= s->last_seq) {
        trace_input_error(s->in, "record %"PRIu64" comes after %"PRIu64" of "
                          "the same trace: give its files in their order, and "
                          "each once", item->seq, s->last_seq);
        return false;
    }
    s->continues = false;
    s->last_seq = item->seq;
    return true;
}

/* Returns false if no more should be read. */
static bool
take_record(struct sort *s, const struct trace_item *item)
{
    bool chosen = s->choose && trace_choice_has(&s->choice, item);

    return (check_order(s, item)
            && trace_sort_put(s->sort, item, s->n_lines, chosen));
}

/* Takes '*item' of a trace.  Returns false if no more should be read. */
static bool
take_item(struct sort *s, const struct trace_item *item)
{
    s->n_lines++;
    switch (item->kind) {
    case TRACE_STARTUP:
        begin_trace(s, item);
        return !s->failed && !s->out.is_closed;
    case TRACE_RECORD:
        return take_record(s, item);
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
    if (s->failed || s->out.is_closed) {
        return;
    } else if (!s->json && !s->n_printed) {
        ds_put_cstr(&s->out.ds, "(no records)\n");
    }
    report_missing(s);
}

/* Sorts 'files'.  Returns the exit status. */
static int
sort(const struct program *program, const struct command *command,
     const struct sort_options *options, bool json, const struct svec *files)
{
    struct sort s = {
        .options = options,
        .command = command,
        .json = json || options->output,
        .form = (options->lines ? TRACE_TEXT_LINES
                 : options->events ? TRACE_TEXT_EVENTS
                 : TRACE_TEXT_PARAGRAPHS),
        .in = trace_input_create(command, files),
        .choose = is_choice(&options->choice),
    };
    int status, written;

    /* What does not become text, nor is chosen, is not looked into. */
    trace_input_set_mode(s.in, s.json && !s.choose ? TRACE_READ_LINKS
                         : TRACE_READ_BOTH);
    trace_choice_init(&s.choice, &options->choice);
    paged_init(&s.out, program);
    open_output(&s);
    if (!s.failed) {
        read_all(&s);
    }
    trace_reader_destroy(s.reader);
    written = close_output(&s);
    status = trace_input_destroy(s.in);
    return (status ? status : written ? written
            : s.lacks_ids ? PROGRAM_FAILURE : EXIT_SUCCESS);
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
    return NULL;
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
