/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_READ_H
#define EXTENSION_CMD_READ_H 1

/* upcall-trace/read: records after a cursor, for programs.  The reply may be
 * deferred until there is a record. */

#include "reply.h"

struct readers;
struct session;
struct unixctl_conn;

struct readers *readers_create(void);
void readers_destroy(struct readers *);
void readers_add(struct readers *, struct session *, struct unixctl_conn *,
                 struct args *, bool may_wait);
void readers_run(struct readers *, struct session *);
void readers_wait(struct readers *);
void readers_reply_all(struct readers *, struct session *);

#endif /* extension/cmd-read.h */
