/* SPDX-License-Identifier: Apache-2.0 */

/* The USDT probes of ovs-vswitchd: the fourth part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <stdlib.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/names.h"
#include "timeval.h"
#include "uprobes.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(attach_usdt);

BUILD_ASSERT_DECL(USDT_N_GROUPS * UPROBES_MAX <= UPCALL_SITES_MAX);

/* How long to keep away from USDT_FLOWS once attached to them, in ms. */
#define FLOWS_INTERVAL 10000

/* A type of datapath whose last dump is so long ago, in ns, is gone. */
#define DUMP_EXPIRES (60 * UINT64_C(1000000000))

/* Sets '*p' to the program for 'probe'. */
static void
set_vswitchd_program(const struct upcall_bpf *skel, enum vswitchd_probe probe,
                     struct uprobe_program *p)
{
    p->probe = vswitchd_probe_name(probe);
    p->prog = attach_vswitchd_program(skel, probe, &p->args);
    p->optional = true;
}

/* Attaches the 'n' 'programs' of 'group' to process 'pid'.  Returns NULL or an
 * error message. */
static char *
attach_group(struct attachment *a, pid_t pid, enum usdt_group group,
             const struct uprobe_program *programs, size_t n)
{
    return uprobes_attach(pid, programs, n, a->skel->bss->sites,
                       group * UPROBES_MAX, &a->usdt[group]);
}

static char *
attach_upcalls(struct attachment *a, pid_t pid)
{
    struct uprobe_program programs[UPCALL_N_HOOKS - UPCALL_HOOK_FIRST_USDT];
    size_t n = 0;

    for (int hook = UPCALL_HOOK_FIRST_USDT; hook < UPCALL_N_HOOKS; hook++) {
        struct uprobe_program *p = &programs[n];

        if (attach_uses_probe(hook, a->all_probes)) {
            p->probe = upcall_hook_name(hook);
            p->prog = attach_usdt_program(a, hook, &p->args);
            p->optional = false;
            n++;
        }
    }
    return attach_group(a, pid, USDT_UPCALLS, programs, n);
}

/* Attaches to the probes of VSWITCHD_PROBES from 'first' up to 'end', as far
 * as the process has them.  Upcalls can be traced without. */
static void
attach_vswitchd(struct attachment *a, pid_t pid, enum usdt_group group,
                int first, int end)
{
    struct uprobe_program programs[VSWITCHD_N_PROBES];
    char *error;

    for (int i = first; i < end; i++) {
        set_vswitchd_program(a->skel, i, &programs[i - first]);
    }
    error = attach_group(a, pid, group, programs, end - first);
    if (error) {
        VLOG_INFO("continuing without: %s", error);
        free(error);
    }
}

/* Forgets what ovs-vswitchd was doing. */
static void
forget_vswitchd(struct attachment *a)
{
    int fd = bpf_map__fd(a->skel->maps.dumps);
    uint64_t udpif;

    a->skel->bss->loop_start.n = 0;
    while (!bpf_map_get_next_key(fd, NULL, &udpif)
           && !bpf_map_delete_elem(fd, &udpif)) {
        continue;
    }
}

/* Attaches to the USDT probes of process 'pid', and to those of no other one
 * any more.  'a' must have been created with 'full' in its configuration.
 * Returns NULL if successful, otherwise an error message, which the caller
 * frees; then 'a' traces without them. */
char *
attach_usdt(struct attachment *a, pid_t pid)
{
    char *error;

    attach_forget_usdt(a);
    forget_vswitchd(a);
    error = attach_upcalls(a, pid);
    if (!error) {
        a->flows_after = 0;
        attach_vswitchd(a, pid, USDT_VSWITCHD, 0, VSWITCHD_PROBE_FIRST_FLOW);
    }
    return error;
}

/* Returns how many flows there were when the last dumps began: those of each
 * type of datapath, but for types that are not dumped any more. */
static uint64_t
count_flows(const struct attachment *a)
{
    int fd = bpf_map__fd(a->skel->maps.dumps);
    struct vswitchd_dump dump;
    uint64_t n = 0, udpif;
    int error = bpf_map_get_next_key(fd, NULL, &udpif);

    for (int i = 0; !error && i < VSWITCHD_DUMPS_MAX; i++) {
        if (!bpf_map_lookup_elem(fd, &udpif, &dump)
            && clock_ns() < dump.last + DUMP_EXPIRES) {
            n += dump.n_flows;
        }
        error = bpf_map_get_next_key(fd, &udpif, &udpif);
    }
    return n;
}

static void
attach_flows(struct attachment *a, pid_t pid)
{
    attach_vswitchd(a, pid, USDT_FLOWS, VSWITCHD_PROBE_FIRST_FLOW,
                    VSWITCHD_N_PROBES);
    a->skel->bss->counts_flows
        = attach_has_vswitchd_probe(a, VSWITCHD_PROBE_FLOW_RESULT);
    a->flows_after = time_msec() + FLOWS_INTERVAL;
}

static void
detach_flows(struct attachment *a)
{
    a->skel->bss->counts_flows = 0;
    uprobes_detach(a->usdt[USDT_FLOWS]);
    a->usdt[USDT_FLOWS] = NULL;
}

/* Attaches to the probes that are hit for each flow, or detaches from them, by
 * how many flows process 'pid' has.  Before its first dump, that is not known.
 * To be called now and then. */
void
attach_follow_flows(struct attachment *a, pid_t pid)
{
    uint64_t n_flows = a->usdt[USDT_VSWITCHD] ? count_flows(a) : 0;

    if (a->usdt[USDT_FLOWS]) {
        if (n_flows > ATTACH_MAX_FLOWS) {
            detach_flows(a);
        }
    } else if (n_flows && n_flows <= ATTACH_MAX_FLOWS / 2
               && time_msec() >= a->flows_after) {
        attach_flows(a, pid);
    }
}

/* Returns true if 'a' is attached to the USDT probes that upcalls pass. */
bool
attach_has_usdt(const struct attachment *a)
{
    return a->usdt[USDT_UPCALLS] != NULL;
}

/* Detaches from the USDT probes. */
void
attach_forget_usdt(struct attachment *a)
{
    if (a->usdt[USDT_FLOWS]) {
        detach_flows(a);
    }
    for (int i = 0; i < USDT_N_GROUPS; i++) {
        uprobes_detach(a->usdt[i]);
        a->usdt[i] = NULL;
    }
}

/* Stores in '*counts' what the programs for VSWITCHD_PROBES have counted. */
void
attach_get_vswitchd_counts(const struct attachment *a,
                           struct vswitchd_counts *counts)
{
    *counts = a->skel->bss->vswitchd_counts;
}

/* Returns when the iteration of the main loop that is in progress began, in ns
 * of CLOCK_MONOTONIC, 0 if none is. */
uint64_t
attach_get_loop_start(const struct attachment *a)
{
    return __atomic_load_n(&a->skel->bss->loop_start.n, __ATOMIC_RELAXED);
}

/* Returns true if 'a' is attached to 'probe'. */
bool
attach_has_vswitchd_probe(const struct attachment *a,
                          enum vswitchd_probe probe)
{
    return uprobes_have(a->usdt[probe < VSWITCHD_PROBE_FIRST_FLOW
                                  ? USDT_VSWITCHD : USDT_FLOWS],
                          vswitchd_probe_name(probe));
}
