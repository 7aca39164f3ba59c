/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_DROP_H
#define LIB_PASS_DROP_H 1

/* Whether, and why, the packet of a pass was dropped. */

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct kernel_layout;
struct pass;

/* A drop of a packet, or of a copy of it, within a pass. */
struct packet_drop {
    bool has_reason;            /* Is 'reason' known? */
    uint32_t reason;            /* The kernel's number, */
    const char *name;           /* and its name, NULL if unknown. */
    bool has_time;              /* Is 'ns' known? */
    uint32_t ns;                /* When, from the begin of the pass. */
    unsigned int count;         /* How often this pass has dropped the packet
                                 * or a copy; the rest is about the first
                                 * time, or the first one that was not for
                                 * having no more actions. */
};

bool pass_get_drop(const struct pass *, const struct kernel_layout *,
                   struct packet_drop *);
void packet_drop_format(const struct packet_drop *, struct ds *);
bool packet_drop_is_by_action(const struct packet_drop *);
bool kernel_tells_ovs_drops(const struct kernel_layout *);
const char *kernel_drop_name(const struct kernel_layout *, uint32_t reason);

#endif /* lib/record/pass-drop.h */
