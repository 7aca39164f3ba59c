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

#include "bpf/pass-record.h"
#include "dirs.h"
#include "file/trace-lines.h"
#include "file/trigger-files.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "show/record-context.h"
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
    size_t n, n_written, allocated;
    size_t n_upcalls;           /* Of 'n'. */
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
    t->n = t->n_written = t->allocated = t->n_upcalls = 0;
}

/* Notes that the file is there, as the latest of its directory, and takes over
 * its name. */
static void
keep_file(struct trigger *t)
{
    VLOG_INFO("wrote %"PRIuSIZE" upcalls around #%"PRIu64" to %s%s",
              t->n_upcalls, t->id, t->f.name,
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

/* Records with numbers from 'from' to 'until' - 1. */
struct range {
    uint64_t from, until;
};

/* Extends 'r' to 'record', as a walk has returned it, which may be NULL, if
 * that is in 'within'.  Returns its bytes, 0 if it is not. */
static size_t
extend(struct range *r, const struct range *within, const void *record,
       uint64_t seq, size_t size)
{
    if (!record || seq < within->from || seq >= within->until) {
        return 0;
    }
    r->from = MIN(r->from, seq);
    r->until = MAX(r->until, seq + 1);
    return size;
}

/* Extends 'r' to 'n' more records of 'kind' on each side, as far as they are
 * in 'within' and do not take too much memory: of that, '*bytes' are taken. */
static void
find_records(const struct history *h, enum history_kind kind, uint64_t n,
             const struct range *within, struct range *r, size_t *bytes)
{
    struct history_walk before, behind;
    size_t more = 1;

    history_walk_init(&before, h, kind, r->from);
    history_walk_init(&behind, h, kind, r->until);
    for (uint64_t i = 0; more && i < n && *bytes < MAX_BYTES; i++) {
        const void *record;
        uint64_t seq;
        size_t size;

        record = history_walk_next(&behind, &seq, &size);
        more = extend(r, within, record, seq, size);
        *bytes += more;
        if (*bytes < MAX_BYTES) {
            record = history_walk_prev(&before, &seq, &size);
            size = extend(r, within, record, seq, size);
            *bytes += size;
            more += size;
        }
    }
}

/* Takes copies of the records of 'kind' from 'from' to 'until' - 1. */
static void
copy_records(struct trigger *t, const struct history *h,
             enum history_kind kind, uint64_t from, uint64_t until)
{
    struct history_walk walk;
    const void *record;
    uint64_t seq;
    size_t size;

    history_walk_init(&walk, h, kind, from);
    while ((record = history_walk_next(&walk, &seq, &size)) && seq < until) {
        if (t->n >= t->allocated) {
            t->records = x2nrealloc(t->records, &t->allocated,
                                    sizeof *t->records);
        }
        t->records[t->n++] = (struct copied_record) {
            .seq = seq, .size = size, .record = xmemdup(record, size)
        };
        t->n_upcalls += !record_is_pass(record);
    }
}

/* Takes copies of the records around the event: of 't->window' upcalls on each
 * side and, if there is room left, of the passes between the first and the
 * last of these, those that are nearest to the event first. */
static void
take_records(struct trigger *t, const struct history *h)
{
    const struct range all = { 0, UINT64_MAX };
    struct range upcalls = { t->seq, t->seq + 1 };
    struct range passes = upcalls;
    size_t bytes;

    history_get(h, t->seq, &bytes);
    find_records(h, HISTORY_UPCALLS, t->window, &all, &upcalls, &bytes);
    find_records(h, HISTORY_PASSES, UINT64_MAX, &upcalls, &passes, &bytes);
    copy_records(t, h, HISTORY_UPCALLS, upcalls.from, passes.from);
    copy_records(t, h, HISTORY_ALL, passes.from, passes.until);
    copy_records(t, h, HISTORY_UPCALLS, passes.until, upcalls.until);
}

/* Writes 'ds', which it frees. */
static void
write_ds(struct trigger *t, struct ds *ds)
{
    fwrite(ds_cstr(ds), 1, ds->length, t->f.file);
    ds_destroy(ds);
}

/* Writes 'json', which it frees, as a line. */
static void
write_json(struct trigger *t, struct json *json)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    trace_line_put_json(&ds, json);
    write_ds(t, &ds);
}

/* Writes a line about a record, unless that is damaged. */
static void
write_record(struct trigger *t, const struct trigger_source *source,
             const struct copied_record *copy)
{
    const struct record_context context = {
        .ports = source->ports, .flows = source->flows,
        .layout = source->layout,
        .raw = true,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *error = trace_line_put_record(&ds, copy->record, copy->size,
                                        copy->seq, &context);

    if (error) {
        VLOG_WARN_RL(&rl, "record %"PRIu64": %s", copy->seq, error);
        free(error);
    }
    write_ds(t, &ds);
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

/* Returns true if what comes after the event is there, or does not come.  Once
 * the history is so full that the event is forgotten, so is what was before
 * it, and to wait would only lose more. */
static bool
is_ready(const struct trigger *t, const struct trigger_source *source,
         long long int now)
{
    const struct history *h = source->history;
    size_t size;

    return (history_count(h, HISTORY_UPCALLS, t->seq + 1) >= t->window
            || !history_get(h, t->seq, &size) || now >= t->deadline);
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
        write_record(t, source, &t->records[t->n_written++]);
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
