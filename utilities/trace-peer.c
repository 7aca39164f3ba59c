/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-peer.h"

#include <errno.h>
#include <stdlib.h>

#include "jsonrpc.h"
#include "openvswitch/poll-loop.h"
#include "reconnect.h"
#include "stream.h"
#include "timeval.h"
#include "trace-tls.h"
#include "trace-wire.h"
#include "util.h"

struct peer {
    struct reconnect *reconnect;        /* Has the name, too. */
    struct stream *stream;      /* On its way to be connected, or NULL. */
    struct jsonrpc *rpc;        /* If it is connected, or NULL. */
    unsigned int seqno;         /* Of connections and disconnections. */
    struct wire_bytes bytes;    /* Of 'rpc'. */
};

/* Returns a connection to 'method', to be made by peer_run().  The caller
 * frees it with peer_close(). */
struct peer *
peer_open(const char *method)
{
    struct peer *p = xzalloc(sizeof *p);

    p->reconnect = reconnect_create(time_msec());
    reconnect_set_name(p->reconnect, method);
    reconnect_enable(p->reconnect, time_msec());
    if (!stream_or_pstream_needs_probes(method)) {
        reconnect_set_probe_interval(p->reconnect, 0);
    }
    return p;
}

/* Closes what there is of a connection. */
static void
disconnect(struct peer *p)
{
    p->seqno += p->rpc != NULL;
    jsonrpc_close(p->rpc);
    stream_close(p->stream);
    p->rpc = NULL;
    p->stream = NULL;
}

/* Closes the connection and frees 'p', which may be NULL. */
void
peer_close(struct peer *p)
{
    if (p) {
        disconnect(p);
        reconnect_destroy(p->reconnect);
        free(p);
    }
}

/* The connection. */

static void
start_connecting(struct peer *p)
{
    int error;

    disconnect(p);
    tls_renew();
    error = stream_open(peer_name(p), &p->stream, 0);
    if (error) {
        p->stream = NULL;
        reconnect_connect_failed(p->reconnect, time_msec(), error);
    } else {
        reconnect_connecting(p->reconnect, time_msec());
    }
}

/* Goes on with making a connection. */
static void
run_stream(struct peer *p)
{
    int error;

    stream_run(p->stream);
    error = stream_connect(p->stream);
    if (!error) {
        reconnect_connected(p->reconnect, time_msec());
        p->rpc = jsonrpc_open(p->stream);
        p->stream = NULL;
        p->bytes = (struct wire_bytes) { .received = 0 };
        p->seqno++;
    } else if (error != EAGAIN) {
        reconnect_connect_failed(p->reconnect, time_msec(), error);
        disconnect(p);
    }
}

/* Sends what is to be sent on a connection, and notes if it is lost. */
static void
run_rpc(struct peer *p)
{
    size_t backlog = jsonrpc_get_backlog(p->rpc);
    int error;

    jsonrpc_run(p->rpc);
    if (jsonrpc_get_backlog(p->rpc) < backlog) {
        reconnect_activity(p->reconnect, time_msec());
    }
    error = jsonrpc_get_status(p->rpc);
    if (error) {
        reconnect_disconnected(p->reconnect, time_msec(), error);
        disconnect(p);
    }
}

/* Does what is due. */
void
peer_run(struct peer *p)
{
    if (p->rpc) {
        run_rpc(p);
    } else if (p->stream) {
        run_stream(p);
    }
    switch (reconnect_run(p->reconnect, time_msec())) {
    case RECONNECT_CONNECT:
        start_connecting(p);
        break;
    case RECONNECT_DISCONNECT:
        reconnect_disconnected(p->reconnect, time_msec(), 0);
        disconnect(p);
        break;
    case RECONNECT_PROBE:
        peer_send(p, wire_echo());
        break;
    }
}

/* Arranges for the poll loop to wake up when peer_run() or peer_recv() has
 * something to do. */
void
peer_wait(struct peer *p)
{
    if (p->rpc) {
        jsonrpc_wait(p->rpc);
        jsonrpc_recv_wait(p->rpc);
    } else if (p->stream) {
        stream_run_wait(p->stream);
        stream_connect_wait(p->stream);
    }
    reconnect_wait(p->reconnect, time_msec());
}

/* Has the connection be closed, and made again after a while. */
void
peer_reconnect(struct peer *p)
{
    reconnect_force_reconnect(p->reconnect, time_msec());
}

/* Messages. */

/* Sends 'msg', which it frees, unless there is no connection. */
void
peer_send(struct peer *p, struct jsonrpc_msg *msg)
{
    if (p->rpc) {
        jsonrpc_send(p->rpc, msg);
    } else {
        jsonrpc_msg_destroy(msg);
    }
}

/* Returns true if what was sent has not left yet. */
bool
peer_is_busy(const struct peer *p)
{
    return p->rpc && jsonrpc_get_backlog(p->rpc);
}

/* Returns true if 'msg' is not for who uses 'p', but for the connection.  An
 * echo is sent only if all else has left: as long as that leaves, who has
 * asked sees that we live, and if it does not, it does not read. */
static bool
is_echo(struct peer *p, const struct jsonrpc_msg *msg)
{
    if (wire_is_echo(msg)) {
        if (!peer_is_busy(p)) {
            peer_send(p, wire_echo_reply(msg));
        }
        return true;
    }
    return wire_is_echo_reply(msg);
}

/* Notes that 'msg', NULL if none has ended, has come.  Returns false if a
 * message is too long. */
static bool
count_bytes(struct peer *p, const struct jsonrpc_msg *msg)
{
    unsigned int length;

    if (wire_count(&p->bytes, p->rpc)) {
        reconnect_activity(p->reconnect, time_msec());
    }
    length = wire_part(&p->bytes);
    if (msg) {
        wire_end_message(&p->bytes);
    }
    return length <= PEER_MESSAGE_MAX;
}

/* Returns a message that has come, which the caller frees with
 * jsonrpc_msg_destroy(), or NULL if there is none now.  Stores in '*error'
 * what the peer does wrong, a constant, NULL if nothing: then the caller calls
 * peer_reconnect(). */
struct jsonrpc_msg *
peer_recv(struct peer *p, const char **error)
{
    struct jsonrpc_msg *msg = NULL;

    *error = NULL;
    if (p->rpc) {
        jsonrpc_recv(p->rpc, &msg);
        reconnect_receive_attempted(p->reconnect, time_msec());
        if (!count_bytes(p, msg)) {
            *error = "it is too long";
        }
        if (msg && (*error || is_echo(p, msg))) {
            jsonrpc_msg_destroy(msg);
            msg = NULL;
        }
    }
    return msg;
}

/* How it stands. */

/* Returns true if there is a connection. */
bool
peer_is_connected(const struct peer *p)
{
    return p->rpc != NULL;
}

/* Returns a number that changes when a connection is made or lost. */
unsigned int
peer_seqno(const struct peer *p)
{
    return p->seqno;
}

/* Returns the method by which the peer is reached. */
const char *
peer_name(const struct peer *p)
{
    return reconnect_get_name(p->reconnect);
}
