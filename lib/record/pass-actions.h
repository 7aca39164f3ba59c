/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_ACTIONS_H
#define LIB_PASS_ACTIONS_H 1

/* The actions of a pass as attributes OVS_ACTION_ATTR_*: those of its flow, or
 * of the request to execute them. */

#include "openvswitch/ofpbuf.h"
#include "record/record.h"

struct kernel_layout;
struct pass;

struct pass_actions {
    struct upcall_attrs attrs;  /* 'data' is NULL if they are unknown. */
    size_t missing;             /* Bytes that follow them, in the encoding of
                                 * the kernel or of the request. */
    struct ofpbuf decoded;      /* Of the kernel's own form. */
    uint64_t stub[512 / 8];

    /* If it is known which of them were executed: where the kernel has each,
     * as for kernel_actions_find(). */
    struct ofpbuf offsets;
    uint32_t offsets_stub[64];
};

void pass_actions_init(struct pass_actions *, const struct pass *,
                       const struct kernel_layout *);
void pass_actions_init_first(struct pass_actions *, const struct pass *,
                             const struct kernel_layout *);
void pass_actions_uninit(struct pass_actions *);

#endif /* lib/record/pass-actions.h */
