/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRIGGER_H
#define LIB_TRIGGER_H 1

/* Writes upcalls to a file when one of them meets a condition (--trigger):
 * those before it, which the history has, and those after it, for which it
 * waits, and the passes between these.  The file has a line of JSON for each,
 * after one about the trace. */

#include <stdbool.h>
#include <stdint.h>

struct flow_table;
struct history;
struct json;
struct kernel_layout;
struct port_map;
struct start_options;
struct trigger;

char *trigger_create(const struct start_options *, struct trigger **);
void trigger_destroy(struct trigger *);

/* What there is to write about. */
struct trigger_source {
    const struct history *history;
    const struct port_map *ports;
    const struct flow_table *flows;     /* NULL without --enrich. */
    const struct kernel_layout *layout; /* NULL if it is not known. */
    struct json *(*first_line)(const void *aux);        /* What the file says
                                                         * of the trace. */
    const void *aux;
};

/* 'now' is time_msec(). */
void trigger_note(struct trigger *, uint64_t seq, uint64_t id,
                  long long int now);
void trigger_run(struct trigger *, const struct trigger_source *,
                 long long int now);
void trigger_wait(const struct trigger *, const struct trigger_source *,
                  long long int now);
void trigger_finish(struct trigger *, const struct trigger_source *,
                    long long int now);

struct trigger_stats {
    uint64_t events;            /* Upcalls that met a condition. */
    uint64_t files;             /* Files that were written. */
    const char *last_file;      /* Name of the last, NULL if there is none. */
    const char *error;          /* Of the last try, NULL if it was good. */
};

void trigger_get_stats(const struct trigger *, struct trigger_stats *);

#endif /* lib/file/trigger.h */
