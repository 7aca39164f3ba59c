/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "host.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static uint64_t
effective_capabilities(void)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct data[2];

    memset(data, 0, sizeof data);
    if (syscall(SYS_capget, &header, data)) {
        return 0;
    }
    return (uint64_t) data[1].effective << 32 | data[0].effective;
}

/* Returns true if the process has the capabilities that tracing needs: to load
 * BPF programs, to enter the network namespace of ovs-vswitchd, and to see
 * what its threads do. */
bool
host_is_privileged(void)
{
    uint64_t needed = (UINT64_C(1) << CAP_SYS_ADMIN
                       | UINT64_C(1) << CAP_SYS_PTRACE);

    return (effective_capabilities() & needed) == needed;
}

/* Returns true if the kernel has the openvswitch datapath: as a module, or
 * built in. */
bool
host_has_datapath(void)
{
    return !access("/sys/module/openvswitch", F_OK);
}

/* Returns true if the kernel was built with CONFIG_PREEMPT_RT, so that
 * softirqs are threads, which can be preempted.  Its version says so
 * (init/Makefile, and before Linux 6.1 scripts/mkcompile_h). */
bool
host_is_realtime(void)
{
    struct utsname u;

    return !uname(&u) && strstr(u.version, "PREEMPT_RT");
}

/* Returns true if the kernel runs softirqs on stacks of their own: on x86-64,
 * unless it was built with CONFIG_PREEMPT_RT. */
bool
host_has_softirq_stacks(void)
{
    struct utsname u;

    return (!uname(&u) && !strcmp(u.machine, "x86_64")
            && !host_is_realtime());
}

/* Returns true if the kernel can preempt itself, or if that is not known.
 *
 * With CONFIG_PREEMPT_DYNAMIC, debugfs has the chosen mode in parentheses, as
 * in "none (voluntary) full" (sched_dynamic_show() in kernel/sched/debug.c of
 * Linux 6.1 to 7.2); otherwise the version says "PREEMPT" if it can. */
bool
host_is_preemptible(void)
{
    FILE *file = fopen("/sys/kernel/debug/sched/preempt", "re");
    char line[128] = "";
    struct utsname u;

    if (file) {
        if (!fgets(line, sizeof line, file)) {
            line[0] = '\0';
        }
        fclose(file);
    }
    return (!strstr(line, "(none)") && !strstr(line, "(voluntary)")
            && (uname(&u) || strstr(u.version, "PREEMPT")));
}
