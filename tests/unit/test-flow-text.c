/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-text*.c and flow-match.c. */

#include <config.h>
#include "flow/flow-text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "flow/flow-match.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "random.h"
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
    /* The kernel has 8 bits for the operation. */
    static const char arp[] = "eth_type(0x0806),arp(sip=10.1.1.1,tip=10.1.1.2,"
        "op=1%s,sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)";
    struct ds key = DS_EMPTY_INITIALIZER;
    struct ds expected = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&key, METADATA "in_port(2)," CONNTRACK ETH);
    ds_put_format(&key, arp, "");
    ds_put_cstr(&expected, METADATA "in_port(2)," CONNTRACK_EXACT ETH);
    ds_put_format(&expected, arp, "/0xff");
    check_match(ds_cstr(&key), NULL, ds_cstr(&expected));
    ds_destroy(&key);
    ds_destroy(&expected);

    check_match(METADATA "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,"
                "tos=0,ttl=64,tp_src=49152,tp_dst=6081,flags(key)),"
                "in_port(3)," CONNTRACK ETH "eth_type(0x1234)", NULL,
                METADATA "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,"
                "tos=0,ttl=64,tp_src=49152,tp_dst=6081,flags(+key)),"
                "in_port(3)," CONNTRACK_EXACT ETH "eth_type(0x1234)");
    check_match("in_port(2),eth(src=02:00:00:00:00:01,"
                "dst=02:00:00:00:00:02)", NULL,
                "in_port(2),eth(src=02:00:00:00:00:01,"
                "dst=02:00:00:00:00:02)");
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

#define TUNNEL(OPTIONS) "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100," \
    OPTIONS "flags(-df-csum+key)),in_port(3)"

/* Of the options of a tunnel, the data that are not matched are not shown; one
 * of which nothing is matched is zeros, or nothing if the mask does not have
 * it. */
START_TEST(test_match_options)
{
    static const char geneve[] = TUNNEL("ttl=64,geneve({class=0xffff,type=0,"
                                        "len=4,0xdeadbeef}),");
    static const char vxlan[] = TUNNEL("ttl=64,vxlan(gbp(id=5,flags=0)),");
    static const char *const same[] = {
        TUNNEL("geneve({class=0xffff,type=0,len=4,0xdeadbeef}),"),
        TUNNEL("geneve({class=0xffff,type=0,len=4,0xde000000/0xff000000}),"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        check_match(geneve, same[i], same[i]);
    }
    check_match(geneve, TUNNEL("geneve({class=0/0,type=0/0,len=4/0,0/0}),"),
                TUNNEL("geneve({}{}),"));
    check_match(geneve, TUNNEL(""), TUNNEL(""));
    check_match(vxlan, TUNNEL("vxlan(gbp(id=4/0xc)),"),
                TUNNEL("vxlan(gbp(id=4/0xc)),"));
    check_match(vxlan, TUNNEL(""), TUNNEL(""));
}
END_TEST

/* A flow of a controller as ofproto/trace prints it. */
START_TEST(test_is_traced)
{
    static const char controller[] = "userspace(pid=9,controller(reason=1,"
        "dont_send=%d,continuation=0,recirc_id=4,rule_cookie=0x5,"
        "controller_id=0,max_len=65535))";
    char *sent = xasprintf(controller, 0);
    char *traced = xasprintf(controller, 1);
    struct upcall_attrs attrs;
    struct ofpbuf buf;

    ofpbuf_init(&buf, 64);
    ck_assert(!odp_actions_from_string(sent, NULL, &buf));
    attrs.data = buf.data;
    attrs.len = buf.size;
    ck_assert(flow_text_is_traced(&attrs, traced));
    ck_assert(flow_text_is_traced(&attrs, sent));
    ck_assert(!flow_text_is_actions(&attrs, traced));
    ck_assert(flow_text_is_actions(&attrs, sent));
    traced[strlen("userspace(pid=9,controller(reason=")] = '2';
    ck_assert(!flow_text_is_traced(&attrs, traced));
    ck_assert(!flow_text_is_traced(&attrs, ""));
    ck_assert(!flow_text_is_traced(&attrs, ",dont_send=1,"));
    ofpbuf_uninit(&buf);
    free(sent);
    free(traced);
}
END_TEST

/* Fails unless ofproto/trace is asked about the key in 'key' with 'expected',
 * and can read that. */
static void
check_trace_key(const struct ofpbuf *key, const char *expected)
{
    struct upcall_attrs attrs = { .data = key->data, .len = key->size };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct ofpbuf parsed;

    flow_text_trace_key(&attrs, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ofpbuf_init(&parsed, 0);
    put_match(ds_cstr(&ds), &parsed, NULL);
    ofpbuf_uninit(&parsed);
    ds_destroy(&ds);
}

/* What each kernel has for a packet of IPv6. */
static void
put_ipv6(struct ofpbuf *key)
{
    put_match("eth_type(0x86dd),ipv6(src=fc00::1,dst=fc00::2,label=0x12345,"
              "proto=17,tclass=0,hlimit=64,frag=no),udp(src=1,dst=2)", key,
              NULL);
    nl_msg_put_u16(key, 32 /* OVS_KEY_ATTR_IPV6_EXTHDRS */, 0);
}

START_TEST(test_trace_key)
{
    static const char ipv6[] = "eth_type(0x86dd),ipv6(src=fc00::1,dst=fc00::2,"
        "label=0x12345,proto=17,tclass=0,hlimit=64,frag=no),udp(src=1,dst=2)";
    struct ovs_key_ct_tuple_ipv6 tuple;
    struct ds expected = DS_EMPTY_INITIALIZER;
    struct ofpbuf key;
    size_t ofs;

    ofpbuf_init(&key, 0);
    nl_msg_put_u16(&key, 99, 0);
    put_match("in_port(3)", &key, NULL);
    put_ipv6(&key);
    ds_put_format(&expected, "in_port(3),%s", ipv6);
    check_trace_key(&key, ds_cstr(&expected));

    /* Inside of a tag. */
    ofpbuf_clear(&key);
    put_match("in_port(3),eth_type(0x8100),vlan(vid=7,pcp=0)", &key, NULL);
    ofs = nl_msg_start_nested(&key, OVS_KEY_ATTR_ENCAP);
    put_ipv6(&key);
    nl_msg_end_nested(&key, ofs);
    ds_clear(&expected);
    ds_put_format(&expected, "in_port(3),eth_type(0x8100),vlan(vid=7,pcp=0),"
                  "encap(%s)", ipv6);
    check_trace_key(&key, ds_cstr(&expected));

    /* A connection. */
    ofpbuf_clear(&key);
    memset(&tuple, 0, sizeof tuple);
    tuple.src_port = htons(5);
    tuple.dst_port = htons(6);
    put_match("in_port(3)", &key, NULL);
    nl_msg_put_unspec(&key, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &tuple,
                      sizeof tuple);
    check_trace_key(&key, "in_port(3),ct_tuple6(src=::,dst=::,proto=0,"
                    "tp_src=5,tp_dst=6)");
    ofpbuf_uninit(&key);
    ds_destroy(&expected);
}
END_TEST

/* All that a kernel may have in a key. */
static const char *const kernel_keys[] = {
    QINQ,
    METADATA "tunnel(tun_id=0x7,src=10.1.2.1,dst=10.1.2.100,tos=0x2,"
        "ttl=64,tp_src=49152,tp_dst=6081,geneve({class=0x1,type=0x80,"
        "len=4,0xdeadbeef}),flags(df|csum|key)),in_port(3)," CONNTRACK
        ETH "eth_type(0x1234)",
    METADATA "tunnel(tun_id=0x7,ipv6_src=fc00::1,ipv6_dst=fc00::2,"
        "tos=0,ttl=64,vxlan(gbp(id=5,flags=1)),flags(key)),in_port(3),"
        ETH "eth_type(0x1234)",
    ETH "eth_type(0x8847),mpls(label=16,tc=1,ttl=64,bos=0,label=17,tc=0,"
        "ttl=3,bos=1)",
    ETH "eth_type(0x0806),arp(sip=10.1.1.1,tip=10.1.1.2,op=1,"
        "sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)",
    ETH "eth_type(0x0800),ipv4(src=1.2.3.4,dst=5.6.7.8,proto=6,tos=3,"
        "ttl=9,frag=first),tcp(src=1,dst=2),tcp_flags(syn|ack)",
    ETH "eth_type(0x86dd),ipv6(src=::1,dst=::2,label=0,proto=58,tclass=0,"
        "hlimit=255,frag=no),icmpv6(type=135,code=0),nd(target=::3,"
        "sll=02:00:00:00:00:01,tll=00:00:00:00:00:00)",
    "ct_tuple4(src=1.2.3.4,dst=5.6.7.8,proto=6,tp_src=5,tp_dst=6)",
    ETH "eth_type(0x0800),ipv4(src=1.2.3.4,dst=5.6.7.8,proto=132,tos=0,"
        "ttl=9,frag=later),sctp(src=1,dst=2)",
};

START_TEST(test_trace_keys)
{
    for (size_t i = 0; i < ARRAY_SIZE(kernel_keys); i++) {
        struct ofpbuf key, traced;
        struct upcall_attrs attrs;
        struct ds ds = DS_EMPTY_INITIALIZER;

        ofpbuf_init(&key, 0);
        ofpbuf_init(&traced, 0);
        put_match(kernel_keys[i], &key, NULL);
        attrs.data = key.data;
        attrs.len = key.size;
        flow_text_trace_key(&attrs, &ds);
        put_match(ds_cstr(&ds), &traced, NULL);
        ck_assert_msg(ofpbuf_equal(&key, &traced), "%s became %s",
                      kernel_keys[i], ds_cstr(&ds));
        ofpbuf_uninit(&key);
        ofpbuf_uninit(&traced);
        ds_destroy(&ds);
    }
}
END_TEST

/* Sets all bits of what is in the attributes of 'mask', none of them, or some,
 * at random.  Takes away an attribute now and then. */
static void
randomize_mask(struct ofpbuf *mask)
{
    struct ofpbuf old = *mask;
    struct nlattr *a;
    size_t left;

    ofpbuf_init(mask, 0);
    NL_ATTR_FOR_EACH (a, left, old.data, old.size) {
        uint8_t kind = random_range(8);
        size_t size = nl_attr_get_size(a);
        uint8_t *bytes;

        if (!kind) {
            continue;
        }
        bytes = nl_msg_put_unspec_uninit(mask, nl_attr_type(a), size);
        memcpy(bytes, nl_attr_get(a), size);
        if (nl_attr_type(a) == OVS_KEY_ATTR_TUNNEL
            || nl_attr_type(a) == OVS_KEY_ATTR_ENCAP) {
            continue;
        }
        for (size_t i = 0; i < size; i++) {
            bytes[i] = kind < 4 ? 0 : kind < 7 ? 0xff : random_uint32();
        }
    }
    ofpbuf_uninit(&old);
}

/* Fails unless 'key' with 'mask' has the text that OVS has for all of it at
 * once. */
static void
check_as_a_whole(const struct ofpbuf *key, const struct ofpbuf *mask)
{
    struct upcall_attrs key_attrs = { .data = key->data, .len = key->size };
    struct upcall_attrs mask_attrs = { .data = mask->data, .len = mask->size };
    struct ds expected = DS_EMPTY_INITIALIZER;
    struct ofpbuf full_key, full_mask;

    ofpbuf_init(&full_key, 0);
    ofpbuf_init(&full_mask, 0);
    flow_match_complete(&key_attrs, &mask_attrs, &full_key, &full_mask);
    upcall_odp_flow_format(full_key.data, full_key.size, full_mask.data,
                           full_mask.size, NULL, &expected, false);
    check_match_attrs(key, mask, ds_cstr(&expected));
    ds_destroy(&expected);
    ofpbuf_uninit(&full_key);
    ofpbuf_uninit(&full_mask);
}

/* A text that is made of those of attributes is the text of all of them. */
START_TEST(test_match_pieces)
{
    random_set_seed(1);
    for (size_t i = 0; i < ARRAY_SIZE(kernel_keys) * 200; i++) {
        struct ofpbuf key, mask;

        ofpbuf_init(&key, 0);
        ofpbuf_init(&mask, 0);
        if (i % 4) {
            put_match(METADATA "in_port(2)," CONNTRACK, &key, NULL);
        }
        put_match(kernel_keys[i / 200], &key, NULL);
        ofpbuf_put(&mask, key.data, key.size);
        randomize_mask(&mask);
        if (mask.size) {
            check_as_a_whole(&key, &mask);
        }
        ofpbuf_uninit(&key);
        ofpbuf_uninit(&mask);
    }
}
END_TEST

/* Appends an NSH header. */
static void
put_nsh(struct ofpbuf *buf, uint8_t mdtype, uint32_t path_hdr, uint32_t c1)
{
    struct ovs_nsh_key_base base = {
        .mdtype = mdtype, .path_hdr = htonl(path_hdr),
    };
    struct ovs_nsh_key_md1 md1 = { .context = { htonl(c1) } };
    size_t ofs = nl_msg_start_nested(buf, OVS_KEY_ATTR_NSH);

    nl_msg_put_unspec(buf, OVS_NSH_KEY_ATTR_BASE, &base, sizeof base);
    nl_msg_put_unspec(buf, OVS_NSH_KEY_ATTR_MD1, &md1, sizeof md1);
    nl_msg_end_nested(buf, ofs);
}

/* Fails unless a flow with 'mask', whose text ends with 'end', is what
 * ovs-vswitchd tells with 'told' there, if 'same'. */
static void
check_is_match(const struct ofpbuf *key, const struct ofpbuf *mask,
               const char *end, const char *told, bool same)
{
    struct upcall_attrs key_attrs = { .data = key->data, .len = key->size };
    struct upcall_attrs mask_attrs = { .data = mask->data, .len = mask->size };
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert(flow_text_match(&key_attrs, &mask_attrs, &ds));
    ck_assert_msg(ds_chomp(&ds, ')') && strlen(end) < ds.length
                  && !strcmp(ds_cstr(&ds) + ds.length - strlen(end), end),
                  "%s)", ds_cstr(&ds));
    ds_truncate(&ds, ds.length - strlen(end));
    ds_put_format(&ds, "%s)", told);
    ck_assert_msg(flow_text_is_match(&key_attrs, &mask_attrs, ds_cstr(&ds))
                  == same, "%s", ds_cstr(&ds));
    ds_destroy(&ds);
}

/* A context that the kernel does not tell is none that is wrong. */
START_TEST(test_is_match_nsh)
{
    static const char zeros[] = ",c1=0x0,c2=0x0,c3=0x0,c4=0x0";
    struct ofpbuf key, any_type, type_1;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&any_type, 0);
    ofpbuf_init(&type_1, 0);
    put_nsh(&key, 1, 0x123405, 0x11);
    put_nsh(&any_type, 0, 0xff, 0);
    put_nsh(&type_1, 0xff, 0xff, UINT32_MAX);
    check_is_match(&key, &any_type, "si=5", "si=5", true);
    check_is_match(&key, &any_type, "si=5", "si=6", false);
    check_is_match(&key, &any_type, "", zeros, true);
    check_is_match(&key, &any_type, "si=5",
                   "si=6,c1=0x0,c2=0x0,c3=0x0,c4=0x0", false);
    check_is_match(&key, &type_1, ",c1=0x11", ",c1=0x11", true);
    check_is_match(&key, &type_1, ",c1=0x11", zeros, false);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&any_type);
    ofpbuf_uninit(&type_1);
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_text_tcase(void)
{
    TCase *tc = tcase_create("flow-text");

    tcase_add_test(tc, test_is_actions);
    tcase_add_test(tc, test_hostile_actions);
    tcase_add_test(tc, test_is_traced);
    tcase_add_test(tc, test_trace_key);
    tcase_add_test(tc, test_trace_keys);
    tcase_add_test(tc, test_match_exact);
    tcase_add_test(tc, test_match_encap);
    tcase_add_test(tc, test_match_masked);
    tcase_add_test(tc, test_match_options);
    tcase_add_test(tc, test_match_pieces);
    tcase_add_test(tc, test_is_match_nsh);
    return tc;
}
