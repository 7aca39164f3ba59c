/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FEED_H
#define LIB_FEED_H 1

/* What one follower is sent of a trace, in the form of file/frame.h, without
 * the socket: followers.c has that. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "openvswitch/ofpbuf.h"

struct flow_table;
struct history;
struct kernel_layout;
struct port_map;

/* The trace that is followed. */
struct follow_source {
    const struct history *history;
    const struct port_map *ports;
    const struct flow_table *flows;     /* NULL without --enrich. */
    const struct kernel_layout *layout; /* NULL if there are no passes. */
    bool running;                       /* Can there be more records? */
    bool is_ready;                      /* Is all known that 'begin' tells? */

    /* Return JSON, which the caller frees, about the trace that began and that
     * has ended. */
    char *(*begin)(const void *aux);
    char *(*end)(const void *aux);

    /* A follower has missed 'n' records. */
    void (*note_gap)(void *aux, uint64_t n);
    void *aux;
};

/* How a follower stands. */
struct follower_stats {
    pid_t pid;                  /* Who connected, 0 if unknown. */
    uint64_t lag;               /* Records that it has not got yet. */
    uint64_t sent;              /* Records that were sent. */
    uint64_t bytes;             /* Bytes that were sent, of all. */
    uint64_t lost;              /* Records that it missed. */
};

/* See the top of feed.c. */
enum feed_phase {
    FEED_WAITS,
    FEED_FOLLOWS,
    FEED_ENDED,
    FEED_CUT
};

struct feed {
    struct ofpbuf out;          /* What the socket has not taken yet. */

    /* Where it is. */
    enum feed_phase phase;
    uint64_t next;              /* Record that it gets next. */
    uint64_t ports;             /* For port_map_changes(). */
    uint64_t flows;             /* For flow_table_changes(). */
    uint64_t old_flows;         /* Changes up to this one are of flows whose
                                 * records it does not get. */
    uint64_t since;             /* When it began to follow a trace with passes,
                                 * unless that was at the first record, else
                                 * 0; in ns.  Flows that were put before that
                                 * may be hit after it. */
    uint64_t gap;               /* Records it missed and was not told of. */

    /* With FEED_CUT. */
    uint64_t end_seq;
    char *end_text;             /* What it is to be told at the end. */
    uint64_t missed;            /* Records of traces after that one. */

    uint64_t sent, lost;        /* Records. */
};

void feed_init(struct feed *, const struct follow_source *);
void feed_uninit(struct feed *);
void feed_start(struct feed *, const struct follow_source *, uint64_t from);
void feed_fill(struct feed *, const struct follow_source *);
void feed_forget(struct feed *, const struct follow_source *);
void feed_get_stats(const struct feed *, const struct follow_source *,
                    struct follower_stats *);

#endif /* lib/file/feed.h */
