/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert-json.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "util.h"

struct convert_json {
    convert_json_write_func *write;
    void *aux;
    int error;                  /* The first one that 'write' returned. */
    struct ds text;             /* Not written yet. */
    bool any;                   /* Was there a record? */
};

/* Writes what there is, unless there was an error before. */
static void
flush(struct convert_json *w)
{
    if (!w->error && w->text.length) {
        w->error = w->write(ds_cstr(&w->text), w->text.length, w->aux);
    }
    ds_clear(&w->text);
}

/* Starts an array, which is written with 'write', to which 'aux' is passed.
 * If that fails, convert_json_get_error() tells, and nothing more is written.
 * The caller destroys what is returned. */
struct convert_json *
convert_json_create(convert_json_write_func *write, void *aux)
{
    struct convert_json *w = xzalloc(sizeof *w);

    w->write = write;
    w->aux = aux;
    ds_init(&w->text);
    ds_put_char(&w->text, '[');
    flush(w);
    return w;
}

/* Frees 'w', which may be NULL. */
void
convert_json_destroy(struct convert_json *w)
{
    if (w) {
        ds_destroy(&w->text);
        free(w);
    }
}

/* Writes the record 'seq', the 'size' bytes at 'record'; 'c' is what it refers
 * to.  Returns NULL if the record is right, otherwise what is wrong with it,
 * which the caller has to free. */
char *
convert_json_put(struct convert_json *w, const void *record, size_t size,
                 uint64_t seq, const struct record_context *c)
{
    struct record_context plain = *c;
    struct json_writer json;
    char *error;

    plain.raw = false;
    ds_put_cstr(&w->text, w->any ? ",\n" : "\n");
    json_writer_init(&json, &w->text);
    error = record_show_json(&json, record, size, seq, &plain);
    if (error) {
        ds_clear(&w->text);
    } else {
        w->any = true;
        flush(w);
    }
    return error;
}

/* Returns 0, or the positive errno value with which writing has failed the
 * first time. */
int
convert_json_get_error(const struct convert_json *w)
{
    return w->error;
}

/* Ends the array.  Returns what convert_json_get_error() does. */
int
convert_json_end(struct convert_json *w)
{
    ds_put_cstr(&w->text, "\n]\n");
    flush(w);
    return w->error;
}
