/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-writer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "file/file-end.h"
#include "file/follow.h"
#include "file/hold-back.h"
#include "file/kept-files.h"
#include "file/line-tally.h"
#include "file/numbered-files.h"
#include "file/output-name.h"
#include "file/packed-file.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "show/record-context.h"
#include "util.h"

/* How often what was written is flushed, in ms. */
#define FLUSH_INTERVAL 1000

struct trace_writer {
    char *name;                 /* As it was given. */
    const int *fd;
    uint64_t rotate, max_files;
    bool (*is_hurried)(void);
    struct packed_file *file;   /* NULL once it has failed. */
    char *error;                /* What, and what to do about it; or NULL. */
    char *first_line;           /* For each file; NULL before a trace. */
    bool is_open;               /* Is there a last line to come? */
    uint64_t in_file, missed_in_file;   /* Records of this file. */
    uint64_t given;             /* Bytes of lines that it was given. */
    struct line_tally tally;    /* Of these. */
    struct kept_files kept;     /* With rotation. */
    char *last;                 /* Name of the last file, */
    uint64_t number;            /* and its number. */
    uint64_t closed_bytes;      /* Of files that are closed. */
    long long int next_flush;   /* time_msec(). */
    struct trace_writer_stats stats;
    struct hold_back held;
};

/* Returns the name of the file with 'number', from 1 on.  The caller frees
 * it. */
static char *
get_name(const struct trace_writer *w, uint64_t number)
{
    return (w->rotate ? numbered_file_name(w->name, number)
            : xstrdup(w->name));
}

/* Files. */

/* Notes that 'error', a positive errno value, has ended writing to 'name', the
 * first time, and says what to do. */
static void
fail(struct trace_writer *w, const char *name, int error)
{
    if (!w->error) {
        w->error = output_name_error(name, error);
    }
}

/* Closes the file. */
static void
close_file(struct trace_writer *w)
{
    if (w->file) {
        uint64_t size;
        int error = packed_file_flush(w->file);

        line_tally_settle(&w->tally, packed_file_safe(w->file));
        error = packed_file_close(w->file, &size);
        w->file = NULL;
        w->closed_bytes += size;
        if (error) {
            fail(w, w->last, error);
        }
    }
}

/* Creates the file that comes next, with rotation one that was not there.
 * Returns its name, which the caller frees, and stores in '*fp' the file, NULL
 * after an error. */
static char *
create_file(struct trace_writer *w, struct packed_file **fp)
{
    int error = 0;
    char *name;

    *fp = NULL;
    if (w->rotate) {
        error = numbered_file_create(w->name, &w->number, fp);
    } else if (w->fd) {
        *fp = packed_file_create_fd(w->name, *w->fd, w->is_hurried);
    } else {
        error = packed_file_create(w->name, w->is_hurried, fp);
    }
    name = get_name(w, w->number);
    if (error) {
        fail(w, name, error);
    }
    return name;
}

/* Has 'w' go on in 'file', which is called 'name'. */
static void
take_file(struct trace_writer *w, struct packed_file *file, char *name)
{
    free(w->last);
    w->last = name;
    w->file = file;
    w->stats.n_files++;
    w->in_file = w->missed_in_file = w->given = 0;
    if (w->max_files) {
        svec_add(&w->kept.names, name);
        kept_files_limit(&w->kept, w->max_files);
    }
}

/* Removes files, so that there is room for one more beside the one that is
 * being written. */
static void
make_room(struct trace_writer *w)
{
    if (w->max_files) {
        kept_files_limit(&w->kept, MAX(w->max_files - 1, w->file != NULL));
    }
}

/* Begins with the first file. */
static void
open_file(struct trace_writer *w)
{
    struct packed_file *file;
    char *name;

    make_room(w);
    name = create_file(w, &file);
    if (w->error) {
        free(name);
    } else {
        take_file(w, file, name);
    }
}

/* Finds out which files of 'w' are there already, to go on behind them. */
static void
find_files(struct trace_writer *w)
{
    int error = numbered_files_find(w->name, &w->kept.names, &w->number);

    /* What else is wrong with the directory, opening the file tells. */
    if (error && error != ENOENT && error != ENOTDIR) {
        w->error = xasprintf("%s: the files that are there cannot be listed "
                             "(%s)", w->name, ovs_strerror(error));
    }
}

/* Returns a writer as 'options' ask for, which has no file yet, and may have
 * an error. */
static struct trace_writer *
create(const struct trace_writer_options *options)
{
    struct trace_writer *w = xzalloc(sizeof *w);

    w->name = xstrdup(options->name);
    w->fd = options->fd;
    w->rotate = options->rotate;
    w->max_files = options->files;
    w->is_hurried = options->is_hurried;
    kept_files_init(&w->kept);
    hold_back_init(&w->held);
    line_tally_init(&w->tally);
    if (w->rotate && output_name_descriptor(w->name) == STDOUT_FILENO) {
        w->error = xstrdup("standard output cannot be rotated: name a file");
    } else if (w->rotate) {
        find_files(w);
    }
    return w;
}

/* Returns NULL if the first file that 'options' ask for can be created, as far
 * as that can be known without creating it, or else an error message, which
 * the caller frees. */
char *
trace_writer_try(const struct trace_writer_options *options)
{
    struct trace_writer *w = create(options);

    if (!w->error) {
        char *name = get_name(w, w->number + 1);
        int error = output_name_try(name);

        if (error) {
            fail(w, name, error);
        }
        free(name);
    }
    return trace_writer_destroy(w);
}

/* Creates the first file that 'options' ask for.  Returns NULL and stores in
 * '*wp' what is to be freed with trace_writer_destroy(), or returns an error
 * message, which the caller frees. */
char *
trace_writer_create(const struct trace_writer_options *options,
                    struct trace_writer **wp)
{
    struct trace_writer *w = create(options);

    if (!w->error) {
        open_file(w);
    }
    *wp = w->error ? NULL : w;
    return *wp ? NULL : trace_writer_destroy(w);
}

/* Closes the file and frees 'w', which may be NULL.  Returns NULL, or what has
 * kept it from writing all, which the caller frees. */
char *
trace_writer_destroy(struct trace_writer *w)
{
    char *error;

    if (!w) {
        return NULL;
    }
    close_file(w);
    hold_back_uninit(&w->held);
    line_tally_uninit(&w->tally);
    error = w->error;
    kept_files_uninit(&w->kept);
    free(w->last);
    free(w->first_line);
    free(w->name);
    free(w);
    return error;
}

/* Lines. */

/* Writes 'ds', which it frees. */
static void
write_ds(struct trace_writer *w, struct ds *ds)
{
    if (w->file && ds->length) {
        int error = packed_file_write(w->file, ds->string, ds->length);

        w->given += ds->length;
        if (error) {
            fail(w, w->last, error);
        }
    }
    ds_destroy(ds);
}

static void
write_first_line(struct trace_writer *w)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (w->first_line) {
        ds_put_format(&ds, "%s\n", w->first_line);
        write_ds(w, &ds);
        w->is_open = true;
    }
}

/* Writes the last line of the file: 'text', if that is not NULL, and why it
 * ends, if 'why' is not, and which file is 'next', NULL if none is. */
static void
write_last_line(struct trace_writer *w, const char *text, const char *why,
                const char *next)
{
    const struct file_end end = {
        .first_line = w->first_line, .text = text, .why = why,
        .records = w->in_file, .missed = w->missed_in_file, .next = next,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;

    file_end_put(&ds, &end);
    write_ds(w, &ds);
    w->is_open = false;
}

/* Begins another file, and ends the one there is, which names that. */
static void
begin_next(struct trace_writer *w)
{
    struct packed_file *file;
    char *next;

    make_room(w);
    next = create_file(w, &file);
    if (file) {
        write_last_line(w, NULL, "rotated", next);
        close_file(w);
    }
    if (!w->error) {
        take_file(w, file, next);
        write_first_line(w);
        return;
    } else if (file) {
        packed_file_close(file, NULL);
        unlink(next);
    }
    free(next);
}

/* Begins another file if the one there is has become too large.  If there can
 * be none, that goes on until its end. */
static void
rotate(struct trace_writer *w)
{
    if (w->rotate && w->file && !w->error
        && packed_file_size(w->file) >= w->rotate && w->in_file) {
        begin_next(w);
    }
}

/* Appends the line of 'item', a record, to 'ds' and counts it in '*counts'. */
static void
put_record(struct trace_writer *w, const struct follow_item *item,
           const struct record_context *context, struct ds *ds,
           struct line_counts *counts)
{
    struct record_context raw = *context;
    char *error;

    raw.raw = true;
    error = trace_line_put_record(ds, item->record, item->size, item->seq,
                                  &raw);
    if (error) {
        free(error);
        w->stats.damaged++;
    } else {
        w->in_file++;
        counts->passes += record_is_pass(item->record);
        counts->upcalls += !record_is_pass(item->record);
    }
}

/* Writes what 'item' is about. */
static void
write_item(struct trace_writer *w, const struct follow_item *item,
           const struct record_context *context)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct line_counts counts = { 0 };

    rotate(w);
    if (item->kind == FOLLOW_GAP) {
        trace_line_put_gap(&ds, item->seq, item->n);
        w->missed_in_file += item->n;
        counts.missed = item->n;
    } else {
        put_record(w, item, context, &ds, &counts);
    }
    write_ds(w, &ds);
    line_tally_give(&w->tally, &counts, w->given);
    if (w->file) {
        line_tally_settle(&w->tally, packed_file_safe(w->file));
    }
}

/* Writes those of what is kept back that wait for nothing at 'now', LLONG_MAX
 * for all. */
static void
release(struct trace_writer *w, const struct record_context *context,
        long long int now)
{
    const struct follow_item *item;

    while ((item = hold_back_first(&w->held, context->flows, now))) {
        write_item(w, item, context);
        hold_back_pop(&w->held);
    }
}

/* Begins with a trace of which 'text' is the first line. */
void
trace_writer_begin(struct trace_writer *w, const char *text)
{
    free(w->first_line);
    w->first_line = xstrdup(text);
    write_first_line(w);
}

/* Writes the record, or the gap, of 'item', at once or when all is known of
 * it.  'context' has what it refers to, 'now' is time_msec(). */
void
trace_writer_put(struct trace_writer *w, const struct follow_item *item,
                 const struct record_context *context, long long int now)
{
    if (w->error) {
        w->stats.unwritten += item->kind == FOLLOW_RECORD;
    } else if (!context->flows) {
        write_item(w, item, context);
    } else {
        hold_back_add(&w->held, item, now);
        release(w, context, now);
    }
}

/* Ends the trace and the file, with all that was kept back.  'text' is its
 * last line, NULL if that is not known: then 'why' says why. */
void
trace_writer_end(struct trace_writer *w, const char *text, const char *why,
                 const struct record_context *context)
{
    release(w, context, LLONG_MAX);
    if (w->is_open) {
        write_last_line(w, text, why, NULL);
    }
    close_file(w);
}

/* Does what is due at 'now', time_msec(): writes what has been kept back for
 * long enough, and flushes. */
void
trace_writer_run(struct trace_writer *w, const struct record_context *context,
                 long long int now)
{
    if (w->error) {
        return;
    }
    release(w, context, now);
    if (w->file && now >= w->next_flush) {
        int error = packed_file_flush(w->file);

        if (error) {
            fail(w, w->last, error);
        }
        w->next_flush = now + FLUSH_INTERVAL;
    }
    if (w->file && packed_file_is_closed(w->file)) {
        fail(w, w->last, EPIPE);
    }
}

/* Arranges for the poll loop to wake up when trace_writer_run() has work. */
void
trace_writer_wait(const struct trace_writer *w)
{
    if (!w->error) {
        poll_timer_wait_until(w->next_flush);
        if (w->file) {
            packed_file_wait(w->file);
        }
    }
}

/* Returns a warning that is no error, which the caller frees, or NULL. */
char *
trace_writer_take_warning(struct trace_writer *w)
{
    char *warning = w->kept.warning;

    w->kept.warning = NULL;
    return warning;
}

/* Returns what could not be written, and what to do about it, or NULL if all
 * could: otherwise, nothing is written any more. */
const char *
trace_writer_error(const struct trace_writer *w)
{
    return w->error;
}

/* Stores in '*stats' what was written.  Its string is valid until 'w' is used
 * again. */
void
trace_writer_get_stats(const struct trace_writer *w,
                       struct trace_writer_stats *stats)
{
    const struct line_counts *given = &w->tally.given;
    const struct line_counts *counts = w->error ? &w->tally.safe : given;

    *stats = w->stats;
    stats->n_removed = w->kept.n_removed;
    stats->upcalls = counts->upcalls;
    stats->passes = counts->passes;
    stats->missed = counts->missed;
    stats->unwritten += (given->upcalls - counts->upcalls
                         + given->passes - counts->passes);
    stats->bytes = (w->closed_bytes
                    + (w->file ? packed_file_size(w->file) : 0));
    stats->name = w->last;
}
