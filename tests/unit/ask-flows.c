/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "ask-flows.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build-pass.h"
#include "build-record.h"
#include "openvswitch/poll-loop.h"
#include "record/pass.h"
#include "record/record.h"
#include "store/port-map.h"
#include "timeval.h"

static char directory[] = "/tmp/test-flows-XXXXXX";
char ask_path[64];
struct port_map *ask_ports;
struct enricher *ask_enricher;

/* Creates the enricher, which may ask 1000 times a second. */
void
ask_setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(ask_path, sizeof ask_path, "%s/ctl", directory);
    ask_ports = port_map_create(16);
    port_map_add(ask_ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    ask_enricher = enricher_create(1000, ask_ports);
}

/* Destroys it, and ends the fake ovs-vswitchd. */
void
ask_teardown(void)
{
    enricher_destroy(ask_enricher);
    port_map_destroy(ask_ports);
    fake_vswitchd_stop();
    rmdir(directory);
}

/* Makes 'b' the upcall 'id', which has put the flow ASK_MATCH with 'actions',
 * to which the kernel returned 'ret'. */
void
ask_build_put(struct build *b, uint64_t id, const char *actions, int ret)
{
    build_init(b, UPCALL_CLASS_MISS);
    build_message(b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(b);
    build_put(b, ASK_MATCH, actions, ret);
    b->rec.id = id;
    b->rec.ret_word = UPCALL_RET_TAG(id);
}

/* Adds the hit 'b', which is freed, to 't'. */
void
ask_add_hit(struct flow_table *t, struct build_pass *b,
            const struct kernel_layout *layout)
{
    struct pass p;
    void *data = build_pass_parse(b, &p);

    flow_table_add_hit(t, &p, layout);
    free(data);
}

/* Waits until all flows of 't' that are to be asked about may be. */
void
ask_wait_until_due(const struct flow_table *t)
{
    const struct dp_flow *f;

    for (f = flow_table_first(t); f; f = flow_table_next(t, f)) {
        while (f->queue && time_msec() < f->next_try) {
            usleep(10 * 1000);
        }
    }
}

/* Takes the flow that is to be asked about next from 't'.  Fails unless it is
 * that of upcall 'id', or with 0, unless there is none. */
void
ask_check_next(struct flow_table *t, uint64_t id)
{
    const struct dp_flow *f = flow_table_pop(t);

    ck_assert_uint_eq(f ? f->id : 0, id);
}

/* Adds a flow with 'actions' by upcall 'id', to which the kernel returned
 * 'ret'.  Its UFID is that which is known to the server if 'ufid' is 0. */
void
ask_add_put(uint64_t id, uint8_t ufid, const char *actions, int ret)
{
    struct upcall u;
    struct build b;
    void *data;

    ask_build_put(&b, id, actions, ret);
    b.rec.ufid[0] ^= ufid;
    data = build_parse(&b, &u);
    enricher_add(ask_enricher, &u);
    free(data);
}

/* Adds a flow that was installed; see ask_add_put(). */
void
ask_add_flow_with(uint64_t id, uint8_t ufid, const char *actions)
{
    ask_add_put(id, ufid, actions, 0);
}

/* Adds the usual flow, installed by upcall 'id'. */
void
ask_add_flow(uint64_t id)
{
    ask_add_flow_with(id, 0, "2");
}

/* Returns the flow that upcall 'id' has put, or NULL. */
const struct dp_flow *
ask_find_flow(uint64_t id)
{
    return flow_table_find(enricher_flows(ask_enricher), id);
}

/* Runs the enricher for 'ms'. */
void
ask_run_for(int ms)
{
    long long int end = time_msec() + ms;

    enricher_set_path(ask_enricher, ask_path);
    while (time_msec() < end) {
        enricher_run(ask_enricher);
        enricher_wait(ask_enricher);
        poll_timer_wait_until(end);
        poll_block();
    }
}

/* Runs until flow 'id' is no longer pending.  Returns it. */
const struct dp_flow *
ask_until_done(uint64_t id)
{
    ASK_UNTIL(ask_find_flow(id)->state != FLOW_PENDING);
    return ask_find_flow(id);
}

/* Returns the statistics, without the last error. */
struct enrich_stats
ask_get_stats(void)
{
    struct enrich_stats stats;

    enricher_get_stats(ask_enricher, &stats);
    free(stats.last_error);
    stats.last_error = NULL;
    return stats;
}

/* Fails unless asking 'answers' about a flow ends in 'state' with 'error',
 * 'source' and 'rules', each of which may be NULL. */
void
ask_check_flow(const struct fake_answers *answers, enum flow_state state,
               const char *error, const char *source, const char *rules)
{
    const struct dp_flow *f;

    fake_vswitchd_start(ask_path, answers);
    ask_add_flow(1);
    f = ask_until_done(1);
    ck_assert_str_eq(flow_state_name(f->state), flow_state_name(state));
    ck_assert_pstr_eq(f->error, error);
    ck_assert_pstr_eq(f->source, source);
    ck_assert_pstr_eq(f->rules, rules);
}

/* Returns the answers of which all is well. */
struct fake_answers
ask_usual(void)
{
    return (struct fake_answers) {
        .datapaths = "system@br0\n",
        .detrace = "br0\n  " ASK_RULE "\n",
        .trace = ASK_TRACE "2\n",
        .get_flow = ASK_FLOW "2\n",
    };
}
