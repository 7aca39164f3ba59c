/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_METRICS_H
#define EXTENSION_CMD_METRICS_H 1

/* The answer of upcall-trace/metrics. */

struct args;
struct session;
struct unixctl_conn;

void metrics_reply(struct session *, struct unixctl_conn *, struct args *);

#endif /* extension/cmd-metrics.h */
