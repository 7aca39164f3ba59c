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
bool kernel_field_has_size(const struct kernel_layout *, enum kernel_field,
                           size_t size);

const void *kernel_pointed_find(const struct kernel_pointed *, int kind,
                                size_t offset, size_t *len);
const char *kernel_pointed_helper(const struct kernel_pointed *,
                                  size_t offset);

bool kernel_actions_decode_ct(const struct kernel_layout *,
                              const struct nlattr *, const char *helper,
                              struct ofpbuf *);
bool kernel_actions_decode_tunnel(const struct kernel_layout *,
                                  const void *info, size_t size,
                                  struct ofpbuf *);

#endif /* lib/record/kernel-actions-private.h */
