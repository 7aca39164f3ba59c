/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_LIMITS_H
#define EXTENSION_LIMITS_H 1

/* What a trace cannot see on this machine. */

struct ds;
struct json;
struct session;

struct json *limits_to_json(const struct session *);
void limits_format(const struct session *, const char *label, struct ds *);

#endif /* extension/limits.h */
