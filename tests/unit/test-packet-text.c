/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/packet-text.c. */

#include <config.h>
#include "show/packet-text.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "build-record.h"
#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "record/record.h"
#include "util.h"

#define IPV4_KEY "in_port(3),eth(src=00:00:00:00:00:01,"        \
                 "dst=00:00:00:00:00:02),eth_type(0x0800),"     \
                 "ipv4(src=10.0.0.1,dst=10.0.0.2,"
#define IPV6_KEY "in_port(3),eth(src=00:00:00:00:00:01,"        \
                 "dst=00:00:00:00:00:02),eth_type(0x86dd),"     \
                 "ipv6(src=fe80::1,dst=ff02::2,label=0,"
#define ETH_KEY "in_port(3),eth(src=00:00:00:00:00:01,"         \
                "dst=00:00:00:00:00:02)"

/* Flow keys and their summary. */
static const struct {
    const char *key, *summary;
} keys[] = {
    { IPV4_KEY "proto=6,tos=0,ttl=64,frag=no),tcp(src=1234,dst=80)",
      "tcp 10.0.0.1:1234 > 10.0.0.2:80" },
    { IPV4_KEY "proto=17,tos=0,ttl=64,frag=first),udp(src=53,dst=9)",
      "udp 10.0.0.1:53 > 10.0.0.2:9" },
    { IPV4_KEY "proto=17,tos=0,ttl=64,frag=later)",
      "udp 10.0.0.1 > 10.0.0.2 frag" },
    { IPV4_KEY "proto=132,tos=0,ttl=64,frag=no),sctp(src=1,dst=2)",
      "sctp 10.0.0.1:1 > 10.0.0.2:2" },
    { IPV4_KEY "proto=47,tos=0,ttl=64,frag=no)",
      "ip 10.0.0.1 > 10.0.0.2 proto 47" },
    { IPV4_KEY "proto=2,tos=0,ttl=1,frag=no)", "igmp 10.0.0.1 > 10.0.0.2" },
    { IPV4_KEY "proto=58,tos=0,ttl=1,frag=no)",
      "ip 10.0.0.1 > 10.0.0.2 proto 58" },
    { IPV6_KEY "proto=6,tclass=0,hlimit=64,frag=no),tcp(src=1234,dst=80)",
      "tcp6 [fe80::1]:1234 > [ff02::2]:80" },
    { IPV6_KEY "proto=17,tclass=0,hlimit=64,frag=no),udp(src=1,dst=2)",
      "udp6 [fe80::1]:1 > [ff02::2]:2" },
    { IPV6_KEY "proto=58,tclass=0,hlimit=255,frag=no),"
      "icmpv6(type=133,code=0)", "icmp6 fe80::1 > ff02::2" },
    { IPV6_KEY "proto=89,tclass=0,hlimit=1,frag=no)",
      "ip6 fe80::1 > ff02::2 proto 89" },
    { ETH_KEY ",eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,"
      "sha=00:00:00:00:00:01,tha=00:00:00:00:00:00)",
      "arp who-has 10.0.0.2 tell 10.0.0.1" },
    { ETH_KEY ",eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=2,"
      "sha=00:00:00:00:00:0a,tha=00:00:00:00:00:02)",
      "arp reply 10.0.0.1 is-at 00:00:00:00:00:0a" },
    { ETH_KEY ",eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=8,"
      "sha=00:00:00:00:00:0a,tha=00:00:00:00:00:02)",
      "arp op 8 00:00:00:00:00:01 > 00:00:00:00:00:02" },
    { ETH_KEY ",eth_type(0x88cc)",
      "eth 0x88cc 00:00:00:00:00:01 > 00:00:00:00:00:02" },
    { ETH_KEY, "802.2 00:00:00:00:00:01 > 00:00:00:00:00:02" },
    { ETH_KEY ",eth_type(0x8100),vlan(vid=10,pcp=0),encap(eth_type(0x0800),"
      "ipv4(src=10.0.0.1,dst=10.0.0.2,proto=1,tos=0,ttl=64,frag=no),"
      "icmp(type=8,code=0))", "vlan 10 icmp 10.0.0.1 > 10.0.0.2" },
    { ETH_KEY ",eth_type(0x88a8),vlan(vid=10,pcp=0),encap(eth_type(0x8100),"
      "vlan(vid=20,pcp=0),encap(eth_type(0x88cc)))",
      "vlan 10 vlan 20 eth 0x88cc 00:00:00:00:00:01 > 00:00:00:00:00:02" },
    { ETH_KEY ",eth_type(0x8847),mpls(label=16,tc=0,ttl=64,bos=1)",
      "eth 0x8847 00:00:00:00:00:01 > 00:00:00:00:00:02" },
};

/* Fails unless the packet of 'b', which is freed, is 'expected' in a few
 * words, or unknown if that is NULL. */
static void
check_summary(struct build *b, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct upcall u;
    void *data = build_parse(b, &u);

    ck_assert_int_eq(packet_text_format(&u, &ds), expected != NULL);
    ck_assert_str_eq(ds_cstr(&ds), expected ? expected : "");
    ds_destroy(&ds);
    free(data);
}

START_TEST(test_summary_of_key)
{
    /* OVS looks into one VLAN unless it is told otherwise. */
    flow_limit_vlans(FLOW_MAX_VLAN_HEADERS);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        struct build b;

        build_init(&b, UPCALL_CLASS_MISS);
        build_message(&b, keys[i].key, build_icmp, NULL, 0);
        check_summary(&b, keys[i].summary);
    }
}
END_TEST

START_TEST(test_summary_of_bytes)
{
    static const char arp[] =
        "ffffffffffff" "020000000003" "0806" "0001080006040001"
        "020000000003" "0a000001" "000000000000" "0a000002";
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, arp, -ENOTCONN);
    check_summary(&b, "arp who-has 10.0.0.2 tell 10.0.0.1");

    /* Cut behind the headers, so that nothing of them is missing. */
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    b.msg.size = b.rec.packet_kept = 80;
    check_summary(&b, "icmp 172.200.0.3 > 172.200.0.2");

    /* Cut before that, so that not all can be told. */
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    b.msg.size = b.rec.packet_kept = 32;
    check_summary(&b, "eth 0x0800 02:00:00:00:00:03 > 02:00:00:00:00:02");
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, arp, -ENOTCONN);
    b.msg.size = b.rec.packet_kept = 32;
    check_summary(&b, "eth 0x0806 02:00:00:00:00:03 > ff:ff:ff:ff:ff:ff");
}
END_TEST

/* A packet that is said to be longer than a packet can be. */
START_TEST(test_summary_of_giant)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    b.rec.packet_len = UINT32_MAX;
    check_summary(&b, "icmp 172.200.0.3 > 172.200.0.2");
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    b.msg.size = b.rec.packet_kept = 13;
    check_summary(&b, NULL);
}
END_TEST
/* Returns these tests. */
TCase *
packet_text_tcase(void)
{
    TCase *tcase = tcase_create("packets");

    tcase_add_test(tcase, test_summary_of_key);
    tcase_add_test(tcase, test_summary_of_bytes);
    tcase_add_test(tcase, test_summary_of_giant);
    return tcase;
}
