/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-node.h"
#include "base/printable.h"
#include "file/json-record.h"
#include "file/record-links.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

/* Lines with an "event" of their own. */
#define EVENT_STARTUP "startup"
#define EVENT_GAP "gap"
#define EVENT_END "end"

/* What to do about a line that is wrong, unless it is the first one. */
#define ADVICE "; what comes before it can be used"

/* What some programs put in front of a file in UTF-8 (RFC 8259, 8.1). */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct trace_reader {
    enum trace_reader_mode mode;
    struct ofpbuf bytes;        /* Not read yet; 'data' moves ahead. */
    size_t searched;            /* Of these, so many have no end of line. */
    bool at_end;                /* No more will come, */
    char *why;                  /* which is wrong; or NULL. */
    uint64_t line;              /* Number of the last line. */
    uint64_t offset;            /* Where the first line is, in bytes, */
    uint64_t position;          /* and where the next one is. */
    char *error;                /* What is wrong, NULL if nothing is, */
    char *fault;                /* the same without where that is, */
    bool is_told;               /* and whether that was an item. */

    /* The last line. */
    bool is_rest;               /* Has it no end? */
    struct json_tree *tree;
    const struct json_node *root;       /* In 'tree', an object. */
    struct json *json;          /* The same, if it is of the trace; or
                                 * NULL. */
    struct json_record record;
    struct record_links links;

    struct trace_reader_mark trace;
    uint64_t n_unknown;         /* Lines of a kind that is not known. */
};

/* Returns a new reader, which the caller frees with
 * trace_reader_destroy(). */
struct trace_reader *
trace_reader_create(void)
{
    struct trace_reader *t = xzalloc(sizeof *t);

    ofpbuf_init(&t->bytes, 0);
    t->tree = json_tree_create();
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
        json_tree_destroy(t->tree);
        json_destroy(t->json);
        free(t->error);
        free(t->fault);
        free(t->why);
        free(t);
    }
}

/* Has 't' read what 'mode' says, from the next line on. */
void
trace_reader_set_mode(struct trace_reader *t, enum trace_reader_mode mode)
{
    t->mode = mode;
}

/* Has a line with more than 'n' values be wrong, which is no more than
 * JSON_TREE_MAX. */
void
trace_reader_set_max_values(struct trace_reader *t, size_t n)
{
    json_tree_set_max(t->tree, n);
}

/* Has the next line of 't' follow what another reader has read that returned
 * 'mark'. */
void
trace_reader_set_mark(struct trace_reader *t,
                      const struct trace_reader_mark *mark)
{
    t->trace = *mark;
}

/* Returns what 't' has read. */
struct trace_reader_mark
trace_reader_mark(const struct trace_reader *t)
{
    return t->trace;
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
    return t->trace.has_ended;
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
    free(t->why);
    t->why = NULL;
    t->line = 0;
    t->offset = t->position = offset;
    t->trace.has_seq = false;
}

/* Errors. */

/* Notes that 'what', which it frees, is wrong with the last line, unless
 * something is already. */
static void
fail(struct trace_reader *t, char *what)
{
    if (t->error) {
        free(what);
        return;
    }
    t->fault = what;
    t->error = (t->offset
                ? xasprintf("line %"PRIu64" from byte %"PRIu64" on: %s" ADVICE,
                            t->line, t->offset, what)
                : xasprintf("line %"PRIu64": %s%s", t->line, what,
                            t->line > 1 ? ADVICE : ""));
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
        .fault = t->fault,
    };
    return true;
}

/* Lines. */

/* Has the line of 'item' begin behind a byte order mark, if it has one. */
static void
skip_mark(struct trace_item *item)
{
    size_t n = strlen(BYTE_ORDER_MARK);

    if (item->text_len >= n && !memcmp(item->text, BYTE_ORDER_MARK, n)) {
        item->text += n;
        item->text_len -= n;
        item->offset += n;
    }
}

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
        .line = t->line, .offset = t->position, .text = s, .text_len = len,
    };
    if (!t->position) {
        skip_mark(item);
    }
    t->position += len + !t->is_rest;
    return true;
}

/* Notes that the line of 'item' is not an object, because of 'why', if that is
 * not NULL. */
static void
fail_to_parse(struct trace_reader *t, const struct trace_item *item,
              const char *why)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (t->is_rest) {
        ds_put_cstr(&ds, t->why ? t->why
                    : "the file ends within this line: it was cut off, or is "
                    "still being written");
    } else {
        ds_put_cstr(&ds, "not an object of JSON in UTF-8");
        if (why) {
            ds_put_format(&ds, ", %s", why);
        }
        ds_put_cstr(&ds, ": \"");
        printable_put_start(&ds, item->text, item->text_len);
        ds_put_char(&ds, '"');
    }
    fail(t, ds_steal_cstr(&ds));
}

/* Parses the line of 'item' into 't->root', which has to become an object. */
static bool
parse_line(struct trace_reader *t, const struct trace_item *item)
{
    char *error;
    bool ok;

    t->root = json_tree_parse(t->tree, item->text, item->text_len, &error);
    ok = t->root && t->root->type == JSON_OBJECT;
    if (!ok) {
        fail_to_parse(t, item, error);
    }
    free(error);
    return ok;
}

/* Returns the line of 'item', which was parsed, as OVS has it, until the next
 * line. */
static const struct json *
get_json(struct trace_reader *t, const struct trace_item *item)
{
    char *text = xmemdup0(item->text, item->text_len);

    json_destroy(t->json);
    t->json = json_from_string(text);
    free(text);
    return t->json;
}

/* Returns the member 'name' of the line of 't', NULL if it is not there or no
 * string. */
static const char *
get_string(const struct trace_reader *t, const char *name)
{
    const struct json_node *node = json_node_find(t->root, name);

    return node && node->type == JSON_STRING ? node->string : NULL;
}

/* The kinds of lines.  Each of these functions returns true if '*item' is to
 * be used. */

static bool
begin_trace(struct trace_reader *t, struct trace_item *item)
{
    t->trace.has_begun = true;
    t->trace.has_ended = t->trace.has_seq = false;
    t->trace.is_sorted = get_string(t, TRACE_SORTED) != NULL;
    item->kind = TRACE_STARTUP;
    item->json = get_json(t, item);
    return true;
}

static bool
read_gap(struct trace_reader *t, struct trace_item *item)
{
    struct json_read r = JSON_READ_INITIALIZER;
    char *error;

    item->kind = TRACE_GAP;
    item->seq = json_node_integer(&r, t->root, "next", 0, INT64_MAX);
    item->n = json_node_integer(&r, t->root, "records", 0, INT64_MAX);
    /* Whatever a file says, all that are missing can be added up. */
    item->n = MIN(item->n, INT64_MAX - t->trace.n_missing);
    t->trace.n_missing += item->n;
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
    t->trace.has_begun = false;
    t->trace.has_ended = true;
    item->kind = TRACE_END;
    item->json = get_json(t, item);
    return true;
}

/* Notes 'seq', the number of the record. */
static void
check_seq(struct trace_reader *t, uint64_t seq)
{
    if (t->trace.has_seq && seq <= t->trace.seq && !t->trace.is_sorted) {
        fail(t, xasprintf("record %"PRIu64" comes after %"PRIu64": lines are "
                          "missing or not in order; sort them by \"seq\"",
                          seq, t->trace.seq));
    }
    t->trace.has_seq = true;
    t->trace.seq = seq;
}

/* Notes what is in 't->links', and makes it '*item'. */
static bool
take_links(struct trace_reader *t, struct trace_item *item)
{
    check_seq(t, t->links.seq);
    item->kind = TRACE_RECORD;
    item->seq = t->links.seq;
    item->links = &t->links;
    return !t->error;
}

/* Does the same for what is in 't->record'. */
static bool
take_record(struct trace_reader *t, struct trace_item *item)
{
    check_seq(t, t->record.seq);
    item->kind = TRACE_RECORD;
    item->record = t->record.record.data;
    item->size = t->record.record.size;
    item->seq = t->record.seq;
    item->context = &t->record.context;
    item->links = t->mode == TRACE_READ_BOTH ? &t->links : NULL;
    return !t->error;
}

static bool
read_record(struct trace_reader *t, struct trace_item *item, bool is_pass)
{
    char *error = NULL;

    if (t->mode != TRACE_READ_RECORDS) {
        error = record_links_from_json(t->root, is_pass, &t->links);
    }
    if (t->mode != TRACE_READ_LINKS && !error) {
        error = (is_pass ? pass_from_json(&t->record, t->root)
                 : upcall_from_json(&t->record, t->root));
    }
    if (error) {
        fail(t, xasprintf("no record of a trace: %s", error));
        free(error);
        return false;
    }
    return (t->mode == TRACE_READ_LINKS ? take_links(t, item)
            : take_record(t, item));
}

/* Reads the line in 't->root'. */
static bool
read_line(struct trace_reader *t, struct trace_item *item)
{
    const char *event = get_string(t, "event");
    const char *kind = get_string(t, "kind");

    if (event && !strcmp(event, EVENT_STARTUP)) {
        return begin_trace(t, item);
    } else if (!t->trace.has_begun) {
        fail(t, xstrdup("not the first line of a trace, which has \"event\": "
                        "\"startup\""));
        return false;
    } else if (event && !strcmp(event, EVENT_END)) {
        return end_trace(t, item);
    } else if (event && !strcmp(event, EVENT_GAP)) {
        return read_gap(t, item);
    } else if (kind && !strcmp(kind, JSON_RECORD_UPCALL)) {
        return read_record(t, item, false);
    } else if (kind && !strcmp(kind, JSON_RECORD_PASS)) {
        return read_record(t, item, true);
    } else if (!event && !kind) {
        fail(t, xstrdup("neither \"event\" nor \"kind\" is there"));
        return false;
    }
    t->n_unknown++;
    item->kind = TRACE_GAP;
    return t->mode != TRACE_READ_RECORDS;
}

/* Reads the line of 'item', which is whole unless it is the last. */
static bool
read_item(struct trace_reader *t, struct trace_item *item)
{
    if (t->mode == TRACE_READ_LINKS && t->trace.has_begun
        && record_links_scan(item->text, item->text_len, &t->links)) {
        return take_links(t, item);
    }
    if (!parse_line(t, item)) {
        return false;
    }
    item->root = t->root;
    return read_line(t, item);
}

/* Stores what comes next in what 't' got in '*item', which is valid until the
 * next call of a function of 't'.  Returns false if nothing does before more
 * is put, or because that was all. */
bool
trace_reader_next(struct trace_reader *t, struct trace_item *item)
{
    while (!t->error && next_line(t, item)) {
        if (read_item(t, item)) {
            return true;
        }
    }
    if (t->at_end && t->why && !t->error) {
        t->line++;
        fail(t, xstrdup(t->why));
    }
    return tell_error(t, item);
}
