/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_DROP_H
#define LIB_PASS_DROP_H 1

/* Whether, and why, the packet of a pass was dropped. */

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct kernel_layout;
struct pass;

/* Why the kernel drops the packet of a flow that does nothing else, since
 * Linux 6.7 (do_execute_actions() in net/openvswitch/actions.c, and
 * net/openvswitch/drop.h, Linux 6.7 to 7.2).
 *
 * X(ENUM, REASON) */
#define FLOW_DROPS                                                      \
    X(LAST_ACTION, "OVS_DROP_LAST_ACTION")      /* No actions. */        \
    X(EXPLICIT, "OVS_DROP_EXPLICIT")            /* A drop with 0, */     \
    X(EXPLICIT_WITH_ERROR, "OVS_DROP_EXPLICIT_WITH_ERROR") /* or not. */

enum flow_drop {
#define X(ENUM, REASON) FLOW_DROP_##ENUM,
    FLOW_DROPS
#undef X
    FLOW_N_DROPS
};

/* A drop of a packet, or of a copy of it, within a pass. */
struct packet_drop {
    bool has_reason;            /* Is 'reason' known? */
    uint32_t reason;            /* The kernel's number, */
    const char *name;           /* and its name, NULL if unknown. */
    bool has_time;              /* Is 'ns' known? */
    uint32_t ns;                /* When, from the begin of the pass. */
    enum flow_drop by_flow;     /* If only the flow tells of it: what that
                                 * does, else FLOW_N_DROPS. */
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
bool kernel_flow_drop_reason(const struct kernel_layout *, enum flow_drop,
                             uint32_t *reason);

#endif /* lib/record/pass-drop.h */
