/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of filters with packets that real protocol stacks have sent, which
 * tests/capture-real.py has captured: as in test-filter.c, each decision is
 * compared with that of libpcap. */

#include <config.h>

#include <check.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/filter.h"
#include "svec.h"
#include "unit/filter-cases.h"
#include "unit/filter-compare.h"
#include "util.h"

TCase *filter_real_tcase(void);

#define MAX_PACKETS 1000

static struct packet {
    size_t len;
    uint8_t *data;
} packets[MAX_PACKETS];
static size_t n_packets;

static void
add_packet(const uint8_t *data, const struct pcap_pkthdr *header)
{
    struct packet *p = &packets[n_packets++];

    ck_assert_uint_le(n_packets, MAX_PACKETS);
    ck_assert_uint_eq(header->caplen, header->len);
    p->len = header->len;
    p->data = xmemdup(data, p->len);
}

static void
setup(void)
{
    const char *srcdir = getenv("srcdir");
    char *name = xasprintf("%s/tests/unit/real-packets.pcap",
                           srcdir ? srcdir : ".");
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(name, error);
    struct pcap_pkthdr header;
    const uint8_t *data;

    ck_assert_msg(pcap, "%s", error);
    ck_assert_int_eq(pcap_datalink(pcap), DLT_EN10MB);
    while ((data = pcap_next(pcap, &header))) {
        add_packet(data, &header);
    }
    pcap_close(pcap);
    free(name);
}

static void
teardown(void)
{
    for (size_t i = 0; i < n_packets; i++) {
        free(packets[i].data);
    }
    n_packets = 0;
}

/* Returns how many packets match 'expression', with their Ethernet header and
 * without. */
static size_t
count_matches(const char *expression)
{
    struct filter_both b;
    size_t n = 0;

    filter_both_compile(&b, expression);
    for (size_t i = 0; i < n_packets; i++) {
        n += filter_both_compare(&b, packets[i].data, packets[i].len,
                                 expression);
    }
    filter_both_destroy(&b);
    return n;
}

START_TEST(test_real_packets)
{
    size_t n_some = 0, n = 0;
    struct svec all;

    svec_init(&all);
    filter_expressions(&all);
    for (size_t i = 0; i < all.n; i++) {
        size_t n_match = count_matches(all.names[i]);

        n_some += n_match && n_match < 2 * n_packets;
        n += n_match;
    }
    printf("filter: %"PRIuSIZE" expressions, %"PRIuSIZE" real packets for "
           "each, %"PRIuSIZE" in all, of which %"PRIuSIZE" match; "
           "%"PRIuSIZE" expressions match some of them\n", all.n, n_packets,
           all.n * n_packets, n, n_some);
    ck_assert_uint_gt(n_some, all.n / 2);
    svec_destroy(&all);
}
END_TEST

/* They are of many kinds. */
START_TEST(test_kinds)
{
    static const char *const kinds[] = {
        "arp", "icmp", "icmp6", "tcp", "udp port 53", "igmp", "stp",
        "ether proto 0x8902", "tcp[tcpflags] & tcp-syn != 0",
        "tcp[tcpflags] & tcp-rst != 0", "icmp[0] = 3", "icmp6[0] = 135",
        "ip multicast", "ip6 multicast", "ether broadcast",
        "ip[6:2] & 0x1fff != 0", "ip6[6] = 44", "ip[0] & 0xf != 5",
        "ip[8] = 1", "vlan 3 and ip", "vlan 3 and ip6",
        "vlan 5 and vlan 3 and ip", "vlan 5 and vlan 3 and ip6",
        "vlan 5 and mpls 200", "mpls 100 and ip", "mpls 100 and ip6",
        "mpls 100 and mpls 200 and ip", "ip proto 47", "udp port 4789",
        "geneve 7 and ip", "geneve 7 and ip6", "geneve 9",
        "ip6 and udp port 6081",
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        ck_assert_msg(count_matches(kinds[i]), "%s: none", kinds[i]);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
filter_real_tcase(void)
{
    TCase *tc = tcase_create("filter-real");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_real_packets);
    tcase_add_test(tc, test_kinds);
    return tc;
}
