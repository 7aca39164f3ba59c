/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_PERFETTO_PRIVATE_H
#define LIB_CONVERT_PERFETTO_PRIVATE_H 1

/* What the files convert-perfetto*.c share. */

#include <stdbool.h>
#include <stdint.h>

#include "base/json-writer.h"
#include "file/convert-perfetto.h"
#include "openvswitch/dynamic-string.h"
#include "sset.h"

struct upcall_record;

/* Where something is shown. */
struct perfetto_track {
    uint32_t pid, tid;
};

struct perfetto {
    perfetto_write_func *write;
    void *aux;
    int error;                  /* The first one that 'write' returned. */
    struct ds text;             /* Not written yet. */
    struct json_writer json;    /* Of the event under way. */
    bool any;                   /* Was there an event? */
    struct sset named;          /* Tracks whose name was written. */

    uint64_t now;               /* The latest time that is known, 0 if none
                                 * is. */
    uint64_t held;              /* Records of gaps before that, */
    uint64_t held_next;         /* and the "seq" that the last one had. */
    bool holds;                 /* Are there any? */
};

/* In convert-perfetto-event.c: events. */
void perfetto_begin_at(struct perfetto *, const char *phase,
                       struct perfetto_track, const char *name,
                       const char *category, uint64_t ts);
void perfetto_end_event(struct perfetto *);
void perfetto_begin_slice(struct perfetto *, struct perfetto_track,
                          const char *name, uint64_t ts, uint64_t duration);
void perfetto_begin_instant(struct perfetto *, struct perfetto_track,
                            const char *name, uint64_t ts);
void perfetto_end_args(struct perfetto *);
void perfetto_put_span(struct perfetto *, struct perfetto_track,
                       const char *name, uint64_t id, uint64_t from,
                       uint64_t until);
void perfetto_put_flow(struct perfetto *, const char *phase,
                       struct perfetto_track, uint64_t id, uint64_t ts);

/* Tracks. */
struct perfetto_track perfetto_cpu(struct perfetto *, uint32_t cpu);
struct perfetto_track perfetto_socket(struct perfetto *, uint32_t portid);
struct perfetto_track perfetto_handler(struct perfetto *,
                                       const struct upcall_record *);
struct perfetto_track perfetto_revalidators(struct perfetto *);
struct perfetto_track perfetto_losses(struct perfetto *);

/* In convert-perfetto.c. */
void perfetto_flush(struct perfetto *);

/* In convert-perfetto-trace.c. */
void perfetto_note_time(struct perfetto *, uint64_t ts);

#endif /* lib/file/convert-perfetto-private.h */
