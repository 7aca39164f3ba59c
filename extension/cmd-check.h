/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_CHECK_H
#define EXTENSION_CMD_CHECK_H 1

/* Clients of upcall-trace/check.  The reply is deferred until ovs-vswitchd has
 * told its version, and libpcap has made a filter. */

struct checks;

struct checks *checks_create(void);
void checks_destroy(struct checks *);
void checks_run(struct checks *);
void checks_wait(struct checks *);

#endif /* extension/cmd-check.h */
