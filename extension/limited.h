/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_LIMITED_H
#define EXTENSION_LIMITED_H 1

/* What a trace cannot see on this machine. */

struct ds;
struct json;
struct session;

struct json *limited_to_json(const struct session *);
void limited_format(const struct session *, const char *label, struct ds *);

#endif /* extension/limited.h */
