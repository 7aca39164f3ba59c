/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-file-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/forward-dir.h"
#include "file/forward-line.h"
#include "file/forward-name.h"
#include "file/packed-file.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Lines. */

/* Writes 'ds', which it frees. */
static void
write_ds(struct forward_file *f, struct ds *ds)
{
    if (!f->error && f->file) {
        int error = packed_file_write(f->file, ds->string, ds->length);

        f->unsynced += ds->length;
        if (error) {
            forward_file_fail(f, f->name, error);
        }
    }
    ds_destroy(ds);
}

/* Writes 'json', which it destroys, and says who has sent it. */
static void
write_json(struct forward_file *f, struct json *json)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    forward_line_put(&ds, json, f->host, f->system_id);
    write_ds(f, &ds);
}

static void
write_first_line(struct forward_file *f)
{
    write_json(f, forward_line_first(f->startup, f->state.session,
                                     &f->sender));
    f->state.in_trace = true;
    f->state.in_file = f->state.missed_in_file = 0;
}

/* Writes the last line of a trace: 'line', or if that is NULL one that says
 * 'why' it ends; and which file is 'next', NULL if none is. */
static void
write_last_line(struct forward_file *f, const char *line, const char *why,
                const char *next)
{
    write_json(f, forward_line_last(line, why, f->startup, &f->state, next));
    f->state.in_trace = false;
}

/* Files. */

/* Removes files of the host that are too many once there is another. */
static void
make_room(struct forward_file *f)
{
    if (f->options.files) {
        int error = forward_dir_make_room(f->options.dir, f->host_name,
                                          f->options.files,
                                          f->options.in_use);

        if (error) {
            forward_file_fail(f, f->options.dir, error);
        }
    }
}

/* Creates the next file.  If there is one in its place, there may be something
 * in it that was acknowledged once, or somebody else's, so the next one but
 * one it is; but not if it is empty, as when this was done before and could
 * not be noted.  Returns 0 or a positive errno value. */
static int
create_next(struct forward_file *f)
{
    int error;

    do {
        struct stat s;

        f->state.file++;
        forward_file_set_name(f);
        if (f->state.file > FORWARD_NUMBER_MAX) {
            return EOVERFLOW;
        }
        error = packed_file_create_new(f->name, &f->file);
        if (error == EEXIST && !lstat(f->name, &s) && S_ISREG(s.st_mode)
            && !s.st_size) {
            error = packed_file_reopen(f->name, 0, &f->file);
        }
    } while (error == EEXIST);
    return error;
}

/* Begins another file, and notes that, so that it is known for this session's
 * whatever happens. */
static void
open_file(struct forward_file *f)
{
    int error;

    make_room(f);
    f->state.size = 0;
    f->state.in_trace = f->state.is_closed = false;
    error = create_next(f);
    if (error) {
        forward_file_fail(f, f->name, error);
        return;
    }
    forward_file_set_in_use(f, f->name, true);
    if (f->options.to_disk) {
        error = forward_dir_sync(f->options.dir);
        if (error) {
            forward_file_fail(f, f->options.dir, error);
        }
    }
    error = forward_state_save(f->state_name, &f->state, f->options.to_disk);
    if (error) {
        forward_file_fail(f, f->state_name, error);
    }
}

/* Ends the file, so that what comes next belongs into another. */
static void
close_file(struct forward_file *f)
{
    f->state.is_closed = true;
    forward_file_sync(f);
    forward_file_close_open(f);
}

/* Ends the trace, if there is one in the file, and the file, because of
 * 'why'. */
void
forward_file_end_file(struct forward_file *f, const char *why)
{
    if (f->file && !f->error) {
        if (f->state.in_trace) {
            write_last_line(f, NULL, why, NULL);
        }
        close_file(f);
    }
}

/* Ends the file, and names the next one, if it has become too large. */
static void
rotate(struct forward_file *f)
{
    const struct forward_state *st = &f->state;

    /* A file has something besides a first line. */
    if (f->file && f->options.rotate
        && (st->in_file || st->missed_in_file || !st->in_trace)
        && packed_file_size(f->file) >= f->options.rotate) {
        char *next = forward_file_get_name(f, f->state.file + 1);

        if (f->state.in_trace) {
            write_last_line(f, NULL, "rotated", strrchr(next, '/') + 1);
        }
        free(next);
        close_file(f);
    }
}

/* Has a file be open in which the trace has begun. */
static void
prepare(struct forward_file *f)
{
    if (!f->error) {
        rotate(f);
    }
    if (!f->error && !f->file) {
        open_file(f);
    }
    if (!f->error && !f->state.in_trace) {
        write_first_line(f);
    }
}

/* A trace. */

/* Has what comes next be of the trace of which 'startup' is the first line, an
 * object; it is written with what comes next.  NULL if that is of none. */
void
forward_file_begin(struct forward_file *f, const char *startup)
{
    char *copy = nullable_xstrdup(startup);

    free(f->startup);
    f->startup = copy;
}

/* Writes a record of the trace, the 'len' bytes at 'line', an object with
 * members. */
void
forward_file_put(struct forward_file *f, const char *line, size_t len)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    prepare(f);
    ds_reserve(&ds, len + strlen(f->label) + 2);
    ds_put_format(&ds, "{%s", f->label);
    ds_put_buffer(&ds, line + 1, len - 1);
    ds_put_char(&ds, '\n');
    write_ds(f, &ds);
    f->state.in_file++;
    f->state.counts.records++;
}

/* Writes that before the record 'next', 0 if that is unknown, so many are
 * missing. */
void
forward_file_put_gap(struct forward_file *f, uint64_t next, uint64_t dropped,
                     uint64_t missed)
{
    prepare(f);
    write_json(f, forward_line_gap(next, dropped, missed));
    forward_state_add(&f->state.missed_in_file, dropped);
    forward_state_add(&f->state.missed_in_file, missed);
}

/* Ends the trace with 'line', an object, or if that is NULL with what says
 * 'why' it ends. */
void
forward_file_end(struct forward_file *f, const char *line, const char *why)
{
    if (f->startup || f->state.in_trace) {
        prepare(f);
        write_last_line(f, line, why, NULL);
    }
    forward_file_begin(f, NULL);
}

/* Syncing. */

/* Saves what is known of the session, or removes it if it is of no use.
 * Returns 0 or a positive errno value. */
static int
save_state(struct forward_file *f)
{
    if (forward_state_is_needless(&f->state)) {
        return unlink(f->state_name) && errno != ENOENT ? errno : 0;
    }
    return forward_state_save(f->state_name, &f->state, f->options.to_disk);
}

/* Has what was written and forward_file_state() survive a kill, and if the
 * options ask for it, the machine's end.  Returns 0 or a positive errno
 * value. */
int
forward_file_sync(struct forward_file *f)
{
    int error = 0;

    if (f->error) {
        return EIO;
    } else if (f->file) {
        error = packed_file_sync(f->file, f->options.to_disk);
        f->state.size = packed_file_size(f->file);
    }
    if (error) {
        forward_file_fail(f, f->name, error);
        return error;
    }
    error = save_state(f);
    if (error) {
        forward_file_fail(f, f->state_name, error);
    }
    f->unsynced = 0;
    f->synced = f->state.number;
    return error;
}

/* Returns what is known of the session, which the caller may change: numbers
 * and counts. */
struct forward_state *
forward_file_state(struct forward_file *f)
{
    return &f->state;
}

/* Returns true if the file has a first line without a last one. */
bool
forward_file_in_trace(const struct forward_file *f)
{
    return f->state.in_trace;
}

/* Returns how many bytes were written since the last sync. */
uint64_t
forward_file_unsynced(const struct forward_file *f)
{
    return f->unsynced;
}

/* Returns true if there is something to be synced. */
bool
forward_file_has_news(const struct forward_file *f)
{
    return f->unsynced || f->synced != f->state.number;
}

/* Returns the name of the host, as that has said it. */
const char *
forward_file_host(const struct forward_file *f)
{
    return f->host;
}

/* Returns true if the session has, or had, a file. */
bool
forward_file_exists(const struct forward_file *f)
{
    return f->state.file > 0;
}

/* Returns the name of the last file, or of the first if there is none. */
const char *
forward_file_name(const struct forward_file *f)
{
    return f->name;
}
