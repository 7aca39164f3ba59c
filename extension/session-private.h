/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SESSION_PRIVATE_H
#define EXTENSION_SESSION_PRIVATE_H 1

/* What the files that implement session.h share:
 *
 *   session.c          from start to stop, and what is recorded
 *   session-follow.c   the target and its ports, which change meanwhile
 *   session-stats.c    its statistics
 *   session-view.c     what others see of it
 */

#include "backoff.h"
#include "record/kernel-actions.h"
#include "session.h"
#include "show/stats-show.h"
#include "store/vswitchd-stats.h"
#include "vport-monitor.h"

/* What all datapaths have counted since they exist, and which these are. */
struct datapath_counts {
    uint64_t missed, lost;
    uint32_t which;
};

struct session {
    struct start_options options;
    struct target *target;
    struct version_query *version_query;        /* Of 'target'. */
    bool target_ended;          /* Was that said? */
    struct port_map *ports;
    struct vport_monitor *vports;       /* NULL once stopped. */
    struct history *history;
    struct attachment *attachment;      /* NULL once stopped. */
    struct sweeper *sweeper;            /* Of the attachment, likewise. */
    struct enricher *enricher;          /* NULL without --enrich. */
    struct trigger *trigger;            /* NULL without --trigger. */

    struct kernel_layout layout;        /* Of the kernel's actions. */
    struct pass_links *links;   /* Parents of passes. */

    /* Records. */
    uint64_t collected;         /* Completed by the sweeper. */
    uint64_t delivered;
    uint64_t passes_delivered;
    uint64_t late;              /* Came after the last one asked for. */
    void *copy;                 /* For copy_record(). */
    size_t copy_size;

    /* Statistics. */
    struct upcall_stats *stats;
    struct pass_stats *passes;  /* NULL without --datapath. */
    uint64_t stats_since;       /* When they began, CLOCK_MONOTONIC, ns. */
    long long int stats_since_wall;     /* The same, ms since the epoch. */
    uint64_t began;             /* When the first statistics of the trace */
    long long int began_wall;   /* began: likewise. */
    uint64_t stopped_at;        /* When the trace ended; 0 if it has not. */
    struct vswitchd_stats vswitchd;     /* Nothing without --track=full. */
    uint64_t gaps;              /* How often a reader missed records, */
    uint64_t gap_records;       /* and how many. */

    /* What datapaths had counted when the statistics began, and in the end. */
    struct stats_datapath counts_before[VPORT_DATAPATHS_MAX];
    struct stats_datapath counts_at_stop[VPORT_DATAPATHS_MAX];
    size_t n_counts_before, n_counts_at_stop;

    /* See session-datapath.c. */
    bool has_base;
    struct datapath_counts base;
    struct attach_counters seen_before;
    bool has_comparison;
    struct datapath_comparison comparison;

    /* Time, in ms of time_msec() or time_wall_msec(). */
    long long int started;      /* Wall clock. */
    long long int stop_at;      /* LLONG_MAX for never. */
    long long int last_active;
    long long int last_read;    /* When records were last looked for. */
    bool has_more;              /* Are there records to be read at once? */
    long long int next_sweep;

    /* For session_follow(). */
    char *usdt_error;           /* Why there is no USDT tier, or NULL. */
    struct backoff netns_backoff;       /* For another network namespace. */
    struct backoff target_backoff;      /* For what a new target lacks. */

    /* What is left of the attachment once it is stopped. */
    const char *why_stopped;
    struct attach_counters counters;
    struct upcall_counts counts;
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct attach_pass_counters pass_counters;
    struct attach_hook pass_hooks[PASS_N_HOOKS];
    size_t n_pass_hooks;
};

static inline bool
session_is_full(const struct session *s)
{
    return s->options.track != UPCALL_TRACK_KERNEL;
}

/* Returns true if 's' records passes. */
static inline bool
session_has_passes(const struct session *s)
{
    return s->options.datapath != UPCALL_DATAPATH_OFF;
}

/* session-datapath.c. */
void session_begin_comparison(struct session *);
void session_end_comparison(struct session *);

/* session-follow.c. */
void session_follow_vports(struct session *);
void session_choose_ports(struct session *);
void session_follow(struct session *);
void session_ask_version(struct session *);
void session_run_version(struct session *);

/* session-stats.c. */
void session_init_stats(struct session *);
void session_start_stats(struct session *);
void session_forget_counts(struct session *);
void session_stop_stats(struct session *);
void session_add_sample(const struct vswitchd_sample *, void *session);
void session_update_vswitchd(struct session *);

#endif /* extension/session-private.h */
