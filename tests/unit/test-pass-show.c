/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/pass-json.c, lib/show/pass-text*.c and
 * lib/flow/packet-flow.c. */

#include <config.h>
#include "show/pass-text.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "flow/flow-text.h"
#include "flow/packet-flow.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "packets.h"
#include "record/action.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "store/upcall-passes.h"
#include "util.h"

#define UFID "66252ae8-0102-0304-0506-0708090a0b0c"

/* What is known of the packet of build-record.h. */
#define PACKET_FLOW                                                         \
    "eth(src=02:00:00:00:00:03,dst=02:00:00:00:00:02),eth_type(0x0800),"    \
    "ipv4(src=172.200.0.3,dst=172.200.0.2,proto=1,tos=0,ttl=64,frag=no),"   \
    "icmp(type=8,code=0)"
#define ICMP "icmp 172.200.0.3 > 172.200.0.2 98 bytes"

/* Fails unless 'b', which is freed, is 'text' for people and has 'events'. */
static void
check_pass(struct build_pass *b, const char *text, const char *events)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct pass p;
    void *data = build_pass_parse(b, &p);

    pass_format(&p, test_ports, NULL, NULL, &ds);
    ck_assert_str_eq(ds_cstr(&ds), text);
    ds_clear(&ds);
    if (events) {
        pass_format_events(&p, PASS_TEXT_ALL,
                           upcall_passes_owner(NULL, p.rec), NULL, NULL, &ds);
        ck_assert_str_eq(ds_cstr(&ds), events);
    }
    ds_destroy(&ds);
    free(data);
}

/* Returns 'b', which is freed, as JSON. */
/* Fails unless member 'name' of 'b', which is freed, is 'expected'. */
static void
check_pass_member(struct build_pass *b, const char *name, const char *expected)
{
    struct json *json = get_pass_json(b, test_ports, NULL, NULL);

    check_part(json, name, expected);
    json_destroy(json);
}

START_TEST(test_hit)
{
    struct build_pass b;

    build_pass_hit(&b);
    check_pass(&b,
        "p18 p2 " ICMP ": hit ufid:" UFID ", 3 masks, lookup 0.9 us\n"
        "       -  output     p1\n",
        "202388857516933 [swapper/7] flow_tbl_lookup hit ufid " UFID
        " masks 3 cache 1 q p18\n"
        "- [swapper/7] exec oport 2 q p18\n");
    build_pass_hit(&b);
    b.rec.masks = 1;
    b.rec.flags &= ~PASS_F_UFID;
    b.rec.flags |= PASS_F_DONE | PASS_F_BELOW;
    b.rec.below = 12;
    b.rec.recirc_id = 0x1a2;
    b.rec.end_ns = 2100;
    check_pass(&b,
        "p18 p2 " ICMP " (child of p12, recirc_id 0x1a2): hit, 1 mask, "
        "2.1 us\n"
        "       -  output     p1\n",
        "202388857516933 [swapper/7] flow_tbl_lookup hit ufid - masks 1 "
        "cache 1 q p18\n"
        "- [swapper/7] exec oport 2 q p18\n");
}
END_TEST

/* Without actions, the packet is dropped; unknown ones are no reason. */
START_TEST(test_no_actions)
{
    struct build_pass b;

    build_pass_hit(&b);
    b.actions.size = 0;
    check_pass(&b, "p18 p2 " ICMP ": hit ufid:" UFID ", 3 masks, "
               "lookup 0.9 us\n"
               "       -  drop\n", NULL);
    build_pass_hit(&b);
    b.rec.flags &= ~PASS_F_ACTIONS;
    check_pass(&b, "p18 p2 " ICMP ": hit ufid:" UFID ", 3 masks, "
               "lookup 0.9 us\n"
               "       -  actions    unknown\n", NULL);
}
END_TEST

START_TEST(test_miss)
{
    struct build_pass b;

    build_pass_miss(&b);
    check_pass(&b,
        "p18 p2 " ICMP ": miss, upcall #17, 3 masks, lookup 0.9 us\n",
        "202388857516933 [swapper/7] flow_tbl_lookup miss q 17\n");
    build_pass_miss(&b);
    b.rec.flags = 0;
    b.rec.recirc_id = 5;
    b.packet.size = 0;
    b.rec.packet_len = 0;
    check_pass(&b, "p18 - (recirc_id 0x5): miss, 3 masks, lookup 0.9 us\n",
               NULL);
}
END_TEST

START_TEST(test_execute)
{
    struct build_pass b;

    build_pass_execute(&b, "2,recirc(418)", 0);
    check_pass(&b,
        "p19 p2 " ICMP ": execute of upcall #17, 51.1 us\n"
        "       -  output     p1\n"
        "       -  recirc     0x1a2\n",
        "202388857516033 [handler9] flow_exec q 17\n"
        "- [handler9] exec oport 2 q 17\n"
        "- [handler9] exec recirc(0x1a2) q 17\n");
    build_pass_execute(&b, "2", -EINVAL);
    b.rec.flags &= ~PASS_F_UPCALL;
    check_pass(&b, "p19 p2 " ICMP ": execute (EINVAL), 51.1 us\n"
               "       -  output     p1\n",
               "202388857516033 [handler9] flow_exec q p19\n"
               "- [handler9] exec oport 2 q p19\n");
    build_pass_execute(&b, "2", -EINVAL);
    b.rec.flags &= ~PASS_F_DONE;        /* Then it says nothing of an error. */
    b.rec.flags &= ~PASS_F_ACTIONS;
    check_pass(&b, "p19 p2 " ICMP ": execute of upcall #17\n"
               "       -  actions    unknown\n", NULL);
}
END_TEST

/* Cuts the actions of 'b' after 'size' bytes. */
static void
cut_actions(struct build_pass *b, size_t size)
{
    b->actions.size = size;
    b->rec.flags |= PASS_F_ACTIONS_CUT;
}

/* Of actions that are not whole, the first ones are known; each of these
 * outputs has 8 bytes. */
START_TEST(test_cut_actions)
{
    struct build_pass b;

    build_pass_execute(&b, "2,3,2", 0);
    cut_actions(&b, 20);
    check_pass(&b,
        "p19 p2 " ICMP ": execute of upcall #17, 51.1 us\n"
        "       -  output     p1\n"
        "       -  output     p2\n"
        "       -  actions    8 more bytes\n",
        "202388857516033 [handler9] flow_exec q 17\n"
        "- [handler9] exec oport 2 q 17\n"
        "- [handler9] exec oport 3 q 17\n"
        "- [handler9] actions 8 more bytes q 17\n");

    /* The first one is too long, or nothing could be read. */
    for (int i = 0; i < 2; i++) {
        build_pass_hit(&b);
        b.rec.actions_total = 9000;
        cut_actions(&b, i * 4);
        check_pass(&b, "p18 p2 " ICMP ": hit ufid:" UFID ", 3 masks, "
                   "lookup 0.9 us\n"
                   "       -  actions    9000 more bytes\n", NULL);
    }
}
END_TEST

START_TEST(test_json_cut_actions)
{
    struct build_pass b;
    struct json *json, *events;

    build_pass_hit(&b);
    build_pass_actions(&b, "3");
    build_pass_actions(&b, "2");
    cut_actions(&b, 16);
    json = get_pass_json(&b, test_ports, NULL, NULL);
    check_part(json, "actions_missing", "8");
    events = shash_find_data(json_object(json), "events");
    ck_assert_uint_eq(upcall_json_array_size(events), 3);
    json_destroy(json);
}
END_TEST

/* Appends a ct that commits, with an event mask. */
static void
put_ct(struct build_pass *b, uint32_t mask)
{
    size_t ofs = nl_msg_start_nested(&b->actions, OVS_ACTION_ATTR_CT);

    nl_msg_put_flag(&b->actions, OVS_CT_ATTR_COMMIT);
    nl_msg_put_u32(&b->actions, OVS_CT_ATTR_EVENTMASK, mask);
    nl_msg_end_nested(&b->actions, ofs);
}

/* OVS does not print the event mask of ct.  It is there unless it is the one
 * that ovs-vswitchd asks for, also in other actions, but not in JSON, where
 * it is a member. */
START_TEST(test_eventmask)
{
    struct build_pass b;
    size_t ofs;

    for (int i = 0; i < 2; i++) {
        build_pass_execute(&b, "ct,2", 0);
        put_ct(&b, OVS_CT_EVENTMASK_DEFAULT);
        put_ct(&b, 0x401);
        ofs = nl_msg_start_nested(&b.actions, OVS_ACTION_ATTR_CLONE);
        put_ct(&b, OVS_CT_EVENTMASK_DEFAULT);
        put_ct(&b, 1);
        nl_msg_end_nested(&b.actions, ofs);
        if (!i) {
            check_pass(&b,
                "p19 p2 " ICMP ": execute of upcall #17, 51.1 us\n"
                "       -  ct\n"
                "       -  output     p1\n"
                "       -  ct         commit\n"
                "       -  ct         commit,eventmask=0x401\n"
                "       -  clone      ct(commit),ct(commit,eventmask=0x1)\n",
                "202388857516033 [handler9] flow_exec q 17\n"
                "- [handler9] exec ct q 17\n"
                "- [handler9] exec oport 2 q 17\n"
                "- [handler9] exec ct(commit) q 17\n"
                "- [handler9] exec ct(commit,eventmask=0x401) q 17\n"
                "- [handler9] exec clone(ct(commit),ct(commit,eventmask=0x1)) "
                "q 17\n");
        } else {
            struct json *json = get_pass_json(&b, test_ports, NULL, NULL);
            char *s = json_to_string(json, 0);

            ck_assert_ptr_nonnull(strstr(s, "\"text\":\"ct(commit)\""));
            ck_assert_ptr_null(strstr(s, "eventmask="));
            ck_assert_ptr_nonnull(strstr(s, "\"eventmask\":1025,"));
            free(s);
            json_destroy(json);
        }
    }
}
END_TEST

START_TEST(test_json_hit)
{
    struct build_pass b;
    struct json *json;

    build_pass_hit(&b);
    b.rec.recirc_id = 7;
    b.rec.root = b.rec.track = 15;
    b.rec.below = 16;
    b.rec.flags |= PASS_F_BELOW;
    json = get_pass_json(&b, test_ports, NULL, NULL);
    json_destroy(shash_find_and_delete(json_object(json), "packet"));
    check_json(json,
        "{\"actions_missing\":0,\"cache\":1,"
        "\"datapath\":\"system@ovs-system\",\"drop\":null,"
        "\"error\":null,\"events\":["
        "{\"cache\":1,\"comm\":\"swapper/7\",\"context\":\"softirq\","
        "\"cpu\":7,\"event\":\"flow_tbl_lookup\",\"masks\":3,"
        "\"result\":\"hit\",\"tid\":0,\"ts\":202388857516933,"
        "\"ufid\":\"" UFID "\"},"
        "{\"action\":\"output\",\"event\":\"action_execute\","
        "\"executed\":null,"
        "\"port\":{\"name\":\"p1\",\"number\":2},\"ret\":null,"
        "\"source\":\"flow\","
        "\"text\":\"2\",\"ts\":null}],"
        "\"flow\":{\"bridges\":[],\"datapath_flow\":null,\"error\":null,"
        "\"installed_as\":null,\"openflow\":[],\"source\":null,"
        "\"state\":\"partial\",\"ufid\":\"" UFID "\"},"
        "\"id\":\"p18\",\"kind\":\"pass\","
        "\"latency\":{\"lookup\":900,\"total\":null},\"lookup\":\"hit\","
        "\"masks\":3,\"parent\":\"p16\","
        "\"port\":{\"name\":\"p2\",\"number\":3},\"recirc_id\":7,\"seq\":4,"
        "\"track\":\"p15\",\"ufid\":\"" UFID "\",\"upcall\":null}");
    json_destroy(json);
}
END_TEST

START_TEST(test_json_miss)
{
    static const char *const nulls[] = {
        "flow", "ufid", "parent", "error", "actions_missing",
    };
    struct build_pass b;

    for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
        build_pass_miss(&b);
        check_pass_member(&b, nulls[i], "null");
    }
    build_pass_miss(&b);
    check_pass_member(&b, "lookup", "\"miss\"");
    build_pass_miss(&b);
    check_pass_member(&b, "upcall", "\"17\"");
    build_pass_miss(&b);
    check_pass_member(&b, "track", "\"p18\"");
    build_pass_miss(&b);
    b.rec.track = PASS_NO_TRACK;
    check_pass_member(&b, "track", "null");
}
END_TEST

START_TEST(test_json_execute)
{
    static const char *const nulls[] = {
        "cache", "masks", "lookup", "recirc_id", "flow", "ufid",
    };
    struct build_pass b;

    for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
        build_pass_execute(&b, "2", 0);
        check_pass_member(&b, nulls[i], "null");
    }
    build_pass_execute(&b, "2", -EINVAL);
    check_pass_member(&b, "error", "\"EINVAL (Invalid argument)\"");
    build_pass_execute(&b, "2", 0);
    check_pass_member(&b, "latency", "{\"lookup\":null,\"total\":51100}");
    build_pass_execute(&b, "2,recirc(418)", 0);
    check_pass_member(&b, "events",
        "[{\"comm\":\"handler9\",\"context\":\"process\",\"cpu\":7,"
        "\"duration\":51100,\"event\":\"flow_exec\",\"ret\":0,"
        "\"tid\":3215302,\"ts\":202388857516033},"
        "{\"action\":\"output\",\"event\":\"action_execute\","
        "\"executed\":null,"
        "\"port\":{\"name\":\"p1\",\"number\":2},\"ret\":null,"
        "\"source\":\"request\",\"text\":\"2\",\"ts\":null},"
        "{\"action\":\"recirc\",\"event\":\"action_execute\","
        "\"executed\":null,\"recirc_id\":418,\"ret\":null,"
        "\"source\":\"request\",\"text\":\"recirc(0x1a2)\","
        "\"ts\":null}]");
}
END_TEST

/* The packet. */

/* Fails unless the packet of 'b', which is freed, has the flow 'expected';
 * none if that is NULL. */
static void
check_packet_flow(struct build_pass *b, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct pass p;
    void *data = build_pass_parse(b, &p);

    ck_assert_int_eq(packet_flow_text(&p, &ds), expected != NULL);
    ck_assert_str_eq(ds_cstr(&ds), expected ? expected : "");
    ds_destroy(&ds);
    free(data);
}

START_TEST(test_packet_flow)
{
    struct build_pass b;

    build_pass_hit(&b);
    check_packet_flow(&b, "in_port(3),ct_state(0),ct_zone(0),recirc_id(0),"
                      PACKET_FLOW);
    build_pass_hit(&b);
    b.rec.recirc_id = 0x1a2;
    b.rec.ct_state = 0x22;
    b.rec.ct_zone = 7;
    b.rec.flags |= PASS_F_CT;
    check_packet_flow(&b, "in_port(3),ct_state(0x22),ct_zone(0x7),"
                      "recirc_id(0x1a2)," PACKET_FLOW);
    build_pass_execute(&b, "2", 0);
    check_packet_flow(&b, "in_port(3)," PACKET_FLOW);
    build_pass_execute(&b, "2", 0);
    b.rec.flags &= ~PASS_F_PORT;
    check_packet_flow(&b, PACKET_FLOW);
}
END_TEST

/* A tunnel's packet has no Ethernet header. */
START_TEST(test_packet_l3)
{
    struct build_pass b;

    build_pass_hit(&b);
    ofpbuf_pull(&b.packet, ETH_HEADER_LEN);
    b.rec.packet_len -= ETH_HEADER_LEN;
    b.rec.flags |= PASS_F_L3;
    b.rec.ethertype = htons(ETH_TYPE_IP);
    check_packet_flow(&b, "in_port(3),ct_state(0),ct_zone(0),recirc_id(0),"
                      "eth_type(0x0800),ipv4(src=172.200.0.3,dst=172.200.0.2,"
                      "proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)");
    build_pass_hit(&b);
    ofpbuf_pull(&b.packet, ETH_HEADER_LEN);
    b.rec.packet_len -= ETH_HEADER_LEN;
    b.rec.flags |= PASS_F_L3;
    b.rec.ethertype = htons(ETH_TYPE_IP);
    check_pass(&b, "p18 p2 icmp 172.200.0.3 > 172.200.0.2 84 bytes: hit "
               "ufid:" UFID ", 3 masks, lookup 0.9 us\n"
               "       -  output     p1\n", NULL);
}
END_TEST

/* The kernel's own encoding of actions is shown as far as it is known. */
START_TEST(test_kernel_actions)
{
    struct build_pass b;
    struct ofpbuf actions;
    struct upcall_attrs attrs;
    struct pass_actions kernel;
    struct pass p;
    void *rec;

    build_pass_hit(&b);
    ofpbuf_init(&actions, 0);
    ck_assert(!odp_actions_from_string("ct(commit,zone=5),recirc(3)", NULL,
                                       &actions));
    attrs.data = actions.data;
    attrs.len = actions.size;
    ofpbuf_clear(&b.actions);
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &b.actions, NULL);
    rec = build_pass_parse(&b, &p);
    pass_actions_init(&kernel, &p, NULL);
    ck_assert(!flow_text_is_actions(&kernel.attrs,
                                    "ct(commit,zone=5),recirc(0x3)"));
    ck_assert(action_nth(&kernel.attrs, 1));
    pass_actions_uninit(&kernel);
    pass_actions_init(&kernel, &p, &kernel_layout_6_12);
    ck_assert(flow_text_is_actions(&kernel.attrs,
                                   "ct(commit,zone=5),recirc(0x3)"));
    pass_actions_uninit(&kernel);
    free(rec);
    ofpbuf_uninit(&actions);
}
END_TEST

/* Of headers that were not kept, nothing is made up. */
START_TEST(test_packet_cut)
{
    struct build_pass b;

    for (int size = 0; size < 42; size++) {
        build_pass_hit(&b);
        b.packet.size = size;
        check_packet_flow(&b, NULL);
    }
    for (int size = 42; size <= 98; size++) {
        build_pass_hit(&b);
        b.packet.size = size;
        check_packet_flow(&b, "in_port(3),ct_state(0),ct_zone(0),"
                          "recirc_id(0)," PACKET_FLOW);
    }
}
END_TEST

START_TEST(test_packet_vlan)
{
    struct build_pass b;
    char hex[] = "020000000002" "020000000003" "8100" "600a" "0806"
        "0001080006040001" "020000000003" "acc80003" "000000000000"
        "acc80002";

    build_pass_init(&b, 1, PASS_MISS);
    build_pass_packet(&b, hex);
    check_packet_flow(&b, "in_port(3),ct_state(0),ct_zone(0),recirc_id(0),"
        "eth(src=02:00:00:00:00:03,dst=02:00:00:00:00:02),eth_type(0x8100),"
        "vlan(vid=10,pcp=3),encap(eth_type(0x0806),arp(sip=172.200.0.3,"
        "tip=172.200.0.2,op=1,sha=02:00:00:00:00:03,tha=00:00:00:00:00:00))");
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_show_tcase(void)
{
    TCase *tcase = tcase_create("pass-show");

    tcase_add_checked_fixture(tcase, check_output_setup,
                              check_output_teardown);
    tcase_add_test(tcase, test_hit);
    tcase_add_test(tcase, test_no_actions);
    tcase_add_test(tcase, test_miss);
    tcase_add_test(tcase, test_execute);
    tcase_add_test(tcase, test_cut_actions);
    tcase_add_test(tcase, test_json_cut_actions);
    tcase_add_test(tcase, test_eventmask);
    tcase_add_test(tcase, test_json_hit);
    tcase_add_test(tcase, test_json_miss);
    tcase_add_test(tcase, test_json_execute);
    tcase_add_test(tcase, test_packet_flow);
    tcase_add_test(tcase, test_packet_l3);
    tcase_add_test(tcase, test_kernel_actions);
    tcase_add_test(tcase, test_packet_cut);
    tcase_add_test(tcase, test_packet_vlan);
    return tcase;
}
