/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-connection.h"

#include <limits.h>
#include <stdlib.h>

#include "base/compat.h"
#include "file/forward-message.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(receive_connection);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* How long a sender may take to say who it is, and for a message, in ms. */
#define HELLO_TIME 10000
#define MESSAGE_TIME 60000

/* After which silence it is asked whether it is there, and how long it may
 * take for an answer, in ms. */
#define PROBE_INTERVAL 10000

/* How long a peer has for reading why its connection is over, in ms. */
#define FAIL_TIME 1000

/* Most bytes of what comes before it is known who the peer is, a hello: two
 * names of FORWARD_NAME_MAX bytes, each as \u0000, and what is around them. */
#define HELLO_MAX 4096

/* As many bytes may wait to be sent to somebody who does not take them. */
#define BACKLOG_MAX 65536

/* Returns a connection over 'stream', which it owns.  The caller frees it with
 * connection_destroy(). */
struct connection *
connection_create(struct stream *stream)
{
    struct connection *c = xzalloc(sizeof *c);

    c->name = xstrdup(stream_get_name(stream));
    c->rpc = jsonrpc_open(stream);
    c->stream = stream;
    c->end = LLONG_MAX;
    c->created = c->last_byte = c->last_message = time_msec();
    return c;
}

/* Closes 'c', takes it out of its list, and frees it. */
void
connection_destroy(struct connection *c)
{
    ovs_list_remove(&c->node);
    jsonrpc_close(c->rpc);
    jsonrpc_msg_destroy(c->msg);
    free(c->name);
    free(c);
}

/* Returns how many bytes of a message have come that has not ended. */
unsigned int
connection_part(const struct connection *c)
{
    return connection_is_over(c) ? 0 : wire_part(&c->bytes);
}

/* Returns what to call 'c' in messages. */
const char *
connection_name(const struct connection *c)
{
    return c->name;
}

/* Returns the common name in the certificate of the peer, as it is there, NULL
 * if there is none.  It is valid until connection_run() is called again. */
const char *
connection_certificate(const struct connection *c)
{
    return (c->rpc && !jsonrpc_get_status(c->rpc)
            ? stream_get_peer_id(c->stream) : NULL);
}

/* Has 'c' belong to 'sender', NULL for none. */
void
connection_set_sender(struct connection *c, struct sender *sender)
{
    c->sender = sender;
    c->was_known |= sender != NULL;
}

/* Returns when 'c' was created, time_msec(). */
long long int
connection_created(const struct connection *c)
{
    return c->created;
}

/* Returns whom 'c' belongs to, NULL if it is not known. */
struct sender *
connection_sender(const struct connection *c)
{
    return c->sender;
}

/* Closing. */

/* Has 'c' be over at once, because of 'why', and frees what has come. */
void
connection_give_up(struct connection *c, const char *why)
{
    VLOG_WARN_RL(&rl, "%s: %s, disconnecting", connection_name(c), why);
    jsonrpc_close(c->rpc);
    c->rpc = NULL;
    c->end = 0;
}

/* Returns true if nothing else comes of 'c': the caller frees it. */
bool
connection_is_over(const struct connection *c)
{
    return (!c->rpc || jsonrpc_get_status(c->rpc)
            || time_msec() >= c->end);
}

/* Sending. */

/* Sends 'm'.  Returns false if the peer does not take what was sent before:
 * then it is not sent. */
bool
connection_send(struct connection *c, const struct forward_message *m)
{
    if (!c->rpc || jsonrpc_get_backlog(c->rpc)) {
        return false;
    }
    return !jsonrpc_send(c->rpc, forward_message_notify(m));
}

/* Replies 'm' to the last message, a request. */
void
connection_reply(struct connection *c, const struct forward_message *m)
{
    struct json *params = forward_message_params(m);
    const struct json *result = upcall_json_array_at(params, 0);

    jsonrpc_send(c->rpc, jsonrpc_create_reply(json_clone(result),
                                              c->msg->id));
    json_destroy(params);
}

/* Tells the peer 'why' the connection is over.  What is on its way from there
 * is still received, and ignored, so that the peer gets to read it. */
void
connection_fail(struct connection *c, const char *why)
{
    if (!c->rpc) {
        return;
    } else if (c->msg && c->msg->type == JSONRPC_REQUEST) {
        jsonrpc_send(c->rpc, jsonrpc_create_error(json_string_create(why),
                                                  c->msg->id));
    } else {
        jsonrpc_send(c->rpc, forward_message_notify(
            &(struct forward_message) {
                .kind = FORWARD_MESSAGE_ERROR, .why = why,
            }));
    }
    c->end = MIN(c->end, time_msec() + FAIL_TIME);
}

/* Receiving. */

/* Notes how much has come. */
static void
count_bytes(struct connection *c)
{
    long long int now = time_msec();

    if (wire_count(&c->bytes, c->rpc)) {
        c->last_byte = now;
        c->probed = 0;
    }
    if (c->msg || !wire_part(&c->bytes)) {
        wire_end_message(&c->bytes);
        c->last_message = now;
    }
}

/* Asks the peer for an answer. */
static void
probe(struct connection *c)
{
    jsonrpc_send(c->rpc, wire_echo());
    c->probed = time_msec();
}

/* Returns how many bytes a message may have. */
static unsigned int
get_limit(const struct connection *c)
{
    return c->was_known ? FORWARD_MESSAGE_MAX : HELLO_MAX;
}

/* Ends 'c' if the peer is too slow, or asks for too much. */
static void
check_limits(struct connection *c)
{
    long long int now = time_msec();

    if (connection_part(c) > get_limit(c)) {
        connection_give_up(c, "a message is too long");
    } else if (!c->sender && !c->msg && now >= c->created + HELLO_TIME) {
        connection_give_up(c, "it does not say who it is");
    } else if (now >= c->last_message + MESSAGE_TIME) {
        connection_give_up(c, "it does not end a message");
    } else if (c->probed && now >= c->probed + PROBE_INTERVAL) {
        connection_give_up(c, "it does not answer");
    } else if (jsonrpc_get_backlog(c->rpc) > BACKLOG_MAX) {
        connection_give_up(c, "it does not take what is sent");
    } else if (!c->probed && now >= c->last_byte + PROBE_INTERVAL) {
        probe(c);
    }
}

/* Returns true if the last message is not for us, but for the connection. */
static bool
is_echo(struct connection *c)
{
    if (wire_is_echo(c->msg)) {
        jsonrpc_send(c->rpc, wire_echo_reply(c->msg));
        return true;
    }
    return c->msg->type == JSONRPC_REPLY;
}

/* Forgets the last message, of which nothing is needed any more. */
void
connection_forget(struct connection *c)
{
    jsonrpc_msg_destroy(c->msg);
    c->msg = NULL;
}

/* Does what is due, and receives a message.  Returns true if there is one, for
 * connection_parse(), until this or connection_forget() is called: it may need
 * much memory. */
bool
connection_run(struct connection *c)
{
    connection_forget(c);
    if (connection_is_over(c)) {
        return false;
    }
    jsonrpc_run(c->rpc);
    jsonrpc_recv(c->rpc, &c->msg);
    if (jsonrpc_get_status(c->rpc)) {
        return false;
    }
    count_bytes(c);
    if (c->end != LLONG_MAX) {
        if (connection_part(c) > get_limit(c)) {
            c->end = 0;
        }
        return false;
    }
    check_limits(c);
    return c->msg && c->end == LLONG_MAX && !is_echo(c);
}

/* Arranges for the poll loop to wake up when connection_run() has something to
 * do. */
void
connection_wait(struct connection *c)
{
    if (connection_is_over(c)) {
        poll_immediate_wake();
        return;
    }
    jsonrpc_wait(c->rpc);
    jsonrpc_recv_wait(c->rpc);
    if (c->end != LLONG_MAX) {
        /* Nobody is asked any more. */
        poll_timer_wait_until(c->end);
        return;
    }
    poll_timer_wait_until((c->probed ? c->probed : c->last_byte)
                          + PROBE_INTERVAL);
    if (!c->sender) {
        poll_timer_wait_until(c->created + HELLO_TIME);
    }
    if (connection_part(c)) {
        poll_timer_wait_until(c->last_message + MESSAGE_TIME);
    }
}

/* Parses the message that has come, into '*m', whose strings are valid as
 * long as that.  Returns what is wrong with it, which the caller frees, or
 * NULL. */
char *
connection_parse(const struct connection *c, struct forward_message *m)
{
    char *error = (c->msg->method
                   ? forward_message_parse(c->msg->method, c->msg->params, m)
                   : xstrdup("neither a request nor a notification"));

    if (!error && m->kind == FORWARD_MESSAGE_HELLO
        && c->msg->type != JSONRPC_REQUEST) {
        error = xstrdup("a hello is a request");
    }
    return error;
}
