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
