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
 * The memory of a table is limited; the oldest installations are forgotten
 * first. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow-answer.h"
#include "heap.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "record/record.h"

struct flow_table;

/* What is known of a flow.
 *
 * X(ENUM, NAME) */
#define FLOW_STATES                                                       \
    X(COMPLETE, "complete")     /* All, with its OpenFlow rules. */       \
    X(PARTIAL, "partial")       /* What the kernel tells, and no more. */ \
    X(PENDING, "pending")       /* ovs-vswitchd is still to be asked. */  \
    X(FAILED, "failed")         /* ovs-vswitchd could not tell. */

enum flow_state {
#define X(ENUM, NAME) FLOW_##ENUM,
    FLOW_STATES
#undef X
    FLOW_N_STATES
};

/* What to ask next about a flow. */
enum flow_step {
    FLOW_ASK_DETRACE,           /* ofproto/detrace: its rules. */
    FLOW_ASK_TRACE,             /* ofproto/trace: the rules for its key. */
    FLOW_ASK_GET,               /* dpctl/get-flow: is it still the same? */
};

/* An installation of a flow. */
struct dp_flow {
    /* For flow-table.c. */
    struct hmap_node id_node;
    struct hmap_node ufid_node; /* For the last installation, by 'put_ts'. */
    bool is_last;
    struct ovs_list age_node;
    struct ovs_list change_node;        /* Once it is not pending. */
    uint64_t serial;            /* Number of its last change, 0 for none. */
    long long int installed;    /* time_msec() when it was added. */

    /* For flow-queue.c. */
    struct heap *queue;         /* The one that it is in, or NULL. */
    struct heap_node queue_node;
    bool settling;              /* See flow_table_settle(). */
    struct ovs_list settle_node;
    long long int next_try;     /* time_msec(). */

    /* Which it is. */
    uint64_t id;                /* Number of the upcall. */
    uint32_t dp_ifindex;
    uint8_t ufid[16];
    uint64_t put_ts;            /* When it was put, in ns of the kernel. */
    uint64_t n_installed;       /* So often was the flow installed so far. */
    struct upcall_attrs key, mask, actions;     /* Of the put. */
    int refused;                /* Why the kernel has refused it, a positive
                                 * errno value, or 0.  It is then no
                                 * installation, and never the last one. */

    /* What is known. */
    enum flow_state state;
    char *error;                /* Why it is not complete, or NULL. */
    const char *source;         /* Command that told the rules, or NULL. */
    char *rules;                /* See flow-rules.h; NULL if unknown. */
    const char *no_rules;       /* Why they are unknown, a constant, if asking
                                 * for them has ended so; or NULL. */
    bool modified;              /* 'rules' and 'now' are those of a later
                                 * modification. */
    char *now;                  /* Its actions then, or NULL. */
    char *installed_as;         /* What the kernel matches, if that is not what
                                 * was asked for, or NULL. */
    bool has_counters;
    struct flow_counters counters;

    /* For whoever asks. */
    enum flow_step step;
    int n_no_cache;             /* Answers that there are no rules yet. */
    int n_failed;               /* Requests without answer. */
};

/* How a table stands. */
struct flow_table_stats {
    uint64_t n_flows;           /* Installations that are known. */
    uint64_t n_queued;          /* To be asked about. */
    uint64_t n_dropped;         /* Forgotten before they were asked about. */
    size_t bytes, limit;
};

struct flow_table *flow_table_create(size_t limit);
void flow_table_destroy(struct flow_table *);
void flow_table_clear(struct flow_table *);
void flow_table_stop(struct flow_table *);

void flow_table_add(struct flow_table *, const struct upcall *, int delay_ms);
const struct dp_flow *flow_table_find(const struct flow_table *, uint64_t id);
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
void flow_table_set_now(struct flow_table *, struct dp_flow *,
                        const char *actions);

/* Calls 'cb' for the flows whose result has changed after the change
 * '*serial', and sets that to the last one it was called for. */
uint64_t flow_table_serial(const struct flow_table *);
void flow_table_changes(const struct flow_table *, uint64_t *serial,
                        bool (*cb)(const struct dp_flow *, void *aux),
                        void *aux);

const char *flow_state_name(int state);

#endif /* lib/flow/flow-table.h */
