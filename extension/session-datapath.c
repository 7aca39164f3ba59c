/* SPDX-License-Identifier: Apache-2.0 */

/* What the datapaths have counted themselves, beside what the programs have
 * seen: the fourth part of session.h. */

#include <config.h>

#include "session-private.h"

#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Returns true if all upcalls of all datapaths in the network namespace are
 * seen, so that their number can be compared. */
static bool
sees_all(const struct session *s)
{
    return (port_names_is_empty(&s->options.ports) && !s->options.filter
            && s->options.classes == UINT32_MAX);
}

/* Stores in '*c' what the datapaths have counted, and in '*before' and
 * '*after' what the programs had seen before and after that.  Returns false if
 * that failed. */
static bool
read_counts(const struct session *s, struct datapath_counts *c,
            struct attach_counters *before, struct attach_counters *after)
{
    struct stats_datapath dps[VPORT_DATAPATHS_MAX];
    size_t n;

    memset(c, 0, sizeof *c);
    attach_get_counters(s->attachment, before);
    n = vport_monitor_get_counts(s->vports, dps);
    attach_get_counters(s->attachment, after);
    for (size_t i = 0; i < n; i++) {
        c->missed += dps[i].missed;
        c->lost += dps[i].lost;
        c->which += hash_int(dps[i].dp_ifindex, 0);
    }
    return n > 0;
}

/* Has the comparison of 's' begin now. */
void
session_begin_comparison(struct session *s)
{
    struct attach_counters after;

    s->has_base = (sees_all(s)
                   && read_counts(s, &s->base, &s->seen_before, &after));
}

/* Stores in '*c' what the datapaths have counted since the trace 's' began, or
 * since a datapath came or went last, and how much of it was seen.  Returns
 * false if that cannot be compared. */
static bool
compare(struct session *s, struct datapath_comparison *c)
{
    struct attach_counters before, after;
    struct datapath_counts now;
    uint64_t most;

    if (!s->has_base || !read_counts(s, &now, &before, &after)) {
        return false;
    }
    if (now.which != s->base.which || now.missed < s->base.missed
        || now.lost < s->base.lost) {
        session_begin_comparison(s);
        return false;
    }
    c->missed = now.missed - s->base.missed;
    c->lost = now.lost - s->base.lost;
    c->missed_seen = after.misses - s->seen_before.misses;
    c->lost_seen = after.losses - s->seen_before.losses;

    /* A datapath counts later than the programs do, so up to one for each CPU
     * may have been seen before the comparison began. */
    most = c->missed_seen + attach_n_cpus(s->attachment);
    c->unseen = c->missed - MIN(c->missed, most);
    return true;
}

/* Keeps what is known when the trace is about to stop. */
void
session_end_comparison(struct session *s)
{
    s->has_comparison = compare(s, &s->comparison);
}

/* Stores in '*c' how what the datapaths have counted compares with what was
 * seen.  Returns false if that is not known: where ports, classes or
 * packets were chosen, not all is seen. */
bool
session_get_comparison(struct session *s, struct datapath_comparison *c)
{
    if (s->attachment) {
        return compare(s, c);
    }
    *c = s->comparison;
    return s->has_comparison;
}
