/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-memory.h"

#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/memory.skel.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(kernel_memory);

/* Stores in '*m' where the kernel has its memory, or all 0 if it does not
 * tell: then it is older than Linux 5.16, which added the helper that looks up
 * a name, or of another architecture than x86-64. */
void
kernel_memory_find(struct kernel_memory *m)
{
    struct bpf_test_run_opts opts = { .sz = sizeof opts };
    struct memory_bpf *skel = memory_bpf__open_and_load();

    memset(m, 0, sizeof *m);
    if (skel && !bpf_prog_test_run_opts(
            bpf_program__fd(skel->progs.find_memory), &opts)
        && skel->bss->vmemmap && skel->bss->page_offset) {
        m->vmemmap = skel->bss->vmemmap;
        m->page_offset = skel->bss->page_offset;
    } else {
        VLOG_DBG("the bytes of packets that are in pages cannot be read");
    }
    memory_bpf__destroy(skel);
}
