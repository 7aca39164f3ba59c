/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/ctl-client.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

struct ctl_client {
    char *path;                 /* Of the socket; NULL if there is none. */
    struct stream *stream;      /* Being connected, or NULL. */
    struct jsonrpc *rpc;        /* Once connected, or NULL. */

    /* The request in progress, if 'id' is not NULL. */
    struct json *id;
    struct jsonrpc_msg *request;        /* Until it is sent. */
    long long int deadline;     /* time_msec(). */
    long long int started;      /* time_usec(). */

    unsigned int received;      /* Bytes received before it was sent. */
};

/* Frees what 'answer' refers to. */
void
ctl_answer_destroy(struct ctl_answer *answer)
{
    free(answer->text);
    answer->text = NULL;
}

/* Returns a client without a socket, which the caller frees with
 * ctl_client_destroy(). */
struct ctl_client *
ctl_client_create(void)
{
    return xzalloc(sizeof(struct ctl_client));
}

static void
disconnect(struct ctl_client *c)
{
    stream_close(c->stream);
    c->stream = NULL;
    jsonrpc_close(c->rpc);
    c->rpc = NULL;
}

static void
forget_request(struct ctl_client *c)
{
    json_destroy(c->id);
    c->id = NULL;
    jsonrpc_msg_destroy(c->request);
    c->request = NULL;
}

/* Frees 'c', which may be NULL. */
void
ctl_client_destroy(struct ctl_client *c)
{
    if (c) {
        disconnect(c);
        forget_request(c);
        free(c->path);
        free(c);
    }
}

/* Has 'c' use the socket 'path', NULL for none.  If that is another one, a
 * request in progress is given up, without an answer.  Returns true if so. */
bool
ctl_client_set_path(struct ctl_client *c, const char *path)
{
    if (nullable_string_is_equal(path, c->path)) {
        return false;
    }
    disconnect(c);
    forget_request(c);
    free(c->path);
    c->path = nullable_xstrdup(path);
    return true;
}

/* Returns true if 'c' has no request in progress. */
bool
ctl_client_is_idle(const struct ctl_client *c)
{
    return !c->id;
}

/* Closes an idle connection that the server has closed, or on which it sends
 * what nobody has asked for. */
static void
run_idle(struct ctl_client *c)
{
    struct jsonrpc_msg *msg;

    if (c->rpc) {
        jsonrpc_run(c->rpc);
        if (jsonrpc_recv(c->rpc, &msg) != EAGAIN
            || jsonrpc_get_received_bytes(c->rpc) != c->received) {
            jsonrpc_msg_destroy(msg);
            disconnect(c);
        }
    }
}

/* Begins to ask 'command' with 'n_args' 'args' on 'c', which must be idle.
 * There will be an answer from ctl_client_run() after 'timeout_ms' at most. */
void
ctl_client_request(struct ctl_client *c, const char *command,
                   const char *const args[], int n_args, int timeout_ms)
{
    struct json *params = json_array_create_empty();

    ovs_assert(!c->id);
    run_idle(c);
    for (int i = 0; i < n_args; i++) {
        json_array_add(params, json_string_create(args[i]));
    }
    c->request = jsonrpc_create_request(command, params, &c->id);
    c->deadline = time_msec() + timeout_ms;
    c->started = time_usec();
}

/* Opens a connection if there is none.  Returns 0 if there is one, EAGAIN if
 * it is not ready yet, or a positive errno value. */
static int
connect_to_server(struct ctl_client *c)
{
    int error;

    if (c->rpc) {
        return 0;
    } else if (!c->path) {
        return ENOENT;
    } else if (!c->stream) {
        char *name = xasprintf("unix:%s", c->path);

        error = stream_open(name, &c->stream, DSCP_DEFAULT);
        free(name);
        if (error) {
            c->stream = NULL;
            /* The server does not take more connections. */
            return error == EAGAIN ? EBUSY : error;
        }
    }
    stream_run(c->stream);
    error = stream_connect(c->stream);
    if (!error) {
        c->rpc = jsonrpc_open(c->stream);
        c->stream = NULL;
    }
    return error;
}

static int
send_request(struct ctl_client *c)
{
    struct jsonrpc_msg *request = c->request;

    if (!request) {
        return 0;
    }
    c->request = NULL;
    c->received = jsonrpc_get_received_bytes(c->rpc);
    return jsonrpc_send(c->rpc, request);
}

/* Takes the answer out of 'msg', which is what the server sent. */
static int
take_answer(const struct jsonrpc_msg *msg, const struct json *id,
            struct ctl_answer *answer)
{
    bool failed = msg->type == JSONRPC_ERROR;
    const struct json *text = failed ? msg->error : msg->result;

    if ((!failed && msg->type != JSONRPC_REPLY) || !json_equal(id, msg->id)
        || !text || text->type != JSON_STRING) {
        return EPROTO;
    }
    answer->result = failed ? CTL_ERROR : CTL_REPLY;
    answer->text = xstrdup(json_string(text));
    return 0;
}

/* Returns 0 if there is an answer, EAGAIN if not yet, or a positive errno
 * value. */
static int
receive_answer(struct ctl_client *c, struct ctl_answer *answer)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(c->rpc);
    error = jsonrpc_recv(c->rpc, &msg);
    if (!error) {
        error = take_answer(msg, c->id, answer);
        jsonrpc_msg_destroy(msg);
    } else if (error == EOF) {
        error = ECONNRESET;
    } else if (error == EAGAIN
               && jsonrpc_get_received_bytes(c->rpc) - c->received
                  > CTL_ANSWER_MAX) {
        error = EMSGSIZE;
    }
    return error;
}

static const char *
explain(int error)
{
    return (error == ETIMEDOUT ? "no answer in time"
            : error == EPROTO ? "the answer is not one of a control socket"
            : error == EMSGSIZE ? "the answer is too large"
            : error == ECONNRESET ? "the connection was closed"
            : ovs_strerror(error));
}

/* Ends the request because of 'error'. */
static void
fail_request(struct ctl_client *c, int error, struct ctl_answer *answer)
{
    answer->result = CTL_FAILED;
    answer->error = error;
    answer->text = xstrdup(explain(error));
    disconnect(c);
}

/* Does what 'c' has to do.  Returns true if the request in progress has ended
 * and stores how in '*answer', which the caller frees with
 * ctl_answer_destroy(). */
bool
ctl_client_run(struct ctl_client *c, struct ctl_answer *answer)
{
    int error;

    if (!c->id) {
        run_idle(c);
        return false;
    }
    memset(answer, 0, sizeof *answer);
    error = connect_to_server(c);
    if (!error) {
        error = send_request(c);
    }
    if (!error) {
        error = receive_answer(c, answer);
    }
    if (error == EAGAIN && time_msec() < c->deadline) {
        return false;
    } else if (error) {
        fail_request(c, error == EAGAIN ? ETIMEDOUT : error, answer);
    }
    answer->took = time_usec() - c->started;
    forget_request(c);
    c->received = c->rpc ? jsonrpc_get_received_bytes(c->rpc) : 0;
    return true;
}

/* Arranges for the poll loop to wake up when ctl_client_run() has work. */
void
ctl_client_wait(struct ctl_client *c)
{
    if (c->stream) {
        stream_run_wait(c->stream);
        stream_connect_wait(c->stream);
    }
    if (c->rpc) {
        jsonrpc_wait(c->rpc);
        jsonrpc_recv_wait(c->rpc);
    }
    if (c->id) {
        if (!c->stream && !c->rpc) {
            poll_immediate_wake();
        }
        poll_timer_wait_until(c->deadline);
    }
}
