/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_START_H
#define EXTENSION_CMD_START_H 1

/* A client of upcall-trace/start whose filter is being made, which may take
 * libpcap seconds.  The reply is deferred until the trace has started.  There
 * is one such client at most. */

#include <stdbool.h>

struct commands;
struct ds;
struct json;

void starting_run(struct commands *);
void starting_wait(const struct commands *);
bool starting_cancel(struct commands *, const char *why);
void starting_end_process(struct commands *);

void starting_put_json(const struct commands *, struct json *status);
void starting_format(const struct commands *, struct ds *);

#endif /* extension/cmd-start.h */
