/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/follow-place.h"

#include <string.h>

#include "file/follow.h"
#include "file/trace-begin.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* Prepares 'p' for a follower of what is recorded from now on.  The caller
 * frees what will be in it with follow_place_uninit(). */
void
follow_place_init(struct follow_place *p)
{
    memset(p, 0, sizeof *p);
}

/* Frees what is in 'p'. */
void
follow_place_uninit(struct follow_place *p)
{
    json_destroy(p->startup);
    p->startup = NULL;
}

/* Notes that what comes next is all that a daemon has, another one or the
 * same: the follower has lost it, or it was not there. */
void
follow_place_lose(struct follow_place *p)
{
    p->is_again = true;
    p->skips = false;
}

/* Takes the first line 'item'. */
static bool
begin(struct follow_place *p, const struct follow_item *item,
      uint64_t *missing)
{
    struct json *startup = json_from_string(item->text);

    if (p->is_again && p->startup
        && trace_begin_is_same(p->startup, startup)) {
        p->skips = !p->in_trace;
        *missing = item->seq > p->next ? item->seq - p->next : 0;
        p->next = MAX(p->next, item->seq);
    } else {
        p->skips = false;
        *missing = p->is_again && item->seq ? item->seq - 1 : 0;
        p->next = item->seq;
    }
    p->is_again = false;
    p->in_trace = !p->skips;
    json_destroy(p->startup);
    p->startup = startup;
    return p->in_trace;
}

/* Takes the gap 'item', of which some may be known already. */
static bool
take_gap(struct follow_place *p, struct follow_item *item)
{
    if (p->in_trace) {
        uint64_t n = item->seq > p->next ? item->seq - p->next : 0;

        item->n = MIN(item->n, n);
        p->next = MAX(p->next, item->seq);
    }
    return item->n && !p->skips;
}

/* Takes 'item', which has come from the daemon.  Returns true if it is new: of
 * a gap, in as far as 'item' has it then.  Stores in '*missing' how many
 * records are missing before those that come after 'item', in its trace, and
 * which no gap tells. */
bool
follow_place_take(struct follow_place *p, struct follow_item *item,
                  uint64_t *missing)
{
    bool is_new = !p->skips;

    *missing = 0;
    switch (item->kind) {
    case FOLLOW_BEGIN:
        return begin(p, item, missing);
    case FOLLOW_RECORD:
        if (item->seq < p->next) {
            return false;
        }
        p->next = item->seq + 1;
        return is_new;
    case FOLLOW_GAP:
        return take_gap(p, item);
    case FOLLOW_END:
        p->in_trace = p->skips = false;
        return is_new;
    default:
        OVS_NOT_REACHED();
    }
}
