/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/record-show.h"

#include "record/pass.h"
#include "record/record.h"
#include "show/pass-json.h"
#include "show/pass-text.h"
#include "show/passes-show.h"
#include "show/record-context.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "store/upcall-passes.h"

/* Writes the record 'seq', the 'size' bytes at 'record', as an object.
 *
 * Returns NULL if successful.  Otherwise writes nothing and returns what is
 * wrong with the record, which the caller has to free. */
char *
record_show_json(struct json_writer *w, const void *record, size_t size,
                 uint64_t seq, const struct record_context *c)
{
    struct upcall upcall;
    struct pass pass;
    char *error;

    if (record_is_pass(record)) {
        if (pass_parse(record, size, &pass, &error)) {
            pass_json_write_all(w, &pass, seq, c);
        }
    } else if (upcall_parse(record, size, &upcall, &error)) {
        upcall_json_write_all(w, &upcall, seq, c);
    }
    return error;
}

/* Appends the first line of the paragraph that record_show_text() appends.
 * Returns the same. */
char *
record_show_line(struct ds *ds, const void *record, size_t size,
                 const struct record_context *c)
{
    struct upcall upcall;
    struct pass pass;
    char *error;

    if (record_is_pass(record)) {
        if (pass_parse(record, size, &pass, &error)) {
            pass_format_line(&pass, c->ports, ds);
        }
    } else if (upcall_parse(record, size, &upcall, &error)) {
        upcall_format_line(&upcall, c->ports, ds);
    }
    return error;
}

/* Appends the record, the 'size' bytes at 'record', to 'ds': a paragraph, or
 * with 'events' a line for each event.  Returns the same. */
char *
record_show_text(struct ds *ds, const void *record, size_t size, bool events,
                 const struct record_context *c)
{
    struct upcall upcall;
    struct pass pass;
    char *error;

    if (record_is_pass(record)) {
        if (!pass_parse(record, size, &pass, &error)) {
            return error;
        } else if (events) {
            pass_format_events(&pass, PASS_TEXT_ALL,
                               upcall_passes_owner(c->history, pass.rec),
                               c->flows, c->layout, ds);
        } else {
            pass_format(&pass, c->ports, c->flows, c->layout, ds);
        }
    } else if (!upcall_parse(record, size, &upcall, &error)) {
        return error;
    } else if (events) {
        passes_show_events(&upcall, c, ds);
    } else {
        upcall_format(&upcall, c->ports, c->flows, ds);
        passes_show_text(&upcall, c, ds);
    }
    return NULL;
}
