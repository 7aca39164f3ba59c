/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "vport-monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backoff.h"
#include "base/clock.h"
#include "netlink-socket.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "store/port-map.h"
#include "unaligned.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(vport_monitor);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Notifications that are handled before others get their turn. */
#define MAX_PER_RUN 64

struct vport_monitor {
    struct nl_sock *dump;       /* For listing. */
    uint32_t dump_seq;          /* Of the last request. */
    struct nl_sock *notify;     /* Member of the multicast groups. */
    struct port_map *ports;
    int dp_family;
    int vport_family;
    bool is_per_cpu;            /* See vport_monitor_is_per_cpu(). */

    /* When no notification was waiting, CLOCK_MONOTONIC in ns.  A new port is
     * younger than that, and may have had upcalls before we heard of it. */
    uint64_t last_empty;

    /* Do all ports have to be listed, because some may have come after
     * 'resync_since'?  If that has failed, it is tried again. */
    bool resync;
    uint64_t resync_since;
    struct backoff backoff;
};

static bool
is_same_file(int a, int b)
{
    struct stat sa, sb;

    return (!fstat(a, &sa) && !fstat(b, &sb)
            && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino);
}

/* Creates a socket in the network namespace of process 'pid'.  Returns 0 or
 * a positive errno value. */
static int
create_sock_in(pid_t pid, struct nl_sock **sockp)
{
    char *path = xasprintf("/proc/%ld/ns/net", (long) pid);
    int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    int error;

    free(path);
    if (own < 0 || other < 0) {
        error = errno;
    } else if (is_same_file(own, other)) {
        error = nl_sock_create(NETLINK_GENERIC, sockp);
    } else if (setns(other, CLONE_NEWNET)) {
        error = errno;
    } else {
        error = nl_sock_create(NETLINK_GENERIC, sockp);
        if (setns(own, CLONE_NEWNET)) {
            VLOG_FATAL("cannot return to the own network namespace (%s)",
                       ovs_strerror(errno));
        }
    }
    if (own >= 0) {
        close(own);
    }
    if (other >= 0) {
        close(other);
    }
    return error;
}

/* Sends a request to list all that 'cmd' of 'family' lists. */
static int
send_dump(struct vport_monitor *m, int family, uint8_t cmd, uint8_t version,
          int dp_ifindex)
{
    struct ofpbuf *buf = ofpbuf_new(64);
    struct ovs_header *header;
    int error;

    nl_msg_put_genlmsghdr(buf, 0, family, NLM_F_REQUEST | NLM_F_DUMP, cmd,
                          version);
    header = ofpbuf_put_uninit(buf, sizeof *header);
    header->dp_ifindex = dp_ifindex;
    error = nl_sock_send(m->dump, buf, true);
    m->dump_seq = nl_msg_nlmsghdr(buf)->nlmsg_seq;
    ofpbuf_delete(buf);
    return error;
}

/* Calls 'cb' for each message of the answer to send_dump(). */
static int
recv_dump(struct vport_monitor *m,
          void (*cb)(struct vport_monitor *, struct ofpbuf *, void *aux),
          void *aux)
{
    uint64_t stub[8192 / 8];
    struct ofpbuf buf;
    int error = 0;
    bool done = false;

    ofpbuf_use_stub(&buf, stub, sizeof stub);
    while (!error && !done) {
        struct nlmsghdr *nlh;
        struct ofpbuf msg;

        error = nl_sock_recv(m->dump, &buf, NULL, true);
        while (!error && !done && (nlh = nl_msg_next(&buf, &msg))) {
            if (nlh->nlmsg_seq != m->dump_seq) {
                continue;               /* Of an earlier request. */
            }
            done = nlh->nlmsg_type == NLMSG_DONE;
            if (!done && !nl_msg_nlmsgerr(&msg, &error, NULL)) {
                cb(m, &msg, aux);
            }
        }
    }
    ofpbuf_uninit(&buf);
    return error;
}

/* Pulls the headers of a message of 'family'.  Returns NULL if it is not one,
 * else its ovs_header. */
static const struct ovs_header *
pull_headers(struct ofpbuf *msg, int family, uint8_t *cmdp)
{
    struct nlmsghdr *nlh = ofpbuf_try_pull(msg, sizeof *nlh);
    struct genlmsghdr *genl = ofpbuf_try_pull(msg, sizeof *genl);
    struct ovs_header *header = ofpbuf_try_pull(msg, sizeof *header);

    if (!nlh || !genl || !header || nlh->nlmsg_type != family) {
        return NULL;
    }
    *cmdp = genl->cmd;
    return header;
}

/* Takes over the port that 'msg' tells of, which is there since 'since', or,
 * if the message is about its end, is gone now. */
static void
apply_vport(struct vport_monitor *m, struct ofpbuf *msg, uint64_t since)
{
    static const struct nl_policy policy[] = {
        [OVS_VPORT_ATTR_PORT_NO] = { .type = NL_A_U32 },
        [OVS_VPORT_ATTR_NAME] = { .type = NL_A_STRING, .max_len = IFNAMSIZ },
    };
    struct nlattr *a[ARRAY_SIZE(policy)];
    const struct ovs_header *header;
    uint32_t port_no;
    uint8_t cmd;

    header = pull_headers(msg, m->vport_family, &cmd);
    if (!header || !nl_policy_parse(msg, 0, policy, a, ARRAY_SIZE(policy))) {
        return;
    }
    port_no = nl_attr_get_u32(a[OVS_VPORT_ATTR_PORT_NO]);
    if (cmd == OVS_VPORT_CMD_DEL) {
        port_map_remove(m->ports, header->dp_ifindex, port_no,
                        clock_ns());
    } else {
        port_map_add(m->ports, header->dp_ifindex, port_no,
                     nl_attr_get_string(a[OVS_VPORT_ATTR_NAME]), since);
    }
}

/* Takes over the name of the datapath that 'msg' tells of, which is there
 * since 'since' or gone now.  No message tells of its local port. */
static void
apply_datapath(struct vport_monitor *m, struct ofpbuf *msg, uint64_t since)
{
    static const struct nl_policy policy[] = {
        [OVS_DP_ATTR_NAME] = { .type = NL_A_STRING, .max_len = IFNAMSIZ },
    };
    struct nlattr *a[ARRAY_SIZE(policy)];
    const struct ovs_header *header;
    uint8_t cmd;

    header = pull_headers(msg, m->dp_family, &cmd);
    if (!header || !nl_policy_parse(msg, 0, policy, a, ARRAY_SIZE(policy))) {
        return;
    }
    if (cmd == OVS_DP_CMD_DEL) {
        port_map_remove(m->ports, header->dp_ifindex, PORT_MAP_LOCAL,
                        clock_ns());
    } else {
        port_map_add(m->ports, header->dp_ifindex, PORT_MAP_LOCAL,
                     nl_attr_get_string(a[OVS_DP_ATTR_NAME]), since);
    }
}

static void
dump_vport_cb(struct vport_monitor *m, struct ofpbuf *msg, void *since)
{
    apply_vport(m, msg, *(uint64_t *) since);
}

struct dp_list {
    int ifindexes[VPORT_DATAPATHS_MAX];
    size_t n;
    bool is_per_cpu;            /* See vport_monitor_is_per_cpu(). */
};

/* Returns true if the datapath that 'msg' tells of, without its headers, has a
 * netlink socket for the upcalls of each CPU. */
static bool
dp_is_per_cpu(const struct ofpbuf *msg)
{
    static const struct nl_policy policy[] = {
        [OVS_DP_ATTR_USER_FEATURES] = { .type = NL_A_U32 },
    };
    struct nlattr *a[ARRAY_SIZE(policy)];

    return (nl_policy_parse(msg, 0, policy, a, ARRAY_SIZE(policy))
            && (nl_attr_get_u32(a[OVS_DP_ATTR_USER_FEATURES])
                & OVS_DP_F_DISPATCH_UPCALL_PER_CPU));
}

static void
dump_dp_cb(struct vport_monitor *m, struct ofpbuf *msg, void *list_)
{
    struct dp_list *list = list_;
    const struct ovs_header *header;
    uint8_t cmd;

    header = pull_headers(msg, m->dp_family, &cmd);
    if (header && list->n < ARRAY_SIZE(list->ifindexes)) {
        list->ifindexes[list->n++] = header->dp_ifindex;
        list->is_per_cpu = list->is_per_cpu && dp_is_per_cpu(msg);
    }
}

/* Lists all ports.  New ones are there since 'since', 0 for always. */
static int
dump_all(struct vport_monitor *m, uint64_t since)
{
    struct dp_list list = { .n = 0, .is_per_cpu = true };
    int error;

    error = send_dump(m, m->dp_family, OVS_DP_CMD_GET, OVS_DATAPATH_VERSION,
                      0);
    if (!error) {
        error = recv_dump(m, dump_dp_cb, &list);
    }
    port_map_begin_dump(m->ports);
    for (size_t i = 0; !error && i < list.n; i++) {
        error = send_dump(m, m->vport_family, OVS_VPORT_CMD_GET,
                          OVS_VPORT_VERSION, list.ifindexes[i]);
        if (!error) {
            error = recv_dump(m, dump_vport_cb, &since);
        }
        error = error == ENODEV ? 0 : error;    /* Deleted meanwhile. */
    }
    if (!error) {
        port_map_end_dump(m->ports, clock_ns());
        m->is_per_cpu = list.is_per_cpu;
    }
    return error;
}

static int
join(struct vport_monitor *m, const char *family, const char *group)
{
    unsigned int id;
    int error = nl_lookup_genl_mcgroup(family, group, &id);

    return error ? error : nl_sock_join_mcgroup(m->notify, id);
}

static int
open_all(struct vport_monitor *m, pid_t pid)
{
    int error = nl_lookup_genl_family(OVS_DATAPATH_FAMILY, &m->dp_family);

    if (!error) {
        error = nl_lookup_genl_family(OVS_VPORT_FAMILY, &m->vport_family);
    }
    if (!error) {
        error = create_sock_in(pid, &m->dump);
    }
    if (!error) {
        error = create_sock_in(pid, &m->notify);
    }
    if (!error) {
        error = join(m, OVS_VPORT_FAMILY, OVS_VPORT_MCGROUP);
    }
    if (!error) {
        error = join(m, OVS_DATAPATH_FAMILY, OVS_DATAPATH_MCGROUP);
    }
    return error ? error : dump_all(m, 0);
}

/* Starts to follow the ports of all datapaths in the network namespace of
 * process 'pid', in 'ports'.  Returns 0 and stores the new monitor in '*mp',
 * or a positive errno value. */
int
vport_monitor_create(pid_t pid, struct port_map *ports,
                     struct vport_monitor **mp)
{
    struct vport_monitor *m = xzalloc(sizeof *m);
    int error;

    m->ports = ports;
    error = open_all(m, pid);
    if (error) {
        vport_monitor_destroy(m);
        m = NULL;
    }
    *mp = m;
    return error;
}

/* Frees 'm', which may be NULL. */
void
vport_monitor_destroy(struct vport_monitor *m)
{
    if (m) {
        nl_sock_destroy(m->dump);
        nl_sock_destroy(m->notify);
        free(m);
    }
}

/* Applies the notification in 'buf'.  Returns true if it can't be, so that
 * all ports have to be listed. */
static bool
apply_notification(struct vport_monitor *m, struct ofpbuf *buf)
{
    const struct nlmsghdr *nlh = nl_msg_nlmsghdr(buf);

    if (nlh->nlmsg_type == m->vport_family) {
        apply_vport(m, buf, m->last_empty);
        return false;
    }

    /* A datapath came or went, with its ports.  It may be gone again before
     * all ports are listed. */
    apply_datapath(m, buf, m->last_empty);
    return true;
}

/* Lists all ports anew.  If that fails, plans another try.  Returns true if
 * successful. */
static bool
resync(struct vport_monitor *m)
{
    int error = dump_all(m, m->resync_since);

    m->resync = error != 0;
    if (error) {
        VLOG_WARN_RL(&rl, "listing the ports failed, it will be tried again "
                     "(%s)", ovs_strerror(error));
        backoff_again(&m->backoff);
    } else {
        backoff_reset(&m->backoff);
    }
    return !error;
}

/* Handles notifications, and lists all ports again if that is necessary.
 * Returns true if ports or datapaths may have changed.  The caller must not
 * drop that: it is told once. */
bool
vport_monitor_run(struct vport_monitor *m)
{
    uint64_t stub[4096 / 8];
    bool changed = false;
    struct ofpbuf buf;

    ofpbuf_use_stub(&buf, stub, sizeof stub);
    for (int i = 0; i < MAX_PER_RUN; i++) {
        uint64_t now = clock_ns();
        int error = nl_sock_recv(m->notify, &buf, NULL, false);

        if (error == EAGAIN) {
            m->last_empty = now;
            break;
        }
        changed = true;
        if ((error || apply_notification(m, &buf)) && !m->resync) {
            m->resync = true;
            m->resync_since = m->last_empty;
        }
    }
    ofpbuf_uninit(&buf);
    if (m->resync && backoff_is_due(&m->backoff)) {
        changed |= resync(m);
    }
    return changed;
}

/* Arranges for the poll loop to wake up when vport_monitor_run() has
 * something to do. */
void
vport_monitor_wait(struct vport_monitor *m)
{
    nl_sock_wait(m->notify, POLLIN);
    if (m->resync) {
        poll_timer_wait_until(m->backoff.next);
    }
}

/* Returns true if all datapaths have a netlink socket for the upcalls of each
 * CPU, rather than for those of each port (OVS_DP_F_DISPATCH_UPCALL_PER_CPU,
 * Linux 5.15 and OVS 2.16 or later). */
bool
vport_monitor_is_per_cpu(const struct vport_monitor *m)
{
    return m->is_per_cpu;
}

struct counts_list {
    struct stats_datapath *dps;
    size_t n;
};

static void
get_counts_cb(struct vport_monitor *m, struct ofpbuf *msg, void *list_)
{
    static const struct nl_policy policy[] = {
        [OVS_DP_ATTR_STATS] = { NL_POLICY_FOR(struct ovs_dp_stats) },
    };
    struct nlattr *a[ARRAY_SIZE(policy)];
    struct counts_list *list = list_;
    const struct ovs_header *header;
    struct ovs_dp_stats stats;
    uint8_t cmd;

    header = pull_headers(msg, m->dp_family, &cmd);
    if (!header || list->n >= VPORT_DATAPATHS_MAX
        || !nl_policy_parse(msg, 0, policy, a, ARRAY_SIZE(policy))) {
        return;
    }
    memcpy(&stats, nl_attr_get(a[OVS_DP_ATTR_STATS]), sizeof stats);
    list->dps[list->n].dp_ifindex = header->dp_ifindex;
    list->dps[list->n].missed = get_32aligned_u64(&stats.n_missed);
    list->dps[list->n++].lost = get_32aligned_u64(&stats.n_lost);
}

/* Stores in 'dps' the datapaths with for how many packets each had no flow and
 * how many upcalls it has lost since it exists ("missed" and "lost" of
 * dpctl/show).  Either is one for a packet, even if it has several segments
 * (ovs_dp_process_packet() and ovs_dp_upcall() in net/openvswitch/datapath.c
 * of Linux 6.1 to 7.2), and counted when ovs_dp_upcall() has returned or is
 * about to.  Returns the number of datapaths, 0 if that failed. */
size_t
vport_monitor_get_counts(struct vport_monitor *m,
                         struct stats_datapath dps[VPORT_DATAPATHS_MAX])
{
    struct counts_list list = { .dps = dps, .n = 0 };
    int error = send_dump(m, m->dp_family, OVS_DP_CMD_GET,
                          OVS_DATAPATH_VERSION, 0);

    if (!error) {
        error = recv_dump(m, get_counts_cb, &list);
    }
    if (error) {
        VLOG_WARN_RL(&rl, "asking for the counters of the datapaths failed "
                     "(%s)", ovs_strerror(error));
    }
    return error ? 0 : list.n;
}
