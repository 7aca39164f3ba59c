/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_REPLY_H
#define EXTENSION_REPLY_H 1

/* Replies to control commands. */

struct ds;
struct json;
struct unixctl_conn;

/* The error of commands that need a trace. */
#define REPLY_NO_SESSION "nothing was traced yet: run upcall-trace/start"

void reply_json(struct unixctl_conn *, struct json *);
void reply_json_text(struct unixctl_conn *, struct ds *);
void reply_text(struct unixctl_conn *, struct ds *);
void reply_error(struct unixctl_conn *, char *error);
char *reply_bad_argument(const char *arg, const char *why);

#endif /* extension/reply.h */
