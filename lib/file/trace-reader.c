/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-read.h"
#include "base/printable.h"
#include "file/json-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"

/* Lines with an "event" of their own. */
#define EVENT_STARTUP "startup"
#define EVENT_GAP "gap"
#define EVENT_END "end"

/* What to do about a line that is wrong. */
#define ADVICE "; what comes before it can be used"

struct trace_reader {
    struct ofpbuf bytes;        /* Not read yet; 'data' moves ahead. */
    size_t searched;            /* Of these, so many have no end of line. */
    bool at_end;                /* No more will come, */
    char *why;                  /* which is wrong; or NULL. */
    uint64_t line;              /* Number of the last line. */
    uint64_t offset;            /* Where the first line is, in bytes. */
    char *error;                /* What is wrong, NULL if nothing is, */
    bool is_told;               /* and whether that was an item. */

    /* The last line. */
    bool is_rest;               /* Has it no end? */
    struct json *json;          /* Or NULL. */
    struct json_record record;

    /* The trace. */
    bool has_begun, has_ended;
    bool has_seq;               /* Had it a record? */
    uint64_t seq;               /* Of the last one. */
    uint64_t n_unknown;         /* Lines of a kind that is not known. */
};

/* Returns a new reader, which the caller frees with
 * trace_reader_destroy(). */
struct trace_reader *
trace_reader_create(void)
{
    struct trace_reader *t = xzalloc(sizeof *t);

    ofpbuf_init(&t->bytes, 0);
    json_record_init(&t->record);
    return t;
}

/* Frees 't', which may be NULL. */
void
trace_reader_destroy(struct trace_reader *t)
{
    if (t) {
        ofpbuf_uninit(&t->bytes);
        json_record_uninit(&t->record);
        json_destroy(t->json);
        free(t->error);
        free(t->why);
        free(t);
    }
}

/* Moves what is left in 't' to the start of its memory. */
static void
compact(struct trace_reader *t)
{
    struct ofpbuf *b = &t->bytes;

    if (b->data != b->base) {
        memmove(b->base, b->data, b->size);
        b->data = b->base;
    }
}

/* Gives 't' the 'size' bytes at 'data', which follow what it got before, and
 * of which it makes a copy.  Call trace_reader_next() until it returns
 * false before the next call: 't' keeps all that was not read. */
void
trace_reader_put(struct trace_reader *t, const void *data, size_t size)
{
    if (!t->error) {
        compact(t);
        ofpbuf_put(&t->bytes, data, size);
    }
}

/* Tells 't' that no more will come: because that was all, if 'why' is NULL, or
 * else because of 'why', which becomes the error behind all that can be
 * used. */
void
trace_reader_end(struct trace_reader *t, const char *why)
{
    t->at_end = true;
    t->why = nullable_xstrdup(why);
}

/* Returns true if the last trace in what was read has ended properly, with a
 * last line. */
bool
trace_reader_has_ended(const struct trace_reader *t)
{
    return t->has_ended;
}

/* Returns how many lines were ignored because they are of a kind that is not
 * known. */
uint64_t
trace_reader_n_unknown(const struct trace_reader *t)
{
    return t->n_unknown;
}

/* Tells 't' that what is put next does not follow what it got before, but is
 * at byte 'offset' of the file, the start of a line of the same trace. */
void
trace_reader_skip(struct trace_reader *t, uint64_t offset)
{
    ofpbuf_clear(&t->bytes);
    t->searched = 0;
    t->at_end = false;
    t->line = 0;
    t->offset = offset;
    t->has_seq = false;
}

/* Errors. */

/* Notes that 'what', which it frees, is wrong with the last line, unless
 * something is already. */
static void
fail(struct trace_reader *t, char *what)
{
    if (!t->error && t->offset) {
        t->error = xasprintf("line %"PRIu64" from byte %"PRIu64" on: %s"
                             ADVICE, t->line, t->offset, what);
    } else if (!t->error) {
        t->error = xasprintf("line %"PRIu64": %s" ADVICE, t->line, what);
    }
    free(what);
}

/* Makes the error of 't' an item, if that was not done yet. */
static bool
tell_error(struct trace_reader *t, struct trace_item *item)
{
    if (!t->error || t->is_told) {
        return false;
    }
    t->is_told = true;
    ofpbuf_clear(&t->bytes);
    *item = (struct trace_item) {
        .kind = TRACE_ERROR, .line = t->line, .error = t->error,
    };
    return true;
}

/* Lines. */

/* Takes the next line, without its end, from 't', and stores it in '*item'.
 * It stays there until more is put.  Returns false if none is whole, unless it
 * is the last one. */
static bool
next_line(struct trace_reader *t, struct trace_item *item)
{
    const char *s = t->bytes.data;
    size_t size = t->bytes.size;
    const char *end = (size > t->searched
                       ? memchr(s + t->searched, '\n', size - t->searched)
                       : NULL);
    size_t len = end ? end - s : size;

    t->searched = end ? 0 : size;
    if (len > TRACE_LINE_MAX) {
        t->line++;
        fail(t, xasprintf("longer than %d bytes: this is no trace",
                          TRACE_LINE_MAX));
        return false;
    } else if (!end && (!t->at_end || !size)) {
        return false;
    }
    t->is_rest = !end;
    ofpbuf_pull(&t->bytes, len + !t->is_rest);
    t->line++;
    *item = (struct trace_item) {
        .line = t->line, .text = s, .text_len = len,
    };
    return true;
}

/* Notes that the line of 'item' is not an object, but 't->json', which is a
 * message if it is a string. */
static void
fail_to_parse(struct trace_reader *t, const struct trace_item *item)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (t->is_rest) {
        ds_put_cstr(&ds, t->why ? t->why
                    : "the file ends within this line: it was cut off, or is "
                    "still being written");
    } else {
        ds_put_cstr(&ds, "not an object of JSON in UTF-8");
        if (t->json->type == JSON_STRING) {
            ds_put_cstr(&ds, ", ");
            printable_put_string(&ds, json_string(t->json));
        }
        ds_put_cstr(&ds, ": \"");
        printable_put_start(&ds, item->text, item->text_len);
        ds_put_char(&ds, '"');
    }
    fail(t, ds_steal_cstr(&ds));
}

/* Returns true if the line of 'item' is UTF-8, which OVS does not look at. */
static bool
is_utf8(const struct trace_item *item)
{
    unsigned char bits = 0;
    size_t length;
    char *copy, *error;

    for (size_t i = 0; i < item->text_len; i++) {
        bits |= item->text[i];
    }
    if (bits < 0x80) {
        return true;
    }
    copy = xmemdup0(item->text, item->text_len);
    error = utf8_validate(copy, &length);
    free(copy);
    free(error);
    return !error;
}

/* Parses the line of 'item' into 't->json', which has to become an object. */
static bool
parse_line(struct trace_reader *t, const struct trace_item *item)
{
    struct json_parser *parser = json_parser_create(0);
    size_t used = json_parser_feed(parser, item->text, item->text_len);

    json_destroy(t->json);
    t->json = json_parser_finish(parser);
    if (t->json->type == JSON_OBJECT && used == item->text_len
        && is_utf8(item)) {
        return true;
    }
    fail_to_parse(t, item);
    return false;
}

/* Returns the member 'name' of the line of 't', NULL if it is not there or no
 * string. */
static const char *
get_string(const struct trace_reader *t, const char *name)
{
    const struct json *json = shash_find_data(json_object(t->json), name);

    return json && json->type == JSON_STRING ? json_string(json) : NULL;
}

/* The kinds of lines.  Each of these functions returns true if '*item' is to
 * be used. */

static bool
begin_trace(struct trace_reader *t, struct trace_item *item)
{
    t->has_begun = true;
    t->has_ended = t->has_seq = false;
    item->kind = TRACE_STARTUP;
    item->json = t->json;
    return true;
}

static bool
read_gap(struct trace_reader *t, struct trace_item *item)
{
    struct json_read r = JSON_READ_INITIALIZER;
    char *error;

    item->kind = TRACE_GAP;
    item->seq = json_read_integer(&r, t->json, "next", 0, INT64_MAX);
    item->n = json_read_integer(&r, t->json, "records", 0, INT64_MAX);
    error = json_read_finish(&r);
    if (error) {
        fail(t, xasprintf("no gap: %s", error));
        free(error);
    }
    return !t->error;
}

static bool
end_trace(struct trace_reader *t, struct trace_item *item)
{
    t->has_begun = false;
    t->has_ended = true;
    item->kind = TRACE_END;
    item->json = t->json;
    return true;
}

/* Notes the number of the record. */
static void
check_seq(struct trace_reader *t)
{
    uint64_t seq = t->record.seq;

    if (t->has_seq && seq <= t->seq) {
        fail(t, xasprintf("record %"PRIu64" comes after %"PRIu64": lines are "
                          "missing or not in order; sort them by \"seq\"",
                          seq, t->seq));
    }
    t->has_seq = true;
    t->seq = seq;
}

static bool
read_record(struct trace_reader *t, struct trace_item *item,
            char *(*from_json)(struct json_record *, const struct json *))
{
    char *error = from_json(&t->record, t->json);

    if (error) {
        fail(t, xasprintf("no record of a trace: %s", error));
        free(error);
        return false;
    }
    check_seq(t);
    item->kind = TRACE_RECORD;
    item->record = t->record.record.data;
    item->size = t->record.record.size;
    item->seq = t->record.seq;
    item->context = &t->record.context;
    return !t->error;
}

/* Reads the line in 't->json'. */
static bool
read_line(struct trace_reader *t, struct trace_item *item)
{
    const char *event = get_string(t, "event");
    const char *kind = get_string(t, "kind");

    if (event && !strcmp(event, EVENT_STARTUP)) {
        return begin_trace(t, item);
    } else if (!t->has_begun) {
        fail(t, xstrdup("not the first line of a trace, which has \"event\": "
                        "\"startup\""));
        return false;
    } else if (event && !strcmp(event, EVENT_END)) {
        return end_trace(t, item);
    } else if (event && !strcmp(event, EVENT_GAP)) {
        return read_gap(t, item);
    } else if (kind && !strcmp(kind, JSON_RECORD_UPCALL)) {
        return read_record(t, item, upcall_from_json);
    } else if (kind && !strcmp(kind, JSON_RECORD_PASS)) {
        return read_record(t, item, pass_from_json);
    } else if (!event && !kind) {
        fail(t, xstrdup("neither \"event\" nor \"kind\" is there"));
        return false;
    }
    t->n_unknown++;
    return false;
}

/* Stores what comes next in what 't' got in '*item', which is valid until the
 * next call of a function of 't'.  Returns false if nothing does before more
 * is put, or because that was all. */
bool
trace_reader_next(struct trace_reader *t, struct trace_item *item)
{
    while (!t->error && next_line(t, item)) {
        if (parse_line(t, item) && read_line(t, item)) {
            return true;
        }
    }
    if (t->at_end && t->why && !t->error) {
        t->line++;
        fail(t, xstrdup(t->why));
    }
    return tell_error(t, item);
}
