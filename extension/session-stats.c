/* SPDX-License-Identifier: Apache-2.0 */

/* The statistics of a trace: the third part of session.h. */

#include <config.h>

#include "session-private.h"

#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "store/pass-stats.h"
#include "store/upcall-stats.h"
#include "timeval.h"
#include "util.h"

/* Begins the statistics of 's', but for what the datapaths have lost. */
static void
start_period(struct session *s)
{
    s->stats_since = clock_ns();
    s->stats_since_wall = time_wall_msec();
    s->gaps = s->gap_records = 0;
    if (s->attachment) {
        session_update_vswitchd(s);
    }
    vswitchd_stats_clear(&s->vswitchd, s->stats_since);
}

/* Has what the datapaths have counted by now not belong to the statistics of
 * 's'. */
void
session_forget_counts(struct session *s)
{
    s->n_counts_before = (s->vports
                          ? vport_monitor_get_counts(s->vports,
                                                     s->counts_before)
                          : 0);
}

/* Returns what datapath 'dp_ifindex' had lost when the statistics began: 0 if
 * there was no such datapath. */
static uint64_t
get_lost_before(const struct session *s, uint32_t dp_ifindex)
{
    for (size_t i = 0; i < s->n_counts_before; i++) {
        if (s->counts_before[i].dp_ifindex == dp_ifindex) {
            return s->counts_before[i].lost;
        }
    }
    return 0;
}

/* Adds 'sample' to the statistics of the session 's_'. */
void
session_add_sample(const struct vswitchd_sample *sample, void *s_)
{
    struct session *s = s_;

    vswitchd_stats_add(&s->vswitchd, sample);
}

/* Has the statistics of 's' know what the programs have counted by now. */
void
session_update_vswitchd(struct session *s)
{
    struct vswitchd_stats *v = &s->vswitchd;

    attach_get_vswitchd_counts(s->attachment, &v->now);
    v->loop_start = attach_get_loop_start(s->attachment);
    for (int i = 0; i < VSWITCHD_N_PROBES; i++) {
        if (attach_has_vswitchd_probe(s->attachment, i)) {
            v->known |= 1u << i;
        }
    }
}

/* Prepares the statistics of 's', whose ports are known. */
void
session_init_stats(struct session *s)
{
    s->stats = upcall_stats_create(s->ports);
    s->passes = session_has_passes(s) ? pass_stats_create(s->ports) : NULL;
}

/* Begins the statistics of 's', when it is attached: what the datapaths lost
 * before has not been seen. */
void
session_start_stats(struct session *s)
{
    start_period(s);
    session_forget_counts(s);
    s->began = s->stats_since;
    s->began_wall = s->stats_since_wall;
}

/* Returns true if the statistics of 's' are not those of all that it has
 * recorded, as they were started anew.  Stores in '*began' and '*began_wall'
 * when it began to record, as in struct stats_frame. */
bool
session_was_reset(const struct session *s, uint64_t *began,
                  long long int *began_wall)
{
    *began = s->began;
    *began_wall = s->began_wall;
    return s->stats_since != s->began;
}

/* Keeps what is known when the trace is about to stop. */
void
session_stop_stats(struct session *s)
{
    session_update_vswitchd(s);
    s->stopped_at = clock_ns();
    s->n_counts_at_stop = vport_monitor_get_counts(s->vports,
                                                   s->counts_at_stop);
}

/* Starts the statistics of 's' anew.  If it is not running, they stay empty.
 * 'frame' is what session_get_stats_frame() has said of what they were, so
 * that whatever the datapaths have lost belongs to either period; or NULL. */
void
session_reset_stats(struct session *s, const struct stats_frame *frame)
{
    upcall_stats_clear(s->stats);
    if (s->passes) {
        pass_stats_clear(s->passes);
    }
    start_period(s);
    if (!s->vports) {
        s->stopped_at = s->stats_since;
        s->n_counts_at_stop = 0;
    } else if (!frame) {
        session_forget_counts(s);
    } else {
        struct stats_datapath dps[VPORT_DATAPATHS_MAX] = { { 0, 0, 0 } };

        for (size_t i = 0; i < frame->n_datapaths; i++) {
            dps[i] = frame->datapaths[i];
            dps[i].lost += get_lost_before(s, dps[i].dp_ifindex);
        }
        s->n_counts_before = frame->n_datapaths;
        memcpy(s->counts_before, dps, sizeof dps);
    }
}

/* Stores in '*attached' whether 's' is attached to 'probe', and returns how
 * often it was hit. */
uint64_t
session_get_vswitchd_probe(const struct session *s, enum vswitchd_probe probe,
                           bool *attached)
{
    struct vswitchd_counts counts = s->vswitchd.now;

    *attached = false;
    if (s->attachment) {
        *attached = attach_has_vswitchd_probe(s->attachment, probe);
        attach_get_vswitchd_counts(s->attachment, &counts);
    }
    return counts.hits[probe];
}

/* Stores in '*frame' what belongs to the statistics of 's', with its
 * datapaths in 'dps'.  Call session_catch_up() before, so that what the
 * datapaths have counted has also been recorded. */
void
session_get_stats_frame(const struct session *s, struct stats_frame *frame,
                        struct stats_datapath dps[VPORT_DATAPATHS_MAX])
{
    if (s->vports) {
        frame->n_datapaths = vport_monitor_get_counts(s->vports, dps);
    } else {
        frame->n_datapaths = s->n_counts_at_stop;
        memcpy(dps, s->counts_at_stop, sizeof s->counts_at_stop);
    }
    for (size_t i = 0; i < frame->n_datapaths; i++) {
        dps[i].lost -= MIN(dps[i].lost, get_lost_before(s, dps[i].dp_ifindex));
    }
    frame->datapaths = dps;
    frame->since_wall = s->stats_since_wall;
    frame->since = s->stats_since;
    frame->now = s->stopped_at ? s->stopped_at : clock_ns();
}

/* Notes that a reader was told that it has missed 'n' records. */
void
session_note_gap(struct session *s, uint64_t n)
{
    s->gaps++;
    s->gap_records += n;
}
