/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-node.h"
#include "file/trace-reader.h"
#include "openvswitch/util.h"
#include "util.h"

/* Between lines, no memory is needed but for the first line of the trace: a
 * receiver has many senders. */
struct forward_check {
    struct trace_reader_mark mark;      /* What has come of the trace. */
    char *startup;              /* First line of the trace, NULL if there is
                                 * none. */
    uint64_t next_seq;          /* Least "seq" of the next record: 'mark' says
                                 * nothing if the line that came last was in
                                 * another process. */
};

/* Returns what checks lines, of which the first has to begin a trace.  The
 * caller frees it with forward_check_destroy(). */
struct forward_check *
forward_check_create(void)
{
    return xzalloc(sizeof(struct forward_check));
}

/* Frees 'c', which may be NULL. */
void
forward_check_destroy(struct forward_check *c)
{
    if (c) {
        free(c->startup);
        free(c);
    }
}

/* Returns why 'item' cannot be written, a constant, or NULL. */
static const char *
find_fault(const struct trace_item *item)
{
    bool is_outer = item->kind == TRACE_STARTUP || item->kind == TRACE_END;

    return (is_outer && item->text_len > FORWARD_OUTER_MAX
            ? "it is too long for a first or last line"
            : item->kind == TRACE_GAP ? "it is a gap, which is no line here"
            : json_node_find(item->root, "host")
            || json_node_find(item->root, "system-id")
            ? "it says itself of which host it is" : NULL);
}

static enum forward_kind
get_kind(const struct trace_item *item)
{
    return (item->kind == TRACE_STARTUP ? FORWARD_STARTUP
            : item->kind == TRACE_END ? FORWARD_END : FORWARD_RECORD);
}

/* Takes 'item', which the line is.  Returns NULL and stores in '*kind' what
 * that is, or returns what is wrong with it, which the caller frees. */
static char *
take_item(struct forward_check *c, const struct trace_item *item,
          enum forward_kind *kind)
{
    const char *fault;

    if (item->kind == TRACE_ERROR) {
        return xstrdup(item->fault);
    }
    fault = find_fault(item);
    if (fault) {
        return xstrdup(fault);
    }
    *kind = get_kind(item);
    if (*kind == FORWARD_RECORD && item->seq < c->next_seq) {
        return xasprintf("record %"PRIu64" comes again, or too late",
                         item->seq);
    }
    c->next_seq = *kind == FORWARD_RECORD ? item->seq + 1 : 0;
    return NULL;
}

/* Reads the 'len' bytes at 'line'.  Returns as forward_check_line(). */
static char *
read_line(struct forward_check *c, const char *line, size_t len,
          enum forward_kind *kind)
{
    struct trace_reader *reader = trace_reader_create();
    struct trace_item item;
    char *error;

    trace_reader_set_max_values(reader, FORWARD_VALUES_MAX);
    trace_reader_set_mark(reader, &c->mark);
    trace_reader_put(reader, line, len);
    trace_reader_put(reader, "\n", 1);
    error = (trace_reader_next(reader, &item) ? take_item(c, &item, kind)
             : xstrdup("its kind is unknown"));
    if (!error) {
        c->mark = trace_reader_mark(reader);
    }
    trace_reader_destroy(reader);
    return error;
}

/* Takes a line of 'len' bytes at 'line', which end in a null byte, without the
 * end of a line.  Returns NULL and stores in '*kind' what it is, no gap, or
 * returns why it cannot be in a file, which the caller frees: then it is as if
 * it had not come. */
char *
forward_check_line(struct forward_check *c, const char *line, size_t len,
                   enum forward_kind *kind)
{
    char *error;

    if (len > FORWARD_LINE_MAX) {
        return xasprintf("it is longer than %d bytes", FORWARD_LINE_MAX);
    } else if (line[0] != '{' || memchr(line, '\n', len)) {
        return xstrdup("it is not an object in one line");
    }
    error = read_line(c, line, len, kind);
    if (!error && (*kind == FORWARD_STARTUP || *kind == FORWARD_END)) {
        free(c->startup);
        c->startup = (*kind == FORWARD_STARTUP ? xmemdup0(line, len) : NULL);
    }
    return error;
}

/* Has the next line be one of the trace whose first line is 'startup', or the
 * first of a trace if that is NULL.  Returns NULL if that makes sense,
 * otherwise what is wrong with it, which the caller frees. */
char *
forward_check_begin(struct forward_check *c, const char *startup)
{
    enum forward_kind kind = FORWARD_STARTUP;
    char *error = NULL;

    free(c->startup);
    c->startup = NULL;
    c->next_seq = 0;
    memset(&c->mark, 0, sizeof c->mark);
    if (startup) {
        error = forward_check_line(c, startup, strlen(startup), &kind);
    }
    return error;
}

/* Has the next record of the trace have 'seq' at least. */
void
forward_check_set_next_seq(struct forward_check *c, uint64_t seq)
{
    c->next_seq = seq;
}

/* Returns what the next record of the trace has at least as its "seq". */
uint64_t
forward_check_next_seq(const struct forward_check *c)
{
    return c->next_seq;
}

/* Returns the first line of the trace in which the next line is, NULL if it is
 * not in one.  It is valid until another function is called. */
const char *
forward_check_startup(const struct forward_check *c)
{
    return c->startup;
}
