/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/enricher-answers.c: what is made of the answers of a
 * process that answers as ovs-vswitchd would. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask-flows.h"
#include "build-record.h"
#include "flow/flow-rules.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "record/record.h"
#include "store/port-map.h"

TCase *enricher_answers_tcase(void);

START_TEST(test_complete)
{
    struct fake_answers answers = ask_usual();
    struct enrich_stats stats;

    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
    ck_assert(ask_find_flow(1)->has_counters);
    ck_assert_uint_eq(ask_find_flow(1)->counters.bytes, 98);
    enricher_get_stats(ask_enricher, &stats);
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
    struct fake_answers answers = ask_usual();
    struct ds rules = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;

    for (int i = 0; i < 3000; i++) {
        ds_put_cstr(&rules, ASK_RULE "\n");
    }
    answers.detrace = ds_cstr(&rules);
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    f = ask_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert_str_eq(f->error, "it has more rules than are kept, the last are "
                     "left out");
    ck_assert(flow_rules_are_cut(f->rules));
    ds_destroy(&rules);
}
END_TEST

START_TEST(test_many_steps)
{
    struct fake_answers answers = ask_usual();
    struct ds trace = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;

    for (int i = 0; i < 300; i++) {
        ds_put_cstr(&trace, " 0. priority 10\n    output:2\n");
    }
    ds_put_cstr(&trace, "Datapath actions: 2\n");
    answers.detrace = NULL;
    answers.trace = ds_cstr(&trace);
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    f = ask_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert(flow_rules_are_cut(f->rules));
    ds_destroy(&trace);
}
END_TEST

START_TEST(test_no_detrace)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = NULL;
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
                   "br0\n  table=0, priority 10, actions=output:2\n");
}
END_TEST

START_TEST(test_no_cache)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = ASK_NO_CACHE;
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
                   "br0\n  table=0, priority 10, actions=output:2\n");
    ck_assert_int_eq(ask_find_flow(1)->n_no_cache, 2);
}
END_TEST

/* ofproto/trace tells what the rules are now.  If they give other actions,
 * they are not those of the flow. */
START_TEST(test_other_rules)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = NULL;
    answers.trace = ASK_TRACE "2,4\n";
    ask_check_flow(&answers, FLOW_PARTIAL,
                   "ofproto/trace gives other actions: the rules may have "
                   "changed before ovs-vswitchd was asked", NULL, NULL);
}
END_TEST

/* ofproto/detrace has found the flow, and no rule of it. */
START_TEST(test_no_rules)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = "";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
                   "br0\n  table=0, priority 10, actions=output:2\n");
    ck_assert_int_eq(ask_find_flow(1)->n_no_cache, 0);
}
END_TEST

/* Neither has ofproto/trace. */
START_TEST(test_no_rules_at_all)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = NULL;
    answers.trace = "bridge(\"br0\")\n\nDatapath actions: 2\n";
    ask_check_flow(&answers, FLOW_PARTIAL, "ofproto/trace gives no rules",
                   NULL, NULL);
}
END_TEST

START_TEST(test_removed)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = ASK_NO_FLOW;
    ask_check_flow(&answers, FLOW_FAILED,
                   "removed before ovs-vswitchd was asked", NULL, NULL);
}
END_TEST

START_TEST(test_removed_meanwhile)
{
    struct fake_answers answers = ask_usual();

    answers.get_flow = "!ovs-vswitchd: getting flow (No such file or "
        "directory)";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
    ck_assert(!ask_find_flow(1)->has_counters);
}
END_TEST

START_TEST(test_modified)
{
    struct fake_answers answers = ask_usual();

    answers.get_flow = ASK_FLOW "2,4\n";
    ask_check_flow(&answers, FLOW_PARTIAL, "modified before ovs-vswitchd was "
                   "asked (see upcall-trace/flows)", "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
    ck_assert(ask_find_flow(1)->modified);
    ck_assert_str_eq(ask_find_flow(1)->now, "2,4");
}
END_TEST

/* A flow is installed anew just before ovs-vswitchd is asked about it, and the
 * record of that comes later: the answers are about the new one. */
START_TEST(test_installed_anew)
{
    struct fake_answers answers = ask_usual();
    struct enrich_stats stats;

    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    do {
        ask_run_for(20);
        enricher_get_stats(ask_enricher, &stats);
        free(stats.last_error);
    } while (!stats.commands[ENRICH_GET_FLOW].count);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_PENDING);
    ask_add_flow(2);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_FAILED);
    ck_assert_int_eq(ask_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_FAILED);
}
END_TEST

/* The same actions in other words, as another version of OVS may use. */
START_TEST(test_other_words)
{
    struct fake_answers answers = ask_usual();

    answers.get_flow = ASK_FLOW " 2\n";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
}
END_TEST

/* ofproto/trace tells what the slow path would do, not that there is one. */
START_TEST(test_slow_path)
{
    struct fake_answers answers = ask_usual();
    const char *slow = "userspace(pid=9,slow_path(action))";
    struct enrich_stats stats;
    const struct dp_flow *f;

    answers.detrace = NULL;
    answers.get_flow = ASK_FLOW "userspace(pid=9,slow_path(action))\n";
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow_with(1, 0, slow);
    f = ask_until_done(1);
    ck_assert_int_eq(f->state, FLOW_PARTIAL);
    ck_assert_str_eq(f->error, "handled by the slow path, which ofproto/trace "
                     "cannot confirm");
    ck_assert_ptr_null(f->rules);
    ck_assert(f->has_counters);
    enricher_get_stats(ask_enricher, &stats);
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
    struct fake_answers answers = ask_usual();
    const struct dp_flow *f;

    answers.get_flow = ASK_FLOW "sample(sample=100.0%,actions(meter(1),"
        "userspace(pid=9,slow_path(action))))\n";
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow_with(1, 0, slow);
    f = ask_until_done(1);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert(flow_text_is_slow_path(&f->actions));
}
END_TEST

START_TEST(test_two_datapaths)
{
    struct fake_answers answers = ask_usual();

    answers.datapaths = "netdev@br1\nsystem@br0\n";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/trace",
                   "br0\n  table=0, priority 10, actions=output:2\n");
}
END_TEST

/* Bridges of a type have a datapath in common. */
START_TEST(test_two_bridges)
{
    struct fake_answers answers = ask_usual();

    answers.datapaths = "system@br0\nsystem@br1\n";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
}
END_TEST

/* A rule of table 0 without a cookie. */
START_TEST(test_no_cookie)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = "br0\n  duration=1s, priority=10,actions=output:2\n";
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  duration=1s, priority=10,actions=output:2\n");
}
END_TEST

START_TEST(test_lies)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = "I know nothing\n";
    ask_check_flow(&answers, FLOW_FAILED,
                   "ovs-vswitchd gave an answer that is not known", NULL,
                   NULL);
}
END_TEST

START_TEST(test_refused)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = "!no\x1b way\nat all";
    ask_check_flow(&answers, FLOW_FAILED, "ofproto/detrace: no\\033 way", NULL,
                   NULL);
}
END_TEST

START_TEST(test_refused_all)
{
    struct fake_answers answers = ask_usual();

    answers.datapaths = "!no";
    answers.detrace = NULL;
    answers.trace = "!bad flow";
    ask_check_flow(&answers, FLOW_FAILED, "ofproto/trace: bad flow", NULL,
                   NULL);
}
END_TEST

/* What was answered about a flow that is put anew, and then is gone, was never
 * confirmed. */
START_TEST(test_unconfirmed)
{
    struct fake_answers answers = ask_usual();
    const struct dp_flow *f;

    answers.get_flow = "nonsense";
    ask_check_flow(&answers, FLOW_FAILED,
                   "ovs-vswitchd gave an answer that is not known", NULL,
                   NULL);
    ask_add_flow(2);
    answers = ask_usual();
    fake_vswitchd_stop();
    fake_vswitchd_start(ask_path, &answers);
    ASK_UNTIL(ask_find_flow(2)->has_counters);
    ask_add_flow(3);
    f = ask_find_flow(2);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_ptr_null(f->rules);
    ck_assert_ptr_null(f->source);
}
END_TEST

/* The kernel matches more than it was asked to. */
START_TEST(test_narrower)
{
    struct fake_answers answers = ask_usual();
    const char *narrower = "in_port(3),recirc_id(0),eth(),eth_type(0x0800),"
        "ipv4(proto=1,frag=no)";
    struct ds flow = DS_EMPTY_INITIALIZER;

    ds_put_format(&flow, "%s, packets:1, bytes:98, used:0.1s, actions:2\n",
                  narrower);
    answers.get_flow = ds_cstr(&flow);
    ask_check_flow(&answers, FLOW_COMPLETE, NULL, "ofproto/detrace",
                   "br0\n  " ASK_RULE "\n");
    ck_assert_pstr_eq(ask_find_flow(1)->installed_as, narrower);
    ck_assert(!ask_find_flow(1)->modified);
    fake_vswitchd_stop();
    answers.get_flow = ASK_FLOW "2\n";
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(2);
    ck_assert_int_eq(ask_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_ptr_null(ask_find_flow(2)->installed_as);
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

    fake_vswitchd_start(ask_path, answers);
    ask_add_put(1, 0, actions, -ENOSPC);
    f = ask_until_done(1);
    ck_assert_int_eq(f->refused, ENOSPC);
    ck_assert_int_eq(f->state, state);
    ck_assert_pstr_eq(f->error, error);
    ck_assert_pstr_eq(f->source, error ? NULL : "ofproto/trace");
    ck_assert_pstr_eq(f->rules, error ? NULL : "br0\n"
                      "  table=0, priority 10, actions=output:2\n");
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_DETRACE].count, 0);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_GET_FLOW].count, 0);
}

/* What the kernel has refused has rules, too. */
START_TEST(test_put_refused)
{
    struct fake_answers answers = ask_usual();

    check_put_refused(&answers, "2", FLOW_COMPLETE, NULL);

    /* It does not count as an installation, whatever comes first. */
    ask_add_flow(2);
    ck_assert_int_eq(ask_until_done(2)->state, FLOW_COMPLETE);
    ck_assert_uint_eq(ask_find_flow(2)->n_installed, 1);
    ask_add_put(3, 0, "2", -ENOSPC);
    ck_assert_int_eq(ask_until_done(3)->state, FLOW_COMPLETE);
    ck_assert_int_eq(ask_find_flow(2)->state, FLOW_COMPLETE);

    /* What is a duplicate is another's. */
    ask_add_put(4, 0, "2", -EEXIST);
    ck_assert_ptr_null(ask_find_flow(4));
}
END_TEST

START_TEST(test_put_refused_other_rules)
{
    struct fake_answers answers = ask_usual();

    check_put_refused(&answers, "2,4", FLOW_PARTIAL, "ofproto/trace gives "
                      "other actions: the rules may have changed before "
                      "ovs-vswitchd was asked");
}
END_TEST

START_TEST(test_put_refused_slow_path)
{
    struct fake_answers answers = ask_usual();

    check_put_refused(&answers, "userspace(pid=9,slow_path(action))",
                      FLOW_PARTIAL, "handled by the slow path, which "
                      "ofproto/trace cannot confirm");
}
END_TEST

/* It waits for an answer as others do. */
START_TEST(test_put_refused_absent)
{
    struct fake_answers answers = ask_usual();

    ask_add_put(1, 0, "2", -ENOSPC);
    ASK_UNTIL(ask_get_stats().failures);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_PENDING);
    fake_vswitchd_start(ask_path, &answers);
    ck_assert_int_eq(ask_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

/* The datapath was removed. */
START_TEST(test_no_datapath)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = NULL;
    port_map_remove(ask_ports, BUILD_DP_IFINDEX, 0, 10);
    ask_check_flow(&answers, FLOW_FAILED, "its datapath is gone", NULL, NULL);
}
END_TEST

/* Returns the tests of this file. */
TCase *
enricher_answers_tcase(void)
{
    TCase *tc = tcase_create("enricher answers");

    tcase_add_checked_fixture(tc, ask_setup, ask_teardown);
    tcase_add_test(tc, test_complete);
    tcase_add_test(tc, test_many_rules);
    tcase_add_test(tc, test_many_steps);
    tcase_add_test(tc, test_no_detrace);
    tcase_add_test(tc, test_no_cache);
    tcase_add_test(tc, test_other_rules);
    tcase_add_test(tc, test_no_rules);
    tcase_add_test(tc, test_no_rules_at_all);
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
    tcase_add_test(tc, test_unconfirmed);
    tcase_add_test(tc, test_narrower);
    tcase_add_test(tc, test_put_refused);
    tcase_add_test(tc, test_put_refused_other_rules);
    tcase_add_test(tc, test_put_refused_slow_path);
    tcase_add_test(tc, test_put_refused_absent);
    tcase_add_test(tc, test_no_datapath);
    return tc;
}
