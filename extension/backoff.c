/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "backoff.h"

#include "timeval.h"
#include "util.h"

/* The first interval, in ms. */
#define BACKOFF_FIRST 1000

/* Has the next try be due at once. */
void
backoff_reset(struct backoff *b)
{
    b->next = 0;
    b->interval = 0;
}

/* Returns true if it is time to try. */
bool
backoff_is_due(const struct backoff *b)
{
    return time_msec() >= b->next;
}

/* Plans another try. */
void
backoff_again(struct backoff *b)
{
    b->interval = (b->interval ? MIN(2 * b->interval, BACKOFF_MAX)
                   : BACKOFF_FIRST);
    b->next = time_msec() + b->interval;
}
