/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_FIND_LAST_H
#define UTILITIES_TRACE_FIND_LAST_H 1

/* Where the last records begin of files that can be read twice. */

#include <stdint.h>

struct command;
struct svec;
struct trace_choice;
struct trace_input;

uint64_t trace_find_last(struct trace_input *, const struct command *,
                         const struct svec *names,
                         const struct trace_choice *, uint64_t n);

#endif /* utilities/trace-find-last.h */
