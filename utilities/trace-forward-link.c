/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-forward-link.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "file/forward-state.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "trace-peer.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(forward_link);

/* What the receiver says is wrong may be anything, and as often as it
 * likes. */
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* Bytes that are kept and logged of it. */
#define SAID_MAX 500

/* Messages that are taken, and sent, before other work gets its turn. */
#define MESSAGES_PER_RUN 50
#define BATCHES_PER_RUN 16

enum status {
    LINK_DOWN,                  /* There is no connection. */
    LINK_HELLO,                 /* The receiver has not answered yet. */
    LINK_UP,
};

struct forward_link {
    struct forward_queue *queue;        /* Not ours. */
    struct peer *peer;          /* The receiver. */
    unsigned int seqno;         /* Of 'peer'. */
    enum status status;
    struct json *hello;         /* Id of the hello that was sent, or NULL. */
    uint64_t refused;           /* Lines, as the receiver counts them, */
    uint64_t refused_before;    /* and as others did before. */
    char *last_error;           /* What the receiver has said, or NULL. */

    /* Who we are. */
    char id[UUID_LEN + 1];      /* Of the session. */
    char *host;
    char *system_id;            /* Or NULL. */
};

/* Returns a link to a receiver at 'method', for what comes into 'queue', from
 * 'host' with 'system_id', NULL if that is unknown.  The caller frees it with
 * forward_link_destroy(). */
struct forward_link *
forward_link_create(const char *method, struct forward_queue *queue,
                    const char *host, const char *system_id)
{
    struct forward_link *l = xzalloc(sizeof *l);
    struct uuid uuid;

    uuid_generate(&uuid);
    snprintf(l->id, sizeof l->id, UUID_FMT, UUID_ARGS(&uuid));
    l->host = xstrdup(host);
    l->system_id = nullable_xstrdup(system_id);
    l->queue = queue;
    l->peer = peer_open(method);
    return l;
}

/* Closes and frees 'l', which may be NULL. */
void
forward_link_destroy(struct forward_link *l)
{
    if (l) {
        peer_close(l->peer);
        json_destroy(l->hello);
        free(l->last_error);
        free(l->host);
        free(l->system_id);
        free(l);
    }
}

/* Sending. */

/* Sends the lines of '*lines', which are numbered from 'first' on, if there
 * are any. */
static void
send_lines(struct forward_link *l, struct json **lines, uint64_t first)
{
    if (*lines) {
        peer_send(l->peer, forward_message_notify(
            &(struct forward_message) {
                .kind = FORWARD_MESSAGE_RECORDS, .first = first,
                .lines = *lines,
            }));
        json_destroy(*lines);
        *lines = NULL;
    }
}

/* Sends 'item', which is no line. */
static void
send_other(struct forward_link *l, const struct forward_item *item)
{
    struct forward_message m = { .number = item->number };

    if (item->kind == FORWARD_GAP) {
        m.kind = FORWARD_MESSAGE_GAP;
        m.first = item->first;
        m.gap = item->gap;
    } else {
        m.kind = FORWARD_MESSAGE_CLOSE;
        m.why = "forward was ended";
    }
    peer_send(l->peer, forward_message_notify(&m));
}

/* Sends what fits into a message, and gaps between. */
static void
send_batch(struct forward_link *l)
{
    const struct forward_item *item;
    struct json *lines = NULL;
    uint64_t first = 0;
    size_t bytes = 0;

    BUILD_ASSERT_DECL(FORWARD_BATCH / sizeof *item < FORWARD_LINES_MAX);
    while (bytes < FORWARD_BATCH && (item = forward_queue_next(l->queue))) {
        bytes += sizeof *item + item->len;
        if (!item->line) {
            send_lines(l, &lines, first);
            send_other(l, item);
        } else if (!lines) {
            lines = json_array_create_1(json_string_create(item->line));
            first = item->number;
        } else {
            json_array_add(lines, json_string_create(item->line));
        }
    }
    send_lines(l, &lines, first);
}

/* Says hello on a new connection. */
static void
send_hello(struct forward_link *l)
{
    const struct forward_message m = {
        .kind = FORWARD_MESSAGE_HELLO,
        .session = l->id,
        .host = l->host,
        .system_id = l->system_id,
        .first = forward_queue_first(l->queue),
        .window = forward_queue_window(l->queue),
    };
    struct jsonrpc_msg *request;

    json_destroy(l->hello);
    request = jsonrpc_create_request(forward_message_method(m.kind),
                                     forward_message_params(&m), &l->hello);
    peer_send(l->peer, request);
    l->status = LINK_HELLO;
}

/* Returns 'text', which has come from the receiver, as something to print,
 * the start of it if it is long.  The caller frees it. */
static char *
copy_said(const char *text)
{
    size_t length = strnlen(text, SAID_MAX + 1);
    char *copy = printable_copy(text, MIN(length, SAID_MAX));
    char *cut = length > SAID_MAX ? xasprintf("%s...", copy) : NULL;

    if (cut) {
        free(copy);
    }
    return cut ? cut : copy;
}

/* Notes what the receiver says is wrong, or, if 'is_fault', what is wrong with
 * what it sends. */
static void
note_error(struct forward_link *l, const char *error, bool is_fault)
{
    char *said = copy_said(error);

    if (!l->last_error || strcmp(l->last_error, said)) {
        VLOG_WARN_RL(&rl, "%s: %s: %s", peer_name(l->peer),
                     is_fault ? "no receiver sends such a message"
                     : "the receiver says", said);
    }
    free(l->last_error);
    l->last_error = said;
}

/* Notes that the receiver has refused so many lines in all.  If these are
 * fewer than before, it is another one, or has forgotten those. */
static void
note_refused(struct forward_link *l, uint64_t refused)
{
    if (refused < l->refused) {
        forward_state_add(&l->refused_before, l->refused);
    }
    l->refused = refused;
}

/* Takes what 'm' acknowledges.  Returns what is wrong with it, which the
 * caller frees, or NULL. */
static char *
take_ack(struct forward_link *l, const struct forward_message *m)
{
    struct forward_queue_stats stats;

    forward_queue_get_stats(l->queue, &stats);
    if (m->number > stats.last) {
        return xstrdup("it has more than was sent");
    }
    forward_queue_ack(l->queue, m->number);
    note_refused(l, m->refused);
    if (m->why) {
        note_error(l, m->why, false);
    } else if (m->number) {
        free(l->last_error);
        l->last_error = NULL;
    }
    return NULL;
}

/* Goes on from where the receiver is.  Returns what is wrong with that, which
 * the caller frees, or NULL. */
static char *
take_reply(struct forward_link *l, const struct forward_message *reply)
{
    char *error = take_ack(l, reply);

    if (error) {
        return error;
    }
    forward_queue_rewind(l->queue);
    peer_send(l->peer, forward_message_notify(
        &(struct forward_message) {
            .kind = FORWARD_MESSAGE_BEGIN,
            .number = forward_queue_first(l->queue),
            .startup = forward_queue_startup(l->queue),
        }));
    l->status = LINK_UP;
    return NULL;
}

/* Has the connection be closed and made again, because of 'error'; see
 * note_error(). */
static void
give_up(struct forward_link *l, const char *error, bool is_fault)
{
    note_error(l, error, is_fault);
    l->status = LINK_DOWN;
    peer_reconnect(l->peer);
}

/* Takes a message. */
static void
take_message(struct forward_link *l, const struct jsonrpc_msg *msg)
{
    bool is_ours = (l->status == LINK_HELLO && msg->id && l->hello
                    && json_equal(msg->id, l->hello));
    struct forward_message m;
    char *error = NULL;

    if (msg->type == JSONRPC_REPLY && is_ours) {
        error = forward_reply_parse(msg->result, &m);
        if (!error) {
            error = take_reply(l, &m);
        }
    } else if (msg->type == JSONRPC_ERROR && is_ours) {
        give_up(l, msg->error->type == JSON_STRING ? json_string(msg->error)
                : "it refuses us", false);
    } else if (msg->type == JSONRPC_NOTIFY) {
        error = forward_message_parse(msg->method, msg->params, &m);
        if (!error && m.kind == FORWARD_MESSAGE_ACK) {
            error = take_ack(l, &m);
        } else if (!error && m.kind == FORWARD_MESSAGE_ERROR) {
            give_up(l, m.why, false);
        }
    }
    if (error) {
        give_up(l, error, true);
        free(error);
    }
}

/* Takes one message, if there is one.  Returns false if there is no more to
 * be taken now. */
static bool
receive(struct forward_link *l)
{
    const char *fault;
    struct jsonrpc_msg *msg = peer_recv(l->peer, &fault);
    bool any = msg != NULL;

    if (msg) {
        take_message(l, msg);
        jsonrpc_msg_destroy(msg);
    } else if (fault) {
        give_up(l, fault, true);
    }
    return any && l->status != LINK_DOWN;
}

/* Returns true if there is something to send that the receiver takes now. */
static bool
can_send(const struct forward_link *l)
{
    return (l->status == LINK_UP && peer_is_connected(l->peer)
            && !peer_is_busy(l->peer) && forward_queue_has_next(l->queue));
}

/* Sends and receives what can be. */
void
forward_link_run(struct forward_link *l)
{
    peer_run(l->peer);
    if (l->seqno != peer_seqno(l->peer)) {
        l->seqno = peer_seqno(l->peer);
        l->status = LINK_DOWN;
        if (peer_is_connected(l->peer)) {
            send_hello(l);
        }
    }
    for (int i = 0; i < MESSAGES_PER_RUN && l->status != LINK_DOWN; i++) {
        if (!receive(l)) {
            break;
        }
    }
    for (int i = 0; i < BATCHES_PER_RUN && can_send(l); i++) {
        send_batch(l);
    }
}

/* Arranges for the poll loop to wake up when forward_link_run() has something
 * to do, apart from what comes into the queue. */
void
forward_link_wait(struct forward_link *l)
{
    peer_wait(l->peer);
    if (can_send(l)) {
        poll_immediate_wake();
    }
}

/* Returns true if there is a connection. */
bool
forward_link_is_connected(const struct forward_link *l)
{
    return peer_is_connected(l->peer);
}

/* Returns the method by which the receiver is reached. */
const char *
forward_link_name(const struct forward_link *l)
{
    return peer_name(l->peer);
}

/* Returns the UUID of the session. */
const char *
forward_link_id(const struct forward_link *l)
{
    return l->id;
}

/* Returns how many records receivers have refused: no more than were
 * acknowledged, as a line that is refused may be no record, and as receivers
 * may say anything. */
uint64_t
forward_link_refused(const struct forward_link *l)
{
    struct forward_queue_stats stats;

    forward_queue_get_stats(l->queue, &stats);
    return MIN(l->refused_before + l->refused, stats.acked);
}
