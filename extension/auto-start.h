/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_AUTO_START_H
#define EXTENSION_AUTO_START_H 1

/* A trace that starts by itself, as soon as that is possible: the daemon may
 * be started before ovs-vswitchd is. */

struct auto_start;
struct session;
struct start_options;

char *auto_start_create(const char *options, struct auto_start **);
void auto_start_destroy(struct auto_start *);

struct session *auto_start_run(struct auto_start *);
void auto_start_postpone(struct auto_start *);
void auto_start_wait(const struct auto_start *);
const struct start_options *auto_start_options(const struct auto_start *);
const char *auto_start_error(const struct auto_start *);

#endif /* extension/auto-start.h */
