/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_ANSWER_H
#define LIB_FLOW_ANSWER_H 1

/* What ovs-vswitchd answers when it is asked about a flow, in the words of OVS
 * 3.1 to 4.0.  Nothing in an answer is believed: what is stored is printable
 * and has a limit. */

#include <stdbool.h>
#include <stdint.h>

struct ds;

/* What an answer means. */
enum flow_answer {
    FLOW_ANSWER_OK,
    FLOW_ANSWER_NO_CACHE,       /* ovs-vswitchd keeps no rules of the flow
                                 * (yet). */
    FLOW_ANSWER_NO_FLOW,        /* There is no such flow (any more). */
    FLOW_ANSWER_AMBIGUOUS,      /* Several datapaths have such a flow. */
    FLOW_ANSWER_NO_RULES,       /* It has none. */
    FLOW_ANSWER_BAD,            /* It is none of what OVS would answer. */
};

/* Counters of a flow, from dpctl/get-flow. */
struct flow_counters {
    uint64_t packets;
    uint64_t bytes;
};

bool flow_answer_lists(const char *text, const char *command);
int flow_answer_count_datapaths(const char *text);

enum flow_answer flow_answer_detrace(const char *text, const char *datapath,
                                     int n_datapaths, struct ds *rules);
enum flow_answer flow_answer_trace(const char *text, struct ds *rules,
                                   struct ds *actions);
enum flow_answer flow_answer_get_flow(const char *text,
                                      struct flow_counters *,
                                      struct ds *match, struct ds *actions);
enum flow_answer flow_answer_get_flow_error(const char *text);

#endif /* lib/flow/flow-answer.h */
