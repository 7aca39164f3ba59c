/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_MEMBER_SEARCH_H
#define LIB_MEMBER_SEARCH_H 1

/* Places within a file that has lines, from which it can be read: see
 * trace-seek.h. */

#include <stdbool.h>
#include <stdint.h>

struct member_search;

struct member_search *member_search_open(const char *name);
void member_search_close(struct member_search *);

bool member_search_next(struct member_search *, uint64_t from, uint64_t until,
                        uint64_t *offset);
uint64_t member_search_size(const struct member_search *);
uint64_t member_search_n_read(const struct member_search *);

#endif /* lib/file/member-search.h */
