/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record-counts.h"

#include <string.h>

#include "attach.h"
#include "openvswitch/json.h"
#include "session.h"
#include "show/trace-counts.h"
#include "show/trace-stats.h"

static struct trace_counts
get_counts(const struct session *s)
{
    struct session_counters c;
    struct trace_counts counts;

    session_get_counters(s, &c);
    counts = (struct trace_counts) {
        .produced = c.produced,
        .delivered = c.delivered,
        .dropped = c.dropped,
        .in_flight = c.in_flight,
    };
    memcpy(counts.by_cause, c.by_cause, sizeof counts.by_cause);
    return counts;
}

/* Returns how many records of 's' there were, and what became of them. */
struct json *
record_counts_to_json(const struct session *s)
{
    struct trace_counts counts = get_counts(s);

    return trace_counts_to_json(&counts);
}

/* Returns the same for passes, null if none are recorded. */
struct json *
record_counts_passes_to_json(const struct session *s)
{
    struct trace_pass_counts counts;

    return (session_get_pass_counters(s, &counts)
            ? trace_pass_counts_to_json(&counts) : json_null_create());
}

/* Appends the same as record_counts_to_json() returns, in a line, and one for
 * passes. */
void
record_counts_format(const struct session *s, struct ds *ds)
{
    struct trace_counts counts = get_counts(s);
    struct trace_pass_counts pass_counts;

    trace_counts_format(&counts, ds);
    if (session_get_pass_counters(s, &pass_counts)) {
        trace_pass_counts_format(&pass_counts, ds);
    }
}

static void
get_missed(struct trace_missed_all *all, const struct attach_hook *hooks,
           size_t n)
{
    all->n = n;
    for (size_t i = 0; i < n; i++) {
        all->hooks[i] = (struct trace_missed) {
            .name = hooks[i].name, .where = hooks[i].where,
            .n = hooks[i].missed,
        };
    }
}

/* Stores in '*told' what became of the records of 's', and how often programs
 * were not run. */
void
record_counts_get_told(const struct session *s, struct trace_told *told)
{
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct attach_hook pass_hooks[PASS_N_HOOKS];

    told->records = get_counts(s);
    session_get_hooks(s, hooks);
    get_missed(&told->missed, hooks, UPCALL_N_HOOKS);
    told->has_passes = session_get_pass_counters(s, &told->passes);
    get_missed(&told->passes_missed, pass_hooks,
               session_get_pass_hooks(s, pass_hooks));
}
