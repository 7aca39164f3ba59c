/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_PENDING_H
#define EXTENSION_CMD_PENDING_H 1

/* The answer of upcall-trace/pending. */

struct args;
struct session;
struct unixctl_conn;

void pending_reply(struct session *, struct unixctl_conn *, struct args *);

#endif /* extension/cmd-pending.h */
