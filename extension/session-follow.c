/* SPDX-License-Identifier: Apache-2.0 */

/* The target and its ports, which change while a trace runs: the second part
 * of session.h. */

#include <config.h>

#include "session-private.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "flow/version-query.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "store/port-map.h"
#include "target.h"
#include "timeval.h"
#include "util.h"
#include "vport-monitor.h"

VLOG_DEFINE_THIS_MODULE(session_follow);

/* A search for the target that has taken longer, in ms, is not repeated at
 * once. */
#define LONG_SEARCH 100

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

/* Ports that are being chosen. */
struct chosen_ports {
    const struct port_names *names;
    struct upcall_port_key *ports;
    size_t n, allocated;
};

static void
choose_port_cb(uint32_t dp_ifindex, uint32_t port_no, const char *name,
               void *chosen_)
{
    struct chosen_ports *c = chosen_;

    if (!port_names_has(c->names, name)) {
        return;
    }
    if (c->n >= c->allocated) {
        c->ports = x2nrealloc(c->ports, &c->allocated, sizeof *c->ports);
    }
    c->ports[c->n].dp_ifindex = dp_ifindex;
    c->ports[c->n++].port_no = port_no;
}

/* Chooses the ports that the options of 's' name, as they are now. */
static void
choose_ports(struct session *s)
{
    struct chosen_ports chosen = { .names = &s->options.ports };

    port_map_find(s->ports, NULL, choose_port_cb, &chosen);
    if (!attach_choose_ports(s->attachment, chosen.ports, chosen.n)) {
        VLOG_WARN_RL(&rl, "only some of %"PRIuSIZE" ports are traced",
                     chosen.n);
    }
    free(chosen.ports);
}

/* Has the programs know the ports as they are now. */
void
session_choose_ports(struct session *s)
{
    choose_ports(s);
    attach_set_ends_visible(s->attachment,
                            vport_monitor_is_per_cpu(s->vports));
}

/* Adds to 'absent' those names of ports that 's' was started with of which no
 * datapath has a port now.  The caller must destroy it.  Returns false if
 * nobody knows, because 's' is not running, or wants to know, because it is
 * for all ports. */
bool
session_get_absent_ports(const struct session *s, struct svec *absent)
{
    if (!s->vports || port_names_is_empty(&s->options.ports)) {
        return false;
    }
    port_names_get_absent(&s->options.ports, s->ports, absent);
    return true;
}

/* Takes over changes of ports and datapaths.  Whoever looks at either calls
 * this before, so that no change is taken over without the programs knowing
 * it. */
void
session_follow_vports(struct session *s)
{
    if (vport_monitor_run(s->vports)) {
        session_choose_ports(s);
    }
}

/* Attaches to the USDT probes of a new target.  It may be another build of
 * Open vSwitch, without them: the kernel tier goes on.  Returns true if that
 * was successful. */
static bool
follow_usdt(struct session *s)
{
    char *error = attach_usdt(s->attachment, s->target->pid);

    if (error && !s->usdt_error) {
        VLOG_WARN("continuing with --track=kernel: %s", error);
    } else if (!error) {
        VLOG_INFO("attached to the USDT probes of process %ld",
                  (long) s->target->pid);
        s->target->usdt = true;
    }
    free(s->usdt_error);
    s->usdt_error = error;
    return !error;
}

/* Follows the target into another network namespace, whose datapaths and ports
 * are others.  Returns false if that is not possible. */
static bool
follow_netns(struct session *s, const struct target *target)
{
    struct vport_monitor *vports;
    int error = vport_monitor_create(target->pid, s->ports, &vports);

    if (error) {
        VLOG_WARN("cannot list the ports of the datapaths of process %ld "
                  "(%s)", (long) target->pid, ovs_strerror(error));
        return false;
    }
    vport_monitor_destroy(s->vports);
    s->vports = vports;
    session_forget_counts(s);
    attach_set_netns(s->attachment, target->netns);
    session_choose_ports(s);
    session_begin_comparison(s);
    return true;
}

/* Begins to ask the target for its version. */
void
session_ask_version(struct session *s)
{
    version_query_ask(s->version_query, s->target->socket.path);
}

/* Takes the target's answer, if there is one. */
void
session_run_version(struct session *s)
{
    char *version;

    if (version_query_run(s->version_query, &version) && version) {
        free(s->target->version);
        s->target->version = version;
    }
}

/* Finds out what is not known of the target yet: it may not have been ready
 * when it was found.  Gives up after a minute. */
static void
complete_target(struct session *s)
{
    bool ok = true;

    if (!s->target->version) {
        session_ask_version(s);
        ok = false;
    }
    if (session_is_full(s) && !attach_has_usdt(s->attachment)) {
        ok = follow_usdt(s) && ok;
    }
    if (ok || s->target_backoff.interval == BACKOFF_MAX) {
        s->target_backoff.next = LLONG_MAX;
    } else {
        backoff_again(&s->target_backoff);
    }
}

/* Says that the target has ended, once. */
static void
note_end(struct session *s)
{
    const struct target *t = s->target;

    if (s->target_ended) {
        return;
    }
    s->target_ended = true;
    if (!t->by_pid) {
        VLOG_INFO("ovs-vswitchd, pid %ld, has ended", (long) t->pid);
        return;
    }
    VLOG_WARN("ovs-vswitchd, pid %ld, has ended, and --target names it by "
              "its pid: the trace goes on without USDT probes and rules; "
              "start it again with the new pid, or with a pidfile",
              (long) t->pid);
    if (session_is_full(s)) {
        attach_forget_usdt(s->attachment);
        free(s->usdt_error);
        s->usdt_error = xasprintf("process %ld has ended", (long) t->pid);
    }
}

/* Looks for the target, which has ended. */
static void
find_target(struct session *s)
{
    long long int start = time_msec();
    struct target *target;
    char *error;

    if (!backoff_is_due(&s->netns_backoff)) {
        return;
    }
    error = target_find(s->options.target, &target);
    if (error) {
        free(error);                    /* Not yet restarted. */
        if (time_msec() > start + LONG_SEARCH) {
            backoff_again(&s->netns_backoff);
        }
        return;
    }
    if (!target->netns) {
        target_destroy(target);         /* It has ended again. */
        return;
    }
    if (target->netns != s->target->netns && !follow_netns(s, target)) {
        backoff_again(&s->netns_backoff);
        target_destroy(target);
        return;
    }
    VLOG_INFO("following ovs-vswitchd from pid %ld to %ld",
              (long) s->target->pid, (long) target->pid);
    target_destroy(s->target);
    s->target = target;
    s->target_ended = false;
    attach_forget_usdt(s->attachment);
    free(s->usdt_error);
    s->usdt_error = NULL;
    backoff_reset(&s->netns_backoff);
    backoff_reset(&s->target_backoff);
    complete_target(s);
}

/* Follows the target when it was restarted, also as another version or in
 * another network namespace.  To be called now and then. */
void
session_follow(struct session *s)
{
    if (!target_is_alive(s->target)) {
        note_end(s);
        find_target(s);
        return;
    }
    if (backoff_is_due(&s->target_backoff)) {
        complete_target(s);
    }
    if (session_is_full(s)) {
        attach_follow_flows(s->attachment, s->target->pid);
    }
}
