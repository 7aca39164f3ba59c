/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_PROBES_H
#define EXTENSION_CMD_PROBES_H 1

/* The hooks in the kernel, which upcall-trace/status shows, too.  The session
 * may be NULL: no trace was started. */

struct ds;
struct json;
struct session;

struct json *probes_hooks_to_json(const struct session *);
void probes_format_hooks(const struct session *, struct ds *);

#endif /* extension/cmd-probes.h */
