/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trigger.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json-writer.h"
#include "dirs.h"
#include "file/trigger-files.h"
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

VLOG_DEFINE_THIS_MODULE(trigger);

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

/* A copy of a record of the history. */
struct copied_record {
    uint64_t seq;
    size_t size;
    void *record;
};

struct trigger {
    char *dir;
    uint64_t window;            /* Records before and after. */
    uint64_t max_files;         /* In 'dir', also those of others. */
    uint64_t events, files;
    char *last_file;            /* NULL if there is none. */
    char *error;

    /* Times are those of time_msec(). */
    long long int next;         /* No event is written about before this. */
    long long int interval;
    long long int last_event;

    /* The event that is waited or written for. */
    uint64_t seq, id;           /* 'seq' is 0 if there is none. */
    long long int deadline;     /* For those that come after, time_msec(). */

    /* The file that is being written. */
    struct trigger_file f;
    bool cut;                   /* Did the trace end before what was to come
                                 * after the event was there? */
    struct copied_record *records;
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

/* Returns NULL and stores in '*tp' what writes files as 'options' say, NULL if
 * they do not; or returns an error message, which the caller frees. */
char *
trigger_create(const struct start_options *options, struct trigger **tp)
{
    const char *dir = (options->trigger_dir ? options->trigger_dir
                       : ovs_logdir());
    struct trigger *t;
    char *error;

    *tp = NULL;
    if (!options->trigger.n) {
        return NULL;
    }
    error = check_dir(dir);
    if (error) {
        return error;
    }
    t = *tp = xzalloc(sizeof *t);
    t->dir = abs_file_name(NULL, dir);
    t->window = options->trigger_window;
    t->max_files = options->trigger_files;
    trigger_files_prune(t->dir, NULL, 0);
    return NULL;
}

/* Plans when the next file may be begun. */
static void
plan_next(struct trigger *t, long long int now)
{
    t->interval = (t->interval ? MIN(2 * t->interval, MAX_INTERVAL)
                   : FIRST_INTERVAL);
    t->next = now + t->interval;
}

static void
free_records(struct trigger *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->records[i].record);
    }
    free(t->records);
    t->records = NULL;
    t->n = t->n_written = 0;
}

/* Notes that the file is there, as the latest of its directory, and takes over
 * its name. */
static void
keep_file(struct trigger *t)
{
    VLOG_INFO("wrote %"PRIuSIZE" upcalls around #%"PRIu64" to %s%s",
              t->n, t->id, t->f.name,
              t->cut ? ", before all that follow were there" : "");
    t->files++;
    free(t->last_file);
    t->last_file = t->f.name;
    t->f.name = NULL;
    trigger_files_prune(t->dir, t->last_file, t->max_files);
}

/* Ends writing: removes the file if 'error', a positive errno value, is not
 * 0. */
static void
end_file(struct trigger *t, int error, long long int now)
{
    if (t->f.file) {
        error = trigger_file_close(&t->f, error);
    }
    free(t->error);
    t->error = NULL;
    if (error) {
        t->error = xasprintf("%s: %s", t->f.name, ovs_strerror(error));
        VLOG_WARN_RL(&rl, "cannot write %s", t->error);
    } else {
        keep_file(t);
    }
    free(t->f.name);
    free(t->f.temporary_name);
    memset(&t->f, 0, sizeof t->f);
    free_records(t);
    t->seq = 0;
    plan_next(t, now);
}

/* Frees 't', which may be NULL.  A file that is not finished is removed. */
void
trigger_destroy(struct trigger *t)
{
    if (t) {
        if (t->f.file) {
            end_file(t, ECANCELED, time_msec());
        }
        free(t->last_file);
        free(t->dir);
        free(t->error);
        free(t);
    }
}

/* Notes that the record 'seq', of the upcall 'id', meets a condition.  While
 * another one is waited or written for, and for some time after, that is
 * all. */
void
trigger_note(struct trigger *t, uint64_t seq, uint64_t id,
             long long int now)
{
    t->events++;
    if (now > t->last_event + MAX_INTERVAL) {
        t->interval = 0;
    }
    t->last_event = now;
    if (!t->seq && now >= t->next) {
        t->seq = seq;
        t->id = id;
        t->deadline = now + AFTER_TIME;
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

/* Finds the records around the event that are to be written: 't->window' on
 * each side, as far as they are there and do not take too much memory.  Stores
 * the first in '*from' and the one behind the last in '*until'. */
static void
find_records(const struct trigger *t, const struct history *h, uint64_t *from,
             uint64_t *until)
{
    uint64_t first = MAX(history_first(h),
                         t->seq > t->window ? t->seq - t->window : 1);
    uint64_t end = MIN(history_next(h), t->seq + t->window + 1);
    size_t bytes = 0;

    *from = *until = t->seq;
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
take_records(struct trigger *t, const struct history *h)
{
    uint64_t from, until;

    find_records(t, h, &from, &until);
    t->records = xcalloc(MAX(1, until - from), sizeof *t->records);
    for (uint64_t seq = from; seq < until; seq++) {
        struct copied_record *copy = &t->records[t->n];
        size_t size;
        const void *record = history_get(h, seq, &size);

        if (record) {
            copy->seq = seq;
            copy->size = size;
            copy->record = xmemdup(record, size);
            t->n++;
        }
    }
}

/* Writes 'ds', which it frees, as a line. */
static void
write_line(struct trigger *t, struct ds *ds)
{
    ds_put_char(ds, '\n');
    fwrite(ds_cstr(ds), 1, ds->length, t->f.file);
    ds_destroy(ds);
}

/* Writes 'json', which it frees, as a line. */
static void
write_json(struct trigger *t, struct json *json)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    json_to_ds(json, JSSF_SORT, &ds);
    json_destroy(json);
    write_line(t, &ds);
}

/* Writes a line about 'u', which is record 'seq' of the history. */
static void
write_upcall(struct trigger *t, const struct trigger_source *source,
             const struct upcall *u, uint64_t seq)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    json_writer_init(&w, &ds);
    upcall_json_write(&w, u, seq, source->ports, source->flows);
    write_line(t, &ds);
}

/* Returns what the first line says: about the trace, and which upcall it
 * was. */
static struct json *
first_line(const struct trigger *t, const struct trigger_source *source)
{
    struct json *json = source->first_line(source->aux);
    struct json *trigger = json_object_create();
    char *id = xasprintf("%"PRIu64, t->id);

    json_object_put(trigger, "seq", json_integer_create(t->seq));
    json_object_put_string(trigger, "id", id);
    json_object_put(trigger, "cut", json_boolean_create(t->cut));
    json_object_put(json, "trigger", trigger);
    free(id);
    return json;
}

/* Returns true if what comes after the event is there, or does not come. */
static bool
is_ready(const struct trigger *t, const struct trigger_source *source,
         long long int now)
{
    return (history_next(source->history) > t->seq + t->window
            || now >= t->deadline);
}

/* Begins the file, whether what comes after the event is there or not. */
static void
begin_file(struct trigger *t, const struct trigger_source *source,
           long long int now)
{
    int error = trigger_file_create(t->dir, t->id, &t->f);

    if (error) {
        end_file(t, error, now);
        return;
    }
    t->cut = !is_ready(t, source, now);
    take_records(t, source->history);
    write_json(t, first_line(t, source));
}

/* Writes some more lines, and ends the file after the last. */
static void
write_some(struct trigger *t, const struct trigger_source *source,
           long long int now)
{
    for (int i = 0; i < LINES_PER_RUN && t->n_written < t->n; i++) {
        const struct copied_record *copy = &t->records[t->n_written++];
        struct upcall u;
        char *error;

        if (upcall_parse(copy->record, copy->size, &u, &error)) {
            write_upcall(t, source, &u, copy->seq);
        }
        free(error);
    }
    if (fflush(t->f.file)) {
        end_file(t, errno, now);
    } else if (t->n_written == t->n) {
        end_file(t, 0, now);
    }
}

/* Goes on with what there is to write. */
void
trigger_run(struct trigger *t, const struct trigger_source *source,
           long long int now)
{
    if (t->f.file) {
        write_some(t, source, now);
    } else if (t->seq && is_ready(t, source, now)) {
        begin_file(t, source, now);
    }
}

/* Arranges for the poll loop to wake up when trigger_run() has work to do. */
void
trigger_wait(const struct trigger *t, const struct trigger_source *source,
            long long int now)
{
    if (t->f.file || (t->seq && is_ready(t, source, now))) {
        poll_immediate_wake();
    } else if (t->seq) {
        poll_timer_wait_until(t->deadline);
    }
}

/* Writes all that is left, because the trace ends, or because the daemon does.
 * A file that waits for what comes after its event has what there is, and says
 * that it is cut.  Afterwards there is no file that is not complete. */
void
trigger_finish(struct trigger *t, const struct trigger_source *source,
              long long int now)
{
    if (t->seq && !t->f.file) {
        begin_file(t, source, now);
    }
    while (t->f.file) {
        write_some(t, source, now);
    }
}

/* Stores in '*stats' what 't' has done.  Its strings are valid until 't' is
 * used again. */
void
trigger_get_stats(const struct trigger *t, struct trigger_stats *stats)
{
    stats->events = t->events;
    stats->files = t->files;
    stats->last_file = t->last_file;
    stats->error = t->error;
}
