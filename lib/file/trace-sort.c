/* SPDX-License-Identifier: Apache-2.0 */

/* Lines are written to a temporary file once, and are read from there when it
 * is known in which order they come, which mostly is nearly the one in which
 * they are.  What is sorted, several times, are entries of fixed size:
 *
 *   1. By number, as the components are that the links make (components.h).
 *      Both are read side by side, so that each record gets the component it
 *      is of.
 *
 *   2. By component and time.  The records of each become a tree (sort-tree.h)
 *      and get their places in it.
 *
 *   3. By the time of the first record of the component, and by place. */

#include <config.h>

#include "file/trace-sort-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "file/components.h"
#include "file/record-links.h"
#include "file/sort-tree.h"
#include "file/spill-sort.h"
#include "file/spill.h"
#include "file/trace-reader.h"
#include "openvswitch/util.h"
#include "util.h"

/* Notes that 'error', a positive errno value, has happened, unless it is 0 or
 * something has before. */
void
trace_sort_fail(struct trace_sort *s, int error)
{
    if (!s->error) {
        s->error = error;
    }
}

/* Returns how many records a packet may have so that it is a tree, if 'memory'
 * bytes are given. */
size_t
trace_sort_packet_max(uint64_t memory)
{
    uint64_t max = (memory / N_PARTS
                    / (sizeof(struct sort_entry) + SORT_TREE_MEMORY));

    return MAX(1, MIN(max, UINT32_MAX - 1));
}

/* Returns a new object, which the caller frees with trace_sort_destroy(). */
struct trace_sort *
trace_sort_create(const struct trace_sort_options *options)
{
    struct trace_sort *s = xzalloc(sizeof *s);
    size_t memory = options->memory / N_PARTS;

    s->options = *options;
    trace_sort_create_sorts(s, memory);
    s->components = components_create(memory);
    s->max = trace_sort_packet_max(options->memory);
    s->lines = line_store_create();
    return s;
}

/* Returns the message that 'error', a positive errno value, has happened to
 * temporary files.  The caller frees it. */
static char *
make_message(int error)
{
    const char *dir = spill_directory();

    if (error == ESTALE) {
        return xstrdup("a file was changed while it was sorted: sort a copy");
    }
    return (error == ENOSPC || error == EDQUOT || error == EFBIG
            ? xasprintf("no room for temporary files in %s (%s): as many "
                        "bytes are needed there as the trace has; free some, "
                        "or have TMPDIR name a directory with more", dir,
                        ovs_strerror(error))
            : xasprintf("temporary files in %s: %s; have TMPDIR name another "
                        "directory", dir, ovs_strerror(error)));
}

/* Frees 's', which may be NULL.  Returns NULL, or what has gone wrong, for
 * people, which the caller frees. */
char *
trace_sort_destroy(struct trace_sort *s)
{
    int error;

    if (!s) {
        return NULL;
    }
    trace_sort_fail(s, spill_sort_destroy(s->by_self));
    trace_sort_fail(s, spill_sort_destroy(s->by_group));
    trace_sort_fail(s, spill_sort_destroy(s->by_place));
    trace_sort_fail(s, components_destroy(s->components));
    error = s->error;
    line_store_destroy(s->lines);
    free(s->entries);
    free(s->places);
    free(s->text);
    free(s);
    return error ? make_message(error) : NULL;
}

/* Putting. */

/* Returns true unless something has gone wrong. */
static bool
is_well(struct trace_sort *s)
{
    if (s->by_self) {
        trace_sort_fail(s, spill_sort_error(s->by_self));
    }
    if (s->components) {
        trace_sort_fail(s, components_error(s->components));
    }
    trace_sort_fail(s, spill_sort_error(s->by_group));
    trace_sort_fail(s, spill_sort_error(s->by_place));
    return !s->error;
}

/* Has lines that are put from now on be read again from 'fd', a file in which
 * they are as they are: 'start' and the 'offset' of their item say where.  It
 * need not stay open.  If it is -1, they are kept in a temporary file. */
void
trace_sort_set_file(struct trace_sort *s, int fd, uint64_t start)
{
    s->file = fd < 0 ? 0 : line_store_add_file(s->lines, fd);
    s->start = start;
}

/* Keeps the line of 'item', and stores where in '*place'. */
static void
keep_line(struct trace_sort *s, const struct trace_item *item,
          struct line_place *place)
{
    if (s->file) {
        *place = (struct line_place) {
            .offset = s->start + item->offset,
            .len = item->text_len,
            .file = s->file,
        };
    } else if (!s->error) {
        trace_sort_fail(s, line_store_put(s->lines, item->text,
                                          item->text_len, place));
    }
}

static void
put_record(struct trace_sort *s, const struct trace_item *item,
           uint64_t number, bool chosen)
{
    const struct record_links *links = item->links;
    struct sort_entry e = {
        .self = links->self,
        .ts = links->ts,
        .line = number,
        .n_above = links->n_above,
        .flags = chosen ? ENTRY_CHOSEN : 0,
    };

    memcpy(e.above, links->links, links->n_above * sizeof e.above[0]);
    keep_line(s, item, &e.place);
    spill_sort_add(s->by_self, &e);
    for (int i = 0; i < links->n; i++) {
        components_add(s->components, links->self, links->links[i]);
    }
    s->last_self = links->self;
    s->has_last = true;
}

/* Puts a line that is none of a record. */
static void
put_other(struct trace_sort *s, const struct trace_item *item,
          uint64_t number)
{
    struct sort_entry e = {
        .self = s->last_self, .line = number, .flags = ENTRY_OTHER,
    };

    keep_line(s, item, &e.place);
    if (s->has_last) {
        spill_sort_add(s->by_self, &e);
    } else {
        /* Before all. */
        trace_sort_put_place(s, &e, &e, 0, 0);
    }
}

/* Adds the line of 'item', a record with links or a gap.  'number', which goes
 * up, is its own.  A gap comes behind the packet of the record before it.  If
 * only some packets are wanted, that of one that is 'chosen' is.  Returns
 * false if nothing else need be put, because something has gone wrong. */
bool
trace_sort_put(struct trace_sort *s, const struct trace_item *item,
               uint64_t number, bool chosen)
{
    if (item->links) {
        put_record(s, item, number, chosen);
    } else {
        put_other(s, item, number);
    }
    return is_well(s);
}

/* Ends putting: from now on, lines can be read.  Returns false if something
 * has gone wrong. */
bool
trace_sort_finish(struct trace_sort *s)
{
    trace_sort_find_places(s);
    spill_sort_finish(s->by_place);
    trace_sort_fail(s, spill_sort_error(s->by_place));
    return !s->error;
}

/* Reading. */

/* Returns true if 'p', which comes next, is wanted. */
static bool
is_wanted(struct trace_sort *s, const struct placed *p)
{
    uint64_t last = s->options.last;

    s->n_read += p->is_record && !p->place;
    return last >= s->n_packets || s->n_read > s->n_packets - last;
}

/* Stores the line of 'p' in '*line'. */
static void
read_text(struct trace_sort *s, const struct placed *p,
          struct trace_sort_line *line)
{
    if (p->where.len > s->allocated) {
        s->allocated = p->where.len;
        s->text = xrealloc(s->text, s->allocated);
    }
    trace_sort_fail(s, line_store_get(s->lines, &p->where, s->text));
    *line = (struct trace_sort_line) {
        .text = s->text,
        .len = p->where.len,
        .number = p->line,
        .is_record = p->is_record,
        .begins = p->is_record && !p->place,
        .depth = p->depth,
    };
}

/* Stores what comes next in '*line', which is valid until the next call.
 * Returns false if that was all, or if something has gone wrong. */
bool
trace_sort_next(struct trace_sort *s, struct trace_sort_line *line)
{
    struct placed p;

    while (!s->error && spill_sort_next(s->by_place, &p)) {
        if (is_wanted(s, &p)) {
            read_text(s, &p, line);
            return !s->error;
        }
    }
    return false;
}

/* Returns how many packets there are of those that are chosen. */
uint64_t
trace_sort_n_packets(const struct trace_sort *s)
{
    return s->n_packets;
}
