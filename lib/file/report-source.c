/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/report-source.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "base/printable.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Stands for a member that has too many bytes. */
#define TOO_LONG "(too long)"

/* Largest distance between clocks that is believed, in ns: 146 years. */
#define OFFSET_MAX (INT64_C(1) << 62)

/* Members of the first and of the last line that a report has. */
static const char *const startup_members[] = {
    "host", "kernel", "openvswitch", "options", "started_ms", "system-id",
    "target", "version", "wall_offset",
};
static const char *const end_members[] = { "file", "stopped" };

/* Prepares 's', of no trace. */
void
report_source_init(struct report_source *s)
{
    memset(s, 0, sizeof *s);
    svec_init(&s->files);
}

/* Frees what 's' needed. */
void
report_source_uninit(struct report_source *s)
{
    json_destroy(s->startup);
    json_destroy(s->end);
    svec_destroy(&s->files);
    free(s->error);
}

/* Returns a copy of 'json', which the caller frees, or TOO_LONG. */
static struct json *
copy_member(const struct json *json)
{
    char *text = json_to_string(json, 0);
    bool fits = strlen(text) <= REPORT_MEMBER_MAX;

    free(text);
    return fits ? json_clone(json) : json_string_create(TOO_LONG);
}

/* Replaces '*dst' by an object with those of the 'n' 'members' that 'json'
 * has. */
static void
copy_members(struct json **dst, const struct json *json,
             const char *const members[], size_t n)
{
    json_destroy(*dst);
    *dst = json_object_create();
    for (size_t i = 0; i < n; i++) {
        const struct json *value = shash_find_data(json_object(json),
                                                   members[i]);

        if (value) {
            json_object_put(*dst, members[i], copy_member(value));
        }
    }
}

/* Takes the first line of a file. */
static void
begin(struct report_source *s, const struct json *json)
{
    const struct json *offset = shash_find_data(json_object(json),
                                                "wall_offset");

    if (!s->startup) {
        copy_members(&s->startup, json, startup_members,
                     ARRAY_SIZE(startup_members));
        s->has_wall = (offset && offset->type == JSON_INTEGER
                       && json_integer(offset) >= 0
                       && json_integer(offset) <= OFFSET_MAX);
        s->offset = s->has_wall ? json_integer(offset) : 0;
    }
    json_destroy(s->end);
    s->end = NULL;
}

/* Notes that the items that follow are those of the file 'name'. */
void
report_source_begin_file(struct report_source *s, const char *name)
{
    if (s->files.n < REPORT_FILES_MAX) {
        struct ds ds = DS_EMPTY_INITIALIZER;

        printable_put_utf8(&ds, name);
        svec_add(&s->files, ds_cstr(&ds));
        ds_destroy(&ds);
    }
    s->n_files++;
}

/* Takes what 'item' says. */
void
report_source_put(struct report_source *s, const struct trace_item *item)
{
    switch (item->kind) {
    case TRACE_STARTUP:
        begin(s, item->json);
        break;
    case TRACE_RECORD:
        s->records++;
        break;
    case TRACE_GAP:
        break;
    case TRACE_END:
        copy_members(&s->end, item->json, end_members,
                     ARRAY_SIZE(end_members));
        break;
    case TRACE_ERROR:
        free(s->error);
        s->error = xasprintf("%.*s", REPORT_ERROR_MAX, item->error);
        break;
    }
}

/* JSON. */

static void
write_tree(struct json_writer *w, const char *name, const struct json *json)
{
    if (json) {
        json_write_tree(w, name, json);
    } else {
        json_write_null(w, name);
    }
}

/* Writes 's' as a member "source". */
void
report_source_write(const struct report_source *s, struct json_writer *w)
{
    json_write_object(w, "source");
    write_tree(w, "end", s->end);
    json_write_string(w, "error", s->error);
    json_write_array(w, "files");
    for (size_t i = 0; i < s->files.n; i++) {
        json_write_string(w, NULL, s->files.names[i]);
    }
    json_write_end_array(w);
    json_write_integer(w, "n_files", s->n_files);
    json_write_integer(w, "records", s->records);
    write_tree(w, "startup", s->startup);
    json_write_end_object(w);
}
