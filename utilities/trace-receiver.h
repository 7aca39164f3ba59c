/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_RECEIVER_H
#define UTILITIES_TRACE_RECEIVER_H 1

/* What the command receive does: connections, senders and their files.
 *
 * Nothing that comes is trusted.  Each connection gets its turn, in which it
 * can do no more than a message; see trace-connection.h.  What is taken is
 * acknowledged once it is in a file. */

#include <stdbool.h>

struct forward_file_options;
struct pstream;
struct receive_options;
struct receiver;

struct receiver *receiver_create(struct pstream *,
                                 const struct receive_options *,
                                 const struct forward_file_options *,
                                 bool json);
bool receiver_destroy(struct receiver *);

void receiver_run(struct receiver *);
void receiver_wait(const struct receiver *);

#endif /* utilities/trace-receiver.h */
