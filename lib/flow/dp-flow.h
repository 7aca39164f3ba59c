/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_DP_FLOW_H
#define LIB_DP_FLOW_H 1

/* A datapath flow in a flow table, see flow/flow-table.h. */

#include <stdbool.h>
#include <stdint.h>

#include "flow/flow-answer.h"
#include "flow/hidden-actions.h"
#include "heap.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "record/record.h"

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
    FLOW_ASK_AGAIN,             /* Likewise, when all else is known. */
};

/* Ids of flows that no upcall has put begin here: as far, numbers of upcalls
 * do not get, and programs that read JSON have no problem with them. */
#define FLOW_FOUND_ID (UINT64_C(1) << 52)

/* Between what a flow matches and its actions. */
#define FLOW_ACTIONS_PREFIX ", actions:"

/* An installation of a flow, or a flow whose installation was not seen. */
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
    uint64_t id;                /* Number of the upcall; if 'found', one of the
                                 * table's own, from FLOW_FOUND_ID on. */
    uint32_t dp_ifindex;
    uint8_t ufid[16];
    uint64_t put_ts;            /* When it was put, in ns of the kernel; if
                                 * 'found', the end of the first lookup that
                                 * has hit it. */
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

    /* Hits, see flow-table-hits.c. */
    uint64_t n_hits;
    bool found;                 /* It is known by these alone. */
    struct ovs_list found_node; /* Of these, that hit last is at the end. */
    uint64_t failed_at;         /* When it was FLOW_FAILED, like 'put_ts'. */
    int n_found;                /* Times that it was asked about. */
    char *told;                 /* If 'found', what dpctl/get-flow told: what
                                 * it matches, FLOW_ACTIONS_PREFIX and its
                                 * actions; or NULL. */
    bool is_said;               /* It was read from a file, see
                                 * flow_table_say(): all that is known of it
                                 * is about the record that refers to it. */
    char *said_source;          /* Then what 'source' points to, or NULL. */
    struct hidden_actions hidden;
    bool is_checked;            /* Is FLOW_ASK_AGAIN to be answered? */
    unsigned int n_checks;      /* How often it was. */

    /* For whoever asks. */
    enum flow_step step;
    int n_no_cache;             /* Answers that there are no rules yet. */
    int n_failed;               /* Requests without answer. */
};

#endif /* lib/flow/dp-flow.h */
