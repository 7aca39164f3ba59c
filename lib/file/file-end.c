/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/file-end.h"

#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"

/* Returns 'text' as an object, to which members can be added; with nothing but
 * 'event' and what is not known if that is NULL or no JSON. */
static struct json *
parse_line(const char *text, const char *event)
{
    struct json *json = text ? json_from_string(text) : NULL;

    if (!json || json->type != JSON_OBJECT) {
        json_destroy(json);
        json = json_object_create();
        json_object_put(json, "produced", json_null_create());
        json_object_put(json, "delivered", json_null_create());
        json_object_put(json, "dropped", json_null_create());
        json_object_put(json, "passes", json_null_create());
    }
    json_object_put_string(json, "event", event);
    return json;
}

/* Puts into the last line 'json' when the trace began, as the first line has
 * it: so who reads the end of a file knows that it is of the trace at its
 * start. */
static void
put_started(const char *first_line, struct json *json)
{
    struct json *first = json_from_string(first_line);
    const struct json *started = NULL;

    if (first->type == JSON_OBJECT) {
        started = shash_find_data(json_object(first), "started_ms");
    }
    json_object_put(json, "started_ms", (started ? json_clone(started)
                                         : json_null_create()));
    json_destroy(first);
}

/* Appends the last line of a file as 'end' has it. */
void
file_end_put(struct ds *ds, const struct file_end *end)
{
    struct json *json = parse_line(end->text, "end");
    struct json *file = json_object_create();

    json_object_put(file, "records", json_integer_create(end->records));
    json_object_put(file, "missed", json_integer_create(end->missed));
    json_object_put(file, "next",
                    (end->next ? json_string_create(end->next)
                     : json_null_create()));
    json_object_put(json, "file", file);
    put_started(end->first_line, json);
    if (end->why) {
        json_object_put_string(json, "stopped", end->why);
    }
    trace_line_put_json(ds, json);
}
