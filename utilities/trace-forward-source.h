/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_FORWARD_SOURCE_H
#define UTILITIES_TRACE_FORWARD_SOURCE_H 1

/* What the command forward has to do with the daemon: puts what it records
 * into a queue.  If the daemon is not there, or goes, it is waited for: then
 * all that it has recorded meanwhile is taken, and what it has forgotten is
 * counted, as far as it is known. */

#include <stdint.h>

struct forward_queue;
struct forward_source;

struct forward_source *forward_source_create(const char *target,
                                             struct forward_queue *);
void forward_source_destroy(struct forward_source *);

void forward_source_run(struct forward_source *);
void forward_source_wait(struct forward_source *);
void forward_source_end(struct forward_source *, const char *why);
uint64_t forward_source_damaged(const struct forward_source *);

#endif /* utilities/trace-forward-source.h */
