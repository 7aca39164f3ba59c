/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_CHOICE_H
#define LIB_TRACE_CHOICE_H 1

/* Which items of a trace are chosen: see store/file-options.h.  Those of a
 * trace come from its start. */

#include <stdbool.h>
#include <stdint.h>

struct file_choice;
struct json;
struct trace_item;

struct trace_choice {
    const struct file_choice *options;
    int64_t since, until;       /* For records of the trace that is read,
                                 * CLOCK_MONOTONIC, ns. */
    int64_t latest;             /* When the latest record began, without those
                                 * that were abandoned. */
    uint64_t found;             /* Which ids of 'options' were, as bits. */
};

void trace_choice_init(struct trace_choice *, const struct file_choice *);
char *trace_choice_begin(struct trace_choice *, const struct json *startup);
int64_t trace_choice_time(const void *record);
bool trace_choice_has(struct trace_choice *, const struct trace_item *);
bool trace_choice_is_by_time(const struct trace_choice *);
bool trace_choice_is_past(const struct trace_choice *);
char *trace_choice_get_missing(const struct trace_choice *);

#endif /* lib/file/trace-choice.h */
