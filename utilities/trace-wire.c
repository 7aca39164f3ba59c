/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-wire.h"

#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"

/* Echoes. */

/* Returns a request that the other side has to answer, with the id that OVS
 * gives it (lib/jsonrpc.c, jsonrpc_session_run()). */
struct jsonrpc_msg *
wire_echo(void)
{
    struct jsonrpc_msg *request;

    request = jsonrpc_create_request("echo", json_array_create_empty(), NULL);
    json_destroy(request->id);
    request->id = json_string_create("echo");
    return request;
}

/* Returns true if 'msg' asks for an answer. */
bool
wire_is_echo(const struct jsonrpc_msg *msg)
{
    return msg->type == JSONRPC_REQUEST && !strcmp(msg->method, "echo");
}

/* Returns true if 'msg' is the answer to wire_echo(). */
bool
wire_is_echo_reply(const struct jsonrpc_msg *msg)
{
    return (msg->type == JSONRPC_REPLY && msg->id->type == JSON_STRING
            && !strcmp(json_string(msg->id), "echo"));
}

/* Returns the answer to 'msg', for which wire_is_echo() is true. */
struct jsonrpc_msg *
wire_echo_reply(const struct jsonrpc_msg *msg)
{
    return jsonrpc_create_reply(json_clone(msg->params), msg->id);
}

/* Bytes. */

/* Notes what has come from 'rpc'.  Returns true if there is something new. */
bool
wire_count(struct wire_bytes *b, const struct jsonrpc *rpc)
{
    unsigned int received = jsonrpc_get_received_bytes(rpc);
    bool any = received != b->received;

    b->received = received;
    return any;
}

/* Notes that a message has ended with what was counted last. */
void
wire_end_message(struct wire_bytes *b)
{
    b->at_message = b->received;
}

/* Returns how many bytes have come since a message has ended. */
unsigned int
wire_part(const struct wire_bytes *b)
{
    return b->received - b->at_message;
}
