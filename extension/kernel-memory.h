/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_KERNEL_MEMORY_H
#define EXTENSION_KERNEL_MEMORY_H 1

/* Where the kernel has its memory. */

#include <stdint.h>

struct kernel_memory {
    uint64_t vmemmap;           /* The struct page of the first page. */
    uint64_t page_offset;       /* Where that page itself is seen. */
};

int kernel_memory_find(struct kernel_memory *);

#endif /* extension/kernel-memory.h */
