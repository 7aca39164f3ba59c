/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/upcall-json*.c, lib/show/upcall-text*.c and
 * lib/flow/flow-text.c, and the suite of those of lib/show/packet-text.c, of
 * USDT probes and of hostile records. */

#include <config.h>
#include "show/upcall-text.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "build-record.h"
#include "check-output.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/names.h"
#include "record/record.h"
#include "store/port-map.h"
#include "util.h"

Suite *output_suite(void);
TCase *json_writer_tcase(void);

/* Part of the first event of each. */
#define ORIGIN                                                              \
    "\"context\":\"softirq\",\"cpu\":7,\"event\":\"upcall\","                \
    "\"hash\":4022250974,\"napi_id\":8195,\"portid\":3644007146,"         \
    "\"rx_queue\":2,"

/* Whole upcalls. */

START_TEST(test_text)
{
    struct build b;

    build_executed(&b);
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: executed, "
        "311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   246.8  flow_put   ufid:66252ae8-0102-0304-0506-0708090a0b0c "
        "12.1 us\n"
        "   260.0  flow_exec\n"
        "   311.1  output     p1\n");
}
END_TEST

START_TEST(test_events)
{
    struct build b;

    build_executed(&b);
    check_events(&b,
        "202388857516033 [swapper/7] upcall (miss) port 3644007146 cpu 7\n"
        "202388857543026 [swapper/7] upcall_enqueue (miss) "
        "(7/202388857516033) q 17 ret 0\n"
        "202388857546533 [swapper/7] upcall_ret (7/202388857516033) ret 0\n"
        "202388857658575 [handler9] upcall_recv q 17 pkt_size 98\n"
        "202388857762836 [handler9] flow_put q 17 ts 202388857658575 (1) "
        "ufid:66252ae8-0102-0304-0506-0708090a0b0c ret 0\n"
        "202388857776033 [handler9] flow_exec q 17 ts 202388857658575 (1)\n"
        "202388857827133 [handler9] exec oport 2 q 17\n");
}
END_TEST

START_TEST(test_json)
{
    struct build b;
    struct json *json;

    build_executed(&b);
    b.rec.pass = 4711;
    json = get_json(&b);
    check_json(json,
        "{\"class\":\"miss\",\"conflicts\":null,"
        "\"datapath\":\"system@ovs-system\",\"error\":null,\"events\":["
        "{\"cmd\":\"miss\",\"comm\":\"swapper/7\","
        ORIGIN "\"tid\":0,"
        "\"ts\":202388857516033},"
        "{\"event\":\"upcall_enqueue\",\"portid\":3644007146,\"ret\":0,"
        "\"segment\":0,\"ts\":202388857543026},"
        "{\"event\":\"upcall_return\",\"ret\":0,\"ts\":202388857546533},"
        "{\"batch\":42,\"batch_idx\":1,\"batch_size\":3,"
        "\"comm\":\"handler9\",\"cpu\":3,\"event\":\"upcall_recv\","
        "\"queue_drops\":2,\"queue_len\":12,"
        "\"source\":\"kernel\",\"tid\":3215302,\"ts\":202388857658575},"
        "{\"actions\":\"2\",\"duration\":12100,\"event\":\"flow_put\","
        "\"key\":\"in_port(3),recirc_id(0),eth(),eth_type(0x0800),"
        "ipv4(frag=no)\",\"ret\":0,\"ts\":202388857762836,"
        "\"ufid\":\"66252ae8-0102-0304-0506-0708090a0b0c\"},"
        "{\"duration\":51100,\"event\":\"flow_exec\","
        "\"match\":\"packet\",\"requests\":1,\"ret\":0,"
        "\"ts\":202388857776033},"
        "{\"action\":\"output\",\"event\":\"action_execute\","
        "\"port\":{\"name\":\"p1\",\"number\":2},\"source\":\"request\","
        "\"text\":\"2\",\"ts\":202388857827133}],"
        "\"flow\":{\"bridges\":[],"
        "\"datapath_flow\":\"in_port(3),recirc_id(0),eth(),"
        "eth_type(0x0800),ipv4(frag=no), actions:2\",\"error\":null,"
        "\"installed_as\":null,"
        "\"openflow\":[],\"source\":null,\"state\":\"partial\","
        "\"ufid\":\"66252ae8-0102-0304-0506-0708090a0b0c\"},"
        "\"group\":null,\"id\":\"17\",\"kind\":\"upcall\","
        "\"latency\":{\"execute\":51100,\"handle\":104261,"
        "\"install\":12100,\"queue\":115549,\"total\":311100,"
        "\"translate\":null},"
        "\"outcome\":\"executed\",\"packet\":{"
        "\"data\":\"AgAAAAACAgAAAAADCABFAABU4wBAAEAB/hisyAADrMgAAggAAAAAAQAB"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEy"
        "MzQ1Njc=\",\"flow\":\"skb_priority(0),in_port(3),skb_mark(0),"
        "ct_state(0),ct_zone(0),ct_mark(0),ct_label(0),recirc_id(0),"
        "dp_hash(0),eth(src=02:00:00:00:00:03,dst=02:00:00:00:00:02),"
        "eth_type(0x0800),ipv4(src=172.200.0.3,dst=172.200.0.2,proto=1,"
        "tos=0,ttl=64,frag=no),icmp(type=8,code=0)\",\"len\":98},"
        "\"parent\":null,\"pass\":\"p4711\","
        "\"port\":{\"name\":\"p2\",\"number\":3},"
        "\"put\":{\"error\":null,\"result\":\"installed\"},"
        "\"reason\":null,\"seq\":3,\"userdata\":null,"
        "\"waits\":null}");
    json_destroy(json);
}
END_TEST

/* An upcall of which nothing is known. */
START_TEST(test_unknown)
{
    struct build b;
    struct json *json;

    build_init(&b, UPCALL_N_CLASSES);
    json = get_json(&b);
    check_json(json,
        "{\"class\":null,\"conflicts\":null,\"datapath\":null,"
        "\"error\":null,\"events\":["
        "{\"cmd\":null,\"comm\":\"swapper/7\","
        ORIGIN "\"tid\":0,"
        "\"ts\":202388857516033}],\"flow\":null,\"group\":null,"
        "\"id\":\"17\",\"kind\":\"upcall\","
        "\"latency\":{\"execute\":null,\"handle\":null,"
        "\"install\":null,\"queue\":null,\"total\":null,"
        "\"translate\":null},"
        "\"outcome\":\"abandoned\",\"packet\":{\"data\":null,"
        "\"flow\":null,\"len\":null},\"parent\":null,\"pass\":null,"
        "\"port\":null,"
        "\"put\":null,\"reason\":null,\"seq\":3,\"userdata\":null,"
        "\"waits\":null}");
    json_destroy(json);

    build_init(&b, UPCALL_N_CLASSES);
    check_text(&b, "#17 unknown -: abandoned, -\n"
               "     0.0  upcall     cpu 7\n");
    build_init(&b, UPCALL_N_CLASSES);
    check_events(&b, "202388857516033 [swapper/7] upcall (unknown) "
                 "port 3644007146 cpu 7\n");
}
END_TEST

/* Ports and datapaths without a name, and no names at all. */
START_TEST(test_nameless)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json *json;
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    port_map_remove(test_ports, BUILD_DP_IFINDEX, 3, BUILD_TS - 1);
    check_member(&b, "port", "{\"name\":null,\"number\":3}");
    build_executed(&b);
    port_map_remove(test_ports, BUILD_DP_IFINDEX, 0, BUILD_TS - 1);
    check_member(&b, "datapath", "null");

    build_executed(&b);
    data = build_parse(&b, &u);
    json = get_upcall_json(&u, NULL);
    check_part(json, "port", "{\"name\":null,\"number\":3}");
    json_destroy(json);
    upcall_format(&u, NULL, NULL, &ds);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), "#17 miss port 3 icmp "));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), "output     port 2\n"));
    ds_destroy(&ds);
    free(data);
}
END_TEST

/* Outcomes.  "Executed" is above. */

START_TEST(test_installed)
{
    struct build b;

    for (int i = 0; i < 2; i++) {
        build_init(&b, UPCALL_CLASS_MISS);
        build_message(&b, build_icmp_key, build_icmp, NULL, 0);
        build_receive(&b);
        build_put(&b, "in_port(3)", "", 0);
        if (i) {
            check_member(&b, "flow",
                "{\"bridges\":[],"
                "\"datapath_flow\":\"in_port(3),eth(), actions:drop\","
                "\"error\":null,\"installed_as\":null,"
                 "\"openflow\":[],\"source\":null,"
                "\"state\":\"partial\","
                "\"ufid\":\"66252ae8-0102-0304-0506-0708090a0b0c\"}");
        } else {
            check_text(&b,
                "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
                "installed, 258.9 us\n"
                "     0.0  upcall     cpu 7\n"
                "    27.0  enqueue    socket 3644007146 (handler9)\n"
                "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
                "   246.8  flow_put   "
                "ufid:66252ae8-0102-0304-0506-0708090a0b0c 12.1 us\n");
        }
    }
}
END_TEST

START_TEST(test_put_refused)
{
    struct build b;

    build_executed(&b);
    b.rec.put_ret = -ENOSPC;
    b.rec.flags &= ~UPCALL_F_UFID;
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   246.8  flow_put   12.1 us, ENOSPC\n"
        "   260.0  flow_exec\n"
        "   311.1  output     p1\n");

    build_executed(&b);
    b.rec.put_ret = -ENOSPC;
    check_member(&b, "error", "null");
    build_executed(&b);
    b.rec.put_ret = -ENOSPC;
    check_member(&b, "put",
                 "{\"error\":\"ENOSPC (No space left on device)\","
                 "\"result\":\"refused\"}");
}
END_TEST

START_TEST(test_put_duplicate)
{
    struct build b;

    build_executed(&b);
    b.rec.put_ret = -EEXIST;
    b.rec.flags &= ~UPCALL_F_UFID;
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   246.8  flow_put   12.1 us, duplicate\n"
        "   260.0  flow_exec\n"
        "   311.1  output     p1\n");

    build_executed(&b);
    b.rec.put_ret = -EEXIST;
    check_member(&b, "put", "{\"error\":null,\"result\":\"duplicate\"}");
}
END_TEST

START_TEST(test_execute_failed)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    build_execute(&b, "2", -EINVAL);
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "failed (EINVAL), 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   260.0  flow_exec  EINVAL (Invalid argument)\n");
}
END_TEST

START_TEST(test_lost)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_lost(&b, -EAGAIN);
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "lost (EAGAIN), 30.5 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146\n"
        "    30.5  return     EAGAIN (Resource temporarily unavailable)\n");

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_lost(&b, -EAGAIN);
    check_events(&b,
        "202388857516033 [swapper/7] upcall (miss) port 3644007146 cpu 7\n"
        "202388857543026 [swapper/7] upcall_enqueue (miss) "
        "(7/202388857516033) q 17 ret -11\n"
        "202388857546533 [swapper/7] upcall_ret (7/202388857516033) "
        "ret -11\n");
}
END_TEST

/* Without a message, the summary is that of the packet's bytes. */
START_TEST(test_lost_early)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    b.rec.ret_word = 0;
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "lost (ENOTCONN), -\n"
        "     0.0  upcall     cpu 7\n"
        "       -  return     ENOTCONN (Transport endpoint is not "
        "connected)\n");
}
END_TEST

START_TEST(test_abandoned)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    check_text(&b,
        "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
        "abandoned, -\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146\n");
}
END_TEST

/* The trace stopped before the end. */
START_TEST(test_unfinished)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    check_text(&b, "#17 miss -: unfinished, -\n"
               "     0.0  upcall     cpu 7\n");
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    check_member(&b, "outcome", "null");
}
END_TEST

/* Classes.  "Miss" is above. */

/* Fails unless an upcall of 'class' with 'cookie', which the handler consumed,
 * is 'expected' as text but for its stages, and has 'reason' and 'userdata' in
 * JSON. */
static void
check_class(enum upcall_class class, const struct user_action_cookie *cookie,
            const char *expected, const char *reason, const char *userdata)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json *json;
    struct build b;

    build_init(&b, class);
    build_message(&b, build_icmp_key, build_icmp, cookie, sizeof *cookie);
    build_receive(&b);
    ds_put_format(&text, "#17 %s p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "
                  "consumed, 142.5 us\n"
                  "     0.0  upcall     cpu 7\n"
                  "    27.0  enqueue    socket 3644007146 (handler9)\n"
                  "   142.5  receive    handler9, 2 of 3, "
                  "12 more waiting\n", expected);
    check_text(&b, ds_cstr(&text));
    ds_destroy(&text);

    build_init(&b, class);
    build_message(&b, build_icmp_key, build_icmp, cookie, sizeof *cookie);
    json = get_json(&b);
    ck_assert_str_eq(json_string(shash_find_data(json_object(json), "class")),
                     upcall_class_name(class));
    check_part(json, "reason", reason);
    check_part(json, "userdata", userdata);
    json_destroy(json);
}

START_TEST(test_classes)
{
    struct user_action_cookie cookie;

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SLOW_PATH;
    cookie.slow_path.reason = SLOW_LACP;
    check_class(UPCALL_CLASS_SLOW_PATH, &cookie, "slow_path (lacp)",
                "\"lacp\"", "null");
    cookie.slow_path.reason = 0;
    check_class(UPCALL_CLASS_SLOW_PATH, &cookie, "slow_path", "null", "null");
    cookie.type = USER_ACTION_COOKIE_UNSPEC;
    check_class(UPCALL_CLASS_ACTION, &cookie, "action", "null", "null");
}
END_TEST

START_TEST(test_controller)
{
    struct user_action_cookie cookie;

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_CONTROLLER;
    cookie.controller.reason = OFPR_ACTION;
    cookie.controller.controller_id = 7;
    cookie.controller.max_len = 128;
    put_32aligned_be64(&cookie.controller.rule_cookie,
                       htonll(UINT64_C(0x1234567890)));
    check_class(UPCALL_CLASS_CONTROLLER, &cookie,
                "controller (action, controller 7, cookie 0x1234567890)",
                "\"action\"", "{\"continuation\":false,"
                "\"controller_id\":7,\"dont_send\":false,\"max_len\":128,"
                "\"recirc_id\":0,\"rule_cookie\":\"0x1234567890\"}");
    cookie.controller.dont_send = 1;
    cookie.controller.continuation = 1;
    cookie.controller.recirc_id = 0x12345678;
    check_class(UPCALL_CLASS_CONTROLLER, &cookie,
                "controller (action, controller 7, cookie 0x1234567890)",
                "\"action\"", "{\"continuation\":true,"
                "\"controller_id\":7,\"dont_send\":true,\"max_len\":128,"
                "\"recirc_id\":305419896,"
                "\"rule_cookie\":\"0x1234567890\"}");
    cookie.type = USER_ACTION_COOKIE_SFLOW;     /* It lies. */
    check_class(UPCALL_CLASS_CONTROLLER, &cookie, "controller", "null",
                "null");
}
END_TEST

#define VLAN "\"pcp\":5,\"vid\":100"

START_TEST(test_samples)
{
    struct user_action_cookie cookie;

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SFLOW;
    cookie.sflow.output = 5;
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow (ifindex 5, outputs 1)",
                "null", "{\"output_ifindex\":5,\"outputs\":1,\"pcp\":0,"
                "\"vid\":0}");
    cookie.sflow.vlan_tci = htons(5 << VLAN_PCP_SHIFT | VLAN_CFI | 100);
    cookie.sflow.output = 0;
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow (outputs 1)",
                "null", "{\"outputs\":1," VLAN "}");
    cookie.sflow.output = 0x40000000 | 256;
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow (outputs 0)",
                "null", "{\"outputs\":0," VLAN "}");
    cookie.sflow.output = 0x80000000 | 3;
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow (outputs 3)",
                "null", "{\"outputs\":3," VLAN "}");
    cookie.sflow.output = 0x80000000;
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow", "null", "{" VLAN "}");
    cookie.sflow.output = UINT32_MAX;           /* No known format. */
    check_class(UPCALL_CLASS_SFLOW, &cookie, "sflow", "null", "{" VLAN "}");

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_IPFIX;
    cookie.ipfix.output_odp_port = ODPP_NONE;
    check_class(UPCALL_CLASS_IPFIX, &cookie, "ipfix", "null", "null");
    cookie.ipfix.output_odp_port = u32_to_odp(2);
    check_class(UPCALL_CLASS_IPFIX, &cookie, "ipfix (output p1)", "null",
                "{\"output\":{\"name\":\"p1\",\"number\":2}}");

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_FLOW_SAMPLE;
    cookie.flow_sample.probability = 655;
    cookie.flow_sample.collector_set_id = 1;
    cookie.flow_sample.obs_domain_id = 2;
    cookie.flow_sample.obs_point_id = UINT32_MAX;
    cookie.flow_sample.output_odp_port = ODPP_NONE;
    check_class(UPCALL_CLASS_FLOW_SAMPLE, &cookie,
                "flow_sample (collector set 1, domain 2, point 4294967295, "
                "probability 655)", "null",
                "{\"collector_set_id\":1,\"obs_domain_id\":2,"
                "\"obs_point_id\":4294967295,\"probability\":655}");
    cookie.flow_sample.direction = NX_ACTION_SAMPLE_EGRESS;
    check_class(UPCALL_CLASS_FLOW_SAMPLE, &cookie,
                "flow_sample (collector set 1, domain 2, point 4294967295, "
                "probability 655)", "null",
                "{\"collector_set_id\":1,\"direction\":\"egress\","
                "\"obs_domain_id\":2,\"obs_point_id\":4294967295,"
                "\"probability\":655}");
}
END_TEST

START_TEST(test_action_cmd)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_SFLOW);
    check_event(&b, 0, "{\"cmd\":\"action\",\"comm\":\"swapper/7\","
                ORIGIN "\"tid\":0,\"ts\":202388857516033}");
}
END_TEST

/* Relations. */

START_TEST(test_relations)
{
    static const char *const expected[] = {
        "#17 miss -: abandoned, -\n     0.0  upcall     cpu 7\n",
        "#17 miss - (child of #12): abandoned, -\n"
        "     0.0  upcall     cpu 7\n",
        "#17 miss - (segment 2 of group #15): abandoned, -\n"
        "     0.0  upcall     cpu 7\n",
        "#17 miss - (child of #12, segment 2 of group #15): abandoned, -\n"
        "     0.0  upcall     cpu 7\n",
    };
    struct build b;

    for (int i = 0; i < ARRAY_SIZE(expected); i++) {
        build_init(&b, UPCALL_CLASS_MISS);
        b.rec.flags = i & 1 ? UPCALL_F_NESTED : 0;
        b.rec.parent = 12;
        b.rec.group = i & 2 ? 15 : 0;
        b.rec.segment = 2;
        check_text(&b, expected[i]);
    }
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.parent = 12;
    check_member(&b, "parent", "null");
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.flags = UPCALL_F_NESTED;
    b.rec.parent = UINT64_MAX;
    check_member(&b, "parent", "\"18446744073709551615\"");
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.group = 15;
    check_member(&b, "group", "\"15\"");
}
END_TEST

/* What is cut off is null. */
START_TEST(test_put_cut)
{
    struct build b;

    build_executed(&b);
    b.put.size -= 4;
    b.rec.flags |= UPCALL_F_PUT_CUT;
    check_member(&b, "flow",
        "{\"bridges\":[],\"datapath_flow\":null,\"error\":null,"
        "\"installed_as\":null,"
        "\"openflow\":[],\"source\":null,\"state\":\"partial\","
        "\"ufid\":\"66252ae8-0102-0304-0506-0708090a0b0c\"}");
    build_executed(&b);
    b.put.size = 4;
    b.rec.flags &= ~(UPCALL_F_PUT_DONE | UPCALL_F_UFID);
    check_event(&b, 4,
        "{\"actions\":null,\"duration\":null,\"event\":\"flow_put\","
        "\"key\":null,\"ret\":null,\"ts\":202388857762836,\"ufid\":null}");
}
END_TEST

/* Text from outside. */

START_TEST(test_comm)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    memcpy(b.rec.comm, "a\nb\033[31m\377\"\\ cdef", sizeof b.rec.comm);
    check_events(&b, "202388857516033 [a\\012b\\033[31m\\377\\042\\134 cdef] "
                 "upcall (miss) port 3644007146 cpu 7\n");
    build_init(&b, UPCALL_CLASS_MISS);
    memcpy(b.rec.comm, "a\nb\033[31m\377\"\\ cdef", sizeof b.rec.comm);
    check_event(&b, 0,
        "{\"cmd\":\"miss\","
        "\"comm\":\"a\\\\012b\\\\033[31m\\\\377\\\\042\\\\134 cdef\","
        ORIGIN "\"tid\":0,"
        "\"ts\":202388857516033}");
    build_init(&b, UPCALL_CLASS_MISS);
    memcpy(b.rec.comm, "k\303\274che\n", 8);
    check_event(&b, 0,
        "{\"cmd\":\"miss\",\"comm\":\"k\303\274che\\n\","
        ORIGIN "\"tid\":0,"
        "\"ts\":202388857516033}");
}
END_TEST

START_TEST(test_port_name)
{
    struct build b;

    port_map_add(test_ports, BUILD_DP_IFINDEX, 3, "p\0337", 1);
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.flags = UPCALL_F_PORT;
    b.rec.dp_ifindex = BUILD_DP_IFINDEX;
    b.rec.port_no = 3;
    check_text(&b, "#17 miss p\\0337: abandoned, -\n"
               "     0.0  upcall     cpu 7\n");
}
END_TEST

/* Returns the suite of these tests. */
Suite *
output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *output = tcase_create("output");

    tcase_add_checked_fixture(output, check_output_setup,
                              check_output_teardown);
    tcase_add_test(output, test_text);
    tcase_add_test(output, test_events);
    tcase_add_test(output, test_json);
    tcase_add_test(output, test_unknown);
    tcase_add_test(output, test_nameless);
    tcase_add_test(output, test_installed);
    tcase_add_test(output, test_put_refused);
    tcase_add_test(output, test_put_duplicate);
    tcase_add_test(output, test_execute_failed);
    tcase_add_test(output, test_lost);
    tcase_add_test(output, test_lost_early);
    tcase_add_test(output, test_abandoned);
    tcase_add_test(output, test_unfinished);
    tcase_add_test(output, test_classes);
    tcase_add_test(output, test_controller);
    tcase_add_test(output, test_samples);
    tcase_add_test(output, test_action_cmd);
    tcase_add_test(output, test_relations);
    tcase_add_test(output, test_put_cut);
    tcase_add_test(output, test_comm);
    tcase_add_test(output, test_port_name);
    suite_add_tcase(suite, output);
    suite_add_tcase(suite, json_writer_tcase());
    suite_add_tcase(suite, actions_tcase());
    suite_add_tcase(suite, action_json_tcase());
    suite_add_tcase(suite, packet_text_tcase());
    suite_add_tcase(suite, pass_links_tcase());
    suite_add_tcase(suite, pass_show_tcase());
    suite_add_tcase(suite, pass_execute_tcase());
    suite_add_tcase(suite, pass_executed_tcase());
    suite_add_tcase(suite, usdt_tcase());
    suite_add_tcase(suite, hostile_tcase());
    suite_add_tcase(suite, printable_tcase());
    return suite;
}
