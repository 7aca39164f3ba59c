/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert.h"

#include <stdlib.h>

#include "file/convert-json.h"
#include "file/convert-perfetto.h"
#include "file/convert-retis.h"
#include "file/trace-reader.h"
#include "util.h"

/* How a format is written, by an object of its own, 'w'. */
struct format {
    void *(*create)(convert_write_func *, void *aux);
    void (*begin)(void *w, const struct json *startup);     /* Or NULL. */
    char *(*put)(void *w, const struct trace_item *);
    char *(*tell)(void *w, const struct trace_item *);      /* Or NULL. */
    int (*get_error)(const void *w);
    int (*end)(void *w);
    void (*destroy)(void *w);
};

struct converter {
    const struct format *format;
    void *w;
};

/* JSON. */

static void *
create_json(convert_write_func *write, void *aux)
{
    return convert_json_create(write, aux);
}

static char *
put_json(void *w, const struct trace_item *item)
{
    return convert_json_put(w, item->record, item->size, item->seq,
                            item->context);
}

static int
get_json_error(const void *w)
{
    return convert_json_get_error(w);
}

static int
end_json(void *w)
{
    return convert_json_end(w);
}

static void
destroy_json(void *w)
{
    convert_json_destroy(w);
}

/* Perfetto. */

static void *
create_perfetto(convert_write_func *write, void *aux)
{
    return perfetto_create(write, aux);
}

static void
begin_perfetto(void *w, const struct json *startup)
{
    perfetto_start(w, startup);
}

static char *
put_perfetto(void *w, const struct trace_item *item)
{
    return perfetto_put(w, item->record, item->size, item->context);
}

static char *
tell_perfetto(void *w, const struct trace_item *item)
{
    if (item->kind == TRACE_RECORD) {
        perfetto_note(w, item->record);
    } else if (item->kind == TRACE_GAP) {
        perfetto_put_gap(w, item->n, item->seq);
    } else if (item->kind == TRACE_END) {
        return perfetto_put_end(w, item->json);
    }
    return NULL;
}

static int
get_perfetto_error(const void *w)
{
    return perfetto_get_error(w);
}

static int
end_perfetto(void *w)
{
    return perfetto_end(w);
}

static void
destroy_perfetto(void *w)
{
    perfetto_destroy(w);
}

/* Retis. */

static void *
create_retis(convert_write_func *write, void *aux)
{
    return retis_create(write, aux);
}

static void
begin_retis(void *w, const struct json *startup)
{
    retis_start(w, startup);
}

static char *
put_retis(void *w, const struct trace_item *item)
{
    return retis_put(w, item->record, item->size, item->context);
}

static int
get_retis_error(const void *w)
{
    return retis_get_error(w);
}

static int
end_retis(void *w)
{
    return retis_end(w);
}

static void
destroy_retis(void *w)
{
    retis_destroy(w);
}

static const struct format formats[] = {
    [CONVERT_JSON] = {
        create_json, NULL, put_json, NULL, get_json_error, end_json,
        destroy_json
    },
    [CONVERT_PERFETTO] = {
        create_perfetto, begin_perfetto, put_perfetto, tell_perfetto,
        get_perfetto_error, end_perfetto, destroy_perfetto
    },
    [CONVERT_RETIS] = {
        create_retis, begin_retis, put_retis, NULL, get_retis_error,
        end_retis, destroy_retis
    },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(formats) == CONVERT_N_FORMATS);

/* Starts what is converted to 'format', which is written with 'write', to
 * which 'aux' is passed.  If that fails, converter_get_error() tells, and
 * nothing more is written.  The caller destroys what is returned. */
struct converter *
converter_create(enum convert_format format, convert_write_func *write,
                 void *aux)
{
    struct converter *c = xzalloc(sizeof *c);

    c->format = &formats[format];
    c->w = c->format->create(write, aux);
    return c;
}

/* Begins with a trace of which 'startup', an object, is the first line. */
void
converter_begin(struct converter *c, const struct json *startup)
{
    if (c->format->begin) {
        c->format->begin(c->w, startup);
    }
}

/* Writes 'item', a record.  Returns NULL if that is right, otherwise what is
 * wrong with it, which the caller has to free. */
char *
converter_put(struct converter *c, const struct trace_item *item)
{
    return c->format->put(c->w, item);
}

/* Tells of 'item', which is a gap, the end of a trace, or a record, whether
 * that was written or not.  Returns NULL if it is right, otherwise what is
 * wrong with it, which the caller has to free. */
char *
converter_tell(struct converter *c, const struct trace_item *item)
{
    return c->format->tell ? c->format->tell(c->w, item) : NULL;
}

/* Returns 0, or the positive errno value with which writing has failed the
 * first time. */
int
converter_get_error(const struct converter *c)
{
    return c->format->get_error(c->w);
}

/* Ends it.  Returns what converter_get_error() does. */
int
converter_end(struct converter *c)
{
    return c->format->end(c->w);
}

/* Frees 'c', which may be NULL. */
void
converter_destroy(struct converter *c)
{
    if (c) {
        c->format->destroy(c->w);
        free(c);
    }
}
