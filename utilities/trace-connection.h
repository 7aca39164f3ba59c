/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_CONNECTION_H
#define UTILITIES_TRACE_CONNECTION_H 1

/* A connection of the command receive, with somebody who may be anybody.
 *
 * It is over if messages are too long or take too long, if the peer does not
 * say who it is, does not answer, or breaks the rules of the protocol. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/list.h"
#include "trace-wire.h"

struct connection;
struct forward_message;
struct jsonrpc_msg;
struct sender;
struct stream;

/* Members are for the implementation, but for 'node'. */
struct connection {
    struct ovs_list node;       /* In a list of the owner. */
    char *name;
    struct jsonrpc *rpc;        /* NULL if it was given up. */
    struct stream *stream;      /* Of 'rpc', as long as its status is 0. */
    struct jsonrpc_msg *msg;    /* The last one, or NULL. */
    struct sender *sender;      /* Who it is, or NULL. */
    bool was_known;             /* Was it ever known? */
    long long int end;          /* When it is closed, LLONG_MAX as long as all
                                 * is well; time_msec(). */
    long long int created;      /* When, time_msec(). */
    struct wire_bytes bytes;    /* What has come of 'rpc', */
    long long int last_byte;    /* when it came, and */
    long long int last_message; /* when the last message had come. */
    long long int probed;       /* When an answer was asked for since, 0 if it
                                 * was not. */
};

struct connection *connection_create(struct stream *);
void connection_destroy(struct connection *);

bool connection_run(struct connection *);
void connection_forget(struct connection *);
void connection_wait(struct connection *);
void connection_give_up(struct connection *, const char *why);
bool connection_is_over(const struct connection *);

char *connection_parse(const struct connection *, struct forward_message *);
bool connection_send(struct connection *, const struct forward_message *);
void connection_reply(struct connection *, const struct forward_message *);
void connection_fail(struct connection *, const char *why);

void connection_set_sender(struct connection *, struct sender *);
struct sender *connection_sender(const struct connection *);
long long int connection_created(const struct connection *);
unsigned int connection_part(const struct connection *);
const char *connection_name(const struct connection *);
const char *connection_certificate(const struct connection *);

#endif /* utilities/trace-connection.h */
