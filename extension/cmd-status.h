/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_STATUS_H
#define EXTENSION_CMD_STATUS_H 1

/* What upcall-trace/status shows.  The session may be NULL: no trace was
 * started; and what was measured as well: nothing. */

#include <stdbool.h>

struct ds;
struct json;
struct measured;
struct session;
struct unixctl_conn;

struct json *status_to_json(struct session *, const struct measured *);
void status_format(struct session *, const struct measured *,
                   struct ds *);
void status_reply(struct session *, const struct measured *,
                  struct unixctl_conn *, bool json);

/* What upcall-trace/stats shows, too. */
struct json *status_trigger_to_json(const struct session *);
void status_format_absent_ports(const struct session *, const char *label,
                                struct ds *);

#endif /* extension/cmd-status.h */
