/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-queue.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

struct forward_queue {
    uint64_t limit;             /* Bytes. */
    struct ovs_list sent;       /* Items that were sent, at least once. */
    struct ovs_list waiting;    /* Those after them. */
    struct forward_item *again; /* Of 'sent', the next to be sent again, or
                                 * NULL. */
    uint64_t sent_bytes;        /* Of 'sent'. */
    char *startup;              /* First line of the trace that the first item
                                 * is of, NULL if that is not in one. */
    struct forward_queue_stats stats;
};

/* Returns a queue that takes up to about 'limit' bytes of memory, which the
 * caller frees with forward_queue_destroy(). */
struct forward_queue *
forward_queue_create(uint64_t limit)
{
    struct forward_queue *q = xzalloc(sizeof *q);

    q->limit = limit;
    ovs_list_init(&q->sent);
    ovs_list_init(&q->waiting);
    return q;
}

static size_t
get_size(const struct forward_item *item)
{
    return sizeof *item + item->len;
}

static void
free_item(struct forward_queue *q, struct forward_item *item)
{
    q->stats.bytes -= get_size(item);
    ovs_list_remove(&item->node);
    free(item->line);
    free(item);
}

/* Frees 'q', which may be NULL. */
void
forward_queue_destroy(struct forward_queue *q)
{
    struct forward_item *item;

    if (q) {
        LIST_FOR_EACH_SAFE (item, node, &q->sent) {
            free_item(q, item);
        }
        LIST_FOR_EACH_SAFE (item, node, &q->waiting) {
            free_item(q, item);
        }
        free(q->startup);
        free(q);
    }
}

/* Dropping. */

/* Returns the item before 'item' in 'waiting' if that is a gap, else NULL. */
static struct forward_item *
gap_before(struct forward_queue *q, struct forward_item *item)
{
    struct forward_item *before;

    if (ovs_list_front(&q->waiting) == &item->node) {
        return NULL;
    }
    before = CONTAINER_OF(item->node.prev, struct forward_item, node);
    return before->kind == FORWARD_GAP ? before : NULL;
}

/* Makes 'item' a gap, which counts what it was. */
static void
make_gap(struct forward_queue *q, struct forward_item *item)
{
    if (item->kind == FORWARD_RECORD) {
        item->gap = (struct forward_gap) {
            .dropped = 1, .next = item->seq + 1,
        };
        q->stats.dropped++;
        q->stats.waiting--;
    } else if (item->kind == FORWARD_STARTUP) {
        item->gap = (struct forward_gap) { .traces = 1 };
    }
    item->has_end = item->has_end || item->kind == FORWARD_END;
    q->stats.bytes -= item->len;
    free(item->line);
    item->line = NULL;
    item->len = 0;
    item->kind = FORWARD_GAP;
}

/* Has the gap 'before' stand for the gap 'item', the next one, as well. */
static void
merge_gap(struct forward_queue *q, struct forward_item *before,
          struct forward_item *item)
{
    before->number = item->number;
    before->gap.dropped += item->gap.dropped;
    before->gap.missed += item->gap.missed;
    before->gap.traces += item->gap.traces;
    before->gap.next = item->gap.next;
    before->has_end = before->has_end || item->has_end;
    free_item(q, item);
}

/* Drops 'item', which is in 'waiting', into a gap. */
static void
drop(struct forward_queue *q, struct forward_item *item)
{
    struct forward_item *before = gap_before(q, item);

    make_gap(q, item);
    if (before) {
        merge_gap(q, before, item);
    }
}

/* Drops the oldest record, or merges the oldest gap with the one before.
 * Returns false if there is none. */
static bool
drop_record(struct forward_queue *q)
{
    struct forward_item *item;

    LIST_FOR_EACH (item, node, &q->waiting) {
        if (item->kind == FORWARD_RECORD
            || (item->kind == FORWARD_GAP && gap_before(q, item))) {
            drop(q, item);
            return true;
        }
    }
    return false;
}

/* Drops all up to the oldest last line of a trace that another follows, when
 * there are no records.  Returns false if there is none. */
static bool
drop_trace(struct forward_queue *q)
{
    struct forward_item *item, *end = NULL;
    bool has_next = false;

    LIST_FOR_EACH (item, node, &q->waiting) {
        if (item->kind == FORWARD_STARTUP && end) {
            has_next = true;
        } else if (item->kind == FORWARD_END && !end) {
            end = item;
        }
    }
    if (!has_next) {
        return false;
    }
    LIST_FOR_EACH_SAFE (item, node, &q->waiting) {
        bool is_end = item == end;

        drop(q, item);
        if (is_end) {
            break;
        }
    }
    return true;
}

static void
limit(struct forward_queue *q)
{
    while (q->stats.bytes > q->limit) {
        if (!drop_record(q) && !drop_trace(q)) {
            break;
        }
    }
}

/* Putting. */

static struct forward_item *
put_item(struct forward_queue *q, enum forward_kind kind)
{
    struct forward_item *item = xzalloc(sizeof *item);

    item->kind = kind;
    item->first = item->number = ++q->stats.last;
    ovs_list_push_back(&q->waiting, &item->node);
    q->stats.bytes += get_size(item);
    return item;
}

/* Appends the 'len' bytes at 'line', which are of 'kind', no gap, and of the
 * record 'seq' if they are of one. */
void
forward_queue_put(struct forward_queue *q, enum forward_kind kind,
                  uint64_t seq, const char *line, size_t len)
{
    struct forward_item *item = put_item(q, kind);

    item->seq = seq;
    if (kind == FORWARD_RECORD) {
        q->stats.records++;
        q->stats.waiting++;
    }
    if (len > FORWARD_LINE_MAX) {
        drop(q, item);
    } else if (kind != FORWARD_CLOSE) {
        item->line = xmemdup0(line, len);
        item->len = len;
        q->stats.bytes += len;
    }
    limit(q);
}

/* Appends that 'n' records are missing before the record 'next'. */
void
forward_queue_put_gap(struct forward_queue *q, uint64_t next, uint64_t n)
{
    struct forward_item *item = put_item(q, FORWARD_GAP);

    item->gap = (struct forward_gap) { .missed = n, .next = next };
    q->stats.missed += n;
    limit(q);
}

/* Sending. */

/* Returns how many bytes are on their way at most: so much is kept for what
 * was sent, and not dropped. */
uint64_t
forward_queue_window(const struct forward_queue *q)
{
    return q->limit / 2;
}

/* Returns true if there is something to be sent, for which the receiver need
 * not acknowledge anything before. */
bool
forward_queue_has_next(const struct forward_queue *q)
{
    return (q->again
            || (!ovs_list_is_empty(&q->waiting)
                && q->sent_bytes < forward_queue_window(q)));
}

/* Returns the next item, which the caller sends, or NULL if none is to be sent
 * now.  It is valid until another function is called. */
const struct forward_item *
forward_queue_next(struct forward_queue *q)
{
    struct forward_item *item = q->again;

    if (item) {
        q->again = (ovs_list_back(&q->sent) == &item->node ? NULL
                    : CONTAINER_OF(item->node.next, struct forward_item,
                                   node));
    } else if (forward_queue_has_next(q)) {
        item = CONTAINER_OF(ovs_list_pop_front(&q->waiting),
                            struct forward_item, node);
        ovs_list_push_back(&q->sent, &item->node);
        q->sent_bytes += get_size(item);
    }
    return item;
}

/* Has all that was sent and not acknowledged be sent again. */
void
forward_queue_rewind(struct forward_queue *q)
{
    q->again = (ovs_list_is_empty(&q->sent) ? NULL
                : CONTAINER_OF(ovs_list_front(&q->sent), struct forward_item,
                               node));
}

/* Notes that 'item' has arrived, and frees it. */
static void
ack_item(struct forward_queue *q, struct forward_item *item)
{
    if (item->kind == FORWARD_RECORD) {
        q->stats.acked++;
        q->stats.waiting--;
    } else if (item->kind == FORWARD_STARTUP) {
        free(q->startup);
        q->startup = xstrdup(item->line);
    } else if (item->kind == FORWARD_END || item->has_end) {
        free(q->startup);
        q->startup = NULL;
    }
    if (q->again == item) {
        forward_queue_next(q);
    }
    q->sent_bytes -= get_size(item);
    free_item(q, item);
}

/* Forgets all items up to 'number', which the receiver has. */
void
forward_queue_ack(struct forward_queue *q, uint64_t number)
{
    struct forward_item *item;

    LIST_FOR_EACH_SAFE (item, node, &q->sent) {
        if (item->number > number) {
            break;
        }
        ack_item(q, item);
    }
}

/* Returns the number of the first item, or of the one that would be next. */
uint64_t
forward_queue_first(const struct forward_queue *q)
{
    const struct ovs_list *list = (ovs_list_is_empty(&q->sent) ? &q->waiting
                                   : &q->sent);

    return (ovs_list_is_empty(list) ? q->stats.last + 1
            : CONTAINER_OF(list->next, struct forward_item, node)->first);
}

/* Returns the first line of the trace that the first item is of, NULL if that
 * is not in one, or is that line. */
const char *
forward_queue_startup(const struct forward_queue *q)
{
    return q->startup;
}

/* Returns true if all that was put has been acknowledged. */
bool
forward_queue_is_empty(const struct forward_queue *q)
{
    return ovs_list_is_empty(&q->sent) && ovs_list_is_empty(&q->waiting);
}

/* Stores in '*stats' what became of what was put. */
void
forward_queue_get_stats(const struct forward_queue *q,
                        struct forward_queue_stats *stats)
{
    *stats = q->stats;
}
