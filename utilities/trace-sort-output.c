/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-sort-output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/hidden-file.h"
#include "file/output-name.h"
#include "file/packed-file.h"
#include "file/trace-reader.h"
#include "file/trace-sort.h"
#include "trace-outfile.h"
#include "trace-program.h"
#include "util.h"

/* How far what is beneath something is indented. */
#define INDENT 2
#define INDENT_MAX 32

/* Lines are written when there are so many bytes of them. */
#define CHUNK (64 * 1024)

static void
fail_to_write(struct sort_output *o, int error)
{
    if (error == EPIPE && o->file && !o->hidden) {
        o->paged.is_closed = true;      /* Of standard output: no failure. */
        return;
    } else if (!o->failed) {
        ovs_error(error, "sort: %s cannot be written%s", o->name,
                  error == ENOSPC || error == EDQUOT
                  ? ": free space, or compress it (.zst)"
                  : error == EPIPE ? ": nobody reads it any more"
                  : !o->file && !o->hidden ? ": choose another file" : "");
    }
    o->failed = true;
}

/* Writes what has come together, all of it or if it is enough. */
static void
run_output(struct sort_output *o, bool all)
{
    if (!o->file) {
        paged_run(&o->paged);
    } else if (o->lines.length >= CHUNK || all) {
        int error = packed_file_write(o->file, ds_cstr(&o->lines),
                                      o->lines.length);

        ds_clear(&o->lines);
        if (error) {
            fail_to_write(o, error);
        }
    }
}

/* Returns where lines of JSON are to be appended. */
struct ds *
sort_output_get(struct sort_output *o)
{
    return o->file ? &o->lines : &o->paged.ds;
}

/* Returns true if there is no use in printing more. */
bool
sort_output_is_over(const struct sort_output *o)
{
    return o->failed || o->paged.is_closed;
}

/* Prepares 'o', whose first members up to 'form' are set, for the options of
 * 'program', before 'inputs' are read.  The caller closes it with
 * sort_output_close(). */
void
sort_output_open(struct sort_output *o, const struct program *program,
                 const struct svec *inputs)
{
    int error;

    paged_init(&o->paged, program);
    if (!o->name || !strcmp(o->name, "-")) {
        return;
    }
    if (output_name_descriptor(o->name) == STDOUT_FILENO) {
        o->file = packed_file_create_fd(o->name, STDOUT_FILENO, NULL);
        return;
    }
    o->is_input = (!stat(o->name, &o->old)
                   && outfile_is_input(&o->old, inputs));
    error = hidden_file_create(o->name, &o->hidden);
    if (error) {
        fail_to_write(o, error);
    } else {
        o->file = packed_file_create_fd(o->name, hidden_file_fd(o->hidden),
                                        NULL);
    }
}

/* Returns true if the file that was read, and would be replaced, is not what
 * it was before. */
bool
sort_output_has_changed(const struct sort_output *o)
{
    struct stat s;

    return (stat(o->name, &s)
            || s.st_dev != o->old.st_dev || s.st_ino != o->old.st_ino
            || s.st_size != o->old.st_size
            || s.st_mtim.tv_sec != o->old.st_mtim.tv_sec
            || s.st_mtim.tv_nsec != o->old.st_mtim.tv_nsec);
}

/* Writes the rest of the file. */
static void
finish_file(struct sort_output *o)
{
    int error;

    run_output(o, true);
    error = packed_file_close(o->file, NULL);
    if (error) {
        fail_to_write(o, error);
    }
    o->file = NULL;
}

/* Ends 'o', and frees what is in it.  The file gets its name unless something
 * has failed, or it is not to be kept.  Returns the exit status, after an
 * error message if that is none of success. */
int
sort_output_close(struct sort_output *o, bool keep)
{
    int error = 0;

    if (o->file) {
        finish_file(o);
    }
    if (o->hidden && !o->failed && keep) {
        error = hidden_file_publish(o->hidden);
        if (error) {
            fail_to_write(o, error);
        }
    }
    hidden_file_destroy(o->hidden);
    trace_reader_destroy(o->reader);
    ds_destroy(&o->lines);
    error = paged_finish(&o->paged);
    return o->failed ? PROGRAM_FAILURE : error;
}

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
put_text(struct sort_output *o, const struct trace_sort_line *line)
{
    struct ds *ds = sort_output_get(o);
    struct trace_item item;

    trace_reader_put(o->reader, line->text, line->len);
    trace_reader_put(o->reader, "\n", 1);
    while (trace_reader_next(o->reader, &item)) {
        struct ds text = DS_EMPTY_INITIALIZER;
        char *error = NULL;

        if (item.kind == TRACE_GAP) {
            trace_text_put_missed(ds, item.n);
        } else if (item.kind == TRACE_RECORD) {
            error = trace_text_put(&text, item.record, item.size, o->form,
                                   o->paged.color, item.context);
            put_indented(ds, ds_cstr(&text), line->depth);
        }
        free(error);            /* All have been looked at before. */
        ds_destroy(&text);
    }
}

/* Begins a trace with the first line 'startup'. */
void
sort_output_begin(struct sort_output *o, const char *startup)
{
    if (o->json) {
        ds_put_format(sort_output_get(o), "%s\n", startup);
    } else {
        trace_reader_destroy(o->reader);
        o->reader = trace_reader_create();
        put_text(o, &(struct trace_sort_line) {
            .text = startup, .len = strlen(startup),
        });
    }
}

static void
put_line(struct sort_output *o, const struct trace_sort_line *line)
{
    struct ds *ds = sort_output_get(o);

    if (o->json) {
        ds_put_buffer(ds, line->text, line->len);
        ds_put_char(ds, '\n');
        return;
    }
    if (line->begins && o->n_printed) {
        ds_put_char(ds, '\n');
    }
    o->n_printed += line->is_record;
    put_text(o, line);
}

/* Prints 'line' of the trace that was begun, as far as it is time for it. */
void
sort_output_put(struct sort_output *o, const struct trace_sort_line *line)
{
    put_line(o, line);
    run_output(o, false);
}
