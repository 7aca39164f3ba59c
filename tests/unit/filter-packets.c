/* SPDX-License-Identifier: Apache-2.0 */

/* Packets for tests of filters: valid ones, and what becomes of them when
 * bytes are changed, or some are missing. */

#include <config.h>

#include "unit/filter-cases.h"

#include <string.h>

#include "random.h"
#include "util.h"

static uint32_t
one_of(const uint32_t *values, size_t n)
{
    return values[random_range(n)];
}
#define ONE_OF(...)                                                     \
    one_of((const uint32_t[]) { __VA_ARGS__ },                          \
           sizeof (const uint32_t[]) { __VA_ARGS__ } / sizeof(uint32_t))

static void
put(struct filter_packet *p, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) {
        p->data[p->len++] = value >> 8 * i;
    }
}

static void
put_mac(struct filter_packet *p)
{
    switch (random_range(5)) {
    case 0:
        put(p, UINT64_C(0xffffffffffff), 6);
        break;
    case 1:
        put(p, UINT64_C(0x01005e000001), 6);
        break;
    default:
        put(p, UINT64_C(0x020000000000) + random_range(4), 6);
    }
}

static void
put_payload(struct filter_packet *p)
{
    int n = ONE_OF(0, 1, 6, 18, 40, 120, 400, 520);

    if (random_range(2)) {
        put(p, 0x47455420, 4);
    }
    while (n-- && p->len < sizeof p->data - 128) {
        put(p, random_uint32(), 1);
    }
}

static void put_inner(struct filter_packet *);

static void
put_port(struct filter_packet *p)
{
    put(p, ONE_OF(7, 22, 53, 80, 443, 1001, 1003, 1024, 1215, 4789, 6081,
                  40000), 2);
}

static void
put_tcp(struct filter_packet *p)
{
    int options = 4 * ONE_OF(0, 0, 1, 3, 10);

    put_port(p);
    put_port(p);
    put(p, random_uint32(), 4);
    put(p, random_uint32(), 4);
    put(p, (20 + options) / 4 << 4, 1);
    put(p, ONE_OF(2, 0x12, 0x10, 0x11, 4), 1);
    put(p, random_range(3000), 2);
    put(p, 0, 4);
    while (options--) {
        put(p, 1, 1);
    }
    put_payload(p);
}

static void
put_udp(struct filter_packet *p)
{
    bool tunnel = !random_range(4) && p->len < 100;

    put_port(p);
    if (tunnel) {
        put(p, 6081, 2);
    } else {
        put_port(p);
    }
    put(p, random_range(100), 2);
    put(p, 0, 2);
    if (tunnel) {
        int options = ONE_OF(0, 0, 1, 3);

        put(p, options, 1);
        put(p, 0, 1);
        put(p, 0x6558, 2);
        put(p, ONE_OF(7, 9) << 8, 4);
        for (int i = 0; i < options; i++) {
            put(p, random_uint32(), 4);
        }
        put_inner(p);
    } else {
        put_payload(p);
    }
}

/* Puts what 'protocol' of IP has. */
static void
put_transport(struct filter_packet *p, int protocol)
{
    switch (protocol) {
    case 6:
        put_tcp(p);
        break;
    case 17:
        put_udp(p);
        break;
    case 132:
        put_port(p);
        put_port(p);
        put(p, random_uint32(), 4);
        put_payload(p);
        break;
    default:
        put(p, ONE_OF(0, 8, 3, 128, 129, 135, 136), 1);
        put(p, 0, 3);
        put_payload(p);
    }
}

static int
random_protocol(void)
{
    return ONE_OF(6, 6, 6, 17, 17, 17, 1, 58, 132, 2, 50, 51);
}

static void
put_ip4_address(struct filter_packet *p)
{
    put(p, (random_range(8) ? 0x0a000000 + (random_range(5) << 8)
            + random_range(5) : random_uint32()), 4);
    if (random_range(2)) {
        p->data[p->len - 2] = 0;
    }
}

static void
put_ip4(struct filter_packet *p)
{
    int options = random_range(4) ? 0 : random_range(11);
    int protocol = random_protocol();

    put(p, 0x45 + options, 1);
    put(p, 0, 1);
    put(p, 20 + random_range(200), 2);
    put(p, random_uint32(), 2);
    put(p, ONE_OF(0, 0, 0, 0x4000, 0x2000, 0x2008, 0x0010), 2);
    put(p, ONE_OF(64, 63, 1, 255), 1);
    put(p, protocol, 1);
    put(p, random_uint32(), 2);
    put_ip4_address(p);
    put_ip4_address(p);
    while (options--) {
        put(p, random_uint32(), 4);
    }
    put_transport(p, protocol);
}

static void
put_ip6_address(struct filter_packet *p)
{
    put(p, random_range(8) ? UINT64_C(0xfd00) << 48
        : UINT64_C(0xff02) << 48, 8);
    put(p, random_range(2) ? (uint64_t) random_range(5) << 16 : 0, 8);
    p->data[p->len - 1] = random_range(5);
}

static void
put_ip6(struct filter_packet *p)
{
    int protocol = random_protocol();
    bool fragment = !random_range(8);

    put(p, 0x60000000, 4);
    put(p, random_range(200), 2);
    put(p, fragment ? 44 : protocol, 1);
    put(p, ONE_OF(64, 63, 1, 255), 1);
    put_ip6_address(p);
    put_ip6_address(p);
    if (fragment) {
        put(p, protocol, 1);
        put(p, 0, 1);
        put(p, ONE_OF(0, 1, 8), 2);
        put(p, random_uint32(), 4);
    }
    put_transport(p, protocol);
}

static void
put_arp(struct filter_packet *p)
{
    put(p, 0x0001080006040001, 8);
    put_mac(p);
    put_ip4_address(p);
    put_mac(p);
    put_ip4_address(p);
}

/* Puts what follows an Ethernet address, from the type on. */
static void
put_network(struct filter_packet *p)
{
    switch (random_range(8)) {
    case 0:
        put(p, 0x0806, 2);
        put_arp(p);
        break;
    case 1: case 2: case 3:
        put(p, 0x0800, 2);
        put_ip4(p);
        break;
    case 4: case 5:
        put(p, 0x86dd, 2);
        put_ip6(p);
        break;
    case 6:
        put(p, ONE_OF(0x88cc, 0x8863, 0x8035, 0x0026, 0x6003), 2);
        put_payload(p);
        break;
    case 7:
        put(p, 0x8864, 2);      /* PPPoE. */
        put(p, 0x1100, 2);
        put(p, ONE_OF(7, 8), 2);
        put(p, random_range(100), 2);
        if (random_range(2)) {
            put(p, 0x0021, 2);
            put_ip4(p);
        } else {
            put(p, 0x0057, 2);
            put_ip6(p);
        }
        break;
    }
}

/* Puts an Ethernet packet. */
static void
put_inner(struct filter_packet *p)
{
    put_mac(p);
    put_mac(p);
    for (int i = ONE_OF(0, 0, 0, 1, 1, 2); i; i--) {
        put(p, ONE_OF(0x8100, 0x8100, 0x88a8, 0x9100), 2);
        put(p, ONE_OF(3, 5, 7) | ONE_OF(0, 0xa000), 2);
    }
    if (!random_range(7)) {
        int n = ONE_OF(1, 1, 2);

        put(p, ONE_OF(0x8847, 0x8848), 2);
        for (int i = 0; i < n; i++) {
            put(p, (ONE_OF(100, 200) << 12) | (i == n - 1) << 8 | 64, 4);
        }
        if (random_range(2)) {
            put_ip4(p);
        } else {
            put_ip6(p);
        }
    } else {
        put_network(p);
    }
}

/* Makes a packet. */
void
filter_packet_random(struct filter_packet *p)
{
    p->len = 0;
    put_inner(p);
    ovs_assert(p->len < sizeof p->data);
    if (!random_range(4)) {
        for (int i = random_range(4); i >= 0; i--) {
            p->data[random_range(MIN(p->len, 70))] = random_uint32();
        }
    }
    if (!random_range(4)) {
        p->len = random_range(p->len + 1);
    }
}
