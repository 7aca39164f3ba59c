/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_CONNECTIONS_H
#define UTILITIES_TRACE_CONNECTIONS_H 1

/* All connections of the command receive.  Those of senders, of which there
 * are no more than senders may be, and those of strangers, who have not said
 * who they are or are being told that their connection is over, take no room
 * from each other. */

#include <stdbool.h>
#include <stdint.h>

struct connection;
struct connections;
struct ovs_list;
struct pstream;

struct connections *connections_create(struct pstream *, uint64_t max_senders);
void connections_destroy(struct connections *);

void connections_accept(struct connections *);
bool connections_run(struct connections *, struct connection *);
void connections_wait(const struct connections *);
struct ovs_list *connections_list(struct connections *);

#endif /* utilities/trace-connections.h */
