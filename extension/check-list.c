/* SPDX-License-Identifier: Apache-2.0 */

/* What is checked. */

#include <config.h>

#include "check-list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "host.h"
#include "kernel-functions.h"
#include "kernel-memory.h"
#include "lockdown.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "target.h"
#include "usdt/usdt-known.h"
#include "usdt/usdt-notes.h"
#include "util.h"

typedef void check_cb(const struct checking *, struct check *);

static bool
file_exists(const char *path)
{
    return !access(path, F_OK);
}

static void
check_kernel(const struct checking *in OVS_UNUSED, struct check *c)
{
    struct utsname u;

    uname(&u);
    c->found = xasprintf("%s %s", u.release, u.machine);
    c->result = CHECK_OK;
}

static void
check_privileges(const struct checking *in OVS_UNUSED, struct check *c)
{
    if (host_is_privileged()) {
        c->found = xstrdup("CAP_SYS_ADMIN and CAP_SYS_PTRACE");
        c->result = CHECK_OK;
    } else {
        c->found = xasprintf("no CAP_SYS_ADMIN or CAP_SYS_PTRACE, user %ld",
                             (long) geteuid());
        c->remedy = "run ovs-upcall-traced as root";
    }
}

static void
check_module(const struct checking *in OVS_UNUSED, struct check *c)
{
    if (host_has_datapath()) {
        c->found = xstrdup("loaded");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("not loaded");
        c->remedy = "run \"modprobe openvswitch\", or start ovs-vswitchd "
                    "with a kernel datapath";
    }
}

static void
check_lockdown(const struct checking *in OVS_UNUSED, struct check *c)
{
    if (kernel_is_locked_down()) {
        c->found = xstrdup("confidentiality");
        c->remedy = "BPF programs may not read kernel memory: boot without "
                    "lockdown=confidentiality";
    } else {
        c->found = xstrdup("not for confidentiality");
        c->result = CHECK_OK;
    }
}

static void
check_kernel_btf(const struct checking *in OVS_UNUSED, struct check *c)
{
    if (file_exists("/sys/kernel/btf/vmlinux")) {
        c->found = xstrdup("/sys/kernel/btf/vmlinux");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("none");
        c->remedy = "run a kernel that was built with "
                    "CONFIG_DEBUG_INFO_BTF, as distributions do";
    }
}

static void
check_module_btf(const struct checking *in OVS_UNUSED, struct check *c)
{
    if (file_exists("/sys/kernel/btf/openvswitch")) {
        c->found = xstrdup("/sys/kernel/btf/openvswitch");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("none");
        c->result = CHECK_LIMITED;
        c->remedy = "kprobes are used instead of fentry, which costs more, "
                    "and passes cannot be recorded: load the openvswitch "
                    "module that came with the kernel, built with "
                    "CONFIG_DEBUG_INFO_BTF_MODULES";
    }
}

static void
check_hooks(const struct checking *in OVS_UNUSED, struct check *c)
{
    char *missing = kernel_functions_missing(KERNEL_FUNCTIONS_UPCALLS);

    if (!missing) {
        c->found = xasprintf("%"PRIuSIZE" functions",
                             kernel_functions_count(
                                 KERNEL_FUNCTIONS_UPCALLS));
        c->result = CHECK_OK;
    } else {
        c->found = xasprintf("missing: %s", missing);
        c->remedy = "load the openvswitch module of a kernel that has them";
    }
    free(missing);
}

static void
check_vswitchd(const struct checking *in, struct check *c)
{
    const struct target *t = in->target;

    c->found = xasprintf("pid %ld, %s", (long) t->pid,
                         t->binary ? t->binary : "unknown binary");
    c->result = CHECK_OK;
}

static void
check_socket(const struct checking *in, struct check *c)
{
    const struct target *t = in->target;

    c->found = xstrdup(t->socket.name);
    if (t->version) {
        c->result = CHECK_OK;
    } else {
        c->result = CHECK_LIMITED;
        c->remedy = (in->version
                     ? "upcalls can be traced, but ovs-vswitchd does not "
                       "answer on its control socket: run ovs-upcall-traced "
                       "as the same user or root, with the same OVS_RUNDIR, "
                       "or name its socket with --target=FILE if it was "
                       "started with --unixctl"
                     : "it was not asked because other commands are being "
                       "answered: run this again");
    }
}

static void
check_version(const struct checking *in, struct check *c)
{
    const struct target *t = in->target;

    c->found = xstrdup(t->version ? t->version : "unknown");
    c->result = t->version ? CHECK_OK : CHECK_LIMITED;
    c->remedy = "see the control socket";
}

static void
check_usdt(const struct checking *in, struct check *c)
{
    struct usdt_notes notes;
    char *error = usdt_notes_read_process(in->target->pid, &notes);
    size_t n;

    if (error) {
        c->found = error;
        c->result = CHECK_LIMITED;
        c->remedy = "not needed to trace the kernel tier";
        return;
    }
    n = usdt_known_count(&notes);
    c->found = xasprintf("%"PRIuSIZE" probes%s%s", n,
                         notes.problem ? ", but " : "",
                         notes.problem ? notes.problem : "");
    c->result = n ? CHECK_OK : CHECK_LIMITED;
    c->remedy = "not needed to trace the kernel tier; to have them, build "
                "OVS with ./configure --enable-usdt-probes";
    usdt_notes_destroy(&notes);
}

/* What --datapath needs. */
static void
check_passes(const struct checking *in OVS_UNUSED, struct check *c)
{
    char *missing = kernel_functions_missing(KERNEL_FUNCTIONS_PASSES);

    if (missing) {
        c->found = xasprintf("missing: %s", missing);
        c->remedy = "load the openvswitch module of a kernel that has them, "
                    "or do without --datapath";
        c->result = CHECK_LIMITED;
    } else if (!file_exists("/sys/kernel/btf/openvswitch")) {
        c->found = xstrdup("cannot be recorded");
        c->remedy = "see openvswitch BTF";
        c->result = CHECK_LIMITED;
    } else {
        c->found = xstrdup("can be recorded");
        c->result = CHECK_OK;
    }
    free(missing);
}

/* What --datapath=actions needs. */
static void
check_actions(const struct checking *in OVS_UNUSED, struct check *c)
{
    char *missing = kernel_functions_missing(KERNEL_FUNCTIONS_ACTIONS);
    char *results = kernel_functions_missing(KERNEL_FUNCTIONS_RESULTS);
    char *reasons = kernel_functions_missing(KERNEL_FUNCTIONS_REASONS);

    c->result = CHECK_LIMITED;
    if (missing) {
        c->found = xasprintf("missing: %s", missing);
        c->remedy = "load the openvswitch module of a kernel that has them, "
                    "or do without --datapath=actions";
    } else if (!file_exists("/sys/kernel/btf/openvswitch")) {
        c->found = xstrdup("cannot be recorded");
        c->remedy = "see openvswitch BTF";
    } else if (results) {
        c->found = xasprintf("can be recorded, but not what comes of those "
                             "that need %s", results);
        c->remedy = "load the openvswitch module of a kernel that has them";
    } else if (reasons) {
        c->found = xstrdup("can be recorded, but not why Open vSwitch drops "
                           "packets");
        c->remedy = "use Linux 6.7 or later";
    } else {
        c->found = xstrdup("can be recorded");
        c->result = CHECK_OK;
    }
    free(missing);
    free(results);
    free(reasons);
}

static void
check_pages(const struct checking *in OVS_UNUSED, struct check *c)
{
    struct kernel_memory memory;
    int error = host_is_privileged() ? kernel_memory_find(&memory) : EACCES;

    if (!error) {
        c->found = xstrdup("can be read");
        c->result = CHECK_OK;
        return;
    }
    c->found = xasprintf("cannot be read (%s)", ovs_strerror(error));
    c->result = CHECK_LIMITED;
    c->remedy = (error == EACCES ? "see privileges"
                 : error == EPERM
                 ? "only the first bytes of TCP packets, for instance, are "
                   "kept: run ovs-upcall-traced with CAP_SYSLOG, and with "
                   "less than 2 in /proc/sys/kernel/kptr_restrict"
                 : "only the first bytes of TCP packets, for instance, are "
                   "kept: run a kernel of x86-64 that was built with "
                   "CONFIG_KALLSYMS_ALL, as distributions do");
}

static void
check_filters(const struct checking *in, struct check *c)
{
    c->found = xstrdup(in->filters_found ? in->filters_found : "unknown");
    c->result = in->filters_ok ? CHECK_OK : CHECK_LIMITED;
    c->remedy = (in->filters_found
                 ? "start --filter does not work: install the libpcap that "
                   "ovs-upcall-traced was built with"
                 : "libpcap has not made one in time: try again");
}

/* All checks, in the order in which they are shown. */
static const struct {
    const char *name;
    bool needs_target;
    check_cb *cb;
} checks[] = {
    { "kernel", false, check_kernel },
    { "privileges", false, check_privileges },
    { "lockdown", false, check_lockdown },
    { "kernel BTF", false, check_kernel_btf },
    { "openvswitch module", false, check_module },
    { "openvswitch BTF", false, check_module_btf },
    { "hooks", false, check_hooks },
    { "ovs-vswitchd", true, check_vswitchd },
    { "control socket", true, check_socket },
    { "OVS version", true, check_version },
    { "USDT probes", true, check_usdt },
    { "filters", false, check_filters },
    { "passes", false, check_passes },
    { "executed actions", false, check_actions },
    { "packets in pages", false, check_pages },
};

/* Runs check number 'i' of 'in'. */
static void
run_check(size_t i, const struct checking *in, struct check *c)
{
    memset(c, 0, sizeof *c);
    c->name = checks[i].name;
    c->result = CHECK_FAILED;
    if (!checks[i].needs_target || in->target) {
        checks[i].cb(in, c);
    } else if (checks[i].cb == check_vswitchd) {
        c->found = xstrdup("not found");
        c->remedy = in->error;
    } else {
        c->found = xstrdup("unknown");
        c->remedy = "see ovs-vswitchd";
    }
}

/* Does all checks, some of which need what 'in' has, and calls 'cb' with 'aux'
 * for the result of each. */
void
check_list_run(const struct checking *in,
               void (*cb)(const struct check *, void *aux), void *aux)
{
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        struct check c;

        run_check(i, in, &c);
        cb(&c, aux);
        free(c.found);
    }
}
