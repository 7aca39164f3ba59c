/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FREEZE_H
#define LIB_FREEZE_H 1

/* Writes upcalls to a file when one of them meets a condition (--trigger):
 * those before it, which the history has, and those after it, for which it
 * waits.  The file has a line of JSON for each, after one about the trace. */

#include <stdbool.h>
#include <stdint.h>

struct flow_table;
struct freeze;
struct history;
struct json;
struct port_map;
struct start_options;

/* Files of a trace that are kept, so that it does not fill the disk. */
#define FREEZE_MAX_FILES 16

char *freeze_create(const struct start_options *, struct freeze **);
void freeze_destroy(struct freeze *);

/* What there is to write about. */
struct freeze_source {
    const struct history *history;
    const struct port_map *ports;
    const struct flow_table *flows;     /* NULL without --enrich. */
    struct json *(*first_line)(const void *aux);        /* What the file says
                                                         * of the trace. */
    const void *aux;
};

/* 'now' is time_msec(). */
void freeze_note(struct freeze *, uint64_t seq, uint64_t id,
                 long long int now);
void freeze_run(struct freeze *, const struct freeze_source *,
                long long int now);
void freeze_wait(const struct freeze *, const struct freeze_source *,
                 long long int now);
void freeze_finish(struct freeze *, const struct freeze_source *,
                   long long int now);

struct freeze_stats {
    uint64_t events;            /* Upcalls that met a condition. */
    uint64_t files;             /* Files that were written; of these, the last
                                 * FREEZE_MAX_FILES are kept. */
    const char *last_file;      /* Name of the last, NULL if there is none. */
    const char *error;          /* Of the last try, NULL if it was good. */
};

void freeze_get_stats(const struct freeze *, struct freeze_stats *);

#endif /* lib/file/freeze.h */
