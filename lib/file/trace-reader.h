/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_READER_H
#define LIB_TRACE_READER_H 1

/* Reads a trace that was written as lines of JSON (ovs-upcall-trace(5)), from
 * blocks of bytes, wherever these come from:
 *
 *     while (...) {
 *         trace_reader_put(reader, block, size);
 *         while (trace_reader_next(reader, &item)) {
 *             use item, until the next call;
 *         }
 *     }
 *     trace_reader_end(reader, NULL);
 *     while (trace_reader_next(reader, &item)) {
 *         ...
 *     }
 *
 * A trace begins with a line about it ("event": "startup"), then come records
 * in the order of their "seq", unless the first line says that they are sorted
 * otherwise (TRACE_SORTED), and a last line ("event": "end"), if it was ended
 * properly.  Another trace may follow.  Lines of other kinds, and members that
 * are not known, are those of later versions, and are ignored.
 *
 * A file may come from anywhere, and may be damaged or still be written.  A
 * line that is wrong is the last item; all before it count.  Memory that is
 * needed does not depend on how long a trace is, but on its longest line. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "show/record-context.h"

struct json;
struct json_node;
struct record_links;
struct trace_reader;

/* Most bytes of a line. */
#define TRACE_LINE_MAX (16 * 1024 * 1024)

/* The member of a first line that says that records are in another order, and
 * what it is for those that are sorted by packet (trace-sort.h). */
#define TRACE_SORTED "sorted"
#define TRACE_SORTED_BY_PACKET "packet"

/* What is read of records. */
enum trace_reader_mode {
    TRACE_READ_RECORDS,         /* All. */
    TRACE_READ_LINKS,           /* What they say of others: then only that is
                                 * looked at. */
    TRACE_READ_BOTH
};

enum trace_item_kind {
    TRACE_STARTUP,              /* A trace begins. */
    TRACE_RECORD,
    TRACE_GAP,                  /* Records are missing, or if links are read
                                 * a line of a kind that is not known. */
    TRACE_END,                  /* The trace has ended properly. */
    TRACE_ERROR                 /* There is no more. */
};

struct trace_item {
    enum trace_item_kind kind;
    uint64_t line;              /* Its number, from 1: in the file, or behind
                                 * what trace_reader_skip() has left out. */
    uint64_t offset;            /* Bytes before it. */
    const char *text;           /* All of it, without its end, */
    size_t text_len;            /* of so many bytes. */

    /* TRACE_STARTUP and TRACE_END. */
    const struct json *json;    /* An object. */

    /* All but TRACE_ERROR, if records are read. */
    const struct json_node *root;       /* The line, an object. */

    /* TRACE_RECORD, if links are read. */
    const struct record_links *links;

    /* TRACE_RECORD, if records are read; see json-record.h. */
    const void *record;         /* An upcall or a pass: record_is_pass(). */
    size_t size;                /* Bytes. */
    const struct record_context *context;

    /* TRACE_RECORD; of TRACE_GAP, of the record that would come next. */
    uint64_t seq;

    /* TRACE_GAP. */
    uint64_t n;                 /* How many, 0 for one that is not known. */

    /* TRACE_ERROR. */
    const char *error;          /* Which line, what is wrong with it and what
                                 * to do: for people. */
    const char *fault;          /* Only what is wrong with it. */
};

/* What has been read of a trace, as far as it matters for the lines that
 * follow.  All zeros before the first line. */
struct trace_reader_mark {
    bool has_begun, has_ended;
    bool is_sorted;             /* Are records in another order? */
    bool has_seq;               /* Had it a record? */
    uint64_t seq;               /* Of the last one. */
    uint64_t n_missing;         /* Records of gaps, in all. */
};

struct trace_reader *trace_reader_create(void);
void trace_reader_destroy(struct trace_reader *);
void trace_reader_set_mode(struct trace_reader *, enum trace_reader_mode);
void trace_reader_set_max_values(struct trace_reader *, size_t n);
void trace_reader_set_mark(struct trace_reader *,
                           const struct trace_reader_mark *);
struct trace_reader_mark trace_reader_mark(const struct trace_reader *);

void trace_reader_put(struct trace_reader *, const void *data, size_t size);
void trace_reader_end(struct trace_reader *, const char *why);
void trace_reader_skip(struct trace_reader *, uint64_t offset);
bool trace_reader_next(struct trace_reader *, struct trace_item *);

bool trace_reader_has_ended(const struct trace_reader *);
uint64_t trace_reader_n_unknown(const struct trace_reader *);

#endif /* lib/file/trace-reader.h */
