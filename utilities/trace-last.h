/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_LAST_H
#define UTILITIES_TRACE_LAST_H 1

/* The last records of what cannot be read twice, as they are to be printed,
 * with the lines between them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct last_entry;

enum last_kind {
    LAST_STARTUP,               /* Begins a trace. */
    LAST_RECORD,
    LAST_OTHER
};

struct last {
    uint64_t max;               /* Records. */
    uint64_t n_records;
    struct last_entry *entries; /* A ring. */
    size_t n, allocated;
    size_t first;               /* The oldest. */
    size_t bytes;               /* Of all. */
    char *startup;              /* Of the trace in which the oldest is, if that
                                 * is no entry any more; or NULL. */
};

/* What may be kept, in bytes. */
#define LAST_BYTES_MAX (32 << 20)

void last_init(struct last *, uint64_t max);
void last_uninit(struct last *);
bool last_push(struct last *, enum last_kind, struct ds *text);
bool last_pop(struct last *, struct ds *);

#endif /* utilities/trace-last.h */
