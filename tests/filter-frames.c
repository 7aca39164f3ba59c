/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of many kinds, to compare a filter in the kernel with libpcap's.
 *
 *     filter-frames send DEVICE N SEED   sends N random packets
 *     filter-frames count N SEED         prints how many of these can be sent
 *     filter-frames match EXPRESSION     prints those lines of its input, each
 *                                        a packet in hexadecimal, that match
 */

#include <config.h>

#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "random.h"
#include "unit/filter-cases.h"
#include "util.h"

#define HEADER_LEN 14

static int
open_device(const char *device)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(device),
    };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address)) {
        ovs_fatal(errno, "%s", device);
    }
    return fd;
}

/* Sends 'n' random packets to 'fd', unless that is negative.  Returns how many
 * have a header of Ethernet: others cannot be sent. */
static int
send_all(int fd, int n, int seed)
{
    struct filter_packet p;
    int n_sent = 0;

    random_set_seed(seed);
    for (int i = 0; i < n; i++) {
        filter_packet_random(&p);
        if (p.len <= HEADER_LEN) {
            continue;
        }
        if (fd >= 0 && send(fd, p.data, p.len, 0) != p.len) {
            ovs_fatal(errno, "send");
        }
        n_sent++;
    }
    return n_sent;
}

/* Turns 'line' into bytes.  Returns how many. */
static size_t
parse_line(const char *line, uint8_t *data, size_t max)
{
    unsigned int byte;
    size_t n = 0;

    while (n < max && sscanf(line + 2 * n, "%2x", &byte) == 1) {
        data[n++] = byte;
    }
    return n;
}

static void
match(const char *expression)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
    struct bpf_program program;
    uint8_t data[4096];
    char line[8193];

    if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN)) {
        ovs_fatal(0, "%s", pcap_geterr(pcap));
    }
    while (fgets(line, sizeof line, stdin)) {
        size_t n = parse_line(line, data, sizeof data);

        if (n && bpf_filter(program.bf_insns, data, n, n)) {
            fputs(line, stdout);
        }
    }
    pcap_freecode(&program);
    pcap_close(pcap);
}

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    if (argc == 5 && !strcmp(argv[1], "send")) {
        send_all(open_device(argv[2]), atoi(argv[3]), atoi(argv[4]));
    } else if (argc == 4 && !strcmp(argv[1], "count")) {
        printf("%d\n", send_all(-1, atoi(argv[2]), atoi(argv[3])));
    } else if (argc == 3 && !strcmp(argv[1], "match")) {
        match(argv[2]);
    } else {
        ovs_fatal(0, "usage: see tests/filter-frames.c");
    }
    return 0;
}
