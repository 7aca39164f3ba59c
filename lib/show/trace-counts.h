/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_COUNTS_H
#define LIB_TRACE_COUNTS_H 1

/* How many records a trace had, and what became of them. */

#include <stdint.h>

#include "record/names.h"
#include "record/pass.h"

struct ds;
struct json;
struct json_read;

/* Upcalls. */
struct trace_counts {
    uint64_t produced;          /* Records completed. */
    uint64_t delivered;         /* Of these, put into the history. */
    uint64_t dropped;           /* Of these, lost on the way. */
    uint64_t by_cause[UPCALL_N_DROPS];
    uint64_t in_flight;         /* Upcalls that have not ended. */
};

/* Passes. */
struct trace_pass_counts {
    uint64_t seen;              /* Passes that began and were chosen, before
                                 * it was known in which datapath. */
    uint64_t produced;          /* As above. */
    uint64_t delivered;
    uint64_t dropped;
    uint64_t by_cause[PASS_N_DROPS];
};

struct json *trace_counts_to_json(const struct trace_counts *);
struct json *trace_pass_counts_to_json(const struct trace_pass_counts *);

void trace_counts_from_json(struct trace_counts *, struct json_read *,
                            const struct json *);
void trace_pass_counts_from_json(struct trace_pass_counts *,
                                 struct json_read *, const struct json *);

void trace_counts_format(const struct trace_counts *, struct ds *);
void trace_pass_counts_format(const struct trace_pass_counts *, struct ds *);

#endif /* lib/show/trace-counts.h */
