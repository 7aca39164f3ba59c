/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_USER_TEXT_H
#define LIB_USER_TEXT_H 1

/* Text that a user writes: numbers, sizes and patterns, and how to show it
 * safely on a terminal. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;

bool user_text_to_number(const char *, uint64_t *);
bool user_text_to_size(const char *, uint64_t *);
void user_text_put_size(struct ds *, uint64_t);

bool user_text_is_pattern(const char *);
bool user_text_matches(const char *, const char *pattern);


#endif /* lib/base/user-text.h */
