/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_UNREAD_H
#define EXTENSION_UNREAD_H 1

/* Answers that clients do not read. */

#include <stdbool.h>
#include <stdint.h>

void unread_init(void);
bool unread_takes_much(uint64_t kept);

#endif /* extension/unread.h */
