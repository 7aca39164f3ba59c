/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_STATS_H
#define EXTENSION_CMD_STATS_H 1

/* The answer of upcall-trace/stats. */

struct args;
struct session;
struct unixctl_conn;

void stats_reply(struct session *, struct unixctl_conn *, struct args *);

#endif /* extension/cmd-stats.h */
