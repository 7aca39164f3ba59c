/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-writer.h"
#include "base/printable.h"
#include "bpf/pass-record.h"
#include "file/file-stats.h"
#include "file/report-heat.h"
#include "file/report-lanes.h"
#include "file/report-slowest.h"
#include "file/report-source.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "show/json-values.h"
#include "util.h"

/* What the JSON of a report is, in case it changes. */
#define FORMAT 1

/* Most bytes of statistics of ovs-vswitchd. */
#define VSWITCHD_MAX 65536

struct report {
    struct report_source source;
    struct file_stats *stats;
    struct report_heat heat;
    struct report_lanes lanes;
    struct report_slowest slowest;

    /* When upcalls came first and last, CLOCK_MONOTONIC, ns; 0 if there are
     * none. */
    bool any;
    uint64_t first, last;
};

/* Returns a new report about nothing, which the caller frees with
 * report_destroy(). */
struct report *
report_create(void)
{
    struct report *r = xzalloc(sizeof *r);

    report_source_init(&r->source);
    report_heat_init(&r->heat);
    r->stats = file_stats_create();
    return r;
}

/* Frees 'r', which may be NULL. */
void
report_destroy(struct report *r)
{
    if (r) {
        report_source_uninit(&r->source);
        report_heat_uninit(&r->heat);
        report_lanes_uninit(&r->lanes);
        report_slowest_uninit(&r->slowest);
        file_stats_destroy(r->stats);
        free(r);
    }
}

/* Notes that the items that follow are those of the file 'name'. */
void
report_begin_file(struct report *r, const char *name)
{
    report_source_begin_file(&r->source, name);
}

/* Counts the stages of 'rec' as upcall_stats_add() does: one that nobody
 * received has no total. */
static void
take_heat(struct report *r, const struct upcall_record *rec)
{
    struct report_heat_column *column = report_heat_at(&r->heat, rec->ts);
    struct upcall_latency l;

    upcall_get_latency(rec, &l);
    if (!(rec->flags & UPCALL_F_RECEIVED)) {
        l.known &= ~(1u << UPCALL_STAGE_TOTAL);
    }
    column->upcalls++;
    column->lost += rec->outcome == UPCALL_LOST;
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (upcall_latency_has(&l, i)) {
            column->cells[i][report_heat_row(l.ns[i])]++;
        }
    }
}

/* Adds the upcall of 'item'. */
static void
take_upcall(struct report *r, const struct trace_item *item)
{
    struct upcall u;
    char *error;

    if (upcall_parse(item->record, item->size, &u, &error)) {
        r->first = r->any ? MIN(r->first, u.rec->ts) : u.rec->ts;
        r->last = MAX(r->last, u.rec->ts);
        r->any = true;
        take_heat(r, u.rec);
        report_lanes_add(&r->lanes, u.rec);
        report_slowest_add(&r->slowest, &u, item->size, item->context);
    }
    free(error);
}

/* Adds 'item' to 'r'.  Returns NULL, or why it does not belong to what is
 * there, which the caller frees: then the report is about all before it. */
char *
report_put(struct report *r, const struct trace_item *item)
{
    char *error = (item->kind != TRACE_ERROR ? file_stats_put(r->stats, item)
                   : NULL);

    if (!error) {
        report_source_put(&r->source, item);
        if (item->kind == TRACE_RECORD && !record_is_pass(item->record)) {
            take_upcall(r, item);
        }
    }
    return error;
}

/* Returns true if there was a trace, even one without records. */
bool
report_has_trace(const struct report *r)
{
    return r->source.startup != NULL;
}

/* Prepares 'r', to which nothing more will be added, for
 * report_put_json(). */
void
report_finish(struct report *r)
{
    report_lanes_finish(&r->lanes);
}

/* JSON. */

static uint64_t
get_count(const struct json *row, const char *name)
{
    const struct json *n = shash_find_data(json_object(row), name);

    return n && n->type == JSON_INTEGER ? json_integer(n) : 0;
}

/* Has the member 'name' of 'row', if it is a string that is too long, end in
 * dots. */
static void
limit_name(struct json *row, const char *name)
{
    const struct json *value = shash_find_data(json_object(row), name);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (value && value->type == JSON_STRING
        && strlen(json_string(value)) > REPORT_NAME_MAX) {
        printable_put_start(&ds, json_string(value),
                            strlen(json_string(value)));
        put(row, name, json_string_create(ds_cstr(&ds)));
        ds_destroy(&ds);
    }
}

/* Returns a copy of 'row', without names that are too long. */
static struct json *
copy_row(const struct json *row)
{
    struct json *copy = json_deep_clone(row);

    limit_name(copy, "name");
    limit_name(copy, "datapath");
    limit_name(copy, "handler");
    return copy;
}

/* Replaces the elements of the array 'name' of 'o', rows of which 'count' is
 * how many records each has, from REPORT_ROWS_MAX on by one, with their sum,
 * of which "others" is how many they are. */
static void
limit_rows(struct json *o, const char *name, const char *count)
{
    const struct json *rows = shash_find_data(json_object(o), name);
    size_t n = upcall_json_array_size(rows);
    struct json *limited = json_array_create_empty();
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const struct json *row = upcall_json_array_at(rows, i);

        if (i < REPORT_ROWS_MAX) {
            json_array_add(limited, copy_row(row));
        } else {
            sum += get_count(row, count);
        }
    }
    if (n > REPORT_ROWS_MAX) {
        struct json *others = json_object_create();

        put(others, "others", json_integer_create(n - REPORT_ROWS_MAX));
        put(others, count, json_integer_create(sum));
        json_array_add(limited, others);
    }
    put(o, name, limited);
}

/* Makes the member "vswitchd" of 'o', which is as a file has it, null if it is
 * too long. */
static void
limit_vswitchd(struct json *o)
{
    const struct json *json = shash_find_data(json_object(o), "vswitchd");
    char *text = json_to_string(json, 0);

    if (strlen(text) > VSWITCHD_MAX) {
        put(o, "vswitchd", json_null_create());
    }
    free(text);
}

/* Writes as a member "stats" what 'stats --json' has, but for rows of tables
 * that are too many; null if there was no trace. */
static void
write_stats(struct report *r, struct json_writer *w)
{
    struct json *json, *passes;
    struct trace_stats stats;

    if (!file_stats_get(r->stats, &stats)) {
        json_write_null(w, "stats");
        return;
    }
    json = trace_stats_to_json(&stats);
    passes = shash_find_data(json_object(json), "passes");
    limit_rows(json, "ports", "count");
    limit_rows(json, "datapaths", "count");
    limit_rows(json, "handlers", "count");
    limit_rows(shash_find_data(json_object(json), "lost"), "sockets", "lost");
    limit_rows(shash_find_data(json_object(json), "lost"), "datapaths",
               "lost");
    limit_vswitchd(json);
    if (passes->type == JSON_OBJECT) {
        limit_rows(passes, "ports", "count");
        limit_rows(passes, "datapaths", "count");
    }
    json_write_tree(w, "stats", json);
    json_destroy(json);
}

/* Writes what names mean. */
static void
write_names(struct json_writer *w)
{
    json_write_object(w, "names");
    json_write_object(w, "classes");
#define X(ENUM, NAME, DESCRIPTION) json_write_string(w, NAME, DESCRIPTION);
    UPCALL_CLASSES
    json_write_end_object(w);
    json_write_object(w, "drops");
    UPCALL_DROPS
    json_write_end_object(w);
    json_write_object(w, "outcomes");
    UPCALL_OUTCOMES
    json_write_end_object(w);
    json_write_object(w, "stages");
    UPCALL_STAGES
#undef X
    json_write_end_object(w);
    json_write_end_object(w);
}

/* Appends all that 'r' has as an object of JSON.  'now' is the time, in ms
 * since the epoch.  Times in it are in ns, if their names do not say
 * otherwise; those when something was begin with the first upcall, which was
 * "origin_ms" after the epoch, if that is known. */
void
report_put_json(struct report *r, long long int now, struct ds *ds)
{
    struct json_writer w;

    json_writer_init(&w, ds);
    json_write_object(&w, NULL);
    json_write_integer(&w, "duration", r->last - r->first);
    json_write_integer(&w, "format", FORMAT);
    report_heat_write(&r->heat, r->first, &w);
    report_lanes_write(&r->lanes, r->first, &w);
    json_write_integer(&w, "made_ms", now);
    write_names(&w);
    json_write_integer_if(&w, "origin_ms", r->any && r->source.has_wall,
                          (r->first + r->source.offset) / 1000000);
    report_slowest_write(&r->slowest, r->first, &w);
    report_source_write(&r->source, &w);
    write_stats(r, &w);
    json_write_string(&w, "version", VERSION);
    json_write_end_object(&w);
}

/* Appends 'json', a text that is JSON, so that it can be within an element of
 * HTML, even a script: its strings, which alone can have such characters, have
 * nothing that ends it, begins another or is a character reference. */
void
report_put_escaped(struct ds *ds, const char *json)
{
    while (*json) {
        size_t n = strcspn(json, "<>&");

        ds_put_buffer(ds, json, n);
        json += n;
        if (*json) {
            ds_put_format(ds, "\\u%04x", (unsigned char) *json++);
        }
    }
}
