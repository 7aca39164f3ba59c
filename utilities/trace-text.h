/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_TEXT_H
#define UTILITIES_TRACE_TEXT_H 1

/* Records as text, for people. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct record_context;

enum trace_text {
    TRACE_TEXT_PARAGRAPHS,      /* As "show" and "passes". */
    TRACE_TEXT_LINES,           /* The first line of that. */
    TRACE_TEXT_EVENTS           /* A line for each event. */
};

char *trace_text_put(struct ds *, const void *record, size_t size,
                     enum trace_text, bool color,
                     const struct record_context *);
void trace_text_put_missed(struct ds *, uint64_t n);

#endif /* utilities/trace-text.h */
