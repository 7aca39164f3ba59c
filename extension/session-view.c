/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "session-private.h"

#include <string.h>

#include "file/trigger.h"
#include "flow/enricher.h"
#include "show/trace-counts.h"

/* Returns what there is to see of 's', or all 0 if that is NULL.  What has
 * ended by now is in it if session_catch_up() was called before. */
struct session_view
session_view(const struct session *s)
{
    if (!s) {
        return (struct session_view) { .running = false };
    }
    return (struct session_view) {
        .running = s->attachment != NULL,
        .why_stopped = s->why_stopped,
        .started = s->started,
        .target = s->target,
        .usdt_error = s->usdt_error,
        .options = &s->options,
        .history = s->history,
        .ports = s->ports,
        .layout = &s->layout,
        .flows = s->enricher ? enricher_flows(s->enricher) : NULL,
        .stats = s->stats,
        .passes = s->passes,
        .vswitchd = session_is_full(s) ? &s->vswitchd : NULL,
        .n_gaps = s->gaps,
        .gap_records = s->gap_records,
    };
}

/* Stores in '*stats' what the flight recorder has written.  Returns false if
 * there is none. */
bool
session_get_trigger(const struct session *s, struct trigger_stats *stats)
{
    if (s->trigger) {
        trigger_get_stats(s->trigger, stats);
    }
    return s->trigger != NULL;
}

/* Stores in '*stats' how asking ovs-vswitchd about flows stands.  Returns
 * false if it is not asked. */
bool
session_get_enrichment(const struct session *s, struct enrich_stats *stats)
{
    if (s->enricher) {
        enricher_get_stats(s->enricher, stats);
    }
    return s->enricher != NULL;
}

/* Stores in 'c' how many records there were.  While upcalls come, 'produced'
 * includes those that are in the ring buffer; call session_catch_up() before
 * to have them delivered. */
void
session_get_counters(const struct session *s, struct session_counters *c)
{
    struct attach_counters kernel = s->counters;

    if (s->attachment) {
        attach_get_counters(s->attachment, &kernel);
    }
    memset(c, 0, sizeof *c);
    c->produced = kernel.produced + s->collected;
    c->delivered = s->delivered;
    kernel.dropped[UPCALL_DROP_STOPPED] = s->late;
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        c->by_cause[i] = kernel.dropped[i];
        c->dropped += kernel.dropped[i];
    }
    c->undecided = kernel.undecided;
    c->in_flight = kernel.seen > c->produced ? kernel.seen - c->produced : 0;
}

/* Stores in 'c' how many records of passes there were, as
 * session_get_counters() does.  Returns false if none are recorded. */
bool
session_get_pass_counters(const struct session *s,
                          struct trace_pass_counts *c)
{
    struct attach_pass_counters kernel = s->pass_counters;
    struct attach_hook hooks[PASS_N_HOOKS] = { { .hits = 0 } };

    if (!session_has_passes(s)) {
        return false;
    }
    if (s->attachment) {
        attach_get_pass_counters(s->attachment, &kernel);
    }
    session_get_pass_hooks(s, hooks);
    memset(c, 0, sizeof *c);
    c->seen = (hooks[PASS_HOOK_PROCESS].hits + hooks[PASS_HOOK_EXECUTE].hits);
    c->produced = kernel.produced;
    c->delivered = s->passes_delivered;
    for (int i = 0; i < PASS_N_DROPS; i++) {
        c->by_cause[i] = kernel.dropped[i];
        c->dropped += kernel.dropped[i];
    }
    return true;
}

/* Returns true if 's' runs and reads the bytes of packets that are in pages,
 * too. */
bool
session_sees_pages(const struct session *s)
{
    return s->attachment && attach_sees_pages(s->attachment);
}

/* Describes the hooks of 's' that see passes.  Returns how many it has: 0 if
 * passes are not recorded. */
size_t
session_get_pass_hooks(const struct session *s,
                       struct attach_hook hooks[PASS_N_HOOKS])
{
    if (s->attachment) {
        return attach_get_pass_hooks(s->attachment, hooks);
    }
    memcpy(hooks, s->pass_hooks, sizeof s->pass_hooks);
    return s->n_pass_hooks;
}

/* Describes the hooks of 's'. */
void
session_get_hooks(const struct session *s,
                  struct attach_hook hooks[UPCALL_N_HOOKS])
{
    if (s->attachment) {
        attach_get_hooks(s->attachment, hooks);
    } else {
        memcpy(hooks, s->hooks, sizeof s->hooks);
    }
}

/* Stores in '*counts' what the handler threads have counted. */
void
session_get_counts(const struct session *s, struct upcall_counts *counts)
{
    if (s->attachment) {
        attach_get_counts(s->attachment, counts);
    } else {
        *counts = s->counts;
    }
}

/* Does what attach_get_runs() does.  Returns 0 if 's' is not running. */
size_t
session_get_runs(const struct session *s,
                 struct attach_run runs[ATTACH_RUNS_MAX])
{
    return s->attachment ? attach_get_runs(s->attachment, runs) : 0;
}

/* Returns the memory of 's' in the kernel, in bytes. */
size_t
session_get_memory(const struct session *s)
{
    return s->attachment ? attach_get_memory(s->attachment) : 0;
}
