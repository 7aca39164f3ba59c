/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FOLLOW_PLACE_H
#define LIB_FOLLOW_PLACE_H 1

/* Where a follower is in the traces of the daemon, so that it goes on from
 * there when it has lost the daemon and found it again: then it asks for all
 * that the daemon has (follow_request()), and this tells what of it is new,
 * and what is missing.
 *
 * A daemon has its last trace only.  Of others that it had while nobody
 * followed it, nothing is known. */

#include <stdbool.h>
#include <stdint.h>

struct follow_item;
struct json;

struct follow_place {
    struct json *startup;       /* First line of the last trace, or NULL. */
    uint64_t next;              /* Number of the record after the last one. */
    bool in_trace;              /* Has that trace not ended? */
    bool is_again;              /* Does the daemon begin again? */
    bool skips;                 /* Is what comes of a trace that had ended? */
};

void follow_place_init(struct follow_place *);
void follow_place_uninit(struct follow_place *);

void follow_place_lose(struct follow_place *);
bool follow_place_take(struct follow_place *, struct follow_item *,
                       uint64_t *missing);

#endif /* lib/file/follow-place.h */
