/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of many kinds, to compare a filter in the kernel with libpcap's.
 *
 *     filter-frames send DEVICE N SEED   sends N random packets
 *     filter-frames count N SEED         prints how many of these can be sent
 *     filter-frames match EXPRESSION     prints those lines of its input, each
 *                                        a packet in hexadecimal, that match
 *     filter-frames expressions          prints those of the unit tests, a
 *                                        line each
 *     filter-frames choose N SEED        prints lines with packets, so that of
 *                                        each of these expressions ENOUGH
 *                                        match and ENOUGH do not, if there are
 *                                        such ones among N random packets
 *
 * One in eight of those to choose from has the size of a jumbo frame.  No two
 * that are chosen are equal in length and in their first UNIQUE_LEN bytes.
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
#include "svec.h"
#include "unit/filter-cases.h"
#include "util.h"

#define HEADER_LEN 14
#define FRAME_MAX 9000
#define JUMBO_MIN 4200
#define UNIQUE_LEN 128
#define ENOUGH 3

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

/* A packet that may be larger than those of the unit tests. */
struct frame {
    size_t len;
    uint8_t data[FRAME_MAX];
};

/* An expression, and how many of the packets that were chosen do not match,
 * and match. */
struct wanted {
    struct bpf_program program;
    int chosen[2];
};

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
    size_t n = 0;

    for (bool ok = true; n < max; n++) {
        uintmax_t byte = hexits_value(line + 2 * n, 2, &ok);

        if (!ok) {
            break;
        }
        data[n] = byte;
    }
    return n;
}

/* Compiles 'expression' for packets with an Ethernet header. */
static void
compile(const char *expression, bool optimize, struct bpf_program *program)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);

    if (!pcap || pcap_compile(pcap, program, expression, optimize,
                              PCAP_NETMASK_UNKNOWN)) {
        ovs_fatal(0, "%s: %s", expression,
                  pcap ? pcap_geterr(pcap) : "out of memory");
    }
    pcap_close(pcap);
}

static void
match(const char *expression)
{
    static char line[2 * FRAME_MAX + 2];
    struct bpf_program program;
    uint8_t data[FRAME_MAX];

    compile(expression, true, &program);
    while (fgets(line, sizeof line, stdin)) {
        size_t n = parse_line(line, data, sizeof data);

        if (n && bpf_filter(program.bf_insns, data, n, n)) {
            fputs(line, stdout);
        }
    }
    pcap_freecode(&program);
}

static void
print_expressions(void)
{
    struct svec all = SVEC_EMPTY_INITIALIZER;

    filter_expressions(&all);
    for (size_t i = 0; i < all.n; i++) {
        puts(all.names[i]);
    }
    svec_destroy(&all);
}

static void
frame_random(struct frame *frame)
{
    struct filter_packet p;

    filter_packet_random(&p);
    memcpy(frame->data, p.data, p.len);
    frame->len = p.len;
    if (!random_range(8)) {
        size_t len = JUMBO_MIN + random_range(FRAME_MAX - JUMBO_MIN);

        random_bytes(frame->data + p.len, len - p.len);
        frame->len = len;
    }
}

/* Returns true if 'frame' is another than all of 'frames', 'n' of them. */
static bool
is_unique(const struct frame *frame, const struct frame *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (frames[i].len == frame->len
            && !memcmp(frames[i].data, frame->data,
                       MIN(frame->len, UNIQUE_LEN))) {
            return false;
        }
    }
    return true;
}

/* Returns true, and counts 'frame', if one of the 'n' expressions 'wanted' has
 * not had enough like this one yet. */
static bool
is_wanted(const struct frame *frame, struct wanted *wanted, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        struct wanted *w = &wanted[i];

        if (MIN(w->chosen[0], w->chosen[1]) < ENOUGH) {
            bool matches = bpf_filter(w->program.bf_insns, frame->data,
                                      frame->len, frame->len);

            any |= w->chosen[matches]++ < ENOUGH;
        }
    }
    return any;
}

static void
print_frame(const struct frame *frame)
{
    for (size_t i = 0; i < frame->len; i++) {
        printf("%02x", frame->data[i]);
    }
    putchar('\n');
}

static void
choose(int n, int seed)
{
    struct svec all = SVEC_EMPTY_INITIALIZER;
    struct frame *frames, *frame;
    struct wanted *wanted;
    size_t n_frames = 0;

    filter_expressions(&all);
    wanted = xcalloc(all.n, sizeof *wanted);
    frames = xcalloc(2 * ENOUGH * all.n + 1, sizeof *frames);
    for (size_t i = 0; i < all.n; i++) {
        compile(all.names[i], false, &wanted[i].program);
    }
    random_set_seed(seed);
    for (int i = 0; i < n; i++) {
        frame = &frames[n_frames];
        frame_random(frame);
        if (frame->len > HEADER_LEN && is_unique(frame, frames, n_frames)
            && is_wanted(frame, wanted, all.n)) {
            print_frame(frame);
            n_frames++;
        }
    }
    for (size_t i = 0; i < all.n; i++) {
        pcap_freecode(&wanted[i].program);
    }
    free(wanted);
    free(frames);
    svec_destroy(&all);
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
    } else if (argc == 2 && !strcmp(argv[1], "expressions")) {
        print_expressions();
    } else if (argc == 4 && !strcmp(argv[1], "choose")) {
        choose(atoi(argv[2]), atoi(argv[3]));
    } else {
        ovs_fatal(0, "usage: see tests/filter-frames.c");
    }
    return 0;
}
