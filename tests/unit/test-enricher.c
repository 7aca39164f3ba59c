/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/enricher.c, which asks a process that answers as
 * ovs-vswitchd would. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build-record.h"
#include "fake-vswitchd.h"
#include "flow/enricher.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "flow/flow-text.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "record/record.h"
#include "store/port-map.h"
#include "timeval.h"

TCase *enricher_tcase(void);

#define RULE "cookie=0x1, duration=14s, priority=10,actions=output:2"
#define MATCH "in_port(3),recirc_id(0),eth(),eth_type(0x0800),ipv4(frag=no)"
#define FLOW MATCH ", packets:1, bytes:98, used:0.1s, actions:"
#define NO_CACHE "Cache was not found for system@ovs-system\n"
#define NO_FLOW "UFID was not found for system@ovs-system\n"
#define TRACE "bridge(\"br0\")\n-------------\n 0. priority 10\n" \
    "    output:2\n\nDatapath actions: "

static char directory[] = "/tmp/test-enricher-XXXXXX";
static char path[64];
static struct port_map *ports;
static struct enricher *enricher;

static void
setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/ctl", directory);
    ports = port_map_create(16);
    port_map_add(ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    enricher = enricher_create(1000, ports);
}

static void
teardown(void)
{
    enricher_destroy(enricher);
    port_map_destroy(ports);
    fake_vswitchd_stop();
    rmdir(directory);
}

/* Adds a flow with 'actions' by upcall 'id', to which the kernel returned
 * 'ret'.  Its UFID is that which is known to the server if 'ufid' is 0. */
static void
add_put(uint64_t id, uint8_t ufid, const char *actions, int ret)
{
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    build_put(&b, MATCH, actions, ret);
    b.rec.ufid[0] ^= ufid;
    b.rec.id = id;
    b.rec.ret_word = UPCALL_RET_TAG(id);
    data = build_parse(&b, &u);
    enricher_add(enricher, &u);
    free(data);
}

static void
add_flow_with(uint64_t id, uint8_t ufid, const char *actions)
{
    add_put(id, ufid, actions, 0);
}

static void
add_flow(uint64_t id)
{
    add_flow_with(id, 0, "2");
}

static const struct dp_flow *
find_flow(uint64_t id)
{
    return flow_table_find(enricher_flows(enricher), id);
}

static void
run_for(int ms)
{
    long long int end = time_msec() + ms;

    enricher_set_path(enricher, path);
    while (time_msec() < end) {
        enricher_run(enricher);
        enricher_wait(enricher);
        poll_timer_wait_until(end);
        poll_block();
    }
}

/* Runs until CONDITION is true. */
#define RUN_UNTIL(CONDITION)                                                  \
    for (long long int limit = time_msec() + 300 * 1000; !(CONDITION); ) {    \
        ck_assert_msg(time_msec() < limit, "not within 300 s: " #CONDITION);  \
        run_for(20);                                                          \
    }

/* Runs until flow 'id' is no longer pending.  Returns it. */
static const struct dp_flow *
run_until_done(uint64_t id)
{
    RUN_UNTIL(find_flow(id)->state != FLOW_PENDING);
    return find_flow(id);
}

/* Returns the statistics, without the last error. */
static struct enrich_stats
get_stats(void)
{
    struct enrich_stats stats;

    enricher_get_stats(enricher, &stats);
    free(stats.last_error);
    stats.last_error = NULL;
    return stats;
}

/* Fails unless asking 'answers' about a flow ends in 'state' with 'error',
 * 'source' and 'rules', each of which may be NULL. */
static void
check_flow(const struct fake_answers *answers, enum flow_state state,
           const char *error, const char *source, const char *rules)
{
    const struct dp_flow *f;

    fake_vswitchd_start(path, answers);
    add_flow(1);
    f = run_until_done(1);
    ck_assert_str_eq(flow_state_name(f->state), flow_state_name(state));
    ck_assert_pstr_eq(f->error, error);
    ck_assert_pstr_eq(f->source, source);
    ck_assert_pstr_eq(f->rules, rules);
}

static struct fake_answers
usual(void)
{
    return (struct fake_answers) {
        .datapaths = "system@br0\n",
        .detrace = "br0\n  " RULE "\n",
        .trace = TRACE "2\n",
        .get_flow = FLOW "2\n",
    };
}

START_TEST(test_complete)
{
    struct fake_answers answers = usual();
    struct enrich_stats stats;

    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  " RULE "\n");
    ck_assert(find_flow(1)->has_counters);
    ck_assert_uint_eq(find_flow(1)->counters.bytes, 98);
    enricher_get_stats(enricher, &stats);
    ck_assert_uint_eq(stats.requests, 4);
    ck_assert_uint_eq(stats.answers, 4);
    ck_assert_uint_eq(stats.errors, 0);
    ck_assert_uint_eq(stats.commands[ENRICH_DETRACE].count, 1);
    ck_assert_uint_eq(stats.tokens, 1);
    free(stats.last_error);
}
END_TEST

/* What is not kept is not passed over in silence. */
START_TEST(test_many_rules)
{
    struct fake_answers answers = usual();
    struct ds rules = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;

    for (int i = 0; i < 3000; i++) {
        ds_put_cstr(&rules, RULE "\n");
    }
    answers.detrace = ds_cstr(&rules);
    fake_vswitchd_start(path, &answers);
    add_flow(1);
    f = run_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert_str_eq(f->error, "it has more rules than are kept, the last are "
                     "left out");
    ck_assert(flow_rules_are_cut(f->rules));
    ds_destroy(&rules);
}
END_TEST

START_TEST(test_many_steps)
{
    struct fake_answers answers = usual();
    struct ds trace = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;

    for (int i = 0; i < 300; i++) {
        ds_put_cstr(&trace, " 0. priority 10\n    output:2\n");
    }
    ds_put_cstr(&trace, "Datapath actions: 2\n");
    answers.detrace = NULL;
    answers.trace = ds_cstr(&trace);
    fake_vswitchd_start(path, &answers);
    add_flow(1);
    f = run_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert(flow_rules_are_cut(f->rules));
    ds_destroy(&trace);
}
END_TEST

START_TEST(test_no_detrace)
{
    struct fake_answers answers = usual();

    answers.detrace = NULL;
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
               "br0\n  table=0, priority 10, actions=output:2\n");
}
END_TEST

START_TEST(test_no_cache)
{
    struct fake_answers answers = usual();

    answers.detrace = NO_CACHE;
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
               "br0\n  table=0, priority 10, actions=output:2\n");
    ck_assert_int_eq(find_flow(1)->n_no_cache, 2);
}
END_TEST

/* ofproto/trace tells what the rules are now.  If they give other actions,
 * they are not those of the flow. */
START_TEST(test_other_rules)
{
    struct fake_answers answers = usual();

    answers.detrace = NULL;
    answers.trace = TRACE "2,4\n";
    check_flow(&answers, FLOW_PARTIAL, "ofproto/trace gives other actions: "
               "the rules may have changed before ovs-vswitchd was asked",
               NULL, NULL);
}
END_TEST

/* ofproto/detrace has found the flow, and no rule of it. */
START_TEST(test_no_rules)
{
    struct fake_answers answers = usual();

    answers.detrace = "";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
               "br0\n  table=0, priority 10, actions=output:2\n");
    ck_assert_int_eq(find_flow(1)->n_no_cache, 0);
}
END_TEST

/* Neither has ofproto/trace. */
START_TEST(test_no_rules_at_all)
{
    struct fake_answers answers = usual();

    answers.detrace = NULL;
    answers.trace = "bridge(\"br0\")\n\nDatapath actions: 2\n";
    check_flow(&answers, FLOW_PARTIAL, "ofproto/trace gives no rules", NULL,
               NULL);
}
END_TEST

/* There is no datapath yet: flows wait, and no request is wasted. */
START_TEST(test_no_datapaths)
{
    struct fake_answers answers = usual();
    long long int start = time_msec();

    answers.datapaths = "";
    fake_vswitchd_start(path, &answers);
    add_flow(1);
    RUN_UNTIL(get_stats().requests >= 3);
    run_for(1000);
    ck_assert_int_eq(find_flow(1)->state, FLOW_PENDING);
    ck_assert_uint_le(get_stats().requests, (time_msec() - start) / 1000 + 2);
    ck_assert_uint_eq(get_stats().commands[ENRICH_DETRACE].count, 0);
    fake_vswitchd_stop();
    answers = usual();
    fake_vswitchd_start(path, &answers);
    ck_assert_int_eq(run_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

START_TEST(test_removed)
{
    struct fake_answers answers = usual();

    answers.detrace = NO_FLOW;
    check_flow(&answers, FLOW_FAILED,
               "removed before ovs-vswitchd was asked", NULL, NULL);
}
END_TEST

START_TEST(test_removed_meanwhile)
{
    struct fake_answers answers = usual();

    answers.get_flow = "!ovs-vswitchd: getting flow (No such file or "
        "directory)";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  " RULE "\n");
    ck_assert(!find_flow(1)->has_counters);
}
END_TEST

START_TEST(test_modified)
{
    struct fake_answers answers = usual();

    answers.get_flow = FLOW "2,4\n";
    check_flow(&answers, FLOW_PARTIAL, "modified before ovs-vswitchd was "
               "asked (see upcall-trace/flows)", "ofproto/detrace",
               "br0\n  " RULE "\n");
    ck_assert(find_flow(1)->modified);
    ck_assert_str_eq(find_flow(1)->now, "2,4");
}
END_TEST

/* A flow is installed anew just before ovs-vswitchd is asked about it, and the
 * record of that comes later: the answers are about the new one. */
START_TEST(test_installed_anew)
{
    struct fake_answers answers = usual();
    struct enrich_stats stats;

    fake_vswitchd_start(path, &answers);
    add_flow(1);
    do {
        run_for(20);
        enricher_get_stats(enricher, &stats);
        free(stats.last_error);
    } while (!stats.commands[ENRICH_GET_FLOW].count);
    ck_assert_int_eq(find_flow(1)->state, FLOW_PENDING);
    add_flow(2);
    ck_assert_int_eq(find_flow(1)->state, FLOW_FAILED);
    ck_assert_int_eq(run_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_int_eq(find_flow(1)->state, FLOW_FAILED);
}
END_TEST

/* The same actions in other words, as another version of OVS may use. */
START_TEST(test_other_words)
{
    struct fake_answers answers = usual();

    answers.get_flow = FLOW " 2\n";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  " RULE "\n");
}
END_TEST

/* ofproto/trace tells what the slow path would do, not that there is one. */
START_TEST(test_slow_path)
{
    struct fake_answers answers = usual();
    const char *slow = "userspace(pid=9,slow_path(action))";
    struct enrich_stats stats;
    const struct dp_flow *f;

    answers.detrace = NULL;
    answers.get_flow = FLOW "userspace(pid=9,slow_path(action))\n";
    fake_vswitchd_start(path, &answers);
    add_flow_with(1, 0, slow);
    f = run_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert_str_eq(f->error, "handled by the slow path, which ofproto/trace "
                     "cannot confirm");
    ck_assert_ptr_null(f->rules);
    ck_assert(f->has_counters);
    enricher_get_stats(enricher, &stats);
    ck_assert_uint_eq(stats.commands[ENRICH_TRACE].count, 0);
    free(stats.last_error);
}
END_TEST

/* ofproto/detrace tells the rules of such a flow as of others, also if a meter
 * limits how many packets come. */
START_TEST(test_slow_path_detrace)
{
    const char *slow = "sample(sample=100.0%,actions(meter(1),"
        "userspace(pid=9,slow_path(action))))";
    struct fake_answers answers = usual();
    const struct dp_flow *f;

    answers.get_flow = FLOW "sample(sample=100.0%,actions(meter(1),"
        "userspace(pid=9,slow_path(action))))\n";
    fake_vswitchd_start(path, &answers);
    add_flow_with(1, 0, slow);
    f = run_until_done(1);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert(flow_text_is_slow_path(&f->actions));
}
END_TEST

START_TEST(test_two_datapaths)
{
    struct fake_answers answers = usual();

    answers.datapaths = "netdev@br1\nsystem@br0\n";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
               "br0\n  table=0, priority 10, actions=output:2\n");
}
END_TEST

/* Bridges of a type have a datapath in common. */
START_TEST(test_two_bridges)
{
    struct fake_answers answers = usual();

    answers.datapaths = "system@br0\nsystem@br1\n";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  " RULE "\n");
}
END_TEST

/* A rule of table 0 without a cookie. */
START_TEST(test_no_cookie)
{
    struct fake_answers answers = usual();

    answers.detrace = "br0\n  duration=1s, priority=10,actions=output:2\n";
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  duration=1s, priority=10,actions=output:2\n");
}
END_TEST

START_TEST(test_lies)
{
    struct fake_answers answers = usual();

    answers.detrace = "I know nothing\n";
    check_flow(&answers, FLOW_FAILED,
               "ovs-vswitchd gave an answer that is not known", NULL, NULL);
}
END_TEST

START_TEST(test_refused)
{
    struct fake_answers answers = usual();

    answers.detrace = "!no\x1b way\nat all";
    check_flow(&answers, FLOW_FAILED, "ofproto/detrace: no\\033 way", NULL,
               NULL);
}
END_TEST

START_TEST(test_refused_all)
{
    struct fake_answers answers = usual();

    answers.datapaths = "!no";
    answers.detrace = NULL;
    answers.trace = "!bad flow";
    check_flow(&answers, FLOW_FAILED, "ofproto/trace: bad flow", NULL, NULL);
}
END_TEST

/* Nobody is there, then somebody is. */
START_TEST(test_absent)
{
    struct fake_answers answers = usual();
    struct enrich_stats stats;
    long long int start = time_msec();

    add_flow(1);
    RUN_UNTIL(get_stats().failures > 1);
    run_for(2000);
    ck_assert_int_eq(find_flow(1)->state, FLOW_PENDING);
    enricher_get_stats(enricher, &stats);
    ck_assert_uint_lt(stats.failures, 2 + (time_msec() - start) / 200);
    ck_assert_ptr_nonnull(stats.last_error);
    free(stats.last_error);
    fake_vswitchd_start(path, &answers);
    ck_assert_int_eq(run_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

/* A server that is stopped, killed, and started again. */
START_TEST(test_restart)
{
    struct fake_answers answers = usual();

    fake_vswitchd_start(path, &answers);
    add_flow(1);
    run_until_done(1);
    fake_vswitchd_kill(SIGSTOP);
    add_flow(2);
    RUN_UNTIL(get_stats().timeouts);
    ck_assert_int_eq(find_flow(2)->state, FLOW_PENDING);
    fake_vswitchd_kill(SIGCONT);
    ck_assert_int_eq(run_until_done(2)->state, FLOW_COMPLETE);
    fake_vswitchd_stop();
    add_flow(3);
    run_for(2000);
    ck_assert_int_eq(find_flow(3)->state, FLOW_PENDING);
    fake_vswitchd_start(path, &answers);
    ck_assert_int_eq(run_until_done(3)->state, FLOW_COMPLETE);
}
END_TEST

/* No more requests than allowed, however much there is to ask. */
START_TEST(test_rate)
{
    struct fake_answers answers = usual();
    long long int start = time_msec();

    enricher_destroy(enricher);
    enricher = enricher_create(5, ports);
    fake_vswitchd_start(path, &answers);
    for (int i = 1; i <= 40; i++) {
        add_flow_with(i, i, "2");
    }
    RUN_UNTIL(get_stats().requests >= 4);
    run_for(2000);
    ck_assert_uint_le(get_stats().requests,
                      1 + (time_msec() - start) * 5 / 1000);
}
END_TEST

/* Nor right after another ovs-vswitchd has taken over. */
START_TEST(test_rate_new_target)
{
    struct fake_answers answers = usual();
    uint64_t n_requests;
    long long int start;

    enricher_destroy(enricher);
    enricher = enricher_create(1, ports);
    fake_vswitchd_start(path, &answers);
    add_flow(1);
    RUN_UNTIL(get_stats().requests);
    n_requests = get_stats().requests;
    enricher_set_path(enricher, NULL);
    usleep(1500 * 1000);
    start = time_msec();
    RUN_UNTIL(get_stats().requests > n_requests);
    ck_assert_int_ge(time_msec() - start, 900);
}
END_TEST

/* What was answered about a flow that is put anew, and then is gone, was never
 * confirmed. */
START_TEST(test_unconfirmed)
{
    struct fake_answers answers = usual();
    const struct dp_flow *f;

    answers.get_flow = "nonsense";
    check_flow(&answers, FLOW_FAILED,
               "ovs-vswitchd gave an answer that is not known", NULL, NULL);
    add_flow(2);
    answers = usual();
    fake_vswitchd_stop();
    fake_vswitchd_start(path, &answers);
    RUN_UNTIL(find_flow(2)->has_counters);
    add_flow(3);
    f = find_flow(2);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_ptr_null(f->rules);
    ck_assert_ptr_null(f->source);
}
END_TEST

START_TEST(test_stop)
{
    struct fake_answers answers = usual();

    fake_vswitchd_start(path, &answers);
    add_flow(1);
    run_for(100);
    enricher_stop(enricher);
    ck_assert_int_eq(find_flow(1)->state, FLOW_PARTIAL);
    ck_assert_str_eq(find_flow(1)->error,
                     "the trace was stopped before ovs-vswitchd was asked");
    enricher_clear(enricher);
    ck_assert_ptr_null(find_flow(1));
}
END_TEST

/* The kernel matches more than it was asked to. */
START_TEST(test_narrower)
{
    struct fake_answers answers = usual();
    const char *narrower = "in_port(3),recirc_id(0),eth(),eth_type(0x0800),"
        "ipv4(proto=1,frag=no)";
    struct ds flow = DS_EMPTY_INITIALIZER;

    ds_put_format(&flow, "%s, packets:1, bytes:98, used:0.1s, actions:2\n",
                  narrower);
    answers.get_flow = ds_cstr(&flow);
    check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
               "br0\n  " RULE "\n");
    ck_assert_pstr_eq(find_flow(1)->installed_as, narrower);
    ck_assert(!find_flow(1)->modified);
    fake_vswitchd_stop();
    answers.get_flow = FLOW "2\n";
    fake_vswitchd_start(path, &answers);
    add_flow(2);
    ck_assert_int_eq(run_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_ptr_null(find_flow(2)->installed_as);
    ds_destroy(&flow);
}
END_TEST

/* Fails unless asking 'answers' about a flow with 'actions' that was refused
 * ends in 'state' with 'error', without asking for more than the rules. */
static void
check_put_refused(const struct fake_answers *answers, const char *actions,
                  enum flow_state state, const char *error)
{
    const struct dp_flow *f;

    fake_vswitchd_start(path, answers);
    add_put(1, 0, actions, -ENOSPC);
    f = run_until_done(1);
    ck_assert_int_eq(f->refused, ENOSPC);
    ck_assert_int_eq(f->state, state);
    ck_assert_pstr_eq(f->error, error);
    ck_assert_pstr_eq(f->source, error ? NULL : "ofproto/trace");
    ck_assert_pstr_eq(f->rules, error ? NULL : "br0\n"
                      "  table=0, priority 10, actions=output:2\n");
    ck_assert_uint_eq(get_stats().commands[ENRICH_DETRACE].count, 0);
    ck_assert_uint_eq(get_stats().commands[ENRICH_GET_FLOW].count, 0);
}

/* What the kernel has refused has rules, too. */
START_TEST(test_put_refused)
{
    struct fake_answers answers = usual();

    check_put_refused(&answers, "2", FLOW_COMPLETE, NULL);

    /* It does not count as an installation, whatever comes first. */
    add_flow(2);
    ck_assert_int_eq(run_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_uint_eq(find_flow(2)->n_installed, 1);
    add_put(3, 0, "2", -ENOSPC);
    ck_assert_int_eq(run_until_done(3)->state, FLOW_COMPLETE);
    ck_assert_int_eq(find_flow(2)->state, FLOW_COMPLETE);

    /* What is a duplicate is another's. */
    add_put(4, 0, "2", -EEXIST);
    ck_assert_ptr_null(find_flow(4));
}
END_TEST

START_TEST(test_put_refused_other_rules)
{
    struct fake_answers answers = usual();

    check_put_refused(&answers, "2,4", FLOW_PARTIAL, "ofproto/trace gives "
                      "other actions: the rules may have changed before "
                      "ovs-vswitchd was asked");
}
END_TEST

START_TEST(test_put_refused_slow_path)
{
    struct fake_answers answers = usual();

    check_put_refused(&answers, "userspace(pid=9,slow_path(action))",
                      FLOW_PARTIAL, "handled by the slow path, which "
                      "ofproto/trace cannot confirm");
}
END_TEST

/* It waits for an answer as others do. */
START_TEST(test_put_refused_absent)
{
    struct fake_answers answers = usual();

    add_put(1, 0, "2", -ENOSPC);
    RUN_UNTIL(get_stats().failures);
    ck_assert_int_eq(find_flow(1)->state, FLOW_PENDING);
    fake_vswitchd_start(path, &answers);
    ck_assert_int_eq(run_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

/* The datapath was removed. */
START_TEST(test_no_datapath)
{
    struct fake_answers answers = usual();

    answers.detrace = NULL;
    port_map_remove(ports, BUILD_DP_IFINDEX, 0, 10);
    check_flow(&answers, FLOW_FAILED, "its datapath is gone", NULL, NULL);
}
END_TEST

/* Returns the tests of this file. */
TCase *
enricher_tcase(void)
{
    TCase *tc = tcase_create("enricher");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_complete);
    tcase_add_test(tc, test_many_rules);
    tcase_add_test(tc, test_many_steps);
    tcase_add_test(tc, test_no_detrace);
    tcase_add_test(tc, test_no_cache);
    tcase_add_test(tc, test_other_rules);
    tcase_add_test(tc, test_no_rules);
    tcase_add_test(tc, test_no_rules_at_all);
    tcase_add_test(tc, test_no_datapaths);
    tcase_add_test(tc, test_removed);
    tcase_add_test(tc, test_removed_meanwhile);
    tcase_add_test(tc, test_modified);
    tcase_add_test(tc, test_installed_anew);
    tcase_add_test(tc, test_other_words);
    tcase_add_test(tc, test_slow_path);
    tcase_add_test(tc, test_slow_path_detrace);
    tcase_add_test(tc, test_two_datapaths);
    tcase_add_test(tc, test_two_bridges);
    tcase_add_test(tc, test_no_cookie);
    tcase_add_test(tc, test_lies);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_refused_all);
    tcase_add_test(tc, test_absent);
    tcase_add_test(tc, test_restart);
    tcase_add_test(tc, test_rate);
    tcase_add_test(tc, test_rate_new_target);
    tcase_add_test(tc, test_unconfirmed);
    tcase_add_test(tc, test_stop);
    tcase_add_test(tc, test_narrower);
    tcase_add_test(tc, test_put_refused);
    tcase_add_test(tc, test_put_refused_other_rules);
    tcase_add_test(tc, test_put_refused_slow_path);
    tcase_add_test(tc, test_put_refused_absent);
    tcase_add_test(tc, test_no_datapath);
    return tc;
}
