/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_KERNEL_BYTES_H
#define TESTS_KERNEL_BYTES_H 1

/* Actions as a kernel has them in memory, for tests. */

#include "record/kernel-actions.h"

/* Debian's kernels for x86-64, from the BTF of their module. */
extern const struct kernel_layout kernel_layout_6_1;
extern const struct kernel_layout kernel_layout_6_12;

void kernel_bytes_put(const struct kernel_layout *,
                      const struct upcall_attrs *actions, struct ofpbuf *);

#endif /* tests/unit/kernel-bytes.h */
