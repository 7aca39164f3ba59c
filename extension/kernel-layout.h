/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_KERNEL_LAYOUT_H
#define EXTENSION_KERNEL_LAYOUT_H 1

/* Reads how the kernel lays out the actions of flows, see
 * lib/record/kernel-actions.h, from its BTF. */

struct btf;
struct kernel_layout;

void kernel_layout_read(struct kernel_layout *, const struct btf *,
                        const struct btf *base);

#endif /* extension/kernel-layout.h */
