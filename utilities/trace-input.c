/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-input.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command.h"
#include "file/trace-choice.h"
#include "file/trace-order.h"
#include "file/trace-seek.h"
#include "svec.h"
#include "trace-program.h"
#include "trace-progress.h"
#include "trace-wrong-type.h"
#include "util.h"

/* Standard input. */
#define STDIN_NAME "-"

struct trace_input {
    const struct command *command;
    enum trace_reader_mode mode;        /* What is read of records. */
    struct svec names;          /* Of the files. */
    size_t n_opened;            /* Of these. */
    struct trace_file *file;    /* The last of them, or NULL. */
    bool has_items;             /* Had it any? */
    const struct trace_choice *choice;  /* What is wanted of it, or NULL. */
    struct trace_place place;   /* Where it goes on behind its first line. */
    bool has_place;             /* Is that known already? */
    bool has_ended;             /* Had all that were read to their end a last
                                 * line? */
    int status;                 /* Exit status. */
    char *error;                /* See trace_input_take_error(). */
    bool is_quiet;              /* Is nothing said of what is wrong? */

    struct trace_order *order;  /* What was read of each trace. */
    uint64_t n_again;           /* Records of this file that were read
                                 * before, */
    uint64_t n_new;             /* and those that were not. */
    uint64_t n_unknown;         /* Lines, of all files. */
    struct progress progress;
};

/* Prepares to read the files 'names' for 'command', standard input if there
 * are none.  The caller frees it with trace_input_destroy(). */
struct trace_input *
trace_input_create(const struct command *command, const struct svec *names)
{
    struct trace_input *in = xzalloc(sizeof *in);

    in->command = command;
    in->has_ended = true;
    svec_clone(&in->names, names);
    if (!in->names.n) {
        svec_add(&in->names, STDIN_NAME);
    }
    in->order = trace_order_create();
    progress_init(&in->progress, true);
    return in;
}

/* Tells 'in' whether anything is printed on standard output as long as files
 * are read, so that progress would come between.  Otherwise it is. */
void
trace_input_set_prints(struct trace_input *in, bool prints)
{
    progress_clear(&in->progress);
    progress_init(&in->progress, prints);
}

/* Has files that are opened from now on be read as 'mode' says. */
void
trace_input_set_mode(struct trace_input *in, enum trace_reader_mode mode)
{
    in->mode = mode;
}

/* Returns the name of the file that was read last, for people. */
const char *
trace_input_name(const struct trace_input *in)
{
    const char *name = (in->n_opened ? in->names.names[in->n_opened - 1]
                        : STDIN_NAME);

    return strcmp(name, STDIN_NAME) ? name : "standard input";
}

/* Progress. */

static void
run_progress(struct trace_input *in)
{
    uint64_t done, total;

    if (!in->file || !progress_is_due(&in->progress)) {
        return;
    }
    trace_file_get_progress(in->file, &done, &total);
    if (total) {
        progress_show(&in->progress, "%s: %.0f %%", trace_input_name(in),
                      100.0 * MIN(done, total) / total);
    } else {
        progress_show(&in->progress, "%s: %"PRIu64" MB", trace_input_name(in),
                      done >> 20);
    }
}

/* Errors. */

/* Says 'text', instead of progress. */
static void
say(struct trace_input *in, const char *text)
{
    if (!in->is_quiet) {
        progress_clear(&in->progress);
        ovs_error(0, "%s: %s", in->command->name, text);
    }
}

/* Says what is wrong with the file that was read last, or with what is in it.
 * The exit status becomes that of a failure. */
void
trace_input_error(struct trace_input *in, const char *format, ...)
{
    va_list args;
    char *text;

    free(in->error);
    va_start(args, format);
    in->error = xvasprintf(format, args);
    va_end(args);
    text = xasprintf("%s: %s", trace_input_name(in), in->error);
    say(in, text);
    free(text);
    in->status = PROGRAM_FAILURE;
}

/* Returns what trace_input_error() has said last, without names, or NULL if it
 * has said nothing since this was called.  The caller frees it. */
char *
trace_input_take_error(struct trace_input *in)
{
    char *error = in->error;

    in->error = NULL;
    return error;
}

static void
report(struct trace_input *in, const struct trace_item *item)
{
    const char *name = in->names.names[in->n_opened - 1];
    const char *type = (item->line <= 1 && strcmp(name, STDIN_NAME)
                        ? trace_wrong_type(name) : NULL);

    if (type) {
        trace_input_error(in, "this is %s", type);
    } else {
        trace_input_error(in, "%s", item->error);
    }
}

/* Files. */

/* Returns what there is to say about 'name' before it is opened, NULL if
 * nothing is. */
static const char *
check_name(const char *name)
{
    struct stat s;

    if (!strcmp(name, STDIN_NAME)) {
        return (isatty(STDIN_FILENO)
                ? "is a terminal: name a FILE, or redirect it" : NULL);
    }
    return (!stat(name, &s) && S_ISDIR(s.st_mode)
            ? "is a directory: name a file in it" : NULL);
}

/* Returns true if one can search in the file 'name'. */
bool
trace_input_is_regular(const char *name)
{
    struct stat s;

    return (strcmp(name, STDIN_NAME) && !stat(name, &s)
            && S_ISREG(s.st_mode));
}

/* Has only those records be read that 'choice' may choose, as far as that
 * saves time.  It has to live as long. */
void
trace_input_choose(struct trace_input *in, const struct trace_choice *choice)
{
    in->choice = choice;
}

/* Begins the reading in the file that has number 'i', from 0, of the names, at
 * 'place', which trace_seek_last() has found in it. */
void
trace_input_begin_at(struct trace_input *in, size_t i,
                     const struct trace_place *place)
{
    in->n_opened = i;
    in->place = *place;
    in->place.is_one_trace = false;     /* Its times may be in any order. */
    in->has_place = true;
}

/* Has nothing be said of what is wrong: somebody else says it. */
void
trace_input_be_quiet(struct trace_input *in)
{
    in->is_quiet = true;
}

/* Finds the place in the file that was opened last. */
static void
find_place(struct trace_input *in)
{
    const char *name = in->names.names[in->n_opened - 1];

    if (in->has_place) {
        in->has_place = false;
    } else if (in->choice && trace_choice_is_by_time(in->choice)
               && trace_input_is_regular(name)) {
        trace_seek_since(name, in->choice, &in->place);
    } else {
        in->place = (struct trace_place) { .offset = 0 };
    }
}

/* Opens the next file.  Returns false if there is none. */
static bool
open_next(struct trace_input *in)
{
    while (in->n_opened < in->names.n) {
        const char *name = in->names.names[in->n_opened++];
        const char *why = check_name(name);
        char *error;

        in->has_items = false;
        if (why) {
            trace_input_error(in, "%s", why);
            continue;
        }
        error = trace_file_open(name, &in->file);
        if (!error) {
            trace_file_set_mode(in->file, in->mode);
            find_place(in);
            return true;
        }
        say(in, error);
        free(error);
        in->status = PROGRAM_FAILURE;
    }
    return false;
}

/* Says how many records of the file were left out because they were read
 * before: all of them, or those that it has in common with others, as those of
 * the flight recorder may. */
static void
report_again(struct trace_input *in)
{
    if (in->n_again) {
        char *text = xasprintf("%s: %"PRIu64" records that were read before "
                               "are left out%s", trace_input_name(in),
                               in->n_again,
                               in->n_new ? "" : ": give each file once");

        say(in, text);
        free(text);
    }
    in->n_again = in->n_new = 0;
}

/* Says how many lines were left out because they are of a later version. */
static void
report_unknown(struct trace_input *in)
{
    if (in->n_unknown) {
        char *text = xasprintf("%"PRIu64" lines are of kinds that this "
                               "version does not know, and were not looked "
                               "into: a later one knows them", in->n_unknown);

        say(in, text);
        free(text);
        in->n_unknown = 0;
    }
}

static void
close_file(struct trace_input *in)
{
    report_again(in);
    in->n_unknown += trace_file_n_unknown(in->file);
    trace_file_close(in->file);
    in->file = NULL;
}

/* Closes the file, which has no more items. */
static void
end_file(struct trace_input *in)
{
    if (!in->has_items) {
        trace_input_error(in, "is empty");
    } else if (!trace_file_has_ended(in->file)) {
        in->has_ended = false;
    }
    close_file(in);
}

/* Frees 'in', which may be NULL.  Returns the exit status: of a failure, if
 * something was wrong with a file. */
int
trace_input_destroy(struct trace_input *in)
{
    int status = in ? in->status : 0;

    if (in) {
        if (in->file) {
            close_file(in);
        }
        report_unknown(in);
        progress_clear(&in->progress);
        trace_order_destroy(in->order);
        svec_destroy(&in->names);
        free(in->error);
        free(in);
    }
    return status;
}

/* Leaves out what is before the place where the file, whose first line was
 * read, goes on.  Closes the file if that is not possible. */
static bool
go_to_place(struct trace_input *in)
{
    uint64_t offset = in->has_items ? in->place.offset : 0;

    if (!offset) {
        return true;
    }
    in->place.offset = 0;
    if (trace_file_seek(in->file, offset)) {
        trace_order_skip(in->order);
        return true;
    }
    trace_input_error(in, "cannot be read from byte %"PRIu64" on", offset);
    close_file(in);
    return false;
}

/* Returns true if nothing that is wanted follows in the file. */
static bool
is_past(const struct trace_input *in)
{
    return (in->has_items && in->choice && in->place.is_one_trace
            && trace_choice_is_past(in->choice));
}

/* Returns true if the record of 'item' was not read before.  Closes the file
 * if its records cannot come now. */
static bool
take_record(struct trace_input *in, const struct trace_item *item)
{
    switch (trace_order_put(in->order, item->seq)) {
    case TRACE_ORDER_NEXT:
        in->n_new++;
        return true;
    case TRACE_ORDER_AGAIN:
        in->n_again++;
        return false;
    case TRACE_ORDER_LEFT_OUT:
        return false;
    case TRACE_ORDER_WRONG:
    default:
        trace_input_error(in, "record %"PRIu64" comes after %"PRIu64" of the "
                          "same trace: give its files in their order, and "
                          "each once", item->seq,
                          trace_order_last(in->order));
        close_file(in);
        return false;
    }
}

/* Has the gap 'item' be what is missing beside what is known of files before.
 * Returns true if that is any, or if it is a line that is not known. */
static bool
take_gap(struct trace_input *in, struct trace_item *item)
{
    bool is_line = !item->n;

    item->n = trace_order_put_gap(in->order, item->seq, item->n);
    return is_line || item->n;
}

/* Returns true if 'item' is to be used. */
static bool
take_item(struct trace_input *in, struct trace_item *item)
{
    in->has_items = true;
    switch (item->kind) {
    case TRACE_STARTUP:
        trace_order_begin(in->order, item->json);
        return true;
    case TRACE_RECORD:
        return take_record(in, item);
    case TRACE_GAP:
        return take_gap(in, item);
    case TRACE_END:
        return true;
    case TRACE_ERROR:
    default:
        report(in, item);
        close_file(in);
        return false;
    }
}

/* Stores what comes next in '*item', which is valid until the next call.
 * Returns false if that was all. */
bool
trace_input_next(struct trace_input *in, struct trace_item *item)
{
    while (in->file || open_next(in)) {
        run_progress(in);
        if (!go_to_place(in)) {
            continue;
        } else if (is_past(in)) {
            close_file(in);
        } else if (!trace_file_next(in->file, item)) {
            end_file(in);
        } else if (take_item(in, item)) {
            return true;
        }
    }
    progress_clear(&in->progress);
    return false;
}

/* Returns what trace_file_plain_fd() does of the file that is being read. */
int
trace_input_plain_fd(const struct trace_input *in, uint64_t *start)
{
    return trace_file_plain_fd(in->file, start);
}

/* Returns true if something was wrong with a file. */
bool
trace_input_has_failed(const struct trace_input *in)
{
    return in->status != 0;
}

/* Returns false if there was a file without anything wrong that ended without
 * a last line: it was cut off between lines, or is still being written. */
bool
trace_input_has_ended(const struct trace_input *in)
{
    return in->has_ended;
}
