/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/record.h"
#include "show/upcall-json.h"
#include "store/history.h"
#include "store/start-options.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(freeze);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* How long to wait for upcalls that come after, in ms. */
#define AFTER_TIME 5000

/* Records of so many bytes are written at most, so that they do not take more
 * memory than the daemon may have. */
#define MAX_BYTES (8 << 20)

/* How long to wait before another file is begun, in ms: at first, and twice as
 * long each time, but no longer than an hour.  After an hour without an event,
 * it begins anew. */
#define FIRST_INTERVAL 1000
#define MAX_INTERVAL (3600 * 1000)

/* Lines that are written at once, before others get their turn. */
#define LINES_PER_RUN 100

/* A record that was frozen. */
struct frozen {
    uint64_t seq;
    size_t size;
    void *record;
};

struct freeze {
    char *dir;
    uint64_t window;            /* Records before and after. */
    uint64_t events, files;
    char *kept[FREEZE_MAX_FILES];       /* Names of the latest files, file
                                         * number N at N % FREEZE_MAX_FILES. */
    char *error;

    /* Times are those of time_msec(). */
    long long int next;         /* No event is written about before this. */
    long long int interval;
    long long int last_event;

    /* The event that is waited or written for. */
    uint64_t seq, id;           /* 'seq' is 0 if there is none. */
    long long int deadline;     /* For those that come after, time_msec(). */

    /* The file that is being written, NULL if none is. */
    FILE *file;
    char *name;
    char *temporary_name;       /* Until it is complete. */
    struct frozen *records;
    size_t n, n_written;
};

/* Returns NULL if files can be created in 'dir', otherwise an error
 * message. */
static char *
check_dir(const char *dir)
{
    struct stat s;

    if (stat(dir, &s)) {
        return xasprintf("--trigger: %s: %s (--trigger-dir=DIR chooses "
                         "another directory)", dir, ovs_strerror(errno));
    } else if (!S_ISDIR(s.st_mode) || access(dir, W_OK | X_OK)) {
        return xasprintf("--trigger: %s is no directory that can be written "
                         "to (--trigger-dir=DIR chooses another)", dir);
    }
    return NULL;
}

/* Returns NULL and stores in '*fp' what freezes upcalls as 'options' say, NULL
 * if they do not; or returns an error message, which the caller frees. */
char *
freeze_create(const struct start_options *options, struct freeze **fp)
{
    const char *dir = (options->trigger_dir ? options->trigger_dir
                       : ovs_logdir());
    struct freeze *f;
    char *error;

    *fp = NULL;
    if (!trigger_is_set(&options->trigger)) {
        return NULL;
    }
    error = check_dir(dir);
    if (error) {
        return error;
    }
    f = *fp = xzalloc(sizeof *f);
    f->dir = abs_file_name(NULL, dir);
    f->window = options->trigger_window;
    return NULL;
}

/* Has 'name', which it takes over, be the latest of the files that are kept,
 * and removes the oldest if there are too many. */
static void
keep_file(struct freeze *f, char *name)
{
    char **kept = &f->kept[f->files++ % FREEZE_MAX_FILES];

    if (*kept) {
        unlink(*kept);
        free(*kept);
    }
    *kept = name;
}

/* Closes the file, and gives it its name unless 'error', a positive errno
 * value, is not 0.  Returns 0 if all is well, otherwise an errno value. */
static int
close_file(struct freeze *f, int error)
{
    if (!error && ferror(f->file)) {
        error = EIO;
    }
    if (fclose(f->file) && !error) {
        error = errno;
    }
    f->file = NULL;
    if (!error && rename(f->temporary_name, f->name)) {
        error = errno;
    }
    return error;
}

/* Plans when the next file may be begun. */
static void
plan_next(struct freeze *f, long long int now)
{
    f->interval = (f->interval ? MIN(2 * f->interval, MAX_INTERVAL)
                   : FIRST_INTERVAL);
    f->next = now + f->interval;
}

static void
free_records(struct freeze *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->records[i].record);
    }
    free(f->records);
    f->records = NULL;
    f->n = f->n_written = 0;
}

/* Ends writing: removes the file if 'error', a positive errno value, is not
 * 0. */
static void
end_file(struct freeze *f, int error, long long int now)
{
    if (f->file) {
        error = close_file(f, error);
    }
    free(f->error);
    f->error = NULL;
    if (error) {
        f->error = xasprintf("%s: %s", f->name, ovs_strerror(error));
        VLOG_WARN_RL(&rl, "cannot freeze upcalls: %s", f->error);
        unlink(f->temporary_name);
        free(f->name);
    } else {
        VLOG_INFO("froze %"PRIuSIZE" upcalls around #%"PRIu64" to %s",
                  f->n, f->id, f->name);
        keep_file(f, f->name);
    }
    f->name = NULL;
    free(f->temporary_name);
    f->temporary_name = NULL;
    free_records(f);
    f->seq = 0;
    plan_next(f, now);
}

/* Frees 'f', which may be NULL.  A file that is not finished is removed. */
void
freeze_destroy(struct freeze *f)
{
    if (f) {
        if (f->file) {
            end_file(f, ECANCELED, time_msec());
        }
        for (size_t i = 0; i < FREEZE_MAX_FILES; i++) {
            free(f->kept[i]);
        }
        free(f->dir);
        free(f->error);
        free(f);
    }
}

/* Notes that the record 'seq', of the upcall 'id', meets a condition.  While
 * another one is waited or written for, and for some time after, that is
 * all. */
void
freeze_note(struct freeze *f, uint64_t seq, uint64_t id, long long int now)
{
    f->events++;
    if (now > f->last_event + MAX_INTERVAL) {
        f->interval = 0;
    }
    f->last_event = now;
    if (!f->seq && now >= f->next) {
        f->seq = seq;
        f->id = id;
        f->deadline = now + AFTER_TIME;
    }
}

/* Returns the bytes of the record 'seq', 0 if it is not there. */
static size_t
record_size(const struct history *h, uint64_t seq)
{
    size_t size;

    history_get(h, seq, &size);
    return size;
}

/* Finds the records around the event that are to be written: 'f->window' on
 * each side, as far as they are there and do not take too much memory.  Stores
 * the first in '*from' and the one behind the last in '*until'. */
static void
find_records(const struct freeze *f, const struct history *h, uint64_t *from,
             uint64_t *until)
{
    uint64_t first = MAX(history_first(h),
                         f->seq > f->window ? f->seq - f->window : 1);
    uint64_t end = MIN(history_next(h), f->seq + f->window + 1);
    size_t bytes = 0;

    *from = *until = f->seq;
    while ((*from > first || *until < end) && bytes < MAX_BYTES) {
        if (*until < end) {
            bytes += record_size(h, (*until)++);
        }
        if (*from > first && bytes < MAX_BYTES) {
            bytes += record_size(h, --*from);
        }
    }
}

/* Takes copies of the records around the event. */
static void
take_records(struct freeze *f, const struct history *h)
{
    uint64_t from, until;

    find_records(f, h, &from, &until);
    f->records = xcalloc(MAX(1, until - from), sizeof *f->records);
    for (uint64_t seq = from; seq < until; seq++) {
        struct frozen *frozen = &f->records[f->n];
        size_t size;
        const void *record = history_get(h, seq, &size);

        if (record) {
            frozen->seq = seq;
            frozen->size = size;
            frozen->record = xmemdup(record, size);
            f->n++;
        }
    }
}

/* Returns the name of the file about the upcall 'f->id', now. */
static char *
file_name(const struct freeze *f)
{
    char *when = xastrftime_msec("%Y%m%d-%H%M%S", time_wall_msec(), true);
    char *name = xasprintf("%s/ovs-upcall-trace-%s-%"PRIu64".json", f->dir,
                           when, f->id);

    free(when);
    return name;
}

/* Writes 'json', which it frees, as a line. */
static void
write_line(struct freeze *f, struct json *json)
{
    char *line = json_to_string(json, JSSF_SORT);

    fputs(line, f->file);
    putc('\n', f->file);
    free(line);
    json_destroy(json);
}

/* Returns what the first line says: about the trace, and which upcall it
 * was. */
static struct json *
first_line(const struct freeze *f, const struct freeze_source *source)
{
    struct json *json = source->first_line(source->aux);
    struct json *trigger = json_object_create();
    char *id = xasprintf("%"PRIu64, f->id);

    json_object_put(trigger, "seq", json_integer_create(f->seq));
    json_object_put_string(trigger, "id", id);
    json_object_put(json, "trigger", trigger);
    free(id);
    return json;
}

/* Opens the file.  It has packets in it, so it is for the owner only, and must
 * not exist: the directory may be one that others can write to. */
static void
begin_file(struct freeze *f, const struct freeze_source *source,
           long long int now)
{
    int fd;

    f->name = file_name(f);
    f->temporary_name = xasprintf("%s.tmp", f->name);
    fd = open(f->temporary_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
              0600);
    if (fd < 0) {
        end_file(f, errno, now);
        return;
    }
    f->file = fdopen(fd, "w");
    if (!f->file) {
        int error = errno;

        close(fd);
        end_file(f, error, now);
        return;
    }
    take_records(f, source->history);
    write_line(f, first_line(f, source));
}

/* Writes some more lines, and ends the file after the last. */
static void
write_some(struct freeze *f, const struct freeze_source *source,
           long long int now)
{
    for (int i = 0; i < LINES_PER_RUN && f->n_written < f->n; i++) {
        const struct frozen *frozen = &f->records[f->n_written++];
        struct upcall u;
        char *error;

        if (upcall_parse(frozen->record, frozen->size, &u, &error)) {
            write_line(f, upcall_to_json(&u, frozen->seq, source->ports,
                                         source->flows));
        }
        free(error);
    }
    if (fflush(f->file)) {
        end_file(f, errno, now);
    } else if (f->n_written == f->n) {
        end_file(f, 0, now);
    }
}

/* Returns true if what comes after the event is there, or does not come. */
static bool
is_ready(const struct freeze *f, const struct freeze_source *source,
         long long int now)
{
    return (history_next(source->history) > f->seq + f->window
            || now >= f->deadline);
}

/* Goes on with what there is to write. */
void
freeze_run(struct freeze *f, const struct freeze_source *source,
           long long int now)
{
    if (f->file) {
        write_some(f, source, now);
    } else if (f->seq && is_ready(f, source, now)) {
        begin_file(f, source, now);
    }
}

/* Arranges for the poll loop to wake up when freeze_run() has work to do. */
void
freeze_wait(const struct freeze *f, const struct freeze_source *source,
            long long int now)
{
    if (f->file || (f->seq && is_ready(f, source, now))) {
        poll_immediate_wake();
    } else if (f->seq) {
        poll_timer_wait_until(f->deadline);
    }
}

/* Writes all that is left, because the trace ends. */
void
freeze_finish(struct freeze *f, const struct freeze_source *source,
              long long int now)
{
    if (f->seq && !f->file) {
        begin_file(f, source, now);
    }
    while (f->file) {
        write_some(f, source, now);
    }
}

/* Stores in '*stats' what 'f' has done.  Its strings are valid until 'f' is
 * used again. */
void
freeze_get_stats(const struct freeze *f, struct freeze_stats *stats)
{
    stats->events = f->events;
    stats->files = f->files;
    stats->last_file = (f->files
                        ? f->kept[(f->files - 1) % FREEZE_MAX_FILES] : NULL);
    stats->error = f->error;
}
