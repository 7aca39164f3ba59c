/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SHOW_REPLY_H
#define EXTENSION_SHOW_REPLY_H 1

/* The answer of upcall-trace/show. */

struct args;
struct session;
struct unixctl_conn;

void show_reply(struct session *, struct unixctl_conn *, struct args *);

#endif /* extension/show-reply.h */
