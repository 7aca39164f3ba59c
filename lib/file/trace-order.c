/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "file/trace-begin.h"
#include "hash.h"
#include "openvswitch/json.h"
#include "util.h"

/* So many traces are known at a time, and of each, which of so many numbers
 * up to the largest were read: 32 kB.  The flight recorder keeps fewer. */
#define TRACES_MAX 64
#define WINDOW (1 << 18)

struct known_trace {
    ovs_u128 id;                /* Hash of what is its own. */
    bool has_record;
    uint64_t last;              /* The largest number that was read. */
    unsigned long int *read;    /* Those from 'last' - WINDOW + 1 on, each at
                                 * its remainder. */
    uint64_t left_out;          /* Of smaller numbers, those that were not read
                                 * are not wanted. */
    uint64_t missing;           /* What is known to be missing is smaller. */
};

struct trace_order {
    struct known_trace traces[TRACES_MAX];
    size_t n;                   /* Of these, */
    size_t next;                /* and the one that has to go next. */
    struct known_trace *trace;  /* The last that has begun, or NULL if it is
                                 * not known which one it is. */
    bool follows;               /* Were records of it read before that? */
    uint64_t before;            /* The largest number of those. */
    uint64_t known;             /* Smaller ones were read then, or are known to
                                 * be missing; 0 if nothing is known. */
    bool was_sought;            /* Is what comes next not its start? */
    uint64_t at;                /* Number of its last record since then, 0 if
                                 * there was none. */
};

/* Returns a new one that knows of no record.  The caller frees it with
 * trace_order_destroy(). */
struct trace_order *
trace_order_create(void)
{
    return xzalloc(sizeof(struct trace_order));
}

/* Frees 'o', which may be NULL. */
void
trace_order_destroy(struct trace_order *o)
{
    for (size_t i = 0; o && i < o->n; i++) {
        free(o->traces[i].read);
    }
    free(o);
}

/* Returns the trace with 'id', NULL if it is not known. */
static struct known_trace *
find(struct trace_order *o, const ovs_u128 *id)
{
    for (size_t i = 0; i < o->n; i++) {
        if (ovs_u128_equals(o->traces[i].id, *id)) {
            return &o->traces[i];
        }
    }
    return NULL;
}

/* Returns a new trace with 'id', of which nothing was read, instead of that
 * which is known for longest if there are too many. */
static struct known_trace *
add(struct trace_order *o, const ovs_u128 *id)
{
    struct known_trace *t = &o->traces[o->next];

    o->next = (o->next + 1) % TRACES_MAX;
    if (o->n < TRACES_MAX) {
        o->n++;
        t->read = bitmap_allocate(WINDOW);
    } else {
        bitmap_set_multiple(t->read, 0, WINDOW, false);
    }
    t->id = *id;
    t->has_record = false;
    t->last = t->left_out = t->missing = 0;
    return t;
}

/* A trace begins, or goes on, with the first line 'startup', an object.  If
 * that does not tell which trace it is, it is one by itself. */
void
trace_order_begin(struct trace_order *o, const struct json *startup)
{
    char *text = trace_begin_get_id(startup);
    ovs_u128 id;

    o->trace = NULL;
    o->follows = o->was_sought = false;
    o->before = o->known = o->at = 0;
    if (text) {
        hash_bytes128(text, strlen(text), 0, &id);
        o->trace = find(o, &id);
        if (!o->trace) {
            o->trace = add(o, &id);
        }
        o->follows = o->trace->has_record;
        o->before = o->trace->last;
        o->known = MAX(o->trace->missing, o->follows ? o->before + 1 : 0);
        free(text);
    }
}

/* Tells that records of the trace that has begun last are left out, up to the
 * one that comes next, because they are not wanted of any file: no other file
 * that has them is in a wrong order then. */
void
trace_order_skip(struct trace_order *o)
{
    o->was_sought = true;
}

/* Has 't' know numbers up to 'seq', which is larger than the last one: those
 * that are new were not read.  In the ring, they are two ranges at most. */
static void
advance(struct known_trace *t, uint64_t seq)
{
    uint64_t n = MIN(seq - t->last, WINDOW);
    uint64_t first = (seq - n + 1) % WINDOW;
    uint64_t n_first = MIN(n, WINDOW - first);

    bitmap_set_multiple(t->read, first, n_first, false);
    bitmap_set_multiple(t->read, 0, n - n_first, false);
    t->last = seq;
}

/* Returns true if 'seq' is known to have been read. */
static bool
was_read(const struct known_trace *t, uint64_t seq)
{
    return (t->has_record && seq <= t->last && t->last - seq < WINDOW
            && bitmap_is_set(t->read, seq % WINDOW));
}

/* Returns true if 'seq' is not behind all numbers that were read of the trace
 * before its last first line. */
static bool
is_before(const struct trace_order *o, uint64_t seq)
{
    return o->follows && seq <= o->before;
}

/* Returns what 'seq', which is before others that were read, is. */
static enum trace_order_result
look_up(const struct known_trace *t, uint64_t seq)
{
    return (was_read(t, seq) ? TRACE_ORDER_AGAIN
            : seq < t->left_out ? TRACE_ORDER_LEFT_OUT
            : TRACE_ORDER_WRONG);
}

/* Notes that the record 'seq' of the trace that has begun last comes next.
 * Within the lines behind one first line, the reader knows that none comes
 * twice, and they may be sorted otherwise. */
enum trace_order_result
trace_order_put(struct trace_order *o, uint64_t seq)
{
    struct known_trace *t = o->trace;

    if (!t) {
        return TRACE_ORDER_NEXT;
    }
    if (o->was_sought) {
        t->left_out = MAX(t->left_out, seq);
        o->was_sought = false;
    }
    o->at = seq;
    if (is_before(o, seq)) {
        return look_up(t, seq);
    }
    if (!t->has_record || seq > t->last) {
        advance(t, seq);
    }
    if (t->last - seq < WINDOW) {
        bitmap_set1(t->read, seq % WINDOW);
    }
    t->has_record = true;
    return TRACE_ORDER_NEXT;
}

/* Notes that 'n' records are missing before 'next', 0 if it is not known
 * where, of the trace that has begun last.  Returns how many of them were
 * neither read before it began, nor known to be missing. */
uint64_t
trace_order_put_gap(struct trace_order *o, uint64_t next, uint64_t n)
{
    struct known_trace *t = o->trace;
    uint64_t end = next ? next : o->at;

    if (!t || !o->known || !end) {
        /* It is the first that is known. */
    } else if (end <= o->known) {
        n = 0;
    } else if (next) {
        n = MIN(n, next - o->known);
    }
    if (t) {
        t->missing = MAX(t->missing, next);
    }
    return n;
}

/* Returns the largest number of the trace that was read before it began, or
 * has gone on, last. */
uint64_t
trace_order_last(const struct trace_order *o)
{
    return o->before;
}
