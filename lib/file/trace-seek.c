/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-seek.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bpf/pass-record.h"
#include "file/member-search.h"
#include "file/packed-reader.h"
#include "file/trace-begin.h"
#include "file/trace-choice.h"
#include "file/trace-file.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "store/file-options.h"
#include "svec.h"
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

/* Whether a file has one trace. */

/* What last lines have of the first line of their trace, if that is known to
 * who writes them: put_started() in file-end.c, forward_line_put(). */
static const char *const end_members[] = {
    "started_ms",               /* Of two that are equal, it is one trace. */
    "host", "system-id",
};

/* What first lines have, and hardly any other. */
#define STARTUP_MARK "\"startup\""

/* Returns true if the file 'name', before byte 'until', where a member or a
 * line begins, has what may be another first line, or if that cannot be read,
 * and adds to '*n_read' what was.  What comes behind may be cut off. */
static bool
has_other_start(const char *name, uint64_t until, uint64_t *n_read)
{
    const size_t mark_len = strlen(STARTUP_MARK);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct packed_reader *r;
    char *error = NULL;
    size_t size = 1;
    bool has_other;
    int n = 0;

    if (packed_reader_open(name, &r)) {
        return true;
    }
    /* At 'until', there may be more of what is before it. */
    while (size && !error && n < 2 && packed_reader_position(r) <= until) {
        const char *p;
        const void *data;

        error = packed_reader_next(r, &data, &size);
        ds_put_buffer(&text, data, size);
        for (p = ds_cstr(&text);
             (p = memmem(p, text.length - (p - text.string), STARTUP_MARK,
                         mark_len)); p++) {
            n++;
        }
        /* It may go on in what comes next. */
        if (text.length >= mark_len) {
            size_t keep = mark_len - 1;

            memmove(text.string, text.string + text.length - keep, keep);
            ds_truncate(&text, keep);
        }
    }
    *n_read += packed_reader_n_read(r);
    has_other = n > 1 || (error && packed_reader_position(r) <= until);
    free(error);
    ds_destroy(&text);
    packed_reader_close(r);
    return has_other;
}

/* Returns the first line of the file, NULL if it has none.  The caller frees
 * it. */
static struct json *
get_first_line(struct look *l)
{
    struct trace_file *file;
    struct trace_item item;
    char *error = trace_file_open(l->name, &file);
    struct json *json = NULL;

    if (!error && trace_file_next(file, &item)
        && item.kind == TRACE_STARTUP) {
        json = json_clone(item.json);
    }
    free(error);
    trace_file_close(file);
    return json;
}

/* Returns true if 'end' is a last line of another trace than 'startup' is the
 * first line of, or stores in '*is_told' whether it tells that it is not. */
static bool
is_other_end(const struct json *startup, const struct json *end, bool *is_told)
{
    for (size_t i = 0; i < ARRAY_SIZE(end_members); i++) {
        const char *member = end_members[i];
        const struct json *a = shash_find_data(json_object(startup), member);
        const struct json *b = shash_find_data(json_object(end), member);

        if (b && b->type != JSON_NULL) {
            if (!a || !json_equal(a, b)) {
                return true;
            }
            *is_told = *is_told || !i;
        }
    }
    return false;
}

/* Returns false if the file, from 'offset' on, has anything of another trace
 * than that at its start, or if that is not known.  Its end tells that; if it
 * has none, what comes before 'offset' is looked through.  Stores how many
 * records that are chosen there are from 'offset' on in '*n_chosen'. */
static bool
is_one_trace(struct look *l, uint64_t offset, uint64_t *n_chosen)
{
    struct json *startup = get_first_line(l);
    struct trace_file *file = look_at(l, offset);
    bool is_told = !offset;
    bool ok = file && startup;
    struct trace_item item;

    *n_chosen = 0;
    while (ok && trace_file_next(file, &item)) {
        *n_chosen += (item.kind == TRACE_RECORD
                      && trace_choice_has(&l->choice, &item));
        ok = (item.kind != TRACE_STARTUP
              && (item.kind != TRACE_END
                  || !is_other_end(startup, item.json, &is_told)));
    }
    if (file) {
        look_close(l, file);
    }
    json_destroy(startup);
    return ok && (is_told || !has_other_start(l->name, offset, &l->n_read));
}

/* Returns the first place among the last '*window' bytes of the file in which
 * 's' searches, or if there is none, as members may be larger, among more,
 * which it stores in '*window'; 0 if there is none but the start. */
static uint64_t
find_place(struct member_search *s, uint64_t *window)
{
    uint64_t size = member_search_size(s);

    for (; *window < size; *window *= WINDOW_FACTOR) {
        uint64_t offset;

        if (member_search_next(s, size - *window, size, &offset)) {
            return offset;
        }
    }
    return 0;
}

/* Returns true if the file, in which 's' searches, is known to have one trace
 * only, and stores in '*tail' a place near its end, which is among its last
 * '*window' bytes, or 0 if it is small, and in '*n_chosen' how many records
 * that are chosen there are from there on. */
static bool
find_tail(struct look *l, struct member_search *s, uint64_t *window,
          uint64_t *tail, uint64_t *n_chosen)
{
    *window = WINDOW;
    *tail = s ? find_place(s, window) : 0;
    return (s && (*tail || member_search_size(s) <= WINDOW)
            && is_one_trace(l, *tail, n_chosen));
}

/* The last records. */

/* Finds the last place in the file 'name' from which on there are at least 'n'
 * records that 'choice', which need not know a trace, chooses, or else the
 * start, also if the file may have several traces: then nothing is counted. */
void
trace_seek_last(const char *name, const struct trace_choice *choice,
                uint64_t n, struct trace_place *place)
{
    struct look l = { .name = name, .choice = *choice };
    struct member_search *s = member_search_open(name);
    uint64_t window;

    *place = (struct trace_place) { .offset = 0 };
    place->is_one_trace = find_tail(&l, s, &window, &place->offset,
                                    &place->n_chosen);
    while (place->is_one_trace && place->offset && place->n_chosen < n) {
        window *= WINDOW_FACTOR;
        place->offset = find_place(s, &window);
        place->n_chosen = count_from(&l, place->offset);
    }
    if (!place->is_one_trace) {
        place->offset = place->n_chosen = 0;
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

/* Returns true if the records of the file are in another order than that of
 * their numbers. */
static bool
is_sorted(struct look *l)
{
    struct json *startup = get_first_line(l);
    bool sorted = startup && shash_find(json_object(startup), TRACE_SORTED);

    json_destroy(startup);
    return sorted;
}

/* Finds a place in the file 'name' before which no record is that 'choice',
 * which has a time since when but need not know a trace, chooses. */
void
trace_seek_since(const char *name, const struct trace_choice *choice,
                 struct trace_place *place)
{
    struct look l = { .name = name, .choice = *choice };
    struct member_search *s = member_search_open(name);
    uint64_t window, tail, n_chosen;

    *place = (struct trace_place) { .offset = 0 };
    if (s && member_search_size(s) > WINDOW + SINCE_BYTES) {
        place->is_one_trace = (!is_sorted(&l)
                               && find_tail(&l, s, &window, &tail,
                                            &n_chosen));
    }
    if (place->is_one_trace) {
        place->offset = search_since(&l, s, MAX(l.choice.since,
                                                MARGIN) - MARGIN);
    }
    place->n_read = l.n_read + (s ? member_search_n_read(s) : 0);
    member_search_close(s);
}

/* Ranges. */

/* The numbers of the records of a file. */
struct range {
    char *id;                   /* Of its trace. */
    uint64_t first, last;
};

/* Returns the number of the first record from 'offset' on, or, if 'all', the
 * largest number; 0 if there is no record. */
static uint64_t
get_seq(struct look *l, uint64_t offset, bool all)
{
    struct trace_file *file = look_at(l, offset);
    struct trace_item item;
    uint64_t seq = 0;

    while (file && (all || !seq) && trace_file_next(file, &item)) {
        if (item.kind == TRACE_RECORD) {
            seq = MAX(seq, item.seq);
        }
    }
    trace_file_close(file);
    return seq;
}

/* Stores the range of the file 'name' in '*r'.  Returns false if it is not
 * known.  The caller frees 'r->id' in any case. */
static bool
get_range(const char *name, struct range *r)
{
    static const struct file_choice all;
    struct look l = { .name = name };
    struct member_search *s = member_search_open(name);
    struct json *startup = get_first_line(&l);
    uint64_t window, tail, n_chosen;
    bool ok;

    trace_choice_init(&l.choice, &all);
    *r = (struct range) { .id = startup ? trace_begin_get_id(startup) : NULL };
    ok = (r->id && !is_sorted(&l)
          && find_tail(&l, s, &window, &tail, &n_chosen));
    if (ok) {
        r->first = get_seq(&l, 0, false);
        r->last = get_seq(&l, tail, true);
        ok = r->last >= r->first;
    }
    json_destroy(startup);
    member_search_close(s);
    return ok;
}

/* Returns true if all files 'names' are known to have one trace each, and no
 * record in common: of each trace, their records come one behind the other. */
bool
trace_seek_are_disjoint(const struct svec *names)
{
    struct shash lasts = SHASH_INITIALIZER(&lasts);     /* By id. */
    bool ok = true;

    for (size_t i = 0; ok && names->n > 1 && i < names->n; i++) {
        struct range r;

        ok = get_range(names->names[i], &r);
        if (ok) {
            uint64_t *last = shash_find_data(&lasts, r.id);

            if (!last) {
                last = xzalloc(sizeof *last);
                shash_add(&lasts, r.id, last);
            } else if (r.first <= *last) {
                ok = !r.last;
            }
            *last = MAX(*last, r.last);
        }
        free(r.id);
    }
    shash_destroy_free_data(&lasts);
    return ok;
}
