/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_QUEUE_H
#define LIB_FORWARD_QUEUE_H 1

/* What waits to be sent to a receiver of traces, or to be acknowledged by it.
 *
 * It consists of items, numbered from 1 on: lines of a trace, and gaps.  An
 * item that was sent stays until the receiver has acknowledged it, and is sent
 * again after the connection was lost.  If there is no more room, the oldest
 * records that were not sent yet are dropped, and a gap takes their numbers
 * and counts them.  So whatever happens to the connection, the receiver gets
 * each number once, and
 *
 *     records = acknowledged + dropped + those that wait
 *
 * where those that were acknowledged include those that the receiver refused.
 * A gap that was sent does not change any more.
 *
 * First and last lines of a trace are dropped as well if nothing else is left
 * to drop: those of whole traces, into a gap. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/list.h"

struct forward_queue;

/* Most bytes of a line.  Records that have more are dropped. */
#define FORWARD_LINE_MAX (1024 * 1024)

enum forward_kind {
    FORWARD_STARTUP,            /* First line of a trace. */
    FORWARD_RECORD,             /* Line of a record. */
    FORWARD_END,                /* Last line of a trace. */
    FORWARD_GAP,                /* Records are missing. */
    FORWARD_CLOSE,              /* Nothing else will come. */
};

/* Records that are missing. */
struct forward_gap {
    uint64_t dropped;           /* By the queue. */
    uint64_t missed;            /* By the sender, or by the daemon for it. */
    uint64_t traces;            /* Begun and ended among them. */
    uint64_t next;              /* Number of the record after them in its
                                 * trace, 0 if unknown. */
};

struct forward_item {
    struct ovs_list node;
    enum forward_kind kind;
    uint64_t number;            /* Its own, of a gap the last it stands for, */
    uint64_t first;             /* and the first. */
    char *line;                 /* Without its end, or NULL. */
    size_t len;
    uint64_t seq;               /* Of a record. */
    struct forward_gap gap;     /* Of a gap. */
    bool has_end;               /* Of a gap: has a trace ended in it? */
};

struct forward_queue_stats {
    uint64_t records;           /* That were put. */
    uint64_t acked;             /* Of these, acknowledged. */
    uint64_t dropped;           /* Of these, dropped. */
    uint64_t waiting;           /* Of these, neither. */
    uint64_t missed;            /* In gaps that were put. */
    uint64_t bytes;             /* Of memory. */
    uint64_t last;              /* Number of the last item. */
};

struct forward_queue *forward_queue_create(uint64_t limit);
void forward_queue_destroy(struct forward_queue *);

void forward_queue_put(struct forward_queue *, enum forward_kind,
                       uint64_t seq, const char *line, size_t len);
void forward_queue_put_gap(struct forward_queue *, uint64_t next, uint64_t n);

const struct forward_item *forward_queue_next(struct forward_queue *);
bool forward_queue_has_next(const struct forward_queue *);
void forward_queue_ack(struct forward_queue *, uint64_t number);
void forward_queue_rewind(struct forward_queue *);

uint64_t forward_queue_first(const struct forward_queue *);
uint64_t forward_queue_window(const struct forward_queue *);
const char *forward_queue_startup(const struct forward_queue *);
bool forward_queue_is_empty(const struct forward_queue *);
void forward_queue_get_stats(const struct forward_queue *,
                             struct forward_queue_stats *);

#endif /* lib/file/forward-queue.h */
