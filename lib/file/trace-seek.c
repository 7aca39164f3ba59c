/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-seek.h"

#include <stdlib.h>

#include "base/clock.h"
#include "bpf/pass-record.h"
#include "file/member-search.h"
#include "file/trace-choice.h"
#include "file/trace-file.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* What is looked at first at the end of a file, in bytes, and how much more
 * each time. */
#define WINDOW (64 * 1024)
#define WINDOW_FACTOR 4

/* The search for a time ends when there are so few bytes between a place that
 * is too early and one that is not: about a member. */
#define SINCE_BYTES (64 * 1024)

/* Records that are looked at to know the time at a place, and lines. */
#define PROBE_RECORDS 64
#define PROBE_LINES 1000

/* Records come in the order in which they ended and came to the daemon, and
 * are chosen by when they began.  Those that began at the same time are not
 * further apart than this, in ns, but for upcalls that were abandoned, which
 * say nothing about the time at their place.  The time at a place is that of
 * the latest of some records, as one of them alone may have taken long. */
#define MARGIN (2 * (int64_t) NS_PER_SECOND)

/* A file that is looked into. */
struct look {
    const char *name;
    struct trace_choice choice;
    uint64_t n_read;            /* Bytes of what was closed. */
};

/* Opens the file at 'offset', 0 for the start, behind its first line.  Returns
 * NULL if that is not possible. */
static struct trace_file *
look_at(struct look *l, uint64_t offset)
{
    struct trace_file *file;
    struct trace_item item;
    char *error = trace_file_open(l->name, &file);

    if (!error && trace_file_next(file, &item)
        && item.kind == TRACE_STARTUP) {
        error = trace_choice_begin(&l->choice, item.json);
        if (!error && (!offset || trace_file_seek(file, offset))) {
            return file;
        }
    }
    free(error);
    trace_file_close(file);
    return NULL;
}

static void
look_close(struct look *l, struct trace_file *file)
{
    l->n_read += trace_file_n_read(file);
    trace_file_close(file);
}

/* Returns how many records that are chosen there are from 'offset' on. */
static uint64_t
count_from(struct look *l, uint64_t offset)
{
    struct trace_file *file = look_at(l, offset);
    struct trace_item item;
    uint64_t n = 0;

    if (!file) {
        return 0;
    }
    while (trace_file_next(file, &item)) {
        n += (item.kind == TRACE_RECORD
              && trace_choice_has(&l->choice, &item));
    }
    look_close(l, file);
    return n;
}

/* Finds the last place in the file 'name' from which on there are at least 'n'
 * records that 'choice', which need not know a trace, chooses, or else the
 * start. */
void
trace_seek_last(const char *name, const struct trace_choice *choice,
                uint64_t n, struct trace_place *place)
{
    struct look l = { .name = name, .choice = *choice };
    struct member_search *s = member_search_open(name);
    uint64_t size = s ? member_search_size(s) : 0;
    uint64_t window = WINDOW;

    *place = (struct trace_place) { .offset = 0 };
    while (window < size) {
        if (member_search_next(s, size - window, size, &place->offset)) {
            place->n_chosen = count_from(&l, place->offset);
            if (place->n_chosen >= n) {
                break;
            }
        }
        place->offset = 0;
        window *= WINDOW_FACTOR;
    }
    if (!place->offset) {
        place->n_chosen = count_from(&l, 0);
    }
    place->n_read = l.n_read + (s ? member_search_n_read(s) : 0);
    member_search_close(s);
}

/* Times. */

/* Returns the time at 'offset', INT64_MIN if there is no record. */
static int64_t
get_time_at(struct look *l, uint64_t offset)
{
    struct trace_file *file = look_at(l, offset);
    int64_t latest = INT64_MIN;
    int n_records = 0;

    if (!file) {
        return INT64_MIN;
    }
    for (int i = 0; i < PROBE_LINES && n_records < PROBE_RECORDS; i++) {
        struct trace_item item;
        const struct upcall_record *rec;

        if (!trace_file_next(file, &item)) {
            break;
        }
        rec = item.record;
        if (item.kind == TRACE_RECORD
            && (record_is_pass(rec) || rec->outcome != UPCALL_ABANDONED)) {
            latest = MAX(latest, trace_choice_time(rec));
            n_records++;
        }
    }
    look_close(l, file);
    return latest;
}

/* Returns the member "started_ms" of a line, -1 if it has none. */
static int64_t
get_started(const struct json *line)
{
    const struct json *json = shash_find_data(json_object(line),
                                              "started_ms");

    return json && json->type == JSON_INTEGER ? json_integer(json) : -1;
}

/* Returns the same of the first line of the file; also -1 if its records are
 * sorted otherwise than by time. */
static int64_t
get_first_started(struct look *l)
{
    struct trace_file *file;
    struct trace_item item;
    char *error = trace_file_open(l->name, &file);
    int64_t started = -1;

    if (!error && trace_file_next(file, &item)
        && item.kind == TRACE_STARTUP) {
        started = (shash_find(json_object(item.json), TRACE_SORTED) ? -1
                   : get_started(item.json));
    }
    free(error);
    trace_file_close(file);
    return started;
}

/* Returns false if what is at the end of the file, from 'offset' on, is
 * another trace than that at its start: then its times are none of an order.
 * One that has no end may be the same. */
static bool
is_one_trace(struct look *l, uint64_t offset)
{
    int64_t started = get_first_started(l);
    struct trace_file *file = look_at(l, offset);
    bool ok = file && started >= 0;
    struct trace_item item;

    while (ok && trace_file_next(file, &item)) {
        ok = (item.kind != TRACE_STARTUP
              && (item.kind != TRACE_END
                  || get_started(item.json) == started));
    }
    if (file) {
        look_close(l, file);
    }
    return ok;
}

/* Returns the last place that is found before which no record began at 'since'
 * or later, or 0. */
static uint64_t
search_since(struct look *l, struct member_search *s, int64_t since)
{
    uint64_t low = 0, high = member_search_size(s);

    while (high - low > SINCE_BYTES) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t offset;
        int64_t time;

        if (!member_search_next(s, middle, high, &offset)) {
            high = middle;
            continue;
        }
        time = get_time_at(l, offset);
        if (time != INT64_MIN && time < since) {
            low = offset;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Finds a place in the file 'name' before which no record is that 'choice',
 * which has a time since when but need not know a trace, chooses. */
void
trace_seek_since(const char *name, const struct trace_choice *choice,
                 struct trace_place *place)
{
    struct look l = { .name = name, .choice = *choice };
    struct member_search *s = member_search_open(name);
    uint64_t size = s ? member_search_size(s) : 0;
    uint64_t tail = 0;

    *place = (struct trace_place) { .offset = 0 };
    if (size > WINDOW + SINCE_BYTES
        && member_search_next(s, size - WINDOW, size, &tail)) {
        place->is_one_trace = is_one_trace(&l, tail);
    }
    if (place->is_one_trace) {
        place->offset = search_since(&l, s, MAX(l.choice.since,
                                                MARGIN) - MARGIN);
    }
    place->n_read = l.n_read + (s ? member_search_n_read(s) : 0);
    member_search_close(s);
}
