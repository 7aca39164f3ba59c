/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H 1

/* Base 64 encoding, as in section 4 of RFC 4648. */

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct ofpbuf;

void base64_put(struct ds *, const void *data, size_t size);
bool base64_get(struct ofpbuf *, const char *);

#endif /* lib/base/base64.h */
