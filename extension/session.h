/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SESSION_H
#define EXTENSION_SESSION_H 1

/* One trace, from start to stop, and what it has recorded. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach.h"
#include "show/stats-show.h"
#include "store/history.h"
#include "store/start-options.h"
#include "vport-monitor.h"

struct enrich_stats;
struct filter;
struct trigger_stats;
struct flow_table;
struct kernel_layout;
struct pass_stats;
struct port_map;
struct session;
struct svec;
struct target;
struct trace_pass_counts;
struct upcall_stats;
struct vswitchd_stats;

char *session_start(const struct start_options *, const struct filter *,
                    bool quiet, struct session **);
void session_save(struct session *);
void session_stop(struct session *);
void session_destroy(struct session *);

void session_run(struct session *);
void session_wait(struct session *);
void session_catch_up(struct session *);
void session_keep_up(struct session *);

/* What there is to see of a trace.  What this refers to is that of the session
 * and changes with it. */
struct session_view {
    bool running;
    const char *why_stopped;    /* NULL if it is running. */
    long long int started;      /* When, in ms since the epoch. */
    const struct target *target;        /* The ovs-vswitchd. */
    const char *usdt_error;     /* Why a trace with --track=full has no USDT
                                 * tier any more, NULL if it has. */
    const struct start_options *options;

    /* What is recorded. */
    const struct history *history;      /* Upcalls that have ended. */
    const struct port_map *ports;       /* Names of their ports. */
    const struct kernel_layout *layout; /* Of the actions of passes. */
    const struct flow_table *flows;     /* Those that ovs-vswitchd is asked
                                         * about, NULL if it is not. */

    /* Statistics of that. */
    const struct upcall_stats *stats;
    const struct pass_stats *passes;    /* NULL without --datapath. */
    const struct vswitchd_stats *vswitchd;      /* NULL without
                                                 * --track=full. */
    uint64_t n_gaps;            /* How often a reader missed records, */
    uint64_t gap_records;       /* and how many. */
};

struct session_view session_view(const struct session *);
void session_clear(struct session *);

/* What is under way. */
typedef void session_pending_cb(const struct upcall_record *, size_t size,
                                void *aux);
void session_for_each_pending(struct session *, session_pending_cb *,
                              void *aux);

/* Statistics of that. */
void session_reset_stats(struct session *, const struct stats_frame *);
void session_get_stats_frame(const struct session *, struct stats_frame *,
                             struct stats_datapath dps[VPORT_DATAPATHS_MAX]);
bool session_was_reset(const struct session *, uint64_t *began,
                       long long int *began_wall);
uint64_t session_get_vswitchd_probe(const struct session *,
                                    enum vswitchd_probe, bool *attached);
void session_note_gap(struct session *, uint64_t n);

/* How it stands. */
struct session_counters {
    uint64_t produced;          /* Records completed. */
    uint64_t delivered;         /* Of these, put into the history. */
    uint64_t dropped;           /* Of these, lost on the way. */
    uint64_t by_cause[UPCALL_N_DROPS];
    uint64_t in_flight;         /* Upcalls that have not ended. */
    uint64_t undecided;         /* Packets that the filter let pass since not
                                 * all that it had to know could be read. */
};

/* What the datapaths have counted, beside what was seen of it. */
struct datapath_comparison {
    uint64_t missed;            /* Packets that no flow matched. */
    uint64_t missed_seen;       /* Those that the programs have seen. */
    uint64_t lost;              /* Packets that did not get to user space. */
    uint64_t lost_seen;
    uint64_t unseen;            /* So many of 'missed' were not seen, at
                                 * least. */
};

bool session_get_pass_counters(const struct session *,
                               struct trace_pass_counts *);
void session_get_counters(const struct session *, struct session_counters *);
void session_get_hooks(const struct session *,
                       struct attach_hook hooks[UPCALL_N_HOOKS]);
bool session_sees_pages(const struct session *);
size_t session_get_pass_hooks(const struct session *,
                              struct attach_hook hooks[PASS_N_HOOKS]);
void session_get_counts(const struct session *, struct upcall_counts *);
bool session_get_absent_ports(const struct session *, struct svec *);
size_t session_get_runs(const struct session *,
                        struct attach_run runs[ATTACH_RUNS_MAX]);
size_t session_get_memory(const struct session *);
bool session_get_comparison(struct session *, struct datapath_comparison *);
bool session_get_trigger(const struct session *, struct trigger_stats *);
bool session_get_enrichment(const struct session *, struct enrich_stats *);

#endif /* extension/session.h */
