/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_KERNEL_BYTES_H
#define TESTS_KERNEL_BYTES_H 1

/* Actions as a kernel has them in memory, for tests. */

#include "record/kernel-actions.h"

/* Debian's kernels for x86-64, from the BTF of their module. */
extern const struct kernel_layout kernel_layout_6_1;
extern const struct kernel_layout kernel_layout_6_12;

/* Where the kernel has what is 'n' bytes behind the start of what actions
 * point to: at KERNEL_BYTES_ADDRESS + n * KERNEL_BYTES_ROOM, less what is
 * before it in its structure. */
#define KERNEL_BYTES_ADDRESS UINT64_C(0xffff888000000000)
#define KERNEL_BYTES_ROOM 4096

void kernel_bytes_put(const struct kernel_layout *,
                      const struct upcall_attrs *actions,
                      struct ofpbuf *bytes, struct ofpbuf *pointed);

#endif /* tests/unit/kernel-bytes.h */
