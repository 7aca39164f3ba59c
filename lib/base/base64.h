/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H 1

/* Base 64 encoding as in section 4 of RFC 4648. */

#include <stddef.h>

struct ds;

void base64_put(struct ds *, const void *data, size_t size);

#endif /* lib/base/base64.h */
