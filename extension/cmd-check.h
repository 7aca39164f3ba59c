/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_CHECK_H
#define EXTENSION_CMD_CHECK_H 1

/* upcall-trace/check: what is possible here, and what to do about the rest.
 * 'target' is the value of --target, or NULL. */

struct ds;
struct json;

struct json *check_to_json(const char *target);
void check_format(const char *target, struct ds *);

#endif /* extension/cmd-check.h */
