/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ENRICHER_H
#define LIB_ENRICHER_H 1

/* Asks ovs-vswitchd about the flows of a flow table, at a limited rate.
 *
 * There is one request at a time, and never more of them in a second than the
 * rate, whatever happens: what ovs-vswitchd can do is asked at the same
 * expense.  When it does not answer, the flows wait. */

#include <stdbool.h>
#include <stdint.h>

struct enricher;
struct flow_table;
struct kernel_layout;
struct pass;
struct port_map;
struct upcall;

/* Commands that ovs-vswitchd is asked.
 *
 * X(ENUM, NAME) */
#define ENRICH_COMMANDS                                                 \
    X(LIST_COMMANDS, "list-commands")                                   \
    X(DUMP_DATAPATHS, "dpif/dump-dps")                                  \
    X(DETRACE, "ofproto/detrace")                                       \
    X(TRACE, "ofproto/trace")                                           \
    X(GET_FLOW, "dpctl/get-flow")

enum enrich_command {
#define X(ENUM, NAME) ENRICH_##ENUM,
    ENRICH_COMMANDS
#undef X
    ENRICH_N_COMMANDS
};

/* How it stands. */
struct enrich_stats {
    uint64_t rate;              /* Most requests in a second. */
    uint64_t requests;
    uint64_t answers;           /* Replies that could be used. */
    uint64_t errors;            /* Error replies, and others that could not. */
    uint64_t timeouts;
    uint64_t failures;          /* No answer for another reason. */
    uint64_t tokens;            /* Requests that could be sent at once: 1 or
                                 * 0. */
    struct {
        uint64_t count;         /* Answers. */
        uint64_t total, max;    /* Time from request to answer, in us. */
    } commands[ENRICH_N_COMMANDS];
    char *last_error;           /* Of the connection; to be freed. */
};

struct enricher *enricher_create(unsigned int rate, const struct port_map *);
void enricher_destroy(struct enricher *);

void enricher_set_path(struct enricher *, const char *path);
void enricher_add(struct enricher *, const struct upcall *);
void enricher_add_pass(struct enricher *, const struct pass *,
                       const struct kernel_layout *);
void enricher_stop(struct enricher *);
void enricher_clear(struct enricher *);
void enricher_run(struct enricher *);
void enricher_wait(struct enricher *);

const struct flow_table *enricher_flows(const struct enricher *);
void enricher_get_stats(const struct enricher *, struct enrich_stats *);

const char *enrich_command_name(int command);

#endif /* lib/flow/enricher.h */
