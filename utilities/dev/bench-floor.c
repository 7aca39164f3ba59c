/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaches empty programs to the hooks of ovs-upcall-traced, for
 * utilities/dev/bench:
 *
 *     bench-floor [PID]
 *
 * With the PID of ovs-vswitchd, also to the USDT probe of --track=full that
 * each upcall passes.  Prints "ready" once
 * all are attached and runs until its standard input ends.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/floor.skel.h"

static void
check(long error, const char *what)
{
    if (error) {
        fprintf(stderr, "bench-floor: %s: %s\n", what, strerror(-error));
        exit(1);
    }
}

static void
attach_usdt(const struct bpf_program *prog, long pid, const char *provider,
            const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/exe", pid);
    check(libbpf_get_error(bpf_program__attach_usdt(prog, pid, path, provider,
                                                    name, NULL)), name);
}

int
main(int argc, char *argv[])
{
    struct floor_bpf *skel = floor_bpf__open();
    long pid = argc > 1 ? atol(argv[1]) : 0;
    char c;

    check(skel ? 0 : -errno, "open");
    bpf_program__set_autoload(skel->progs.usdt_exec, pid);
    check(floor_bpf__load(skel), "load");
    check(floor_bpf__attach(skel), "attach");
    if (pid) {
        attach_usdt(skel->progs.usdt_exec, pid, "dpif_netlink_operate__",
                    "op_flow_execute");
    }
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0) {
        continue;
    }
    return 0;
}
