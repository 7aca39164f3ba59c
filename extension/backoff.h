/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_BACKOFF_H
#define EXTENSION_BACKOFF_H 1

/* When to try again what has failed: after a second, and each time twice as
 * long, up to half a minute. */

#include <stdbool.h>

struct backoff {
    long long int next;         /* time_msec() of the next try. */
    int interval;               /* Until then, in ms; 0 at first. */
};

/* The longest interval, in ms. */
#define BACKOFF_MAX 32000

void backoff_reset(struct backoff *);
bool backoff_is_due(const struct backoff *);
void backoff_again(struct backoff *);

#endif /* extension/backoff.h */
