/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FOLLOWERS_H
#define LIB_FOLLOWERS_H 1

/* Programs that follow a trace through a socket: each gets the records of a
 * history as they are added, in the form of file/frame.h. */

#include <stddef.h>

#include "file/feed.h"

struct followers;

/* As many there can be at a time. */
#define FOLLOWERS_MAX 64

int followers_create(const char *path, struct followers **);
void followers_destroy(struct followers *);

void followers_run(struct followers *, const struct follow_source *);
void followers_wait(struct followers *);
void followers_forget(struct followers *, const struct follow_source *);

size_t followers_get_stats(const struct followers *,
                           const struct follow_source *,
                           struct follower_stats[FOLLOWERS_MAX]);

#endif /* lib/file/followers.h */
