/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends and receives what has nothing to do with Open vSwitch, on this host.
 *
 *     other-traffic tcp|udp|unix-stream|unix-dgram|rtnetlink COUNT
 *
 * COUNT messages are sent and received one by one; of tcp, each is a segment.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two sockets: what is sent at one comes out of the other. */
struct pair {
    int from, to;
};

static void
die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int
check(int result, const char *what)
{
    if (result < 0) {
        die(what);
    }
    return result;
}

/* Returns a socket of 'type' on the loopback device, and stores its address in
 * '*sin'. */
static int
bind_loopback(int type, struct sockaddr_in *sin)
{
    int fd = check(socket(AF_INET, type, 0), "socket");
    socklen_t len = sizeof *sin;

    memset(sin, 0, sizeof *sin);
    sin->sin_family = AF_INET;
    sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(fd, (struct sockaddr *) sin, sizeof *sin), "bind");
    check(getsockname(fd, (struct sockaddr *) sin, &len), "getsockname");
    return fd;
}

static struct pair
open_tcp(void)
{
    struct sockaddr_in sin;
    int listener = bind_loopback(SOCK_STREAM, &sin);
    struct pair pair;
    int one = 1;

    check(listen(listener, 1), "listen");
    pair.from = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(pair.from, (struct sockaddr *) &sin, sizeof sin),
          "connect");
    pair.to = check(accept(listener, NULL, NULL), "accept");
    check(setsockopt(pair.from, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one),
          "TCP_NODELAY");
    close(listener);
    return pair;
}

static struct pair
open_udp(void)
{
    struct sockaddr_in sin;
    struct pair pair;

    pair.to = bind_loopback(SOCK_DGRAM, &sin);
    pair.from = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
    check(connect(pair.from, (struct sockaddr *) &sin, sizeof sin),
          "connect");
    return pair;
}

static struct pair
open_unix(int type)
{
    int fds[2];

    check(socketpair(AF_UNIX, type, 0, fds), "socketpair");
    return (struct pair) { .from = fds[0], .to = fds[1] };
}

static void
exchange(struct pair pair, unsigned long count)
{
    char message[100] = "other traffic";

    for (unsigned long i = 0; i < count; i++) {
        size_t received = 0;

        check(send(pair.from, message, sizeof message, 0), "send");
        while (received < sizeof message) {
            int n = check(recv(pair.to, message, sizeof message - received,
                               0), "recv");

            if (!n) {
                fputs("recv: end of file\n", stderr);
                exit(EXIT_FAILURE);
            }
            received += n;
        }
    }
}

/* Asks for the loopback device 'count' times. */
static void
ask_rtnetlink(unsigned long count)
{
    int fd = check(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "socket");
    struct {
        struct nlmsghdr nlh;
        struct ifinfomsg ifi;
    } request = {
        .nlh = {
            .nlmsg_len = sizeof request,
            .nlmsg_type = RTM_GETLINK,
            .nlmsg_flags = NLM_F_REQUEST,
        },
        .ifi = { .ifi_index = 1 },
    };
    char reply[16384];

    for (unsigned long i = 0; i < count; i++) {
        check(send(fd, &request, sizeof request, 0), "send");
        check(recv(fd, reply, sizeof reply, 0), "recv");
    }
    close(fd);
}

int
main(int argc, char *argv[])
{
    const char *kind = argc == 3 ? argv[1] : "";
    unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

    if (!strcmp(kind, "tcp")) {
        exchange(open_tcp(), count);
    } else if (!strcmp(kind, "udp")) {
        exchange(open_udp(), count);
    } else if (!strcmp(kind, "unix-stream")) {
        exchange(open_unix(SOCK_STREAM), count);
    } else if (!strcmp(kind, "unix-dgram")) {
        exchange(open_unix(SOCK_DGRAM), count);
    } else if (!strcmp(kind, "rtnetlink")) {
        ask_rtnetlink(count);
    } else {
        fputs("usage: other-traffic tcp|udp|unix-stream|unix-dgram|rtnetlink "
              "COUNT\n", stderr);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
