/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_STATE_H
#define LIB_FORWARD_STATE_H 1

/* What a receiver has to know of a session when it has been killed and runs
 * again: up to which number it has the lines, and where in which file they
 * end.  What is behind that in the file was never acknowledged.
 *
 * It is in a file of one sector, which is written after the lines and before
 * the acknowledgement. */

#include <stdbool.h>
#include <stdint.h>

#include "uuid.h"

/* Records of a session. */
struct forward_counts {
    uint64_t records;           /* Written. */
    uint64_t dropped;           /* By the sender's queue. */
    uint64_t missed;            /* By the sender. */
    uint64_t refused;           /* Not written because they make no sense. */
};

struct forward_state {
    char session[UUID_LEN + 1];
    uint64_t number;            /* Of the last item. */
    struct forward_counts counts;
    uint64_t next_dropped;      /* Of these, not in a file: for the next */
    uint64_t next_missed;       /* trace. */
    uint64_t next_seq;          /* Least "seq" of the trace's next record. */
    bool is_over;               /* Was it said that nothing else comes? */

    /* The last file. */
    uint64_t file;              /* Which one, from 1 on; 0 if none. */
    uint64_t size;              /* Bytes. */
    uint64_t in_file;           /* Records of the last trace in it. */
    uint64_t missed_in_file;    /* The same that are missing. */
    bool in_trace;              /* Has it a first line without a last one? */
    bool is_closed;             /* Does nothing else belong into it? */
};

void forward_state_add(uint64_t *sum, uint64_t n);
bool forward_state_is_needless(const struct forward_state *);
int forward_state_load(const char *path, struct forward_state *);
int forward_state_save(const char *path, const struct forward_state *,
                       bool to_disk);

#endif /* lib/file/forward-state.h */
