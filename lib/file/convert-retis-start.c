/* SPDX-License-Identifier: Apache-2.0 */

/* The line about a trace. */

#include <config.h>

#include "file/convert-retis-private.h"

#include <stdlib.h>

#include "base/compat.h"
#include "file/trace-begin.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* The version of the events, for readers that know several. */
#define RETIS_VERSION "1.7.0"

/* What Retis says itself where it does not know. */
#define UNKNOWN "unknown"

#define NSEC_PER_SEC INT64_C(1000000000)

/* Returns the member 'name' of 'json', which may be NULL, if it has one of
 * 'type', else NULL. */
static const struct json *
get_member(const struct json *json, const char *name, enum json_type type)
{
    const struct json *member = (json ? shash_find_data(json_object(json),
                                                        name) : NULL);

    return member && member->type == type ? member : NULL;
}

/* Returns the string 'name' of 'json', which may be NULL, or NULL. */
static const char *
get_string(const struct json *json, const char *name)
{
    const struct json *s = get_member(json, name, JSON_STRING);

    return s ? json_string(s) : NULL;
}

/* Appends the value of an option. */
static void
put_value(struct ds *ds, const struct json *value)
{
    if (value->type == JSON_STRING) {
        ds_put_cstr(ds, json_string(value));
    } else if (value->type == JSON_ARRAY) {
        for (size_t i = 0; i < upcall_json_array_size(value); i++) {
            ds_put_cstr(ds, i ? "," : "");
            put_value(ds, upcall_json_array_at(value, i));
        }
    } else {
        json_to_ds(value, 0, ds);
    }
}

/* Appends 'options', which may be NULL, as they are given. */
static void
put_options(struct ds *ds, const struct json *options)
{
    const struct shash_node **nodes
        = options ? shash_sort(json_object(options)) : NULL;
    size_t n = options ? shash_count(json_object(options)) : 0;

    for (size_t i = 0; i < n; i++) {
        const struct json *value = nodes[i]->data;

        if (value->type != JSON_NULL && value->type != JSON_FALSE) {
            ds_put_format(ds, " --%s", nodes[i]->name);
            if (value->type != JSON_TRUE) {
                ds_put_char(ds, '=');
                put_value(ds, value);
            }
        }
    }
    free(nodes);
}

/* Writes what has recorded the trace. */
static void
put_command(struct json_writer *json, const struct json *startup)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const char *version = get_string(startup, "version");

    ds_put_cstr(&ds, "ovs-upcall-traced");
    if (version) {
        ds_put_format(&ds, " %s", version);
    }
    put_options(&ds, get_member(startup, "options", JSON_OBJECT));
    json_write_string(json, "cmdline", ds_cstr(&ds));
    ds_destroy(&ds);
}

/* Writes what is added to times for those since 1970, 0 if that is not
 * known. */
static void
put_offset(struct json_writer *json, int64_t wall_offset)
{
    int64_t sec = wall_offset / NSEC_PER_SEC;
    int64_t nsec = wall_offset % NSEC_PER_SEC;

    if (nsec < 0) {
        nsec += NSEC_PER_SEC;
        sec--;
    }
    json_write_object(json, "clock_monotonic_offset");
    json_write_integer(json, "sec", sec);
    json_write_integer(json, "nsec", nsec);
    json_write_end_object(json);
}

static void
put_machine(struct json_writer *json, const char *kernel)
{
    json_write_object(json, "machine");
    json_write_string(json, "kernel_release", kernel ? kernel : UNKNOWN);
    json_write_string(json, "kernel_version", UNKNOWN);
    json_write_string(json, "hardware_name", UNKNOWN);
    json_write_end_object(json);
}

/* Makes the line in 'w->text'. */
void
retis_put_startup(struct retis *w)
{
    const struct json *target = get_member(w->startup, "target", JSON_OBJECT);
    struct json_writer *json = &w->json;
    struct trace_begin begin = { .has_time = false };

    if (w->startup) {
        trace_begin_from_json(&begin, w->startup);
    }
    free(w->binary);
    w->binary = nullable_xstrdup(get_string(target, "binary"));
    ds_clear(&w->text);
    json_writer_init(json, &w->text);
    json_write_object(json, NULL);
    json_write_object(json, "common");
    json_write_integer(json, "timestamp", begin.has_time ? begin.start_ts : 0);
    json_write_end_object(json);
    json_write_object(json, "startup");
    json_write_string(json, "retis_version", RETIS_VERSION);
    put_command(json, w->startup);
    put_offset(json, begin.has_time ? begin.wall_offset : 0);
    put_machine(json, begin.kernel);
    json_write_end_object(json);
    json_write_end_object(json);
    ds_put_char(&w->text, '\n');
}
