/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_READ_H
#define EXTENSION_CMD_READ_H 1

/* Clients of upcall-trace/read, which gives records after a cursor to
 * programs.  The reply may be deferred until there is a record. */

struct readers;
struct session;

struct readers *readers_create(void);
void readers_destroy(struct readers *);
void readers_run(struct readers *, struct session *);
void readers_wait(struct readers *);
void readers_reply_all(struct readers *, struct session *);

#endif /* extension/cmd-read.h */
