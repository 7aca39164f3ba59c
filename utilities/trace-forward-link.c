/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-forward-link.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(forward_link);

/* Messages that are taken before other work gets its turn. */
#define MESSAGES_PER_RUN 50

enum status {
    LINK_DOWN,                  /* There is no connection. */
    LINK_HELLO,                 /* The receiver has not answered yet. */
    LINK_UP,
};

struct forward_link {
    struct forward_queue *queue;        /* Not ours. */
    struct jsonrpc_session *session;
    unsigned int seqno;         /* Of 'session'. */
    enum status status;
    struct json *hello;         /* Id of the hello that was sent, or NULL. */
    uint64_t refused;           /* Records. */
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
    l->session = jsonrpc_session_open(method, true);
    return l;
}

/* Closes and frees 'l', which may be NULL. */
void
forward_link_destroy(struct forward_link *l)
{
    if (l) {
        jsonrpc_session_close(l->session);
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
        jsonrpc_session_send(l->session, forward_message_notify(
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
    jsonrpc_session_send(l->session, forward_message_notify(&m));
}

/* Sends what fits into a message, and gaps between. */
static void
send_batch(struct forward_link *l)
{
    const struct forward_item *item;
    struct json *lines = NULL;
    uint64_t first = 0;
    size_t bytes = 0;

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
    jsonrpc_session_send(l->session, request);
    l->status = LINK_HELLO;
}

/* Notes what the receiver has said is wrong, once if it repeats that. */
static void
note_error(struct forward_link *l, const char *error)
{
    if (!l->last_error || strcmp(l->last_error, error)) {
        struct ds ds = DS_EMPTY_INITIALIZER;

        printable_put_string(&ds, error);
        VLOG_WARN("%s: the receiver says: %s",
                  jsonrpc_session_get_name(l->session), ds_cstr(&ds));
        ds_destroy(&ds);
        free(l->last_error);
        l->last_error = xstrdup(error);
    }
}

/* Takes what 'm' acknowledges. */
static void
take_ack(struct forward_link *l, const struct forward_message *m)
{
    struct forward_queue_stats stats;

    forward_queue_get_stats(l->queue, &stats);
    if (m->number > stats.last) {
        note_error(l, "it has more than was sent");
        jsonrpc_session_force_reconnect(l->session);
        return;
    }
    forward_queue_ack(l->queue, m->number);
    l->refused = m->refused;
    if (m->why) {
        note_error(l, m->why);
    } else if (m->number) {
        free(l->last_error);
        l->last_error = NULL;
    }
}

/* Goes on from where the receiver is. */
static void
take_reply(struct forward_link *l, const struct forward_message *reply)
{
    take_ack(l, reply);
    forward_queue_rewind(l->queue);
    jsonrpc_session_send(l->session, forward_message_notify(
        &(struct forward_message) {
            .kind = FORWARD_MESSAGE_BEGIN,
            .number = forward_queue_first(l->queue),
            .startup = forward_queue_startup(l->queue),
        }));
    l->status = LINK_UP;
}

/* Takes a message.  Returns what is wrong with it, which the caller frees, or
 * NULL. */
static char *
take_message(struct forward_link *l, const struct jsonrpc_msg *msg)
{
    bool is_ours = (l->status == LINK_HELLO && msg->id && l->hello
                    && json_equal(msg->id, l->hello));
    struct forward_message m;
    char *error = NULL;

    if (msg->type == JSONRPC_REPLY && is_ours) {
        error = forward_reply_parse(msg->result, &m);
        if (!error) {
            take_reply(l, &m);
        }
    } else if (msg->type == JSONRPC_ERROR && is_ours) {
        error = xstrdup(msg->error->type == JSON_STRING
                        ? json_string(msg->error) : "it refuses us");
    } else if (msg->type == JSONRPC_NOTIFY) {
        error = forward_message_parse(msg->method, msg->params, &m);
        if (!error && m.kind == FORWARD_MESSAGE_ACK) {
            take_ack(l, &m);
        } else if (!error && m.kind == FORWARD_MESSAGE_ERROR) {
            error = xstrdup(m.why);
        }
    }
    return error;
}

/* Takes what has come from the receiver. */
static void
receive(struct forward_link *l)
{
    struct jsonrpc_msg *msg;

    for (int i = 0; i < MESSAGES_PER_RUN
         && (msg = jsonrpc_session_recv(l->session)); i++) {
        char *error = take_message(l, msg);

        jsonrpc_msg_destroy(msg);
        if (error) {
            note_error(l, error);
            free(error);
            jsonrpc_session_force_reconnect(l->session);
            return;
        }
    }
}

/* Sends and receives what can be. */
void
forward_link_run(struct forward_link *l)
{
    jsonrpc_session_run(l->session);
    if (l->seqno != jsonrpc_session_get_seqno(l->session)) {
        l->seqno = jsonrpc_session_get_seqno(l->session);
        l->status = LINK_DOWN;
        if (jsonrpc_session_is_connected(l->session)) {
            send_hello(l);
        }
    }
    receive(l);
    while (l->status == LINK_UP && jsonrpc_session_is_connected(l->session)
           && !jsonrpc_session_get_backlog(l->session)
           && forward_queue_has_next(l->queue)) {
        send_batch(l);
    }
}

/* Arranges for the poll loop to wake up when forward_link_run() has something
 * to do, apart from what comes into the queue. */
void
forward_link_wait(struct forward_link *l)
{
    jsonrpc_session_wait(l->session);
    jsonrpc_session_recv_wait(l->session);
}

/* Returns the name of the receiver. */
const char *
forward_link_name(const struct forward_link *l)
{
    return jsonrpc_session_get_name(l->session);
}

/* Returns the UUID of the session. */
const char *
forward_link_id(const struct forward_link *l)
{
    return l->id;
}

/* Returns how many records the receiver has refused. */
uint64_t
forward_link_refused(const struct forward_link *l)
{
    return l->refused;
}
