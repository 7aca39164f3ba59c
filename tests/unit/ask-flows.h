/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ASK_FLOWS_H
#define TESTS_ASK_FLOWS_H 1

/* An enricher that asks a fake ovs-vswitchd about flows, for tests. */

#include <stdint.h>

#include "fake-vswitchd.h"
#include "flow/enricher.h"
#include "flow/flow-table.h"
#include "timeval.h"

struct build;
struct build_pass;

/* Some answers, and what is in them. */
#define ASK_RULE "cookie=0x1, duration=14s, priority=10,actions=output:2"
#define ASK_MATCH \
    "in_port(3),recirc_id(0),eth(),eth_type(0x0800),ipv4(frag=no)"
#define ASK_FLOW ASK_MATCH ", packets:1, bytes:98, used:0.1s, actions:"
#define ASK_NO_CACHE "Cache was not found for system@ovs-system\n"
#define ASK_NO_FLOW "UFID was not found for system@ovs-system\n"
#define ASK_TRACE "bridge(\"br0\")\n-------------\n 0. priority 10\n" \
    "    output:2\n\nDatapath actions: "

/* What ask_setup() makes. */
extern char ask_path[64];       /* Socket of the fake ovs-vswitchd, which tests
                                 * start. */
extern struct port_map *ask_ports;
extern struct enricher *ask_enricher;

void ask_setup(void);
void ask_teardown(void);

void ask_add_put(uint64_t id, uint8_t ufid, const char *actions, int ret);
void ask_add_flow_with(uint64_t id, uint8_t ufid, const char *actions);
void ask_add_flow(uint64_t id);
const struct dp_flow *ask_find_flow(uint64_t id);

/* Tables of flows. */
void ask_build_put(struct build *, uint64_t id, const char *actions, int ret);
void ask_add_hit(struct flow_table *, struct build_pass *,
                 const struct kernel_layout *);
void ask_wait_until_due(const struct flow_table *);
void ask_check_next(struct flow_table *, uint64_t id);

/* Runs until CONDITION is true. */
#define ASK_UNTIL(CONDITION)                                                  \
    for (long long int limit = time_msec() + 300 * 1000; !(CONDITION); ) {    \
        ck_assert_msg(time_msec() < limit, "not within 300 s: " #CONDITION);  \
        ask_run_for(20);                                                      \
    }

void ask_run_for(int ms);
const struct dp_flow *ask_until_done(uint64_t id);
struct enrich_stats ask_get_stats(void);

struct fake_answers ask_usual(void);
void ask_check_flow(const struct fake_answers *, enum flow_state,
                    const char *error, const char *source, const char *rules);

#endif /* tests/unit/ask-flows.h */
