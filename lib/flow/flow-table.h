/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_TABLE_H
#define LIB_FLOW_TABLE_H 1

/* The datapath flows that upcalls have installed, and what ovs-vswitchd has
 * told about them; and those that the kernel has refused, of which only the
 * rules can be asked for.
 *
 * Each successful put is an installation of its own: a flow that is removed
 * and installed anew, perhaps with other actions, is asked about anew, and the
 * records of earlier ones keep what was true for them.  An installation is
 * known by the number of the upcall that made it.
 *
 * Those that have to be asked about wait in a queue: the last installation of
 * each flow, those that were installed most often first, of these the newest.
 * Those that are only asked about again, whether they are still the same, wait
 * in another one, and come after all of these.
 *
 * Where passes are recorded, a flow that a packet has hit, and that no upcall
 * is known to have put, is found by that.  Such flows wait in a queue of their
 * own, those that were hit most often first.  One that is gone is asked about
 * again if it is hit again.
 *
 * The memory of a table is limited; the oldest installations are forgotten
 * first, or flows that were found and not hit for long. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/dp-flow.h"

struct flow_table;
struct kernel_layout;
struct pass;

/* How a table stands. */
struct flow_table_stats {
    uint64_t n_flows;           /* Installations that are known. */
    uint64_t n_queued;          /* To be asked about, */
    uint64_t n_check_queued;    /* of these, only again, */
    uint64_t n_found_queued;    /* or found by hits. */
    uint64_t n_dropped;         /* Forgotten before they were asked about. */
    size_t bytes, limit;
};

/* What a file says about the flow of a record. */
struct said_flow {
    uint64_t id;                /* Of the upcall that has put it; of one that a
                                 * pass has hit, any. */
    const uint8_t *ufid;        /* Of one that a pass has hit, else NULL. */
    uint32_t dp_ifindex;        /* Then of its datapath. */
    enum flow_state state;

    /* As in struct dp_flow, each may be NULL. */
    const char *error, *source, *rules, *installed_as, *told;
};

/* What another table, whose owner asks ovs-vswitchd, says about a flow that
 * packets have hit. */
struct told_flow {
    struct said_flow said;      /* Its 'ufid' is not NULL, its 'source' a
                                 * constant. */
    uint64_t put_ts;            /* As in struct dp_flow. */
    uint64_t failed_at;
    bool modified;
};

struct flow_table *flow_table_create(size_t limit);
void flow_table_destroy(struct flow_table *);
void flow_table_clear(struct flow_table *);
void flow_table_stop(struct flow_table *);

void flow_table_add(struct flow_table *, const struct upcall *, int delay_ms);
const struct dp_flow *flow_table_find(const struct flow_table *, uint64_t id);
const struct dp_flow *flow_table_find_at(const struct flow_table *,
                                         uint32_t dp_ifindex,
                                         const uint8_t ufid[16], uint64_t ts);
const struct dp_flow *flow_table_first(const struct flow_table *);
const struct dp_flow *flow_table_next(const struct flow_table *,
                                   const struct dp_flow *);
void flow_table_get_stats(const struct flow_table *,
                          struct flow_table_stats *);

struct dp_flow *flow_table_pop(struct flow_table *);
long long int flow_table_next_try(struct flow_table *);
bool flow_table_requeue(struct flow_table *, struct dp_flow *, int delay_ms);
void flow_table_settle(struct flow_table *, struct dp_flow *, int delay_ms);
struct dp_flow *flow_table_pop_settled(struct flow_table *, bool all);
long long int flow_table_next_settled(const struct flow_table *);
struct dp_flow *flow_table_get(struct flow_table *, uint64_t id);
void flow_table_done(struct flow_table *, struct dp_flow *, enum flow_state,
                     const char *error);
void flow_table_set_rules(struct flow_table *, struct dp_flow *,
                          const char *rules, const char *source);
void flow_table_set_match(struct flow_table *, struct dp_flow *,
                          const char *match);
void flow_table_set_told(struct flow_table *, struct dp_flow *,
                         const char *match, const char *actions);
void flow_table_set_now(struct flow_table *, struct dp_flow *,
                        const char *actions);

void flow_table_say(struct flow_table *, const struct said_flow *);

/* Hits. */
void flow_table_add_hit(struct flow_table *, const struct pass *,
                        const struct kernel_layout *);
void flow_table_checked(struct dp_flow *, bool same, uint64_t sent);
void flow_table_take_found(struct flow_table *, const struct told_flow *);

/* Calls 'cb' for the flows whose result has changed after the change
 * '*serial', and sets that to the last one it was called for. */
uint64_t flow_table_serial(const struct flow_table *);
void flow_table_changes(const struct flow_table *, uint64_t *serial,
                        bool (*cb)(const struct dp_flow *, void *aux),
                        void *aux);

const char *flow_state_name(int state);

#endif /* lib/flow/flow-table.h */
