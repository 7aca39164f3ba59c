/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/forward-name.h"
#include "file/packed-file.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Where what is known of each session is, in the receiver's directory. */
#define STATE_DIR ".state"

/* Digits of the UUID of a session in the name of a file. */
#define SESSION_DIGITS 8

struct forward_file {
    struct forward_file_options options;        /* With strings of its own. */
    char *host;
    char *system_id;            /* Or NULL. */
    char *label;                /* Members of each line, and a comma. */
    char *base;                 /* What the names of all files begin with. */
    char *name;                 /* Of the last one. */
    char *state_name;
    struct forward_state state;
    struct packed_file *file;   /* NULL if none is open. */
    char *startup;              /* First line of the trace, or NULL. */
    uint64_t unsynced;          /* Bytes since the last sync. */
    uint64_t synced;            /* Number of the last item then. */
    char *error;                /* What, and what to do about it; or NULL. */
};

/* Names. */

/* Returns the name of the file with 'number', from 1 on.  The caller frees
 * it. */
static char *
get_name(const struct forward_file *f, uint64_t number)
{
    const char *ending = f->options.ending;

    return (number == 1 && !f->options.rotate
            ? xasprintf("%s%s", f->base, ending)
            : xasprintf("%s.%05"PRIu64"%s", f->base, number, ending));
}

static void
set_name(struct forward_file *f)
{
    free(f->name);
    f->name = get_name(f, MAX(f->state.file, 1));
}

/* Errors. */

/* Notes that 'error', a positive errno value, has happened to 'name', the
 * first time. */
static void
fail(struct forward_file *f, const char *name, int error)
{
    if (!f->error) {
        f->error = xasprintf("%s: %s%s", name, ovs_strerror(error),
                             error == ENOSPC || error == EDQUOT
                             ? ": free space" : "");
    }
}

/* Returns what is wrong with 'f', NULL if nothing is. */
const char *
forward_file_error(const struct forward_file *f)
{
    return f->error;
}

/* Opening and closing. */

/* Finds the state of 'session', or where it will be, with 'digits' digits of
 * it in the name.  Returns 0, EEXIST if it is that of another session, or
 * another positive errno value. */
static int
load(struct forward_file *f, const char *session, const char *host, int digits)
{
    char *name = forward_file_name_of(host);
    int error;

    free(f->base);
    free(f->state_name);
    f->base = xasprintf("%s/%s.%.*s", f->options.dir, name, digits, session);
    f->state_name = xasprintf("%s/" STATE_DIR "/%s.%.*s", f->options.dir, name,
                              digits, session);
    free(name);
    error = forward_state_load(f->state_name, &f->state);
    if (error == ENOENT) {
        memset(&f->state, 0, sizeof f->state);
        ovs_strlcpy(f->state.session, session, sizeof f->state.session);
        return 0;
    }
    return error ? error : strcmp(f->state.session, session) ? EEXIST : 0;
}

/* Opens the last file where it was left.  If that cannot be, because somebody
 * has moved it, another will be begun. */
static void
reopen(struct forward_file *f)
{
    set_name(f);
    if (f->state.file && !f->state.is_closed) {
        int error = packed_file_reopen(f->name, f->state.size, &f->file);

        if (error == ENOENT || error == EINVAL || error == ELOOP) {
            f->state.is_closed = true;
            f->state.in_trace = false;
        } else if (error) {
            fail(f, f->name, error);
        }
    }
}

/* Opens the files of 'session', which is what 'host' with 'system_id', NULL if
 * that is unknown, sends, as 'options' ask for.  Returns NULL and stores in
 * '*fp' what the caller closes with forward_file_close(), or returns an error
 * message, which the caller frees. */
char *
forward_file_open(const struct forward_file_options *options,
                  const char *session, const char *host,
                  const char *system_id, struct forward_file **fp)
{
    struct forward_file *f = xzalloc(sizeof *f);
    char *dir = xasprintf("%s/" STATE_DIR, options->dir);
    int error = mkdir(dir, 0700) && errno != EEXIST ? errno : 0;
    char *why;

    f->options = *options;
    f->options.dir = xstrdup(options->dir);
    f->options.ending = xstrdup(options->ending);
    f->host = xstrdup(host);
    f->system_id = nullable_xstrdup(system_id);
    f->label = forward_label(host, system_id);
    if (error) {
        fail(f, dir, error);
    } else {
        error = load(f, session, host, SESSION_DIGITS);
        if (error == EEXIST) {
            error = load(f, session, host, UUID_LEN);
        }
        if (error) {
            fail(f, f->state_name, error);
        } else {
            f->synced = f->state.number;
            reopen(f);
        }
    }
    free(dir);
    why = nullable_xstrdup(f->error);
    if (why) {
        forward_file_close(f);
        f = NULL;
    }
    *fp = f;
    return why;
}

/* Frees 'f', which may be NULL.  What was written since the last sync may be
 * lost. */
void
forward_file_close(struct forward_file *f)
{
    if (f) {
        packed_file_close(f->file, NULL);
        free(CONST_CAST(char *, f->options.dir));
        free(CONST_CAST(char *, f->options.ending));
        free(f->host);
        free(f->system_id);
        free(f->label);
        free(f->base);
        free(f->name);
        free(f->state_name);
        free(f->startup);
        free(f->error);
        free(f);
    }
}

/* Lines. */

/* Writes 'ds', which it frees. */
static void
write_ds(struct forward_file *f, struct ds *ds)
{
    if (!f->error && f->file) {
        int error = packed_file_write(f->file, ds->string, ds->length);

        f->unsynced += ds->length;
        if (error) {
            fail(f, f->name, error);
        }
    }
    ds_destroy(ds);
}

/* Writes 'json', which it frees, and says who has sent it. */
static void
write_json(struct forward_file *f, struct json *json)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    json_object_put_string(json, "host", f->host);
    json_object_put(json, "system-id",
                    f->system_id ? json_string_create(f->system_id)
                    : json_null_create());
    trace_line_put_json(&ds, json);
    write_ds(f, &ds);
}

/* Returns 'line', an object, or an object with nothing in it if that is NULL
 * or something else. */
static struct json *
parse(const char *line)
{
    struct json *json = line ? json_from_string(line) : NULL;

    if (!json || json->type != JSON_OBJECT) {
        json_destroy(json);
        json = json_object_create();
    }
    return json;
}

static void
write_first_line(struct forward_file *f)
{
    struct json *json = parse(f->startup);

    json_object_put_string(json, "event", "startup");
    json_object_put_string(json, "session", f->state.session);
    write_json(f, json);
    f->state.in_trace = true;
    f->state.in_file = f->state.missed_in_file = 0;
}

/* Adds to 'json', a last line, which trace it is of, if it does not say so
 * itself. */
static void
put_started(struct forward_file *f, struct json *json)
{
    struct json *first = parse(f->startup);
    const struct json *started, *said;

    started = shash_find_data(json_object(first), "started_ms");
    said = shash_find_data(json_object(json), "started_ms");
    if (started && (!said || said->type == JSON_NULL)) {
        json_object_put(json, "started_ms", json_clone(started));
    }
    json_destroy(first);
}

/* Writes the last line of a trace: 'line', or if that is NULL one that says
 * 'why' it ends; and which file is 'next', NULL if none is. */
static void
write_last_line(struct forward_file *f, const char *line, const char *why,
                const char *next)
{
    struct json *json = (line ? parse(line)
                         : trace_line_unknown_end(why));
    struct json *file = json_object_create();

    json_object_put(file, "records", json_integer_create(f->state.in_file));
    json_object_put(file, "missed",
                    json_integer_create(f->state.missed_in_file));
    json_object_put(file, "next",
                    next ? json_string_create(next) : json_null_create());
    json_object_put(json, "file", file);
    put_started(f, json);
    write_json(f, json);
    f->state.in_trace = false;
}

/* Files. */

/* Has the directory of 'f' know of the file when the machine stops.  There are
 * file systems where that is not possible. */
static void
sync_dir(struct forward_file *f)
{
    int fd = open(f->options.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || (fsync(fd) && errno != EINVAL)) {
        fail(f, f->options.dir, errno);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* Removes the file that is one too many once there is another. */
static void
remove_oldest(struct forward_file *f)
{
    if (f->options.files && f->state.file > f->options.files) {
        char *name = get_name(f, f->state.file - f->options.files);

        if (unlink(name) && errno != ENOENT) {
            fail(f, name, errno);
        }
        free(name);
    }
}

/* Begins another file. */
static void
open_file(struct forward_file *f)
{
    int error;

    f->state.file++;
    f->state.size = 0;
    f->state.in_trace = f->state.is_closed = false;
    set_name(f);
    remove_oldest(f);
    error = packed_file_create(f->name, NULL, &f->file);
    if (error) {
        fail(f, f->name, error);
    } else if (f->options.to_disk) {
        sync_dir(f);
    }
}

/* Ends the file, so that what comes next belongs into another. */
static void
close_file(struct forward_file *f)
{
    f->state.is_closed = true;
    forward_file_sync(f);
    packed_file_close(f->file, NULL);
    f->file = NULL;
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
    if (f->file && f->options.rotate && f->state.in_file
        && packed_file_size(f->file) >= f->options.rotate) {
        char *next = get_name(f, f->state.file + 1);

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
    struct json *json = json_object_create();

    prepare(f);
    json_object_put_string(json, "event", "gap");
    json_object_put(json, "next", json_integer_create(next));
    json_object_put(json, "records", json_integer_create(dropped + missed));
    json_object_put(json, "dropped", json_integer_create(dropped));
    write_json(f, json);
    f->state.missed_in_file += dropped + missed;
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

/* Has what was written and forward_file_state() survive a kill, and if the
 * options ask for it, the machine's end.  Returns 0 or a positive errno
 * value. */
int
forward_file_sync(struct forward_file *f)
{
    bool to_disk = f->options.to_disk;
    int error = 0;

    if (f->error) {
        return EIO;
    } else if (f->file) {
        error = packed_file_sync(f->file, to_disk);
        f->state.size = packed_file_size(f->file);
    }
    if (error) {
        fail(f, f->name, error);
        return error;
    }
    error = forward_state_save(f->state_name, &f->state, to_disk);
    if (error) {
        fail(f, f->state_name, error);
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

/* Returns the name of the last file, or of the first if there is none. */
const char *
forward_file_name(const struct forward_file *f)
{
    return f->name;
}
