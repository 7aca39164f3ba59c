/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of extension/vport-monitor.c with a kernel of our own, which can
 * fail. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlink-socket.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

Suite *vport_monitor_suite(void);

/* What extension/vport-monitor.c calls instead of OVS's functions. */
#define nl_lookup_genl_family fake_lookup_genl_family
#define nl_lookup_genl_mcgroup fake_lookup_genl_mcgroup
#define nl_sock_create fake_sock_create
#define nl_sock_destroy fake_sock_destroy
#define nl_sock_join_mcgroup fake_sock_join_mcgroup
#define nl_sock_recv fake_sock_recv
#define nl_sock_send fake_sock_send
#define nl_sock_wait fake_sock_wait

/* The kernel. */

#define DP_FAMILY 20
#define VPORT_FAMILY 21
#define DP 7
#define MAX_PORTS 4

struct nl_sock {
    bool is_member;             /* Of multicast groups. */
};

static struct {
    const char *ports[MAX_PORTS];       /* By number, NULL if there is none. */
    int n_fails;                /* So many requests will fail. */
    int n_dumps;                /* Requests so far. */
    int lost;                   /* Error of the next notification. */
    uint32_t seq;               /* Of the last request, */
    int family;                 /* and what it is for. */
    struct ofpbuf *notification;        /* The next, NULL if there is none. */
} kernel;

static int
fake_lookup_genl_family(const char *name, int *number)
{
    *number = !strcmp(name, OVS_DATAPATH_FAMILY) ? DP_FAMILY : VPORT_FAMILY;
    return 0;
}

static int
fake_lookup_genl_mcgroup(const char *family OVS_UNUSED,
                         const char *group OVS_UNUSED, unsigned int *id)
{
    *id = 1;
    return 0;
}

static int
fake_sock_create(int protocol OVS_UNUSED, struct nl_sock **sockp)
{
    *sockp = xzalloc(sizeof **sockp);
    return 0;
}

static void
fake_sock_destroy(struct nl_sock *sock)
{
    free(sock);
}

static int
fake_sock_join_mcgroup(struct nl_sock *sock, unsigned int group OVS_UNUSED)
{
    sock->is_member = true;
    return 0;
}

static void
fake_sock_wait(const struct nl_sock *sock OVS_UNUSED, short int e OVS_UNUSED)
{
}

static int
fake_sock_send(struct nl_sock *sock OVS_UNUSED, const struct ofpbuf *msg,
               bool wait OVS_UNUSED)
{
    struct nlmsghdr *nlh = nl_msg_nlmsghdr(msg);

    kernel.n_dumps++;
    if (kernel.n_fails) {
        kernel.n_fails--;
        return ENOBUFS;
    }
    nlh->nlmsg_seq = ++kernel.seq;
    kernel.family = nlh->nlmsg_type;
    return 0;
}

/* Returns a message about something in the datapath 'dp'. */
static struct ofpbuf *
begin_message(int family, int cmd, int dp)
{
    struct ofpbuf *msg = ofpbuf_new(256);
    struct ovs_header *header;

    nl_msg_put_genlmsghdr(msg, 0, family, 0, cmd, 1);
    header = ofpbuf_put_uninit(msg, sizeof *header);
    header->dp_ifindex = dp;
    return msg;
}

/* Appends a message about port 'no', or about the datapath if that is -1. */
static void
put_message(struct ofpbuf *buf, int cmd, int no)
{
    struct ofpbuf *msg = begin_message(no < 0 ? DP_FAMILY : VPORT_FAMILY, cmd,
                                       DP);

    if (no >= 0) {
        nl_msg_put_u32(msg, OVS_VPORT_ATTR_PORT_NO, no);
        nl_msg_put_string(msg, OVS_VPORT_ATTR_NAME, kernel.ports[no]);
    }
    nl_msg_nlmsghdr(msg)->nlmsg_len = msg->size;
    nl_msg_nlmsghdr(msg)->nlmsg_seq = kernel.seq;
    ofpbuf_put(buf, msg->data, msg->size);
    ofpbuf_delete(msg);
}

/* Puts the whole answer to the last request into 'buf'. */
static void
put_answer(struct ofpbuf *buf)
{
    struct nlmsghdr *done;

    if (kernel.family == DP_FAMILY) {
        put_message(buf, OVS_DP_CMD_NEW, -1);
    }
    for (int i = 0; kernel.family == VPORT_FAMILY && i < MAX_PORTS; i++) {
        if (kernel.ports[i]) {
            put_message(buf, OVS_VPORT_CMD_NEW, i);
        }
    }
    done = ofpbuf_put_zeros(buf, sizeof *done);
    done->nlmsg_len = sizeof *done;
    done->nlmsg_type = NLMSG_DONE;
    done->nlmsg_seq = kernel.seq;
}

static int
fake_sock_recv(struct nl_sock *sock, struct ofpbuf *buf, int *nsid OVS_UNUSED,
               bool wait OVS_UNUSED)
{
    int error = kernel.lost;

    ofpbuf_clear(buf);
    if (!sock->is_member) {
        put_answer(buf);
    } else if (error) {
        kernel.lost = 0;
        return error;
    } else if (!kernel.notification) {
        return EAGAIN;
    } else {
        ofpbuf_put(buf, kernel.notification->data, kernel.notification->size);
        ofpbuf_delete(kernel.notification);
        kernel.notification = NULL;
    }
    return 0;
}

#include "../../extension/vport-monitor.c"

/* The tests. */

static struct port_map *ports;
static struct vport_monitor *monitor;

static void
setup(void)
{
    memset(&kernel, 0, sizeof kernel);
    kernel.ports[0] = "br0";
    kernel.ports[1] = "tap1";
    ports = port_map_create(16);
    ck_assert_int_eq(vport_monitor_create(getpid(), ports, &monitor), 0);
}

static void
teardown(void)
{
    vport_monitor_destroy(monitor);
    port_map_destroy(ports);
}

static bool
has(const char *name)
{
    return port_map_find(ports, name, NULL, NULL) > 0;
}

/* Tells of the port with number 'no'. */
static void
notify_port(int cmd, int no)
{
    kernel.notification = ofpbuf_new(256);
    put_message(kernel.notification, cmd, no);
}

START_TEST(test_notifications)
{
    ck_assert(has("br0") && has("tap1"));
    ck_assert(!vport_monitor_run(monitor));

    notify_port(OVS_VPORT_CMD_DEL, 1);
    ck_assert(vport_monitor_run(monitor));
    ck_assert(!has("tap1"));
    kernel.ports[2] = "tap1";
    notify_port(OVS_VPORT_CMD_NEW, 2);
    ck_assert(vport_monitor_run(monitor));
    ck_assert(has("tap1"));
    ck_assert(!vport_monitor_run(monitor));
    ck_assert_int_eq(kernel.n_dumps, 2);
}
END_TEST

/* The name of a datapath that is gone before it is listed is known. */
START_TEST(test_datapath)
{
    uint64_t during;

    ck_assert(!vport_monitor_run(monitor));
    during = clock_ns();
    kernel.notification = begin_message(DP_FAMILY, OVS_DP_CMD_NEW, DP + 1);
    nl_msg_put_string(kernel.notification, OVS_DP_ATTR_NAME, "other");
    nl_msg_nlmsghdr(kernel.notification)->nlmsg_len
        = kernel.notification->size;
    ck_assert(vport_monitor_run(monitor));
    ck_assert(!has("other") && has("br0"));
    ck_assert_pstr_eq(port_map_dp_name(ports, DP + 1, during), "other");
    ck_assert_ptr_null(port_map_dp_name(ports, DP + 1, clock_ns()));
    ck_assert_pstr_eq(port_map_dp_name(ports, DP, during), "br0");
}
END_TEST

/* When notifications are lost, all is listed. */
START_TEST(test_lost)
{
    kernel.ports[1] = NULL;
    kernel.ports[3] = "tap3";
    kernel.lost = ENOBUFS;
    ck_assert(vport_monitor_run(monitor));
    ck_assert(!has("tap1") && has("tap3"));
    ck_assert(!vport_monitor_run(monitor));
}
END_TEST

/* If that fails, it is tried again, but not at once. */
START_TEST(test_list_fails)
{
    uint64_t before;
    int n_dumps;

    ck_assert(!vport_monitor_run(monitor));
    before = clock_ns();
    kernel.ports[1] = NULL;
    kernel.ports[3] = "tap3";
    kernel.lost = ENOBUFS;
    kernel.n_fails = 2;
    vport_monitor_run(monitor);
    ck_assert(has("tap1") && !has("tap3"));
    n_dumps = kernel.n_dumps;
    ck_assert(!vport_monitor_run(monitor));
    ck_assert_int_eq(kernel.n_dumps, n_dumps);
    ck_assert_int_gt(monitor->backoff.next, time_msec());

    monitor->backoff.next = 0;
    ck_assert(!vport_monitor_run(monitor));
    ck_assert(has("tap1") && !has("tap3"));
    ck_assert_int_gt(monitor->backoff.next, time_msec() + 1000);

    monitor->backoff.next = 0;
    ck_assert(vport_monitor_run(monitor));
    ck_assert(!has("tap1") && has("tap3"));

    /* The port may be there since notifications were lost. */
    ck_assert_pstr_eq(port_map_lookup(ports, DP, 3, before), "tap3");

    n_dumps = kernel.n_dumps;
    ck_assert(!vport_monitor_run(monitor));
    ck_assert_int_eq(kernel.n_dumps, n_dumps);
}
END_TEST

/* A list that fails at the start is told. */
START_TEST(test_create_fails)
{
    struct vport_monitor *other;

    kernel.n_fails = 1;
    ck_assert_int_eq(vport_monitor_create(getpid(), ports, &other), ENOBUFS);
    ck_assert_ptr_null(other);
}
END_TEST

/* Returns the tests of extension/vport-monitor.c. */
Suite *
vport_monitor_suite(void)
{
    Suite *suite = suite_create("vport-monitor");
    TCase *tcase = tcase_create("vport-monitor");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_notifications);
    tcase_add_test(tcase, test_datapath);
    tcase_add_test(tcase, test_lost);
    tcase_add_test(tcase, test_list_fails);
    tcase_add_test(tcase, test_create_fails);
    suite_add_tcase(suite, tcase);
    return suite;
}
