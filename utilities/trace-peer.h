/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_PEER_H
#define UTILITIES_TRACE_PEER_H 1

/* A JSON-RPC connection to somebody who need not be trusted, that is made
 * again when it is lost: as struct jsonrpc_session of OVS (lib/jsonrpc.h),
 * which takes messages of any length and answers any number of echo requests
 * of who does not read the answers.  Here what the peer can have kept in
 * memory is bounded. */

#include <stdbool.h>

struct jsonrpc_msg;
struct peer;

/* Most bytes of a message.  There is little that the other side has to say,
 * the longest being why it cannot write a file. */
#define PEER_MESSAGE_MAX 8192

struct peer *peer_open(const char *method);
void peer_close(struct peer *);

void peer_run(struct peer *);
void peer_wait(struct peer *);

struct jsonrpc_msg *peer_recv(struct peer *, const char **error);
void peer_send(struct peer *, struct jsonrpc_msg *);
bool peer_is_busy(const struct peer *);
void peer_reconnect(struct peer *);

bool peer_is_connected(const struct peer *);
unsigned int peer_seqno(const struct peer *);
const char *peer_name(const struct peer *);

#endif /* utilities/trace-peer.h */
