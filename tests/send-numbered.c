/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends UDP packets that carry a number, and says which, so that a test knows
 * which packet was sent when without asking what it tests.
 *
 *     send-numbered DEVICE FILE [OPTION]...
 *
 * At payload offset --offset, a packet has MAGIC, its number and the number of
 * its flow, each of which has ports of its own, see make_ports().  FILE gets
 * a line of JSON for each packet:
 *
 *     [NUMBER, SOURCE PORT, DESTINATION PORT, CLOCK_MONOTONIC BEFORE IT]
 *
 * and an object about the sender as the last line.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "numbered"
#define FRAME_MAX 9000
#define LIST_MAX 64

/* Which flow a packet is of. */
enum pattern {
    P_LIST,                     /* Places in a round, again and again. */
    P_MIX,                      /* At random, a new one or an earlier one. */
    P_EQUAL,                    /* All packets are equal. */
};

struct options {
    uint32_t sender;            /* In the addresses, 1 to 255. */
    uint32_t first, count;      /* Numbers of packets. */
    uint32_t first_flow;
    uint32_t burst_min, burst_max;
    uint32_t pause_us;          /* After each burst. */
    uint32_t size, offset;      /* Of the frame; in the payload. */
    unsigned int seed;
    int cpu;
    int family;                 /* 4 or 6. */
    enum pattern pattern;
    uint32_t list[LIST_MAX];    /* P_LIST. */
    uint32_t list_len, list_flows;
    uint32_t percent;           /* P_MIX: of packets with a new flow. */
};

static void
die(const char *what)
{
    fprintf(stderr, "send-numbered: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
usage(void)
{
    fprintf(stderr, "\
usage: send-numbered DEVICE FILE [OPTION]...\n\
  --sender=N          number in the addresses, 1 to 255 (default 1)\n\
  --first=N           number of the first packet (default 0)\n\
  --count=N           packets to send (default 1)\n\
  --first-flow=N      number of the first flow (default 0)\n\
  --flows=new         a new flow for each packet (default)\n\
          repeat:N    N packets of each flow, one after the other\n\
          list:A,B... places in a round, each round with new flows\n\
          mix:PERCENT so many with a new flow, the others with one of the\n\
                      last 64, at random\n\
          equal       all packets equal, with the first number\n\
  --burst=MIN-MAX     packets in a burst, at random (default all)\n\
  --pause=US          after a burst (default 0)\n\
  --seed=N            for what is at random (default 1)\n\
  --family=4|6        IPv4 or IPv6 (default 4)\n\
  --size=BYTES        of the frame (default 120)\n\
  --offset=BYTES      place of the number in the payload (default 0)\n\
  --cpu=N             CPU to send from (default any)\n");
    exit(2);
}

static uint64_t
now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int
open_socket(const char *device)
{
    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_ifindex = if_nametoindex(device),
    };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    if (fd < 0 || !sll.sll_ifindex
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        die(device);
    }
    return fd;
}

/* Sending. */

static void
put16(uint8_t *p, uint32_t value)
{
    p[0] = value >> 8;
    p[1] = value;
}

static void
put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value);
}

static uint32_t
get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static void
make_ports(uint32_t flow, uint32_t *src, uint32_t *dst)
{
    *src = 1024 + (flow >> 15);
    *dst = 1024 + (flow & 0x7fff);
}

static uint32_t
checksum(const uint8_t *p, int n)
{
    uint32_t sum = 0;

    for (int i = 0; i < n; i += 2) {
        sum += get16(p + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xffff;
}

/* Writes the headers in front of UDP.  Returns their length. */
static uint32_t
make_ip(uint8_t *frame, const struct options *o)
{
    uint8_t *ip = frame + 14;

    memcpy(frame, "\x02\x01\0\0\0\0\x02\0\0\0\x09", 11);
    frame[11] = o->sender;
    put16(frame + 12, o->family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
    if (o->family == 4) {
        ip[0] = 0x45;
        put16(ip + 2, o->size - 14);
        ip[8] = 64;
        ip[9] = IPPROTO_UDP;
        memcpy(ip + 12, (uint8_t[]) { 10, 9, o->sender, 1, 10, 9, 0, 255 }, 8);
        put16(ip + 10, checksum(ip, 20));
        return 34;
    }
    ip[0] = 0x60;
    put16(ip + 4, o->size - 54);
    ip[6] = IPPROTO_UDP;
    ip[7] = 64;
    memcpy(ip + 8, (uint8_t[]) { 0xfd, 9, [15] = o->sender }, 16);
    memcpy(ip + 24, (uint8_t[]) { 0xfd, 9, [14] = 1, [15] = 255 }, 16);
    return 54;
}

/* Returns the number of the flow of packet 'i', counted from 0. */
static uint32_t
choose_flow(const struct options *o, uint32_t i)
{
    static uint32_t n_flows;
    uint32_t back;

    switch (o->pattern) {
    case P_LIST:
        return (o->first_flow + i / o->list_len * o->list_flows
                + o->list[i % o->list_len]);
    case P_MIX:
        if (!n_flows || rand() % 100 < (int) o->percent) {
            return o->first_flow + n_flows++;
        }
        back = 1 + rand() % 64;
        return o->first_flow + n_flows - (back < n_flows ? back : n_flows);
    case P_EQUAL:
    default:
        return o->first_flow;
    }
}

static void
send_frame(int fd, const uint8_t *frame, uint32_t size)
{
    while (send(fd, frame, size, 0) != (ssize_t) size) {
        if (errno != ENOBUFS && errno != EINTR) {
            die("send");
        }
    }
}

/* Sends packet 'i' and says so. */
static void
send_packet(const struct options *o, uint32_t i, int fd, FILE *file)
{
    static uint8_t frame[FRAME_MAX];
    uint32_t number = o->first + (o->pattern == P_EQUAL ? 0 : i);
    uint32_t flow = choose_flow(o, i);
    uint32_t src, dst, udp;
    uint64_t before;

    memset(frame, 'x', o->size);
    memset(frame, 0, 54);
    udp = make_ip(frame, o);
    make_ports(flow, &src, &dst);
    put16(frame + udp, src);
    put16(frame + udp + 2, dst);
    put16(frame + udp + 4, o->size - udp);
    put16(frame + udp + 6, 0);
    memcpy(frame + udp + 8 + o->offset, MAGIC, 8);
    put32(frame + udp + 16 + o->offset, number);
    put32(frame + udp + 20 + o->offset, flow);

    before = now();
    send_frame(fd, frame, o->size);
    fprintf(file, "[%u, %u, %u, %llu]\n", number, src, dst,
            (unsigned long long) before);
}

static void
send_all(const struct options *o, const char *device, FILE *file)
{
    int fd = open_socket(device);
    uint32_t left = 0, bursts = 0;

    srand(o->seed);
    for (uint32_t i = 0; i < o->count; i++) {
        if (!left) {
            if (i && o->pause_us) {
                usleep(o->pause_us);
            }
            left = (o->burst_max ? o->burst_min
                    + rand() % (o->burst_max - o->burst_min + 1) : o->count);
            bursts++;
        }
        send_packet(o, i, fd, file);
        left--;
    }
    fprintf(file, "{\"sender\": %u, \"device\": \"%s\", \"count\": %u, "
            "\"bursts\": %u, \"seed\": %u, \"family\": %d}\n",
            o->sender, device, o->count, bursts, o->seed, o->family);
    close(fd);
}

/* Options. */

static uint32_t
to_number(const char *s, char end_char, char **endp)
{
    char *tail;
    unsigned long value = strtoul(s, &tail, 0);

    if (tail == s || (*tail && *tail != end_char) || value > UINT32_MAX) {
        fprintf(stderr, "send-numbered: %s: not a number\n", s);
        exit(2);
    }
    if (endp) {
        *endp = *tail ? tail + 1 : NULL;
    }
    return value;
}

static void
parse_flows(struct options *o, char *s)
{
    o->pattern = P_LIST;
    o->list_len = 0;
    o->list_flows = 1;
    if (!strcmp(s, "new")) {
        o->list[o->list_len++] = 0;
    } else if (!strncmp(s, "repeat:", 7)) {
        o->list_len = to_number(s + 7, '\0', NULL);
        if (!o->list_len || o->list_len > LIST_MAX) {
            usage();
        }
        memset(o->list, 0, sizeof o->list);
    } else if (!strncmp(s, "list:", 5)) {
        for (s += 5; s && o->list_len < LIST_MAX; ) {
            uint32_t place = to_number(s, ',', &s);

            o->list_flows = place < o->list_flows ? o->list_flows : place + 1;
            o->list[o->list_len++] = place;
        }
    } else if (!strncmp(s, "mix:", 4)) {
        o->pattern = P_MIX;
        o->percent = to_number(s + 4, '\0', NULL);
    } else if (!strcmp(s, "equal")) {
        o->pattern = P_EQUAL;
    } else {
        usage();
    }
}

static void
parse_burst(struct options *o, char *s)
{
    char *max;

    o->burst_min = o->burst_max = to_number(s, '-', &max);
    if (max) {
        o->burst_max = to_number(max, '\0', NULL);
    }
    if (!o->burst_min || o->burst_max < o->burst_min) {
        usage();
    }
}

static void
parse_options(struct options *o, int argc, char **argv)
{
    static const char *const numbers[] = {
        "sender", "first", "count", "first-flow", "pause", "seed", "family",
        "size", "offset", "cpu"
    };
    uint32_t *const values[] = {
        &o->sender, &o->first, &o->count, &o->first_flow, &o->pause_us,
        &o->seed, (uint32_t *) &o->family, &o->size, &o->offset,
        (uint32_t *) &o->cpu
    };
    enum { N = sizeof values / sizeof *values };
    struct option table[N + 3] = {
        [N] = { "flows", required_argument, NULL, 'f' },
        [N + 1] = { "burst", required_argument, NULL, 'b' },
    };
    int c;

    for (int i = 0; i < N; i++) {
        table[i] = (struct option) { numbers[i], required_argument, NULL, i };
    }
    while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
        switch (c) {
        case 'f': parse_flows(o, optarg); break;
        case 'b': parse_burst(o, optarg); break;
        case '?': usage(); break;
        default: *values[c] = to_number(optarg, '\0', NULL); break;
        }
    }
    if ((o->family != 4 && o->family != 6) || !o->sender || o->sender > 255
        || o->size > FRAME_MAX
        || o->size < (o->family == 4 ? 34 : 54) + 24 + o->offset) {
        usage();
    }
}

int
main(int argc, char **argv)
{
    struct options o = {
        .sender = 1, .count = 1, .seed = 1, .family = 4, .size = 120,
        .cpu = -1, .pattern = P_LIST, .list_len = 1, .list_flows = 1,
    };
    cpu_set_t cpus;
    FILE *file;

    if (argc < 3) {
        usage();
    }
    parse_options(&o, argc - 2, argv + 2);
    if (o.cpu >= 0) {
        CPU_ZERO(&cpus);
        CPU_SET(o.cpu, &cpus);
        sched_setaffinity(0, sizeof cpus, &cpus);
    }
    file = fopen(argv[2], "w");
    if (!file) {
        die(argv[2]);
    }
    send_all(&o, argv[1], file);
    if (ferror(file) || fclose(file)) {
        die(argv[2]);
    }
    return 0;
}
