/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ENRICHER_PRIVATE_H
#define LIB_ENRICHER_PRIVATE_H 1

/* What enricher.c, which asks, and enricher-answers.c share. */

#include <stdbool.h>
#include <stdint.h>

#include "flow/enricher.h"
#include "openvswitch/token-bucket.h"

struct ctl_answer;
struct dp_flow;

struct enricher {
    struct ctl_client *client;
    struct flow_table *flows;
    const struct port_map *ports;
    struct token_bucket bucket;
    struct enrich_stats stats;

    /* What is known of ovs-vswitchd. */
    bool has_commands;          /* Has list-commands been answered? */
    bool has_detrace;
    int n_datapaths;            /* Types of them; 0 if unknown. */
    long long int datapaths_at; /* When that was asked, time_msec(). */

    /* The request in progress. */
    enum enrich_command command;
    uint64_t flow;              /* Number of the flow; 0 if it is of none. */
    uint64_t sent;              /* When it was sent, clock_ns(). */
    bool next_is_same;          /* Ask about that flow again at once. */

    /* When there was no answer. */
    int pause;                  /* In ms; 0 if there was one. */
    long long int paused_until;
};

void enricher_forget_target(struct enricher *);
void enricher_finish_flow(struct enricher *, struct dp_flow *);
char *enricher_datapath_name(const struct enricher *, const struct dp_flow *,
                             const char *prefix);
void enricher_handle_answer(struct enricher *, const struct ctl_answer *);

#endif /* lib/flow/enricher-private.h */
