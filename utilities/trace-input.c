/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-input.h"

#include <fcntl.h>
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
#include "util.h"

/* Standard input. */
#define STDIN_NAME "-"

struct trace_input {
    const char *command;        /* Its name, for messages. */
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

    struct trace_order *order;  /* What was read of each trace. */
    uint64_t n_again;           /* Records of this file that were read
                                 * before. */
    uint64_t n_unknown;         /* Lines, of all files. */
    struct progress progress;
};

/* Prepares to read the files 'names' for 'command', standard input if there
 * are none.  The caller frees it with trace_input_destroy(). */
struct trace_input *
trace_input_create(const struct command *command, const struct svec *names)
{
    struct trace_input *in = xzalloc(sizeof *in);

    in->command = command->name;
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

/* Says what is wrong with the file that was read last, or with what is in it.
 * The exit status becomes that of a failure. */
void
trace_input_error(struct trace_input *in, const char *format, ...)
{
    va_list args;
    char *error;

    va_start(args, format);
    error = xvasprintf(format, args);
    va_end(args);
    progress_clear(&in->progress);
    ovs_error(0, "%s: %s: %s", in->command, trace_input_name(in), error);
    free(in->error);
    in->error = error;
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

/* Files that people may take for a trace, by their first bytes. */
static const struct {
    const char *bytes;
    size_t n;
    const char *what;           /* And what to do about it. */
} wrong_types[] = {
#define TYPE(BYTES, WHAT) { BYTES, sizeof BYTES - 1, WHAT }
#define PACKETS "a file of packets, not of records: take the one that " \
    "record has written"
#define UNPACK(PROGRAM) "compressed: unpack it (" PROGRAM ")"
    TYPE("\x0a\x0d\x0d\x0a", PACKETS),
    TYPE("\xd4\xc3\xb2\xa1", PACKETS),
    TYPE("\xa1\xb2\xc3\xd4", PACKETS),
    TYPE("\x4d\x3c\xb2\xa1", PACKETS),
    TYPE("\xa1\xb2\x3c\x4d", PACKETS),
    TYPE("\xfd" "7zXZ", UNPACK("xz -dc")),
    TYPE("BZh", UNPACK("bzip2 -dc")),
    TYPE("\x04\x22\x4d\x18", UNPACK("lz4 -dc")),
    TYPE("PK\x03\x04", UNPACK("unzip -p")),
    TYPE("[{", "an array, not lines: take a file that record has written"),
#undef UNPACK
#undef PACKETS
#undef TYPE
};

/* Returns what the file that was opened last is instead of a trace, NULL if
 * that is not known. */
static const char *
find_wrong_type(const struct trace_input *in)
{
    const char *name = in->names.names[in->n_opened - 1];
    int fd = strcmp(name, STDIN_NAME) ? open(name, O_RDONLY | O_NONBLOCK) : -1;
    char bytes[8] = "";
    ssize_t n;

    if (fd < 0) {
        return NULL;
    }
    n = read(fd, bytes, sizeof bytes);
    close(fd);
    for (size_t i = 0; i < ARRAY_SIZE(wrong_types); i++) {
        if (n >= (ssize_t) wrong_types[i].n
            && !memcmp(bytes, wrong_types[i].bytes, wrong_types[i].n)) {
            return wrong_types[i].what;
        }
    }
    return NULL;
}

static void
report(struct trace_input *in, const struct trace_item *item)
{
    const char *type = item->line <= 1 ? find_wrong_type(in) : NULL;

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
static bool
is_regular(const char *name)
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

/* Begins the reading where there are at least 'n' records left that 'choice'
 * chooses, or where there are fewer with all.  Returns how many of these are
 * before the last 'n', or UINT64_MAX if one of the files cannot be read
 * twice. */
uint64_t
trace_input_find_last(struct trace_input *in,
                      const struct trace_choice *choice, uint64_t n)
{
    for (size_t i = 0; i < in->names.n; i++) {
        if (!is_regular(in->names.names[i])) {
            return UINT64_MAX;
        }
    }
    for (size_t i = in->names.n; i-- > 0; n -= in->place.n_chosen) {
        trace_seek_last(in->names.names[i], choice, n, &in->place);
        if (in->place.n_chosen >= n) {
            in->n_opened = i;
            in->has_place = true;
            return in->place.n_chosen - n;
        }
    }
    return 0;
}

/* Finds the place in the file that was opened last. */
static void
find_place(struct trace_input *in)
{
    const char *name = in->names.names[in->n_opened - 1];

    if (in->has_place) {
        in->has_place = false;
    } else if (in->choice && trace_choice_is_by_time(in->choice)
               && is_regular(name)) {
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
        progress_clear(&in->progress);
        ovs_error(0, "%s: %s", in->command, error);
        free(error);
        in->status = PROGRAM_FAILURE;
    }
    return false;
}

/* Says how many records of the file were left out because they were read
 * before. */
static void
report_again(struct trace_input *in)
{
    if (in->n_again) {
        progress_clear(&in->progress);
        ovs_error(0, "%s: %s: %"PRIu64" records that were read before are "
                  "left out: give each file once", in->command,
                  trace_input_name(in), in->n_again);
        in->n_again = 0;
    }
}

/* Says how many lines were left out because they are of a later version. */
static void
report_unknown(struct trace_input *in)
{
    if (in->n_unknown) {
        progress_clear(&in->progress);
        ovs_error(0, "%s: %"PRIu64" lines are of kinds that this version does "
                  "not know, and were not looked into: a later one knows them",
                  in->command, in->n_unknown);
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
 * read, goes on. */
static void
go_to_place(struct trace_input *in)
{
    if (in->has_items && in->place.offset) {
        trace_file_seek(in->file, in->place.offset);
        in->place.offset = 0;
    }
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
        return true;
    case TRACE_ORDER_AGAIN:
        in->n_again++;
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

/* Returns true if 'item' is to be used. */
static bool
take_item(struct trace_input *in, const struct trace_item *item)
{
    in->has_items = true;
    switch (item->kind) {
    case TRACE_STARTUP:
        trace_order_begin(in->order, item->json);
        return true;
    case TRACE_RECORD:
        return take_record(in, item);
    case TRACE_GAP:
        /* What is missing in records that were read before is known. */
        return !item->n || !trace_order_is_before(in->order, item->seq);
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
        go_to_place(in);
        if (is_past(in)) {
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

/* Returns false if there was a file without anything wrong that ended without
 * a last line: it was cut off between lines, or is still being written. */
bool
trace_input_has_ended(const struct trace_input *in)
{
    return in->has_ended;
}
