/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_MESSAGE_H
#define LIB_FORWARD_MESSAGE_H 1

/* What "ovs-upcall-trace forward" and "receive" say to each other: JSON-RPC
 * 1.0 over a stream of OVS.  The params of each message are an array with an
 * object.
 *
 *     sender                                  receiver
 *     request hello: who it is, which session
 *                                reply: the last number it has of the session
 *     begin: the trace that the next number is of
 *     records: lines, numbered one after the other
 *     gap: numbers that will not come, and of how many records these were
 *     ...                        ack: the last number that is on its disk
 *     close: that was all
 *                                error: why it ends the connection
 *
 * A session is a run of "forward", and survives its connections.  A receiver
 * ignores numbers that it has already.
 *
 * What comes is not to be trusted, by the receiver in particular. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file/forward-queue.h"

struct json;
struct jsonrpc_msg;

/* Of the protocol. */
#define FORWARD_VERSION 1

/* Most bytes of the name of a host, of a system-id, and of what says why
 * something ended. */
#define FORWARD_NAME_MAX 255

/* As many bytes of lines as are sent in one message, and the line with which
 * they become more. */
#define FORWARD_BATCH 32768

/* Most bytes of a message: such lines, of quotation marks only, and what is
 * around them. */
#define FORWARD_MESSAGE_MAX (2 * (FORWARD_BATCH + FORWARD_LINE_MAX) + 1024)

/* Most lines of a message, so that no message takes long. */
#define FORWARD_LINES_MAX 1024

/* X(KIND, METHOD) */
#define FORWARD_MESSAGES                        \
    X(HELLO, "hello")                           \
    X(BEGIN, "begin")                           \
    X(RECORDS, "records")                       \
    X(GAP, "gap")                               \
    X(CLOSE, "close")                           \
    X(ACK, "ack")                               \
    X(ERROR, "error")

#define FORWARD_PREFIX "upcall_trace."

enum forward_message_kind {
#define X(KIND, METHOD) FORWARD_MESSAGE_##KIND,
    FORWARD_MESSAGES
#undef X
    FORWARD_N_MESSAGES
};

/* Strings belong to the JSON of the message. */
struct forward_message {
    enum forward_message_kind kind;

    /* HELLO. */
    const char *session;        /* A UUID. */
    const char *host;
    const char *system_id;      /* NULL if unknown. */
    uint64_t window;            /* Bytes that the sender sends without an
                                 * acknowledgement. */

    /* HELLO and GAP: the first number that the sender can still send, that the
     * gap stands for; RECORDS: that of the first line. */
    uint64_t first;

    /* BEGIN: the next that will be sent; GAP: the last; CLOSE: its own; ACK,
     * and the reply to HELLO: the last that the receiver has. */
    uint64_t number;

    const char *startup;        /* BEGIN: a first line, or NULL. */
    const struct json *lines;   /* RECORDS: an array of strings. */
    struct forward_gap gap;     /* GAP. */
    uint64_t refused;           /* ACK, reply: records that were refused. */
    const char *why;            /* CLOSE, ERROR; ACK: why a record was refused,
                                 * or NULL. */
};

const char *forward_name_fault(const char *);

char *forward_message_parse(const char *method, const struct json *params,
                            struct forward_message *);
char *forward_reply_parse(const struct json *result, struct forward_message *);
struct json *forward_message_params(const struct forward_message *);
struct jsonrpc_msg *forward_message_notify(const struct forward_message *);
const char *forward_message_method(enum forward_message_kind);

#endif /* lib/file/forward-message.h */
