/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-lines.h"

#include <inttypes.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "show/record-show.h"

/* Appends a line about the record 'seq', the 'size' bytes at 'record'.
 * Returns NULL, or appends nothing and returns what is wrong with the record,
 * which the caller frees. */
char *
trace_line_put_record(struct ds *ds, const void *record, size_t size,
                      uint64_t seq, const struct record_context *context)
{
    struct json_writer w;
    char *error;

    json_writer_init(&w, ds);
    error = record_show_json(&w, record, size, seq, context);
    if (!error) {
        ds_put_char(ds, '\n');
    }
    return error;
}

/* Appends 'json', which it frees, as a line. */
void
trace_line_put_json(struct ds *ds, struct json *json)
{
    json_to_ds(json, JSSF_SORT, ds);
    json_destroy(json);
    ds_put_char(ds, '\n');
}

/* Appends a line that says that 'n' records are missing before the record
 * 'next'. */
void
trace_line_put_gap(struct ds *ds, uint64_t next, uint64_t n)
{
    ds_put_format(ds, "{\"event\":\"gap\",\"next\":%"PRIu64
                  ",\"records\":%"PRIu64"}\n", next, n);
}

/* Returns the last line of a trace of which it is not known what was recorded,
 * because of 'why', unless that is NULL.  The caller destroys it. */
struct json *
trace_line_unknown_end(const char *why)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "event", "end");
    json_object_put(json, "produced", json_null_create());
    json_object_put(json, "delivered", json_null_create());
    json_object_put(json, "dropped", json_null_create());
    json_object_put(json, "started_ms", json_null_create());
    if (why) {
        json_object_put_string(json, "stopped", why);
    }
    return json;
}
