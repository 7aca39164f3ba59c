/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_KERNEL_ACTIONS_PRIVATE_H
#define LIB_KERNEL_ACTIONS_PRIVATE_H 1

/* For the kernel-actions*.c only. */

#include "record/kernel-actions.h"

struct nlattr;

uint64_t kernel_field_get(const struct kernel_layout *, enum kernel_field,
                          const void *structure);
const void *kernel_field_find(const struct kernel_layout *, enum kernel_field,
                              const void *structure);
bool kernel_fields_fit(const struct kernel_layout *, enum kernel_field first,
                       enum kernel_field last, size_t size);

bool kernel_actions_decode_ct(const struct kernel_layout *,
                              const struct nlattr *, struct ofpbuf *);

#endif /* lib/record/kernel-actions-private.h */
