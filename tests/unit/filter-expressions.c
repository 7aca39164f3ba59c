/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions of filters: some hundreds.  Their values are those of the
 * packets of filter-packets.c. */

#include <config.h>

#include "unit/filter-cases.h"

#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"

static const char *const plain[] = {
    /* Link and protocol. */
    "", "ip", "ip6", "arp", "rarp", "not ip", "ip or ip6", "tcp", "udp",
    "icmp", "icmp6", "sctp", "igmp", "esp", "ah", "stp", "ether proto 0x0800",
    "ether proto 0x88cc", "ether broadcast", "ether multicast", "broadcast",
    "multicast", "ip multicast", "ip6 multicast", "ether[0] & 1 = 0",
    "ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:02",
    "ether dst 02:00:00:00:00:03", "ip proto 6", "ip proto 17",
    "ip6 proto 58", "ip proto \\tcp", "ip6 proto \\udp", "proto 6",
    "llc", "pppoed", "pppoes", "pppoes 7", "pppoes and ip", "pppoes and tcp",
    "pppoes 7 and host 10.0.0.1", "mpls", "mpls 100", "mpls 100 and mpls 200",
    "mpls 100 and ip", "mpls and tcp", "mpls and host 10.0.0.2",
    "vlan", "vlan 3", "vlan 5", "vlan 3 and ip", "vlan 3 and tcp port 80",
    "vlan 3 and vlan 5", "vlan and host 10.0.0.1", "vlan and mpls 100",
    "vlan and pppoes and ip6", "not vlan", "ip or vlan 3 and ip",
    "(vlan 3 and ip) or (vlan and ip6)", "vlan 3 or vlan 5",
    "geneve", "geneve 7", "geneve and ip", "geneve 7 and tcp",
    "geneve and host 10.0.0.1", "udp port 4789 and udp[8:2] = 0x0800",

    /* Addresses. */
    "host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.2",
    "src host 10.0.0.1 and dst host 10.0.0.2", "src or dst host 10.0.0.3",
    "not host 10.0.0.1", "ip host 10.0.0.1", "arp host 10.0.0.1",
    "net 10.0.0.0/8", "net 10.0.0.0/30", "src net 10.0.0.0/31",
    "dst net 10.0.0.2/31", "net 10.0.0.0 mask 255.255.255.254", "net 10",
    "net 10.0", "src net 10.0.0", "host fd00::1", "src host fd00::2",
    "dst host fd00::3", "ip6 host fd00::1", "net fd00::/16", "net fd00::/126",
    "src net fd00::2/127", "ip6 dst net fd00::/64", "net ff02::/16",
    "host 10.0.0.1 or host fd00::1", "ip multicast or ip6 multicast",

    /* Ports. */
    "port 80", "tcp port 80", "udp port 53", "sctp port 7", "src port 1024",
    "dst port 80", "tcp src port 80", "udp dst port 53", "not port 22",
    "port 80 or port 53", "port 80 or 443 or 53", "portrange 1-1023",
    "tcp portrange 80-443", "udp src portrange 1024-65535",
    "dst portrange 53-53", "tcp port 80 and not host 10.0.0.1",
    "tcp src or dst port 443", "port http", "port domain", "tcp port https",
    "ip6 and tcp port 80", "ip and udp port 53",

    /* Bytes. */
    "ip[0] & 0xf != 5", "ip[8] < 64", "ip[8] = 64", "ip[6:2] & 0x1fff = 0",
    "ip[6] & 0x20 != 0", "ip[2:2] > 100", "ip[16:4] = 0x0a000001",
    "ip[12:4] & 0xffffff00 = 0x0a000000", "ip6[6] = 6", "ip6[7] < 64",
    "ip6[8:4] = 0xfd000000", "ip6[40:2] = 80", "tcp[13] = 2",
    "tcp[13] & 2 != 0", "tcp[tcpflags] & tcp-syn != 0",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[tcpflags] = tcp-ack", "tcp[0:2] = 80", "tcp[2:2] = 80",
    "tcp[4:4] > 0x80000000", "tcp[14:2] < 1000", "udp[4:2] > 16",
    "udp[8] = 0x45",
    "icmp[icmptype] = icmp-echo", "icmp[0] = 8 or icmp[0] = 0",
    "icmp[icmptype] != icmp-echoreply", "icmp6[0] = 135",
    "icmp6[icmp6type] = icmp6-echo", "ether[12:2] = 0x0800",
    "ether[12:2] > 0x600", "ether[0:4] = 0xffffffff", "ether[6:2] = 0x0200",
    "ether[20] = 7", "ether[100] > 128", "ether[300:4] & 0xff = 3",
    "ether[508:4] % 3 = 1", "ether[510:2] = 0", "ether[511] = 1",
    "ether[512] = 1", "ether[600:2] < 0x8000", "ether[70000] = 1",
    "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
    "tcp[((tcp[12] & 0xf0) >> 2):2] > 0x4000",
    "ip[((ip[0] & 0xf) << 2):2] = 80", "ip[ip[0] & 0xf] = 7",
    "ether[ether[14] & 0xff] > 100", "ether[ether[14:2]] = 1",
    "ether[ether[14:4]] = 1", "ether[ether[6:2] * 2:2] = 7",
    "udp[udp[4:2] - 1] = 1", "ip[ip[2:2] - 1] > 127",

    /* Lengths. */
    "less 60", "greater 100", "len = 64", "len > 200", "len <= 80",
    "len != 100", "ip[2:2] = len - 14", "ip[2:2] > len - 14",
    "ip6[4:2] = len - 54", "len > ip[2:2] + 14", "len & 1 = 0",

    /* Arithmetic. */
    "ip[2:2] - ((ip[0] & 0xf) << 2) > 40",
    "(ip[2:2] - ((ip[0] & 0xf) << 2)) - ((tcp[12] & 0xf0) >> 2) != 0",
    "ip[12] + ip[16] = 20", "ip[12] * 3 > 20", "ip[8] / 2 = 32",
    "ip[8] % 3 = 1", "ip[8] ^ 0x40 = 0", "ip[12] | ip[16] = 10",
    "ip[15] << 4 = 16", "ip[15] >> ip[19] = 0", "ip[15] << ip[19] > 3",
    "ip[2:2] / ip[19] > 40", "ip[2:2] % ip[15] = 0", "ip[19] / ip[15] = 1",
    "-ip[15] & 0xff = 255", "ip[12:4] - ip[16:4] = 1", "len / 3 * 3 = len",
    "len % 7 = ip[19]", "tcp[0:2] + tcp[2:2] > 1000", "0 = 0 and ip",
    "ip[4:2] > ip[2:2]", "ip[15] >= ip[19]", "tcp[2:2] <= tcp[0:2]",
    "0xffffffff + ip[15] < ip[15]", "ip[12:4] * ip[16:4] > 7",

    /* Trees. */
    "ip and (tcp or udp) and not (port 22 or port 80)",
    "(src host 10.0.0.1 and dst port 80) or (dst host 10.0.0.1 and src port "
    "80)",
    "not (not (not (not tcp)))", "(ip or arp) and (ip or ip6) and not ip6",
    "(host 10.0.0.1 or host 10.0.0.2) and (port 80 or port 53) and len > 60",
    "tcp and (ip[2:2] > 100 or tcp[13] & 7 != 0) and not src net 10.0.0.2/31",
    "(ip and ip[8] > 10 and (tcp or (udp and port 53))) or (ip6 and (icmp6 or "
    "(tcp and not port 80)))",
};

/* Appends an expression that begins with 'before', then has 'n' alternatives,
 * each a 'format' with two numbers. */
static void
add_list(struct svec *all, const char *before, const char *format, int n)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%s(", before);
    for (int i = 0; i < n; i++) {
        ds_put_cstr(&ds, i ? " or " : "");
        ds_put_format(&ds, format, i * 7 % 251 / 50, i + 1);
    }
    ds_put_char(&ds, ')');
    svec_add(all, ds_cstr(&ds));
    ds_destroy(&ds);
}

static void
add_lists(struct svec *all)
{
    static const int sizes[] = { 2, 7, 30, 100 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        add_list(all, "", "host 10.0.%d.%d", sizes[i]);
        add_list(all, "tcp and ", "src host 10.0.%d.%d", sizes[i]);
        add_list(all, "", "host fd00::%x:%x", sizes[i]);
        add_list(all, "not ", "dst host fd00::%x:%x", sizes[i]);
        add_list(all, "udp and ", "net 10.%d.%d.0/24", sizes[i]);
        add_list(all, "", "port 1%d%02d", sizes[i]);
        add_list(all, "vlan 3 and ", "dst port 1%d%02d", sizes[i]);
        add_list(all, "", "ether host 02:00:00:00:%02x:%02x", sizes[i]);
    }
}

/* Appends every combination of a few qualifiers. */
static void
add_combinations(struct svec *all)
{
    static const char *const tags[] = {
        "", "vlan and ", "mpls 100 and ", "pppoes and ", "not ",
    };
    static const char *const protocols[] = { "tcp", "udp", "ip", "ip6" };
    static const char *const rests[] = {
        "", " and src port 80", " and not host 10.0.0.2",
        " and not net fd00::/127",
        " and portrange 50-100", " or len > 200",
    };

    for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(protocols); j++) {
            for (size_t k = 0; k < ARRAY_SIZE(rests); k++) {
                svec_add_nocopy(all, xasprintf("%s%s%s", tags[i], protocols[j],
                                               rests[k]));
            }
        }
    }
}

/* Adds expressions to 'all'. */
void
filter_expressions(struct svec *all)
{
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
        svec_add(all, plain[i]);
    }
    add_lists(all);
    add_combinations(all);
}
