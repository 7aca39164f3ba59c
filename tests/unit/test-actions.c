/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of how lib/show/upcall-json.c, lib/show/upcall-text.c and
 * lib/flow/flow-text.c show actions. */

#include <config.h>

#include <check.h>
#include <string.h>

#include "build-record.h"
#include "check-output.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "util.h"

static void
build_actions(struct build *b, const char *actions)
{
    build_init(b, UPCALL_CLASS_MISS);
    build_execute(b, actions, 0);
}

START_TEST(test_actions_text)
{
    const char *actions =
        "ct(commit,zone=5),push_vlan(vid=7,pcp=0),pop_vlan,"
        "set(eth(src=00:00:00:00:00:01)),recirc(31),"
        "userspace(pid=9,slow_path(action)),clone(2,3),2,9";
    struct build b;

    build_actions(&b, actions);
    check_text(&b,
        "#17 miss -: executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "   260.0  flow_exec\n"
        "   311.1  ct         commit,zone=5\n"
        "   311.1  push_vlan  vid=7,pcp=0\n"
        "   311.1  pop_vlan\n"
        "   311.1  set_masked eth(src=00:00:00:00:00:01)\n"
        "   311.1  recirc     0x1f\n"
        "   311.1  userspace  pid=9,slow_path(action)\n"
        "   311.1  clone      2,3\n"
        "   311.1  output     port 2\n"
        "   311.1  output     port 9\n");
}
END_TEST

START_TEST(test_actions_json)
{
    struct build b;

    build_actions(&b, "ct(commit,zone=5),recirc(31)");
    check_event(&b, 2,
        "{\"action\":\"ct\",\"commit\":true,\"event\":\"action_execute\","
        "\"eventmask\":null,\"force\":false,\"helper\":null,"
        "\"labels\":null,\"mark\":null,\"nat\":null,"
        "\"source\":\"request\",\"text\":\"ct(commit,zone=5)\","
        "\"timeout\":null,\"ts\":202388857827133,\"zone\":5}");
    build_actions(&b, "ct(commit,zone=5),recirc(31)");
    check_event(&b, 3,
        "{\"action\":\"recirc\",\"event\":\"action_execute\","
        "\"recirc_id\":31,\"source\":\"request\",\"text\":\"recirc(0x1f)\","
        "\"ts\":202388857827133}");
}
END_TEST

START_TEST(test_actions_events)
{
    struct build b;

    build_actions(&b, "ct_clear,9");
    check_events(&b,
        "202388857516033 [swapper/7] upcall (miss) port 3644007146 cpu 7\n"
        "202388857776033 [] flow_exec q 17 ts 0 (0)\n"
        "202388857827133 [] exec ct_clear q 17\n"
        "202388857827133 [] exec oport 9 q 17\n");
}
END_TEST

/* An action that OVS must not see, another that it does not know. */
START_TEST(test_actions_unknown)
{
    struct build b;
    size_t ofs;

    for (int i = 0; i < 2; i++) {
        build_actions(&b, "");
        ofpbuf_clear(&b.exec);
        ofs = nl_msg_start_nested(&b.exec, OVS_PACKET_ATTR_ACTIONS);
        nl_msg_put_u16(&b.exec, OVS_ACTION_ATTR_SET_MASKED, 0);
        nl_msg_put_u8(&b.exec, 99, 0xab);
        nl_msg_end_nested(&b.exec, ofs);
        if (i) {
            check_event(&b, 3,
                "{\"action\":\"99\",\"data\":\"ab\","
                "\"event\":\"action_execute\","
                "\"source\":\"request\",\"text\":\"action99(ab)\","
                "\"ts\":202388857827133}");
        } else {
            check_event(&b, 2,
                "{\"action\":\"set_masked\",\"data\":\"0000\","
                "\"event\":\"action_execute\","
                "\"source\":\"request\",\"text\":\"action11(00 00)\","
                "\"ts\":202388857827133}");
        }
    }
}
END_TEST

/* The name of a helper is the only string in actions that OVS prints as it
 * is. */
START_TEST(test_helper_name)
{
    struct build b;
    char *helper;

    build_actions(&b, "ct(commit,helper=ftp)");
    helper = memmem(b.exec.data, b.exec.size, "ftp", 3);
    ck_assert_ptr_nonnull(helper);
    helper[0] = '\n';
    helper[1] = '\377';
    check_text(&b,
        "#17 miss -: executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "   260.0  flow_exec\n"
        "   311.1  ct         commit,helper=\\012\\377p\n");
}
END_TEST

/* Has 'b' be of a packet that is dropped because of 'reason'. */
static void
build_drop(struct build *b, uint32_t reason)
{
    size_t ofs;

    build_actions(b, "");
    ofpbuf_clear(&b->exec);
    ofs = nl_msg_start_nested(&b->exec, OVS_PACKET_ATTR_ACTIONS);
    nl_msg_put_u32(&b->exec, ACTION_DROP, reason);
    nl_msg_end_nested(&b->exec, ofs);
}

/* Fails unless a drop because of 'reason' is shown with 'text', in JSON as
 * 'json', which begins with a comma if it is not empty. */
static void
check_drop(uint32_t reason, const char *text, const char *json)
{
    struct ds expected = DS_EMPTY_INITIALIZER;
    struct ds action = DS_EMPTY_INITIALIZER;
    const struct nlattr *actions;
    struct build b;

    build_drop(&b, reason);
    ds_put_format(&expected,
        "#17 miss -: executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "   260.0  flow_exec\n"
        "   311.1  drop%s\n", text);
    check_text(&b, ds_cstr(&expected));

    build_drop(&b, reason);
    actions = nl_attr_find(&b.exec, 0, OVS_PACKET_ATTR_ACTIONS);
    flow_text_action(nl_attr_get(actions), &action);
    ds_clear(&expected);
    ds_put_format(&expected,
        "{\"action\":\"drop\",\"event\":\"action_execute\"%s,"
        "\"source\":\"request\",\"text\":\"%s\",\"ts\":202388857827133}",
        json, ds_cstr(&action));
    check_event(&b, 2, ds_cstr(&expected));
    ds_destroy(&action);
    ds_destroy(&expected);
}

/* A drop without an error may be because of a rule, or that ovs-vswitchd takes
 * the packet for itself (BFD, LACP), or the output port of a mirror: nothing
 * is said of that, only what OVS says. */
START_TEST(test_drop)
{
    check_drop(0, "       OK", ",\"reason\":\"OK\"");
    check_drop(2, "       Recursion too deep",
               ",\"reason\":\"Recursion too deep\"");
}
END_TEST

/* The kernel's drop carries a reason of OVS. */
START_TEST(test_drop_reason)
{
    static const struct {
        uint32_t reason;
        const char *text;
    } drops[] = {
        { 0, "OK" },
        { 2, "Recursion too deep" },
        { 15, "Native tunnel header build failed" },
        { 16, NULL },
        { UINT32_MAX, NULL },
    };
    struct {
        struct nlattr attr;
        uint32_t reason;
    } drop = {
        .attr = { .nla_len = sizeof drop, .nla_type = ACTION_DROP },
    };

    for (size_t i = 0; i < ARRAY_SIZE(drops); i++) {
        drop.reason = drops[i].reason;
        ck_assert_pstr_eq(flow_text_drop_reason(&drop.attr), drops[i].text);
    }
    drop.reason = 0;
    drop.attr.nla_type = 23;
    ck_assert_ptr_null(flow_text_drop_reason(&drop.attr));
    drop.attr.nla_type = ACTION_DROP;
    drop.attr.nla_len = sizeof drop.attr;
    ck_assert_ptr_null(flow_text_drop_reason(&drop.attr));
}
END_TEST

/* Returns these tests. */
TCase *
actions_tcase(void)
{
    TCase *actions = tcase_create("actions");

    tcase_add_checked_fixture(actions, check_output_setup,
                              check_output_teardown);
    tcase_add_test(actions, test_actions_text);
    tcase_add_test(actions, test_actions_json);
    tcase_add_test(actions, test_actions_events);
    tcase_add_test(actions, test_actions_unknown);
    tcase_add_test(actions, test_helper_name);
    tcase_add_test(actions, test_drop);
    tcase_add_test(actions, test_drop_reason);
    return actions;
}
