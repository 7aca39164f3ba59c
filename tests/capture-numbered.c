/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures the packets of send-numbered where they come out of the datapath,
 * so that a test knows which packet was there when without asking what it
 * tests.
 *
 *     capture-numbered DEVICE FILE
 *
 * runs in the background, prints its process ID when it listens, and ends with
 * SIGTERM.  FILE gets a line of JSON for each packet:
 *
 *     [NUMBER, SOURCE PORT, DESTINATION PORT, LOW 32 BITS OF ETHERNET
 *      DESTINATION, TIME]
 *
 * and an object about the capture as the last line.  TIME is CLOCK_REALTIME
 * when the kernel passed the packet to DEVICE: if that is a veth device, this
 * is within the action "output".  The last line has limits of the difference
 * between the clocks.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "numbered"
#define FRAME_MAX 9000

static void
die(const char *what)
{
    fprintf(stderr, "capture-numbered: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t
now(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int
open_socket(const char *device)
{
    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = if_nametoindex(device),
    };
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

    if (fd < 0 || !sll.sll_ifindex
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        die(device);
    }
    return fd;
}

static uint32_t
get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
    return get16(p) << 16 | get16(p + 2);
}

static volatile sig_atomic_t ended;

static void
end(int signum)
{
    ended = signum;
}

/* Prints limits of CLOCK_REALTIME - CLOCK_MONOTONIC, which are narrow because
 * they are those of many measurements. */
static void
print_clocks(FILE *file)
{
    int64_t low = INT64_MIN, high = INT64_MAX;

    for (int i = 0; i < 20000; i++) {
        int64_t before = now(CLOCK_MONOTONIC);
        int64_t real = now(CLOCK_REALTIME);
        int64_t after = now(CLOCK_MONOTONIC);

        low = real - after > low ? real - after : low;
        high = real - before < high ? real - before : high;
    }
    fprintf(file, "\"real_minus_monotonic\": [%lld, %lld]", (long long) low,
            (long long) high);
}

static void
print_captured(const uint8_t *frame, size_t len, uint64_t ts, FILE *file)
{
    const uint8_t *magic = memmem(frame, len, MAGIC, 8);
    const uint8_t *udp = frame + (get16(frame + 12) == ETHERTYPE_IP ? 34 : 54);

    if (magic && magic + 16 <= frame + len) {
        fprintf(file, "[%u, %u, %u, %u, %llu]\n", get32(magic + 8),
                get16(udp), get16(udp + 2), get32(frame + 2),
                (unsigned long long) ts);
    }
}

/* Receives a packet and says so.  Returns false if there is none. */
static bool
capture_packet(int fd, FILE *file)
{
    uint8_t frame[FRAME_MAX];
    char control[256];
    struct sockaddr_ll sll;
    struct iovec iov = { frame, sizeof frame };
    struct msghdr msg = {
        .msg_name = &sll, .msg_namelen = sizeof sll, .msg_iov = &iov,
        .msg_iovlen = 1, .msg_control = control,
        .msg_controllen = sizeof control,
    };
    struct timespec ts = { 0, 0 };
    ssize_t len;

    do {
        len = recvmsg(fd, &msg, 0);
    } while (len < 0 && errno == EINTR);
    if (len < 0) {
        return false;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
         c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            memcpy(&ts, CMSG_DATA(c), sizeof ts);
        }
    }
    if (sll.sll_pkttype != PACKET_OUTGOING && len >= 62) {
        print_captured(frame, len, ts.tv_sec * 1000000000ULL + ts.tv_nsec,
                       file);
    }
    return true;
}

static void
capture(const char *device, FILE *file)
{
    struct sigaction action = { .sa_handler = end };
    int fd = open_socket(device);
    struct tpacket_stats stats = { 0, 0 };
    socklen_t len = sizeof stats;
    struct timeval timeout = { .tv_usec = 200000 };
    int one = 1, size = 512 << 20;
    pid_t pid;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)
        || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one)
        || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout)) {
        die("setsockopt");
    }
    pid = fork();
    if (pid) {
        printf("%d\n", (int) pid);
        exit(pid < 0);
    }
    if (!freopen("/dev/null", "w", stdout)) {
        die("/dev/null");
    }
    sigaction(SIGTERM, &action, NULL);
    while (capture_packet(fd, file) || !ended) {
        continue;
    }
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
    fprintf(file, "{\"device\": \"%s\", \"lost\": %u, ", device,
            stats.tp_drops);
    print_clocks(file);
    fprintf(file, "}\n");
}

int
main(int argc, char **argv)
{
    FILE *file;

    if (argc != 3) {
        fprintf(stderr, "usage: capture-numbered DEVICE FILE\n");
        return 2;
    }
    file = fopen(argv[2], "w");
    if (!file) {
        die(argv[2]);
    }
    capture(argv[1], file);
    if (ferror(file) || fclose(file)) {
        die(argv[2]);
    }
    return 0;
}
