/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FOLLOWERS_H
#define LIB_FOLLOWERS_H 1

/* Programs that follow a trace through a socket: each gets the records of a
 * history as they are added, in the form of file/frame.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct flow_table;
struct followers;
struct history;
struct port_map;

/* As many there can be at a time. */
#define FOLLOWERS_MAX 64

/* The trace that is followed. */
struct follow_source {
    const struct history *history;
    const struct port_map *ports;
    const struct flow_table *flows;     /* NULL without --enrich. */
    bool running;                       /* Can there be more records? */

    /* Return JSON, which the caller frees, about the trace that began and that
     * has ended. */
    char *(*begin)(const void *aux);
    char *(*end)(const void *aux);

    /* A follower has missed 'n' records. */
    void (*note_gap)(void *aux, uint64_t n);
    void *aux;
};

int followers_create(const char *path, struct followers **);
void followers_destroy(struct followers *);

void followers_run(struct followers *, const struct follow_source *);
void followers_wait(struct followers *);
void followers_forget(struct followers *, const struct follow_source *);

/* How a follower stands. */
struct follower_stats {
    pid_t pid;                  /* Who connected, 0 if unknown. */
    uint64_t lag;               /* Records that it has not got yet. */
    uint64_t sent;              /* Records that were sent. */
    uint64_t bytes;             /* Bytes that were sent, of all. */
    uint64_t lost;              /* Records that it missed. */
};

size_t followers_get_stats(const struct followers *,
                           const struct follow_source *,
                           struct follower_stats[FOLLOWERS_MAX]);

#endif /* lib/file/followers.h */
