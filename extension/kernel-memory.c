/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-memory.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/memory.skel.h"
#include "util.h"

/* Runs the program that finds out where the kernel has its memory. */
static int
find_memory(struct kernel_memory *m)
{
    struct bpf_test_run_opts opts = { .sz = sizeof opts };
    /* The caller says what fails. */
    libbpf_print_fn_t print = libbpf_set_print(NULL);
    struct memory_bpf *skel = memory_bpf__open_and_load();
    int error = errno;

    libbpf_set_print(print);
    if (!skel) {
        return error ? error : EINVAL;
    }
    error = (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_memory),
                                    &opts) ? errno : skel->bss->error);
    if (!error && (!skel->bss->vmemmap || !skel->bss->page_offset)) {
        error = ENOENT;
    }
    m->vmemmap = skel->bss->vmemmap;
    m->page_offset = skel->bss->page_offset;
    memory_bpf__destroy(skel);
    return error;
}

/* Stores in '*m' where the kernel has its memory and returns 0; or stores 0
 * and returns an errno: EPERM if this process may not see addresses of the
 * kernel (kallsyms_show_value() in kernel/ksyms_common.c of Linux 6.12), and
 * another one if the kernel does not tell, because it was built without
 * CONFIG_KALLSYMS_ALL or for another architecture than x86-64.  What was found
 * is so until the next boot and not looked for again. */
int
kernel_memory_find(struct kernel_memory *m)
{
    static struct kernel_memory found;
    int error = found.vmemmap ? 0 : find_memory(&found);

    if (error) {
        memset(&found, 0, sizeof found);
    }
    *m = found;
    return error;
}
