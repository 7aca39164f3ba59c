/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-answer.c.  The answers are what OVS 3.1, 3.5 and 4.0
 * print. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "flow/flow-answer.h"
#include "flow/flow-rules.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "util.h"

TCase *flow_answer_tcase(void);

#define DP "system@ovs-system"
#define RULE1 "cookie=0x1, duration=14s, n_packets=16, n_bytes=1400, " \
    "priority=10,in_port=1,actions=resubmit(,5)"
#define RULE2 "cookie=0x6, table_id=5, duration=13s, n_packets=4, " \
    "n_bytes=168, priority=20,arp,actions=NORMAL"
#define RULE0 "duration=14s, n_packets=16, n_bytes=1400, " \
    "priority=10,in_port=1,actions=resubmit(,5)"
#define GROUP "group_id=1,type=select,bucket=bucket_id:0,actions=output:2"

/* Fails unless 'text' is 'expected' with 'rules', where there are 'n'
 * datapaths. */
static void
check_detrace(const char *text, int n, enum flow_answer expected,
              const char *rules)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    enum flow_answer answer = flow_answer_detrace(text, DP, n, &ds);

    ck_assert_msg(answer == expected, "%d: %s", answer, text);
    if (rules) {
        ck_assert_str_eq(ds_cstr(&ds), rules);
    }
    ds_destroy(&ds);
}

START_TEST(test_detrace)
{
    const char *rules = "br0\n  " RULE1 "\nbr1\n  " RULE2 "\n";

    check_detrace(rules, 1, FLOW_ANSWER_OK, rules);
    check_detrace(RULE1 "\n" RULE2 "\n", 1, FLOW_ANSWER_OK,
                  "  " RULE1 "\n  " RULE2 "\n");
    check_detrace("br0\n  table_id=0, no match\n", 1, FLOW_ANSWER_OK,
                  "br0\n  table_id=0, no match\n");
}
END_TEST

/* A cookie of 0 and table 0 are not printed. */
START_TEST(test_detrace_zero)
{
    check_detrace(RULE0 "\n", 1, FLOW_ANSWER_OK, "  " RULE0 "\n");
    check_detrace("br0\n  " RULE0 "\n  table_id=3, " RULE0 "\n", 1,
                  FLOW_ANSWER_OK,
                  "br0\n  " RULE0 "\n  table_id=3, " RULE0 "\n");
}
END_TEST

/* A flow may have been made without a rule. */
START_TEST(test_detrace_no_rules)
{
    check_detrace("", 1, FLOW_ANSWER_NO_RULES, "");
    check_detrace("br0\n", 1, FLOW_ANSWER_NO_RULES, NULL);
    check_detrace("UFID was not found for netdev@ovs-netdev\n", 2,
                  FLOW_ANSWER_NO_RULES, "");
    check_detrace("", 2, FLOW_ANSWER_AMBIGUOUS, "");
}
END_TEST

/* No new-line follows a group. */
START_TEST(test_detrace_group)
{
    check_detrace(RULE1 "\n" GROUP RULE2 "\n", 1, FLOW_ANSWER_OK,
                  "  " RULE1 "\n  " GROUP "\n  " RULE2 "\n");
    check_detrace("br0\n  " RULE1 "\n  " GROUP "  " RULE2 "\n", 1,
                  FLOW_ANSWER_OK,
                  "br0\n  " RULE1 "\n  " GROUP "\n  " RULE2 "\n");
    check_detrace(GROUP, 1, FLOW_ANSWER_OK, "  " GROUP "\n");
    check_detrace(GROUP ",learn(cookie=0x5,x)", 1, FLOW_ANSWER_OK,
                  "  " GROUP ",learn(cookie=0x5,x)\n");
}
END_TEST

/* What may be behind a group, with two spaces in OVS 4.0. */
START_TEST(test_detrace_group_end)
{
    static const char *const behind[] = {
        RULE0, RULE1, RULE2, "table_id=5, " RULE0, "table_id=5, no match",
        GROUP,
    };

    for (size_t i = 0; i < ARRAY_SIZE(behind); i++) {
        char *new = xasprintf("br0\n  " GROUP "  %s%s", behind[i],
                              i < 5 ? "\n" : "");
        char *old = xasprintf(GROUP "%s%s", behind[i], i < 5 ? "\n" : "");
        char *rules = xasprintf("br0\n  " GROUP "\n  %s\n", behind[i]);

        check_detrace(new, 1, FLOW_ANSWER_OK, rules);
        check_detrace(old, 1, FLOW_ANSWER_OK, rules + 4);
        free(new);
        free(old);
        free(rules);
    }
    check_detrace(GROUP GROUP RULE0 "\n", 1, FLOW_ANSWER_OK,
                  "  " GROUP "\n  " GROUP "\n  " RULE0 "\n");
    check_detrace(GROUP "UFID was not found for netdev@ovs-netdev\n", 2,
                  FLOW_ANSWER_OK, "  " GROUP "\n");
    check_detrace(GROUP "Cache was not found for " DP "\n", 2,
                  FLOW_ANSWER_NO_CACHE, NULL);
    check_detrace(GROUP ",note(table_id=5,duration=1)", 1, FLOW_ANSWER_OK,
                  "  " GROUP ",note(table_id=5,duration=1)\n");
}
END_TEST

/* The name of another bridge behind a group can't be told from the group. */
START_TEST(test_detrace_group_bridge)
{
    check_detrace("br0\n  " RULE1 "\n  " GROUP "br1\n  " RULE0 "\nbr2\n  "
                  RULE2 "\n  " GROUP, 1, FLOW_ANSWER_OK,
                  "br0\n  " RULE1 "\n  " GROUP "br1\n" FLOW_BRIDGE_UNKNOWN
                  "\n  " RULE0 "\nbr2\n  " RULE2 "\n  " GROUP "\n");
}
END_TEST

START_TEST(test_detrace_not_found)
{
    check_detrace("UFID was not found for " DP "\n", 1, FLOW_ANSWER_NO_FLOW,
                  "");
    check_detrace("Cache was not found for " DP "\n", 1,
                  FLOW_ANSWER_NO_CACHE, "");
    check_detrace("unknown\nwords here\n", 1, FLOW_ANSWER_BAD, NULL);
    check_detrace("ovs-vswitchd: parsing flow ufid (Invalid argument)\n", 1,
                  FLOW_ANSWER_BAD, NULL);
}
END_TEST

/* It does not say in which datapath it has found the flow. */
START_TEST(test_detrace_datapaths)
{
    const char *other = "UFID was not found for netdev@ovs-netdev\n";
    char *text = xasprintf("%s%s\n", other, RULE1);

    check_detrace(text, 2, FLOW_ANSWER_OK, "  " RULE1 "\n");
    check_detrace(RULE1 "\n", 2, FLOW_ANSWER_AMBIGUOUS, NULL);
    check_detrace("UFID was not found for " DP "\n" RULE1 "\n", 2,
                  FLOW_ANSWER_NO_FLOW, NULL);
    check_detrace("Cache was not found for " DP "\n" RULE1 "\n", 2,
                  FLOW_ANSWER_NO_CACHE, NULL);
    check_detrace("Cache was not found for netdev@x\n" RULE1 "\n", 2,
                  FLOW_ANSWER_OK, NULL);
    free(text);

    ck_assert_int_eq(flow_answer_count_datapaths(""), 0);
    ck_assert_int_eq(flow_answer_count_datapaths("system@br0\n"), 1);
    ck_assert_int_eq(flow_answer_count_datapaths("\na\nb\n\nc"), 3);
    ck_assert_int_eq(flow_answer_count_datapaths(
                         "netdev@br2\nsystem@br0\nsystem@br1\n"), 2);
}
END_TEST

/* What is stored has a limit, and is printable. */
START_TEST(test_detrace_limit)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds rules = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < 2000; i++) {
        ds_put_format(&text, "br%d\n  %s\n", i, RULE1);
    }
    ck_assert_int_eq(flow_answer_detrace(ds_cstr(&text), DP, 1, &rules),
                     FLOW_ANSWER_OK);
    ck_assert_uint_le(rules.length, FLOW_RULES_MAX);
    ck_assert_uint_gt(rules.length, FLOW_RULES_MAX / 2);
    ck_assert(flow_rules_are_cut(ds_cstr(&rules)));
    ck_assert_int_eq(flow_answer_detrace("br0\n  cookie=1\n", DP, 1, &rules),
                     FLOW_ANSWER_OK);
    ck_assert_ptr_null(strstr(ds_cstr(&rules), "cookie=1\n"));
    ck_assert(!flow_rules_are_cut("br0\n  " RULE1 "\n"));
    ck_assert(!flow_rules_are_cut(""));
    ds_destroy(&text);
    ds_destroy(&rules);
    check_detrace("br0\n  cookie=\x1b[31m\t\xff\n", 1, FLOW_ANSWER_OK,
                  "br0\n  cookie=\\033[31m\\011\\377\n");
}
END_TEST

static void
check_trace(const char *text, enum flow_answer expected, const char *rules,
            const char *actions)
{
    struct ds r = DS_EMPTY_INITIALIZER;
    struct ds a = DS_EMPTY_INITIALIZER;

    ck_assert_int_eq(flow_answer_trace(text, &r, &a), expected);
    ck_assert_str_eq(ds_cstr(&r), rules);
    ck_assert_str_eq(ds_cstr(&a), actions);
    ds_destroy(&r);
    ds_destroy(&a);
}

START_TEST(test_trace)
{
    check_trace("Flow: arp,in_port=1,vlan_tci=0x0000\n"
                "\n"
                "bridge(\"br0\")\n"
                "-------------\n"
                " 0. in_port=1, priority 10, cookie 0x1\n"
                "    resubmit(,5)\n"
                " 5. arp, priority 20, cookie 0x6\n"
                "    NORMAL\n"
                "     -> no learned MAC for destination, flooding\n"
                "     >> a warning\n"
                "\n"
                "Final flow: unchanged\n"
                "Megaflow: recirc_id=0,eth,arp,in_port=1\n"
                "Datapath actions: 1,3\n", FLOW_ANSWER_OK,
                "br0\n"
                "  table=0, in_port=1, priority 10, cookie 0x1, "
                "actions=resubmit(,5)\n"
                "  table=5, arp, priority 20, cookie 0x6, actions=NORMAL\n",
                "1,3");
}
END_TEST

/* Actions that follow a resubmit belong to the rule before it; what follows a
 * recirculation is another flow's. */
START_TEST(test_trace_nested)
{
    check_trace("Flow: ip\n\nbridge(\"br0\")\n-------------\n"
                " 0. ip, priority 5\n"
                "    resubmit(,10)\n"
                "    10. No match.\n"
                "            drop\n"
                "    output:3\n"
                "\n"
                "    bridge(\"br1\")\n"
                "    -------------\n"
                "         0. priority 0\n"
                "            NORMAL\n"
                "             -> no learned MAC for destination, flooding\n"
                "    output:4\n"
                "    resubmit(,100)\n"
                "100. ip\n"
                "    drop\n"
                "\nFinal flow: unchanged\n"
                "Datapath actions: ct,recirc(0x1)\n"
                "\nrecirc(0x1) - resume conntrack\n\n"
                "bridge(\"br0\")\n-------------\n 7. x\n    drop\n"
                "Datapath actions: 9\n", FLOW_ANSWER_OK,
                "br0\n"
                "  table=0, ip, priority 5, "
                "actions=resubmit(,10),output:3,output:4,resubmit(,100)\n"
                "  table=10, No match., actions=drop\n"
                "br1\n"
                "  table=0, priority 0, actions=NORMAL\n"
                "br0\n"
                "  table=100, ip, actions=drop\n", "ct,recirc(0x1)");
}
END_TEST

/* What is in a bridge has the same indentation if nothing follows it. */
START_TEST(test_trace_last_bridge)
{
    check_trace("bridge(\"br0\")\n-------------\n"
                " 0. priority 5\n"
                "    resubmit(,1)\n"
                "     1. priority 1\n"
                "            output:1\n"
                "\n"
                "        bridge(\"br1\")\n"
                "        -------------\n"
                "         0. priority 2\n"
                "            resubmit(,7)\n"
                "         7. priority 7\n"
                "            drop\n"
                "    output:3\n"
                "\n"
                "bridge(\"br2\")\n"
                "-------------\n"
                " 0. priority 3\n"
                "    resubmit(,8)\n"
                " 8. priority 8\n"
                "    drop\n"
                "Datapath actions: drop\n", FLOW_ANSWER_OK,
                "br0\n"
                "  table=0, priority 5, actions=resubmit(,1),output:3\n"
                "  table=1, priority 1, actions=output:1\n"
                "br1\n"
                "  table=0, priority 2, actions=resubmit(,7)\n"
                "  table=7, priority 7, actions=drop\n"
                "br2\n"
                "  table=0, priority 3, actions=resubmit(,8)\n"
                "  table=8, priority 8, actions=drop\n", "drop");
}
END_TEST

/* Actions of buckets and of an action set are not those of a rule. */
START_TEST(test_trace_group)
{
    check_trace("bridge(\"br0\")\n-------------\n"
                "     0. priority 5\n"
                "            group:1\n"
                "             -> using bucket 0\n"
                "            bucket 0\n"
                "                    set_field:1->reg0\n"
                "                    output:3\n"
                "\n"
                "                bridge(\"br1\")\n"
                "                -------------\n"
                "                     0. priority 2\n"
                "                            write_actions(output:4)\n"
                "                    --. Executing action set:\n"
                "                            output:4\n"
                "            output:9\n"
                "         2. priority 1\n"
                "            write_actions(output:5)\n"
                "--. Executing action set:\n"
                "    output:5\n"
                "Datapath actions: 2\n", FLOW_ANSWER_OK,
                "br0\n"
                "  table=0, priority 5, actions=group:1,output:9\n"
                "br1\n"
                "  table=0, priority 2, actions=write_actions(output:4)\n"
                "br0\n"
                "  table=2, priority 1, actions=write_actions(output:5)\n",
                "2");
}
END_TEST

/* More than is kept is not passed over in silence, and nothing is taken for
 * what it is not. */
START_TEST(test_trace_limit)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds rules = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, "bridge(\"br0\")\n");
    for (int i = 0; i < 300; i++) {
        ds_put_format(&text, " 0. priority %d\n    output:%d\n", i, i);
    }
    ds_put_cstr(&text, "Datapath actions: 2\n");
    ck_assert_int_eq(flow_answer_trace(ds_cstr(&text), &rules, &actions),
                     FLOW_ANSWER_OK);
    ck_assert(flow_rules_are_cut(ds_cstr(&rules)));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&rules), "priority 254, "
                                 "actions=output:254\n  ...\n"));
    ck_assert_str_eq(ds_cstr(&actions), "2");

    ds_clear(&text);
    ds_clear(&rules);
    ds_clear(&actions);
    ds_put_cstr(&text, " 0. priority 1\n");
    for (int i = 0; i < 10000; i++) {
        ds_put_cstr(&text, "    output:1\n");
    }
    ds_put_cstr(&text, "Datapath actions: 2\n");
    ck_assert_int_eq(flow_answer_trace(ds_cstr(&text), &rules, &actions),
                     FLOW_ANSWER_OK);
    ck_assert(flow_rules_are_cut(ds_cstr(&rules)));
    ck_assert_uint_le(rules.length, FLOW_RULES_MAX);
    ds_destroy(&text);
    ds_destroy(&rules);
    ds_destroy(&actions);
}
END_TEST

/* A bridge may be named by a blank, or like a rule, or like what says that
 * there are more. */
START_TEST(test_trace_bridge_names)
{
    check_trace("bridge(\" \")\n--\n 0. a\n    drop\n"
                "bridge(\"  ...\")\n--\n 0. b\n    drop\n"
                "bridge(\"(bridge unknown)\")\n--\n 0. c\n    drop\n"
                "Datapath actions: drop\n", FLOW_ANSWER_OK,
                "\\040\n  table=0, a, actions=drop\n"
                "\\040\\040...\n  table=0, b, actions=drop\n"
                "(bridge\\040unknown)\n  table=0, c, actions=drop\n",
                "drop");
}
END_TEST

START_TEST(test_trace_bad)
{
    check_trace("", FLOW_ANSWER_BAD, "", "");
    check_trace("bridge(\"", FLOW_ANSWER_BAD, "", "");
    check_trace(" 0. \n", FLOW_ANSWER_BAD, "  table=0, , actions=drop\n", "");
    check_trace(" 0.\n 1234. x\n  x\n", FLOW_ANSWER_BAD, "", "");
    check_trace("bridge(\"br0\")\n\nDatapath actions: drop\n",
                FLOW_ANSWER_NO_RULES, "", "drop");
}
END_TEST

static void
check_get(const char *text, enum flow_answer expected, const char *match,
          const char *actions)
{
    struct flow_counters c = { 0, 0 };
    struct ds matched = DS_EMPTY_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert_int_eq(flow_answer_get_flow(text, &c, &matched, &ds), expected);
    ck_assert_str_eq(ds_cstr(&matched), match);
    ck_assert_str_eq(ds_cstr(&ds), actions);
    ds_destroy(&matched);
    if (expected == FLOW_ANSWER_OK) {
        ck_assert_uint_eq(c.packets, 3);
        ck_assert_uint_eq(c.bytes, 18446744073709551615ULL);
    }
    ds_destroy(&ds);
}

START_TEST(test_get_flow)
{
    check_get("in_port(2),packet_type(ns=0,id=0), packets:3, "
              "bytes:18446744073709551615, used:never, actions:2,3\n",
              FLOW_ANSWER_OK, "in_port(2),packet_type(ns=0,id=0)", "2,3");
    check_get("in_port(2), packets:3, bytes:18446744073709551615, "
              "used:0.123s, flags:S, actions:drop", FLOW_ANSWER_OK,
              "in_port(2)", "drop");
    check_get("in_port(2), packets:3, used:never, actions:2",
              FLOW_ANSWER_BAD, "", "");
    check_get("in_port(2), packets:3, bytes:2", FLOW_ANSWER_BAD, "", "");
    check_get("ovs-vswitchd: parsing flow ufid (Invalid argument)",
              FLOW_ANSWER_BAD, "", "");
    check_get("", FLOW_ANSWER_BAD, "", "");

    ck_assert_int_eq(flow_answer_get_flow_error(
                         "ovs-vswitchd: getting flow (No such file or "
                         "directory)\n"), FLOW_ANSWER_NO_FLOW);
    ck_assert_int_eq(flow_answer_get_flow_error("something else"),
                     FLOW_ANSWER_BAD);
}
END_TEST

START_TEST(test_lists)
{
    const char *text = "The available commands are:\n"
                       "  ofproto/detrace         UFID [pmd=PMD-ID]\n"
                       "  ofproto/tracer\n  version";

    ck_assert(flow_answer_lists(text, "ofproto/detrace"));
    ck_assert(!flow_answer_lists(text, "ofproto/trace"));
    ck_assert(!flow_answer_lists(text, "UFID"));
    ck_assert(flow_answer_lists(text, "version"));
    ck_assert(!flow_answer_lists("", "version"));
}
END_TEST

/* Whatever is answered: nothing breaks, and what is stored is limited. */
START_TEST(test_hostile)
{
    static const char *const parts[] = {
        "bridge(\"", "\")", "\n", "  ", " 0. ", "x", "cookie=0x", "1, ",
        "duration=", "group_id=", "UFID was not found for ", DP,
        "Datapath actions: ", "packets:1, bytes:2", ", actions:", "\x80",
        "-> ", "99999999999999999999", "    ", "--. ", "bucket 0",
        "table_id=5, ", "no match",
    };

    random_set_seed(_i + 1);
    for (int i = 0; i < 2000; i++) {
        struct ds text = DS_EMPTY_INITIALIZER;
        struct ds a = DS_EMPTY_INITIALIZER;
        struct ds b = DS_EMPTY_INITIALIZER;
        struct flow_counters c;

        for (int n = random_range(60); n >= 0; n--) {
            ds_put_cstr(&text, parts[random_range(ARRAY_SIZE(parts))]);
        }
        flow_answer_detrace(ds_cstr(&text), DP, random_range(3), &a);
        flow_answer_trace(ds_cstr(&text), &a, &b);
        flow_answer_get_flow(ds_cstr(&text), &c, &b, &b);
        flow_answer_lists(ds_cstr(&text), "x");
        ck_assert_uint_le(a.length, FLOW_RULES_MAX);
        ck_assert_uint_le(b.length, FLOW_RULES_MAX);
        ds_destroy(&text);
        ds_destroy(&a);
        ds_destroy(&b);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_answer_tcase(void)
{
    TCase *tc = tcase_create("flow-answer");

    tcase_add_test(tc, test_detrace);
    tcase_add_test(tc, test_detrace_group);
    tcase_add_test(tc, test_detrace_zero);
    tcase_add_test(tc, test_detrace_no_rules);
    tcase_add_test(tc, test_detrace_group_end);
    tcase_add_test(tc, test_detrace_group_bridge);
    tcase_add_test(tc, test_detrace_not_found);
    tcase_add_test(tc, test_detrace_datapaths);
    tcase_add_test(tc, test_detrace_limit);
    tcase_add_test(tc, test_trace);
    tcase_add_test(tc, test_trace_nested);
    tcase_add_test(tc, test_trace_last_bridge);
    tcase_add_test(tc, test_trace_group);
    tcase_add_test(tc, test_trace_limit);
    tcase_add_test(tc, test_trace_bridge_names);
    tcase_add_test(tc, test_trace_bad);
    tcase_add_test(tc, test_get_flow);
    tcase_add_test(tc, test_lists);
    tcase_add_loop_test(tc, test_hostile, 0, 8);
    return tc;
}
