/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "ctl-client.h"

#include <errno.h>
#include <stdlib.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

/* Connects to the socket 'path' until 'deadline' (time_msec()).  Returns 0 or
 * a positive errno value. */
static int
connect_until(const char *path, long long int deadline,
              struct jsonrpc **rpcp)
{
    char *name = xasprintf("unix:%s", path);
    struct stream *stream;
    int error = stream_open(name, &stream, DSCP_DEFAULT);

    free(name);
    if (error) {
        return error;
    }
    while ((error = stream_connect(stream)) == EAGAIN) {
        if (time_msec() >= deadline) {
            stream_close(stream);
            return ETIMEDOUT;
        }
        stream_run(stream);
        stream_run_wait(stream);
        stream_connect_wait(stream);
        poll_timer_wait_until(deadline);
        poll_block();
    }
    if (error) {
        stream_close(stream);
        return error;
    }
    *rpcp = jsonrpc_open(stream);
    return 0;
}

/* Waits for a message until 'deadline'. */
static int
receive_until(struct jsonrpc *rpc, long long int deadline,
              struct jsonrpc_msg **msgp)
{
    int error;

    for (;;) {
        jsonrpc_run(rpc);
        error = jsonrpc_recv(rpc, msgp);
        if (error != EAGAIN) {
            return error == EOF ? ECONNRESET : error;
        }
        if (time_msec() >= deadline) {
            return ETIMEDOUT;
        }
        jsonrpc_wait(rpc);
        jsonrpc_recv_wait(rpc);
        poll_timer_wait_until(deadline);
        poll_block();
    }
}

/* Takes the text of the answer to the request 'id' out of 'msg'. */
static int
take_reply(const struct jsonrpc_msg *msg, const struct json *id,
           char **replyp)
{
    if (msg->type != JSONRPC_REPLY || !json_equal(id, msg->id)
        || (msg->error && msg->error->type != JSON_NULL)
        || !msg->result || msg->result->type != JSON_STRING) {
        return EPROTO;
    }
    *replyp = xstrdup(json_string(msg->result));
    return 0;
}

/* Sends 'command', without arguments, to the control socket 'path' and waits
 * at most 'timeout_ms' for the answer.
 *
 * Returns 0 and stores the answer in '*replyp', which the caller frees; or a
 * positive errno value: ETIMEDOUT, EPROTO if the answer is not one, or an
 * error of the connection. */
int
ctl_client_ask(const char *path, const char *command, int timeout_ms,
               char **replyp)
{
    long long int deadline = time_msec() + timeout_ms;
    struct jsonrpc_msg *msg = NULL;
    struct jsonrpc *rpc;
    struct json *id;
    int error;

    *replyp = NULL;
    error = connect_until(path, deadline, &rpc);
    if (error) {
        return error;
    }
    msg = jsonrpc_create_request(command, json_array_create_empty(), &id);
    error = jsonrpc_send(rpc, msg);
    if (!error) {
        error = receive_until(rpc, deadline, &msg);
    }
    if (!error) {
        error = take_reply(msg, id, replyp);
        jsonrpc_msg_destroy(msg);
    }
    json_destroy(id);
    jsonrpc_close(rpc);
    return error;
}
