/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-text.c and flow-match.c. */

#include <config.h>
#include "flow/flow-text.h"

#include <check.h>
#include <string.h>

#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/record.h"
#include "util.h"

TCase *flow_text_tcase(void);

/* Returns true if 'text' means the 'actions' of a flow.  "drop" is to have
 * none; OVS 3.1 parses it as an action that the kernel does not have. */
static bool
is_actions(const char *actions, const char *text)
{
    struct upcall_attrs attrs;
    struct ofpbuf buf;
    bool same;

    ofpbuf_init(&buf, 64);
    if (strcmp(actions, "drop")) {
        ck_assert_msg(!odp_actions_from_string(actions, NULL, &buf), "%s",
                      actions);
    }
    attrs.data = buf.data;
    attrs.len = buf.size;
    same = flow_text_is_actions(&attrs, text);
    ofpbuf_uninit(&buf);
    return same;
}

START_TEST(test_is_actions)
{
    static const char *const texts[] = {
        "2", "drop", "2,3", "push_vlan(vid=5,pcp=0),2", "ct_clear",
        "set(ipv4(ttl=63)),2", "ct(commit,zone=1),2",
        "check_pkt_len(size=1500,gt(3),le(2))", "clone(2,3),2",
        "userspace(pid=9,slow_path(action))",
        "sample(sample=50.0%,actions(1,2))",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
            ck_assert_msg(is_actions(texts[i], texts[j]) == (i == j),
                          "%s, %s", texts[i], texts[j]);
        }
    }
    ck_assert(is_actions("2,3", " 2, 3\t"));
    ck_assert(is_actions("set(ipv4(ttl=63)),2", "set( ipv4(ttl = 63) ) ,2"));
    ck_assert(is_actions("recirc(10)", "recirc(0xa)"));
    ck_assert(!is_actions("23", "2 3"));
    ck_assert(!is_actions("2", ""));
    ck_assert(!is_actions("2", "2,"));
}
END_TEST

/* Text that the parser of OVS takes as an attack on itself. */
START_TEST(test_hostile_actions)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "check_pkt_len(size=1,gt(1");
    for (int i = 0; i < 8189; i++) {
        ds_put_cstr(&ds, ",1");
    }
    ds_put_cstr(&ds, ",pop_vlan),le(drop))");
    ck_assert(!is_actions("2", ds_cstr(&ds)));
    ck_assert(!is_actions("2", "check_pkt_len(size=1,gt(1),le(drop"));
    ck_assert(!is_actions("2", "  "));
    ck_assert(!is_actions("2", "((((((((((("));
    ds_destroy(&ds);
}
END_TEST

/* Appends what 'text', of which each field is one that the kernel's interface
 * has, is as attributes to 'key' and 'mask'. */
static void
put_match(const char *text, struct ofpbuf *key, struct ofpbuf *mask)
{
    char *error;

    ck_assert_msg(!odp_flow_from_string(text, NULL, key, mask, &error), "%s",
                  error);
}

/* Fails unless a put with the key 'key' and the mask 'mask' is shown as
 * 'expected'. */
static void
check_match_attrs(const struct ofpbuf *key, const struct ofpbuf *mask,
                  const char *expected)
{
    static const struct nlattr nothing;
    struct upcall_attrs key_attrs = { .data = key->data, .len = key->size };
    struct upcall_attrs mask_attrs = {
        .data = mask->size ? mask->data : &nothing, .len = mask->size,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert(flow_text_match(&key_attrs, &mask_attrs, &ds));
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

/* Fails unless a put with the key of 'key' and the mask in 'mask', NULL if it
 * has none, is shown as 'expected'. */
static void
check_match(const char *key_text, const char *mask_text, const char *expected)
{
    struct ofpbuf key, mask, ignored;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&mask, 0);
    ofpbuf_init(&ignored, 0);
    put_match(key_text, &key, NULL);
    if (mask_text) {
        put_match(mask_text, &ignored, &mask);
    }
    check_match_attrs(&key, &mask, expected);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
    ofpbuf_uninit(&ignored);
}

#define METADATA "recirc_id(0),dp_hash(0),skb_priority(0),"
#define CONNTRACK "skb_mark(0),ct_state(0x22),ct_zone(0x7),ct_mark(0)," \
    "ct_label(0x1),"
#define ETH "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),"

/* What is shown of CONNTRACK in an exact match. */
#define CONNTRACK_EXACT "skb_mark(0)," \
    "ct_state(-new+est-rel-rpl-inv+trk-snat-dnat)," \
    "ct_zone(0x7),ct_mark(0),ct_label(0x1),"

/* Without a mask, all is matched: upcall/disable-megaflows. */
START_TEST(test_match_exact)
{
    static const char arp[] = "eth_type(0x0806),arp(sip=10.1.1.1,tip=10.1.1.2,"
        "op=1,sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)";
    struct ds key = DS_EMPTY_INITIALIZER;
    struct ds expected = DS_EMPTY_INITIALIZER;

    ds_put_format(&key, METADATA "in_port(2)," CONNTRACK ETH "%s", arp);
    ds_put_format(&expected, METADATA "in_port(2)," CONNTRACK_EXACT ETH "%s",
                  arp);
    check_match(ds_cstr(&key), NULL, ds_cstr(&expected));
    ds_destroy(&key);
    ds_destroy(&expected);

    check_match(METADATA "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,"
                "tos=0,ttl=64,tp_src=49152,tp_dst=6081,flags(key)),"
                "in_port(3)," CONNTRACK ETH "eth_type(0x1234)", NULL,
                METADATA "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,"
                "tos=0,ttl=64,tp_src=49152,tp_dst=6081,flags(key)),"
                "in_port(3)," CONNTRACK_EXACT ETH "eth_type(0x1234)");
    check_match("in_port(2),eth(src=02:00:00:00:00:01,"
                "dst=02:00:00:00:00:02)", NULL,
                "in_port(2),eth(src=02:00:00:00:00:01,"
                "dst=02:00:00:00:00:02),eth_type(0/0xffff)");
}
END_TEST

#define INNER "ipv4(src=10.1.1.1,dst=10.1.1.2,proto=17,tos=0,ttl=64," \
    "frag=no),udp(src=1,dst=2)"
#define QINQ "in_port(3)," ETH "eth_type(0x88a8),vlan(vid=5,pcp=0)," \
    "encap(eth_type(0x8100),vlan(vid=7,pcp=0),encap(eth_type(0x0800)," \
    INNER "))"

/* What a mask does not have inside of a tag is not matched, even if it has
 * nothing there. */
START_TEST(test_match_encap)
{
    check_match(QINQ, "in_port(3),eth(),eth_type(0x88a8),vlan(vid=5,pcp=0),"
                "encap()", "in_port(3),eth(),eth_type(0x88a8),"
                "vlan(vid=5,pcp=0),encap(encap())");
    check_match(QINQ, "in_port(3),eth(),eth_type(0x88a8),vlan(vid=5,pcp=0),"
                "encap(eth_type(0x8100),vlan(vid=7,pcp=0),encap())",
                "in_port(3),eth(),eth_type(0x88a8),vlan(vid=5,pcp=0),"
                "encap(eth_type(0x8100),vlan(vid=7,pcp=0),encap())");
    check_match(QINQ, NULL, QINQ);
}
END_TEST

/* Of what is matched in part, the rest of the packet is not shown; and neither
 * is what the mask leaves out. */
START_TEST(test_match_masked)
{
    check_match(METADATA "in_port(2)," CONNTRACK ETH "eth_type(0x0800)," INNER,
                "recirc_id(0),in_port(2),eth(src=02:00:00:00:00:00/"
                "ff:00:00:00:00:00,dst=02:00:00:00:00:02),eth_type(0x0800),"
                "ipv4(dst=10.0.0.0/255.0.0.0,frag=no),ct_state(-new+est)",
                "recirc_id(0),in_port(2),ct_state(-new+est),"
                "eth(src=02:00:00:00:00:00/ff:00:00:00:00:00,"
                "dst=02:00:00:00:00:02),eth_type(0x0800),"
                "ipv4(dst=10.0.0.0/255.0.0.0,frag=no)");
    check_match("tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,tos=0,ttl=64,"
                "flags(key)),in_port(3)," ETH "eth_type(0x1234)",
                "tunnel(tun_id=0x7,src=10.1.2.1,flags(-df-csum+key)),"
                "in_port(3),eth(),eth_type(0x1234)",
                "tunnel(tun_id=0x7,src=10.1.2.1,flags(-df-csum+key)),"
                "in_port(3),eth(),eth_type(0x1234)");
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_text_tcase(void)
{
    TCase *tc = tcase_create("flow-text");

    tcase_add_test(tc, test_is_actions);
    tcase_add_test(tc, test_hostile_actions);
    tcase_add_test(tc, test_match_exact);
    tcase_add_test(tc, test_match_encap);
    tcase_add_test(tc, test_match_masked);
    return tc;
}
