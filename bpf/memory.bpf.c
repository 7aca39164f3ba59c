/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Where the kernel has its memory, for pages.bpf.h: a program that is run once
 * and stores that.  The kernel knows both by these names on x86-64, where they
 * are chosen at random at boot (arch/x86/mm/kaslr.c, Linux 6.1 to 7.2).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 vmemmap = 0;
__u64 page_offset = 0;

/* Why that is not known, an errno, or 0. */
int error = 0;

static const char vmemmap_name[] = "vmemmap_base";
static const char page_offset_name[] = "page_offset_base";

/* Reads the variable with a name of 'size' bytes, its end included. */
static __always_inline __u64
read_variable(const char *name, int size)
{
    __u64 address = 0, value = 0;
    int ret = bpf_kallsyms_lookup_name(name, size, 0, &address);

    if (!ret) {
        ret = bpf_probe_read_kernel(&value, sizeof value,
                                    (const void *) address);
    }
    if (ret) {
        error = -ret;
    }
    return ret ? 0 : value;
}

SEC("syscall")
int find_memory(void *ctx)
{
    vmemmap = read_variable(vmemmap_name, sizeof vmemmap_name);
    page_offset = read_variable(page_offset_name, sizeof page_offset_name);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
