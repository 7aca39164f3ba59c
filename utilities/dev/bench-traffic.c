/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traffic for utilities/dev/bench: sends bursts of UDP packets from one
 * network namespace and waits until all have arrived in another, and tells how
 * long that took.
 *
 *     bench-traffic [OPTION]... NETNS:DEVICE NETNS:DEVICE
 *
 * It prints an object of JSON: "packets", "min", the time per packet of the
 * quickest burst, "mean", that of all together, both in ns, and "watched", the
 * CPU time in ns that the processes --watch took per packet, which "mean"
 * includes: all of it, even if it came after the last packet, up to --drain.
 *
 * Packets are received by way of shared memory, because a tracer of receives
 * should not see this program's own.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_SIZE 98           /* As large as a ping. */
#define ETHERTYPE_OFS 12
#define SRC_PORT_OFS 34
#define MAX_WATCHED 8
#define TIMEOUT_MS 20000

/* The memory to receive into. */
#define BLOCK_SIZE 65536
#define N_BLOCKS 16
#define SLOT_SIZE 2048
#define N_SLOTS (N_BLOCKS * (BLOCK_SIZE / SLOT_SIZE))

struct receiver {
    int fd;
    uint8_t *slots;
    unsigned long next;         /* Slot where the next packet will be. */
};

struct options {
    unsigned long rounds, burst, warmup, first, drain_ms;
    bool same_flow;
    clockid_t watched[MAX_WATCHED];
    int n_watched;
};

static void
die(const char *what)
{
    fprintf(stderr, "bench-traffic: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
usage(void)
{
    fprintf(stderr, "\
usage: bench-traffic [OPTION]... NETNS:DEVICE NETNS:DEVICE\n\
  --rounds=N     bursts to measure (default 1)\n\
  --burst=N      packets of each (default 1)\n\
  --warmup=N     bursts before that (default 0)\n\
  --first=N      number of the first flow (default 0)\n\
  --same-flow    all packets are of that flow\n\
  --watch=PID    tell the CPU time of this process, too\n\
  --drain=MS     wait so long before that is told (default 0)\n");
    exit(2);
}

static uint64_t
read_clock(clockid_t clock)
{
    struct timespec ts;

    if (clock_gettime(clock, &ts)) {
        die("clock");
    }
    return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint64_t
read_watched(const struct options *o)
{
    uint64_t sum = 0;

    for (int i = 0; i < o->n_watched; i++) {
        sum += read_clock(o->watched[i]);
    }
    return sum;
}

/* Opens a socket for 'place', NETNS:DEVICE, which receives nothing unless
 * 'protocol' is not 0. */
static int
open_socket(char *place, int protocol)
{
    struct sockaddr_ll sll = { .sll_family = AF_PACKET };
    char *device = strchr(place, ':');
    char path[64];
    int netns, fd;

    if (!device) {
        usage();
    }
    *device++ = '\0';
    snprintf(path, sizeof path, "/run/netns/%s", place);
    netns = open(path, O_RDONLY);
    if (netns < 0 || setns(netns, CLONE_NEWNET)) {
        die(path);
    }
    close(netns);
    sll.sll_ifindex = if_nametoindex(device);
    sll.sll_protocol = htons(protocol);
    fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0 || !sll.sll_ifindex
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        die(device);
    }
    return fd;
}

static void
open_receiver(struct receiver *r, char *place)
{
    struct tpacket_req req = {
        .tp_block_size = BLOCK_SIZE,
        .tp_block_nr = N_BLOCKS,
        .tp_frame_size = SLOT_SIZE,
        .tp_frame_nr = N_SLOTS,
    };

    r->next = 0;
    r->fd = open_socket(place, ETH_P_IP);
    if (setsockopt(r->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof req)) {
        die("ring");
    }
    r->slots = mmap(NULL, BLOCK_SIZE * N_BLOCKS, PROT_READ | PROT_WRITE,
                    MAP_SHARED, r->fd, 0);
    if (r->slots == MAP_FAILED) {
        die("mmap");
    }
}

static void
make_frame(uint8_t *frame)
{
    static const uint8_t headers[] = {
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
        0x45, 0, 0, FRAME_SIZE - 14, 0, 0, 0, 0, 64, 17, 0, 0,
        10, 0, 0, 1, 10, 0, 0, 2,
        0, 0, 0, 0, 0, FRAME_SIZE - 34, 0, 0,
    };

    memset(frame, 0, FRAME_SIZE);
    memcpy(frame, headers, sizeof headers);
}

static void
send_one(int fd, uint8_t *frame, uint32_t flow)
{
    for (int i = 0; i < 4; i++) {
        frame[SRC_PORT_OFS + i] = flow >> (24 - i * 8);
    }
    if (send(fd, frame, FRAME_SIZE, 0) != FRAME_SIZE) {
        die("send");
    }
}

/* Takes the next packet.  Returns true if bench-traffic has sent it. */
static bool
take_packet(struct receiver *r, const uint8_t *frame)
{
    struct tpacket_hdr *h
        = (void *) (r->slots + r->next++ % N_SLOTS * SLOT_SIZE);
    struct pollfd pfd = { .fd = r->fd, .events = POLLIN };
    bool ours;

    while (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE)
             & TP_STATUS_USER)) {
        if (poll(&pfd, 1, TIMEOUT_MS) <= 0) {
            die("a packet did not arrive");
        }
    }
    ours = (h->tp_len == FRAME_SIZE
            && !memcmp((uint8_t *) h + h->tp_mac, frame, ETHERTYPE_OFS + 2));
    __atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    return ours;
}

static void
receive_one(struct receiver *r, const uint8_t *frame)
{
    while (!take_packet(r, frame)) {
        continue;
    }
}

/* Runs 'rounds' bursts, of flows from '*flow' on.  Returns the time of the
 * quickest in ns. */
static uint64_t
run_bursts(const struct options *o, int tx, struct receiver *rx,
           unsigned long rounds, unsigned long *flow)
{
    uint64_t min = UINT64_MAX;
    uint8_t frame[FRAME_SIZE];

    make_frame(frame);
    for (unsigned long i = 0; i < rounds; i++) {
        uint64_t elapsed = read_clock(CLOCK_MONOTONIC);

        for (unsigned long j = 0; j < o->burst; j++) {
            send_one(tx, frame, o->same_flow ? o->first : (*flow)++);
        }
        for (unsigned long j = 0; j < o->burst; j++) {
            receive_one(rx, frame);
        }
        elapsed = read_clock(CLOCK_MONOTONIC) - elapsed;
        min = elapsed < min ? elapsed : min;
    }
    return min;
}

static void
measure(const struct options *o, int tx, struct receiver *rx)
{
    double packets = o->rounds * o->burst;
    unsigned long flow = o->first;
    uint64_t start, watched, elapsed, within, min;

    run_bursts(o, tx, rx, o->warmup, &flow);
    usleep(o->drain_ms * 1000);

    watched = read_watched(o);
    start = read_clock(CLOCK_MONOTONIC);
    min = run_bursts(o, tx, rx, o->rounds, &flow);
    elapsed = read_clock(CLOCK_MONOTONIC) - start;
    within = read_watched(o) - watched;
    usleep(o->drain_ms * 1000);
    watched = read_watched(o) - watched;

    printf("{\"packets\": %.0f, \"min\": %.1f, \"mean\": %.1f, "
           "\"watched\": %.1f}\n", packets, (double) min / o->burst,
           (elapsed - within + watched) / packets, watched / packets);
}

static void
parse_watch(struct options *o, const char *pid)
{
    if (o->n_watched >= MAX_WATCHED
        || clock_getcpuclockid(atoi(pid), &o->watched[o->n_watched++])) {
        die("--watch");
    }
}

static void
parse_options(int argc, char *argv[], struct options *o)
{
    static const struct option options[] = {
        { "rounds", required_argument, NULL, 'r' },
        { "burst", required_argument, NULL, 'b' },
        { "warmup", required_argument, NULL, 'w' },
        { "first", required_argument, NULL, 'f' },
        { "same-flow", no_argument, NULL, 's' },
        { "watch", required_argument, NULL, 'p' },
        { "drain", required_argument, NULL, 'd' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        switch (c) {
        case 'r': o->rounds = strtoul(optarg, NULL, 0); break;
        case 'b': o->burst = strtoul(optarg, NULL, 0); break;
        case 'w': o->warmup = strtoul(optarg, NULL, 0); break;
        case 'f': o->first = strtoul(optarg, NULL, 0); break;
        case 's': o->same_flow = true; break;
        case 'p': parse_watch(o, optarg); break;
        case 'd': o->drain_ms = strtoul(optarg, NULL, 0); break;
        default: usage();
        }
    }
    if (argc - optind != 2 || !o->burst || !o->rounds) {
        usage();
    }
}

int
main(int argc, char *argv[])
{
    struct options o = { .rounds = 1, .burst = 1 };
    struct receiver rx;
    int tx;

    parse_options(argc, argv, &o);
    tx = open_socket(argv[optind], 0);
    open_receiver(&rx, argv[optind + 1]);
    measure(&o, tx, &rx);
    return 0;
}
