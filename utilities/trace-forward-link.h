/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_FORWARD_LINK_H
#define UTILITIES_TRACE_FORWARD_LINK_H 1

/* What the command forward has to do with its receiver: sends what is in a
 * queue, over a connection that is made again when it is lost, and has the
 * queue forget what the receiver acknowledges.  See file/forward-message.h. */

#include <stdbool.h>
#include <stdint.h>

struct forward_link;
struct forward_queue;

struct forward_link *forward_link_create(const char *method,
                                         struct forward_queue *,
                                         const char *host,
                                         const char *system_id);
void forward_link_destroy(struct forward_link *);

void forward_link_run(struct forward_link *);
void forward_link_wait(struct forward_link *);

bool forward_link_is_connected(const struct forward_link *);
const char *forward_link_name(const struct forward_link *);
const char *forward_link_id(const struct forward_link *);
uint64_t forward_link_refused(const struct forward_link *);

#endif /* utilities/trace-forward-link.h */
