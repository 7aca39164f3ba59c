/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_WIRE_H
#define UTILITIES_TRACE_WIRE_H 1

/* What both ends of a JSON-RPC connection with somebody who need not be
 * trusted do alike: they ask whether he is there, and count what comes. */

#include <stdbool.h>

struct jsonrpc;
struct jsonrpc_msg;

struct jsonrpc_msg *wire_echo(void);
bool wire_is_echo(const struct jsonrpc_msg *);
bool wire_is_echo_reply(const struct jsonrpc_msg *);
struct jsonrpc_msg *wire_echo_reply(const struct jsonrpc_msg *);

/* Bytes of a connection.  All zeros at first. */
struct wire_bytes {
    unsigned int received;      /* As jsonrpc counts them, */
    unsigned int at_message;    /* and up to the end of the last message. */
};

bool wire_count(struct wire_bytes *, const struct jsonrpc *);
void wire_end_message(struct wire_bytes *);
unsigned int wire_part(const struct wire_bytes *);

#endif /* utilities/trace-wire.h */
