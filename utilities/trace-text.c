/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-text.h"

#include <inttypes.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "openvswitch/dynamic-string.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"

#define COLOR_BAD "\033[31m"    /* Red. */
#define COLOR_OFF "\033[m"

/* Returns true if 'record' is of an upcall that came to no good end. */
static bool
is_bad(const void *record)
{
    const struct upcall_record *rec = record;

    return (!record_is_pass(record)
            && (rec->outcome == UPCALL_LOST || rec->outcome == UPCALL_FAILED
                || rec->outcome == UPCALL_ABANDONED));
}

/* Appends the record, the 'size' bytes at 'record', in 'form', with its first
 * line in color if 'color' and if it is bad.  Returns NULL if successful.
 * Otherwise appends nothing and returns what is wrong with the record, which
 * the caller frees. */
char *
trace_text_put(struct ds *ds, const void *record, size_t size,
               enum trace_text form, bool color,
               const struct record_context *context)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error = (form == TRACE_TEXT_LINES
                   ? record_show_line(&text, record, size, context)
                   : record_show_text(&text, record, size,
                                      form == TRACE_TEXT_EVENTS, context));

    if (!error) {
        size_t first = strcspn(ds_cstr(&text), "\n");

        color = color && is_bad(record);
        ds_put_cstr(ds, color ? COLOR_BAD : "");
        ds_put_buffer(ds, text.string, first);
        ds_put_cstr(ds, color ? COLOR_OFF : "");
        ds_put_cstr(ds, text.string + first);
    }
    ds_destroy(&text);
    return error;
}

/* Appends that 'n' records are missing. */
void
trace_text_put_missed(struct ds *ds, uint64_t n)
{
    ds_put_format(ds, "-- %"PRIu64" %s missing\n", n,
                  n == 1 ? "record is" : "records are");
}
