/* SPDX-License-Identifier: Apache-2.0 */

/* The places of records: the second half of trace-sort.h. */

#include <config.h>

#include "file/trace-sort-private.h"

#include <stdlib.h>

#include "file/components.h"
#include "file/sort-tree.h"
#include "file/spill-sort.h"
#include "openvswitch/util.h"
#include "util.h"

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int
compare_self(const void *a_, const void *b_)
{
    const struct sort_entry *a = a_;
    const struct sort_entry *b = b_;
    int result = compare_numbers(a->self, b->self);

    return result ? result : compare_numbers(a->line, b->line);
}

static int
compare_group(const void *a_, const void *b_)
{
    const struct sort_entry *a = a_;
    const struct sort_entry *b = b_;
    int result = compare_numbers(a->group, b->group);

    if (!result) {
        result = (b->flags & ENTRY_MARK) - (a->flags & ENTRY_MARK);
    }
    if (!result) {
        result = (a->flags & ENTRY_OTHER) - (b->flags & ENTRY_OTHER);
    }
    if (!result) {
        result = compare_numbers(a->ts, b->ts);
    }
    return result ? result : compare_numbers(a->line, b->line);
}

static int
compare_place(const void *a_, const void *b_)
{
    const struct placed *a = a_;
    const struct placed *b = b_;
    int result = compare_numbers(a->ts, b->ts);

    if (!result) {
        result = compare_numbers(a->first, b->first);
    }
    if (!result) {
        result = compare_numbers(a->place, b->place);
    }
    return result ? result : compare_numbers(a->line, b->line);
}

/* Creates what sorts entries, each in 'memory' bytes. */
void
trace_sort_create_sorts(struct trace_sort *s, size_t memory)
{
    s->by_self = spill_sort_create(sizeof(struct sort_entry), compare_self,
                                   memory);
    s->by_group = spill_sort_create(sizeof(struct sort_entry), compare_group,
                                    memory);
    s->by_place = spill_sort_create(sizeof(struct placed), compare_place,
                                    memory);
}

/* Gives entry 'e' of a packet that began with 'first' its place there. */
void
trace_sort_put_place(struct trace_sort *s, const struct sort_entry *e,
          const struct sort_entry *first, uint64_t place, uint32_t depth)
{
    spill_sort_add(s->by_place, &(struct placed) {
        .ts = first->ts,
        .first = first->line,
        .place = place,
        .line = e->line,
        .where = e->place,
        .depth = depth,
        .is_record = !(e->flags & ENTRY_OTHER),
    });
}

/* Sorting. */

static void
add_to_group(struct trace_sort *s, struct sort_entry *e, uint64_t group)
{
    e->group = group;
    spill_sort_add(s->by_group, e);
    if (e->flags & ENTRY_CHOSEN) {
        spill_sort_add(s->by_group, &(struct sort_entry) {
            .group = group, .flags = ENTRY_MARK,
        });
    }
}

/* Finds the component of each record: 'by_self' and the components become
 * 'by_group'. */
static void
find_groups(struct trace_sort *s)
{
    uint64_t node = 0, root = 0;
    struct sort_entry e;
    bool more;

    components_finish(s->components);
    spill_sort_finish(s->by_self);
    more = components_next(s->components, &node, &root);
    while (spill_sort_next(s->by_self, &e)) {
        while (more && node < e.self) {
            more = components_next(s->components, &node, &root);
        }
        /* The least of a component is not among what was found. */
        add_to_group(s, &e, more && node == e.self ? root : e.self);
    }
    trace_sort_fail(s, components_destroy(s->components));
    s->components = NULL;
    trace_sort_fail(s, spill_sort_destroy(s->by_self));
    s->by_self = NULL;
    spill_sort_finish(s->by_group);
}

/* Returns true if 'e' is that of a record of 'group'. */
static bool
is_record_of(const struct sort_entry *e, uint64_t group)
{
    return e->group == group && !(e->flags & ENTRY_OTHER);
}

/* Gives the entries of the component that was read their places. */
static void
put_group(struct trace_sort *s)
{
    sort_tree(s->entries, s->n, s->places);
    for (size_t i = 0; i < s->n && s->wanted; i++) {
        const struct sort_place *place = &s->places[i];

        trace_sort_put_place(s, &s->entries[place->entry], &s->entries[0], i,
                             place->depth);
    }
}

/* The same for one that is too large, of which '*e' comes next: by time.
 * Stores what comes behind its records in '*e' and returns true, or returns
 * false if nothing does. */
static bool
put_large_group(struct trace_sort *s, struct sort_entry *e)
{
    const struct sort_entry *first = &s->entries[0];
    bool more = true;

    for (size_t i = 0; i < s->n && s->wanted; i++) {
        trace_sort_put_place(s, &s->entries[i], first, i, 0);
    }
    for (uint64_t i = s->n; more && is_record_of(e, first->group); i++) {
        if (s->wanted) {
            trace_sort_put_place(s, e, first, i, 0);
        }
        more = spill_sort_next(s->by_group, e);
    }
    return more;
}

/* Makes room for one more entry of the component that is being read, which
 * must not be too large. */
static void
grow(struct trace_sort *s)
{
    if (s->n >= s->allocated) {
        s->allocated = MIN(MAX(16, 2 * s->allocated), s->max);
        s->entries = xrealloc(s->entries, s->allocated * sizeof *s->entries);
        s->places = xrealloc(s->places, s->allocated * sizeof *s->places);
    }
}

/* Reads the records of the component 'group', of which '*e' comes next, and
 * gives them their places.  Stores what comes behind them in '*e' and returns
 * true, or returns false if nothing does. */
static bool
read_records(struct trace_sort *s, uint64_t group, struct sort_entry *e)
{
    bool more = true;

    for (s->n = 0; more && is_record_of(e, group) && s->n < s->max; ) {
        grow(s);
        s->entries[s->n++] = *e;
        more = spill_sort_next(s->by_group, e);
    }
    if (more && is_record_of(e, group)) {
        return put_large_group(s, e);
    }
    put_group(s);
    return more;
}

/* The same for a whole component, which begins with '*e'. */
static bool
read_group(struct trace_sort *s, struct sort_entry *e)
{
    uint64_t group = e->group;
    bool more = true;

    s->wanted = !s->options.choose;
    while (more && e->flags & ENTRY_MARK) {
        s->wanted = true;
        more = spill_sort_next(s->by_group, e);
    }
    more = more && read_records(s, group, e);
    s->n_packets += s->wanted;
    while (more && e->group == group) {
        /* Others, behind all of its records. */
        trace_sort_put_place(s, e, &s->entries[0], UINT64_MAX, 0);
        more = spill_sort_next(s->by_group, e);
    }
    return more;
}

/* Gives all records that were put their places: 'by_place' has all lines
 * then. */
void
trace_sort_find_places(struct trace_sort *s)
{
    struct sort_entry e;
    bool more;

    find_groups(s);
    more = spill_sort_next(s->by_group, &e);
    while (more) {
        more = read_group(s, &e);
    }
    trace_sort_fail(s, spill_sort_destroy(s->by_group));
    s->by_group = NULL;
    free(s->entries);
    free(s->places);
    s->entries = NULL;
    s->places = NULL;
    s->allocated = 0;
}
