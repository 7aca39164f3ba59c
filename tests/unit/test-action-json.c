/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/action-json*.c. */

#include <config.h>
#include "show/action-json.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "build-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "store/place.h"
#include "util.h"

/* Fails unless the first action of 'actions', which is freed, is 'expected' in
 * JSON, but for its text, and with the members in the order of their names. */
static void
check_json_of(struct ofpbuf *actions, const char *expected)
{
    const struct place place = { .map = NULL };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct action_json j;
    struct json_writer w;
    struct json *json;
    char *s;

    json_writer_init(&w, &ds);
    action_json_init(&j, actions->data, &place, &w);
    json_write_object(&w, NULL);
    action_json_write_until(&j, NULL);
    json_write_end_object(&w);
    json = json_from_string(ds_cstr(&ds));
    ck_assert_msg(json->type == JSON_OBJECT, "%s", ds_cstr(&ds));
    s = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(s, ds_cstr(&ds));
    free(s);
    json_destroy(shash_find_and_delete(json_object(json), "text"));
    s = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(s, expected);
    free(s);
    json_destroy(json);
    ds_destroy(&ds);
    ofpbuf_uninit(actions);
}

static void
check_text_of(const char *text, const char *expected)
{
    struct ofpbuf actions;

    ofpbuf_init(&actions, 0);
    ck_assert_msg(!odp_actions_from_string(text, NULL, &actions), "%s", text);
    check_json_of(&actions, expected);
}

/* An action without a NAT, but for what differs from the default. */
#define CT(COMMIT, EVENTMASK, FORCE, HELPER, LABELS, MARK, NAT, TIMEOUT,   \
           ZONE)                                                            \
    "{\"action\":\"ct\",\"commit\":" COMMIT ",\"eventmask\":" EVENTMASK     \
    ",\"force\":" FORCE ",\"helper\":" HELPER ",\"labels\":" LABELS         \
    ",\"mark\":" MARK ",\"nat\":" NAT ",\"timeout\":" TIMEOUT               \
    ",\"zone\":" ZONE "}"

#define NAT(MAX, MIN, HASH, PERSISTENT, PORT_MAX, PORT_MIN, RANDOM, TYPE)   \
    "{\"addr_max\":" MAX ",\"addr_min\":" MIN ",\"hash\":" HASH             \
    ",\"persistent\":" PERSISTENT ",\"port_max\":" PORT_MAX                 \
    ",\"port_min\":" PORT_MIN ",\"random\":" RANDOM ",\"type\":" TYPE "}"

START_TEST(test_ct)
{
    check_text_of("ct", CT("false", "null", "false", "null", "null", "null",
                           "null", "null", "0"));
    check_text_of("ct(commit,zone=7,mark=0x5/0xff,label=0x1/0x3,helper=ftp,"
                  "timeout=tp)",
                  CT("true", "null", "false", "\"ftp\"",
                     "{\"mask\":\"0x3\",\"value\":\"0x1\"}",
                     "{\"mask\":255,\"value\":5}", "null", "\"tp\"", "7"));
    check_text_of("ct(force_commit,helper=?)",
                  CT("true", "null", "true", "null", "null", "null", "null",
                     "null", "0"));
    check_text_of("ct(nat)",
                  CT("false", "null", "false", "null", "null", "null",
                     NAT("null", "null", "false", "false", "null", "null",
                         "false", "null"), "null", "0"));
    check_text_of("ct(commit,nat(src=10.0.0.1-10.0.0.9:5-10,hash))",
                  CT("true", "null", "false", "null", "null", "null",
                     NAT("\"10.0.0.9\"", "\"10.0.0.1\"", "true", "false",
                         "10", "5", "false", "\"src\""), "null", "0"));
    check_text_of("ct(commit,nat(dst=[fd00::1]:80,persistent,random))",
                  CT("true", "null", "false", "null", "null", "null",
                     NAT("\"fd00::1\"", "\"fd00::1\"", "false", "true",
                         "80", "80", "true", "\"dst\""), "null", "0"));
}
END_TEST

START_TEST(test_eventmask)
{
    struct ofpbuf actions;
    size_t ofs;

    ofpbuf_init(&actions, 0);
    ofs = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_CT);
    nl_msg_put_u32(&actions, OVS_CT_ATTR_EVENTMASK, 0x2f);
    nl_msg_end_nested(&actions, ofs);
    check_json_of(&actions, CT("false", "47", "false", "null", "null", "null",
                               "null", "null", "0"));
}
END_TEST

START_TEST(test_texts)
{
    static const struct {
        const char *text, *json;
    } actions[] = {
        { "3", "{\"action\":\"output\",\"port\":{\"name\":null,"
          "\"number\":3}}" },
        { "recirc(31)", "{\"action\":\"recirc\",\"recirc_id\":31}" },
        { "trunc(100)", "{\"action\":\"trunc\",\"max_len\":100}" },
        { "pop_vlan", "{\"action\":\"pop_vlan\"}" },
        { "ct_clear", "{\"action\":\"ct_clear\"}" },
        { "push_vlan(tpid=0x88a8,vid=5,pcp=3)", "{\"action\":\"push_vlan\","
          "\"pcp\":3,\"tpid\":\"0x88a8\",\"vid\":5}" },
        { "add_mpls(label=1,tc=2,ttl=3,bos=1,eth_type=0x8847)",
          "{\"action\":\"add_mpls\",\"bos\":1,\"eth_type\":\"0x8847\","
          "\"label\":1,\"tc\":2,\"ttl\":3}" },
        { "set(skb_mark(0x5))", "{\"action\":\"set\",\"field\":\"skb_mark\","
          "\"mask\":null,\"value\":\"0x5\"}" },
        { "set(skb_mark(0x5/0xff))", "{\"action\":\"set_masked\","
          "\"field\":\"skb_mark\",\"mask\":\"0xff\",\"value\":\"0x5\"}" },
        { "set(ipv4(src=1.2.3.0/255.255.255.0,ttl=64))",
          "{\"action\":\"set_masked\",\"field\":\"ipv4\","
          "\"mask\":\"src=255.255.255.0\","
          "\"value\":\"src=1.2.3.0,ttl=64\"}" },
        { "set(ipv6(dst=fc00::/ffff:ffff::))", "{\"action\":\"set_masked\","
          "\"field\":\"ipv6\",\"mask\":\"dst=ffff:ffff::\","
          "\"value\":\"dst=fc00::\"}" },
        { "set(eth(src=00:00:00:00:00:01))", "{\"action\":\"set_masked\","
          "\"field\":\"eth\",\"mask\":null,"
          "\"value\":\"src=00:00:00:00:00:01\"}" },
        { "set(tunnel(tun_id=0x7b,dst=1.1.1.2,ttl=64,geneve({class=0xffff,"
          "type=0x80,len=4,0xa}),flags(df|key)))", "{\"action\":\"set\","
          "\"field\":\"tunnel\",\"mask\":null,\"value\":\"tun_id=0x7b,"
          "dst=1.1.1.2,ttl=64,geneve({class=0xffff,type=0x80,len=4,0xa}),"
          "flags(df|key)\"}" },
        { "push_nsh(flags=1,ttl=63,mdtype=1,np=3,spi=0x102,si=255,c1=0x1,"
          "c2=0x2,c3=0x3,c4=0x4)", "{\"action\":\"push_nsh\",\"flags\":1,"
          "\"mdtype\":1,\"metadata\":\"00000001000000020000000300000004\","
          "\"np\":3,\"si\":255,\"spi\":258,\"ttl\":63}" },
        { "userspace(pid=9,userdata(0102),actions,tunnel_out_port=10)",
          "{\"action\":\"userspace\",\"actions\":true,\"class\":\"action\","
          "\"egress_tunnel_port\":{\"name\":null,\"number\":10},"
          "\"portid\":9,\"reason\":null,\"userdata\":null}" },
        { "userspace(pid=9,slow_path(lacp))", "{\"action\":\"userspace\","
          "\"actions\":false,\"class\":\"slow_path\","
          "\"egress_tunnel_port\":null,\"portid\":9,\"reason\":\"lacp\","
          "\"userdata\":null}" },
        { "userspace(pid=9,controller(reason=1,dont_send=0,continuation=0,"
          "recirc_id=4,rule_cookie=0x1234,controller_id=5,max_len=65535))",
          "{\"action\":\"userspace\",\"actions\":false,"
          "\"class\":\"controller\",\"egress_tunnel_port\":null,"
          "\"portid\":9,\"reason\":\"action\",\"userdata\":{"
          "\"continuation\":false,\"controller_id\":5,"
          "\"dont_send\":false,\"max_len\":65535,\"recirc_id\":4,"
          "\"rule_cookie\":\"0x1234\"}}" },
        { "userspace(pid=9,sFlow(vid=7,pcp=3,output=5))",
          "{\"action\":\"userspace\",\"actions\":false,"
          "\"class\":\"sflow\",\"egress_tunnel_port\":null,"
          "\"portid\":9,\"reason\":null,\"userdata\":{"
          "\"output_ifindex\":5,\"outputs\":1,\"pcp\":3,\"vid\":7}}" },
        { "userspace(pid=9,flow_sample(probability=100,collector_set_id=1,"
          "obs_domain_id=2,obs_point_id=3,output_port=4,ingress))",
          "{\"action\":\"userspace\",\"actions\":false,"
          "\"class\":\"flow_sample\",\"egress_tunnel_port\":null,"
          "\"portid\":9,\"reason\":null,\"userdata\":{"
          "\"collector_set_id\":1,\"direction\":\"ingress\","
          "\"obs_domain_id\":2,\"obs_point_id\":3,"
          "\"output\":{\"name\":null,\"number\":4},"
          "\"probability\":100}}" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        check_text_of(actions[i].text, actions[i].json);
    }
}
END_TEST

#define OUTPUT(PORT) "{\"action\":\"output\",\"port\":{\"name\":null," \
    "\"number\":" PORT "},\"text\":\"" PORT "\"}"

START_TEST(test_nested)
{
    check_text_of("sample(sample=100.0%,actions(1,2))",
                  "{\"action\":\"sample\",\"actions\":[" OUTPUT("1") ","
                  OUTPUT("2") "],\"probability\":1}");
    check_text_of("clone(1)",
                  "{\"action\":\"clone\",\"actions\":[" OUTPUT("1") "]}");
    check_text_of("check_pkt_len(size=1500,gt(3),le(drop))",
                  "{\"action\":\"check_pkt_len\",\"greater\":[" OUTPUT("3")
                  "],\"len\":1500,\"less_equal\":[]}");
    check_text_of("clone(clone(5))", "{\"action\":\"clone\",\"actions\":[{"
                  "\"action\":\"clone\",\"actions\":[" OUTPUT("5") "],"
                  "\"text\":\"clone(5)\"}]}");
}
END_TEST

/* Puts an attribute 'type' of the bytes 'arg' and checks it. */
static void
check_bytes_of(int type, const void *arg, size_t size, const char *expected)
{
    struct ofpbuf actions;

    ofpbuf_init(&actions, 0);
    nl_msg_put_unspec(&actions, type, arg, size);
    check_json_of(&actions, expected);
}

/* Those that cannot be made from text. */
START_TEST(test_by_hand)
{
    static const struct ovs_action_hash hash = {
        .hash_alg = OVS_HASH_ALG_SYM_L4, .hash_basis = 5,
    };
    struct ovs_action_push_mpls mpls = {
        .mpls_lse = htonl(7 << 12 | 1 << 9 | 1 << 8 | 64),
        .mpls_ethertype = htons(0x8848),
    };
    static const uint8_t eth[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const uint32_t number = 2;
    struct ofpbuf actions;
    size_t outer, inner;

    check_bytes_of(OVS_ACTION_ATTR_HASH, &hash, sizeof hash,
                   "{\"action\":\"hash\",\"alg\":\"sym_l4\",\"basis\":5}");
    check_bytes_of(OVS_ACTION_ATTR_PUSH_MPLS, &mpls, sizeof mpls,
                   "{\"action\":\"push_mpls\",\"bos\":1,"
                   "\"eth_type\":\"0x8848\",\"label\":7,\"tc\":1,"
                   "\"ttl\":64}");
    check_bytes_of(OVS_ACTION_ATTR_POP_MPLS, "\10\0", 2,
                   "{\"action\":\"pop_mpls\",\"eth_type\":\"0x0800\"}");
    check_bytes_of(OVS_ACTION_ATTR_PUSH_ETH, eth, sizeof eth,
                   "{\"action\":\"push_eth\",\"dst\":\"07:08:09:0a:0b:0c\","
                   "\"src\":\"01:02:03:04:05:06\"}");
    check_bytes_of(OVS_ACTION_ATTR_METER, &number, sizeof number,
                   "{\"action\":\"meter\",\"id\":2}");
    check_bytes_of(ACTION_DROP, &number, sizeof number,
                   "{\"action\":\"drop\",\"reason\":\"Recursion too deep\"}");

    ofpbuf_init(&actions, 0);
    outer = nl_msg_start_nested(&actions, ACTION_PSAMPLE);
    nl_msg_put_u32(&actions, ACTION_PSAMPLE_GROUP, 7);
    nl_msg_put_unspec(&actions, ACTION_PSAMPLE_COOKIE, "\0\1\xab", 3);
    nl_msg_end_nested(&actions, outer);
    check_json_of(&actions, "{\"action\":\"psample\",\"cookie\":\"0001ab\","
                  "\"group\":7}");

    ofpbuf_init(&actions, 0);
    outer = nl_msg_start_nested(&actions, ACTION_DEC_TTL);
    inner = nl_msg_start_nested(&actions, ACTION_DEC_TTL_ACTIONS);
    nl_msg_put_u32(&actions, OVS_ACTION_ATTR_OUTPUT, 5);
    nl_msg_end_nested(&actions, inner);
    nl_msg_end_nested(&actions, outer);
    check_json_of(&actions, "{\"action\":\"dec_ttl\",\"actions\":["
                  OUTPUT("5") "]}");
}
END_TEST

/* What is not known, or is not as it has to be. */
START_TEST(test_unknown)
{
    static const uint32_t words[] = { 0, 0, 0 };
    struct ofpbuf actions;
    size_t ofs;

    check_bytes_of(77, "\0\x11\xab", 3,
                   "{\"action\":\"77\",\"data\":\"0011ab\"}");
    check_bytes_of(OVS_ACTION_ATTR_CT | ACTION_RAW, "\1\2", 2,
                   "{\"action\":\"ct\",\"data\":\"0102\"}");
    check_bytes_of(OVS_ACTION_ATTR_OUTPUT, words, 3,
                   "{\"action\":\"output\",\"data\":\"000000\"}");
    check_bytes_of(OVS_ACTION_ATTR_SET_MASKED, words, 2,
                   "{\"action\":\"set_masked\",\"data\":\"0000\"}");
    check_bytes_of(OVS_ACTION_ATTR_CHECK_PKT_LEN, words, 0,
                   "{\"action\":\"check_pkt_len\",\"greater\":null,"
                   "\"len\":null,\"less_equal\":null}");
    check_bytes_of(OVS_ACTION_ATTR_SAMPLE, words, 0,
                   "{\"action\":\"sample\",\"actions\":null,"
                   "\"probability\":null}");
    check_bytes_of(OVS_ACTION_ATTR_PUSH_NSH, words, 0,
                   "{\"action\":\"push_nsh\",\"flags\":null,"
                   "\"mdtype\":null,\"metadata\":null,\"np\":null,"
                   "\"si\":null,\"spi\":null,\"ttl\":null}");

    ofpbuf_init(&actions, 0);
    ofs = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_SET);
    nl_msg_put_flag(&actions, OVS_KEY_ATTR_TUNNEL);
    nl_msg_end_nested(&actions, ofs);
    check_json_of(&actions, "{\"action\":\"set\",\"field\":\"tunnel\","
                  "\"mask\":null,\"value\":null}");

    ofpbuf_init(&actions, 0);
    ofs = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_CLONE);
    nl_msg_put_unspec(&actions, 77, "\xab", 1);
    nl_msg_end_nested(&actions, ofs);
    check_json_of(&actions, "{\"action\":\"clone\",\"actions\":[{"
                  "\"action\":\"77\",\"data\":\"ab\","
                  "\"text\":\"action77(ab)\"}]}");
}
END_TEST

/* Returns the tests of this file. */
TCase *
action_json_tcase(void)
{
    TCase *tc = tcase_create("action-json");

    tcase_add_test(tc, test_ct);
    tcase_add_test(tc, test_eventmask);
    tcase_add_test(tc, test_texts);
    tcase_add_test(tc, test_nested);
    tcase_add_test(tc, test_by_hand);
    tcase_add_test(tc, test_unknown);
    return tc;
}
