/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass-drop.h"

#include <inttypes.h>
#include <string.h>

#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/kernel-actions.h"
#include "record/pass.h"
#include "util.h"

/* Returns true if a meter is known to have dropped the packet of 'p'.  Before
 * Linux 6.7, the kernel does not tell that as a drop. */
static bool
meter_has_dropped(const struct pass *p)
{
    for (size_t i = 0; i < p->n_executed; i++) {
        if (p->executed[i].result == PASS_METER_DROPS) {
            return true;
        }
    }
    return false;
}

/* Returns what the 'len' bytes at 'actions', in the encoding of the kernel, do
 * if they begin with OVS_ACTION_ATTR_DROP, else FLOW_N_DROPS.  Before Linux
 * 6.7, its number is that of OVS_ACTION_ATTR_SET_TO_MASKED, in which there is
 * more. */
static enum flow_drop
get_first_drop(const void *actions, size_t len)
{
    const struct nlattr *a = actions;

    if (!nl_attr_is_valid(a, len) || nl_attr_type(a) != ACTION_DROP
        || nl_attr_get_size(a) != sizeof(uint32_t)) {
        return FLOW_N_DROPS;
    }
    return (nl_attr_get_u32(a) ? FLOW_DROP_EXPLICIT_WITH_ERROR
            : FLOW_DROP_EXPLICIT);
}

/* Returns how the flow of 'p' drops the packet, if it is known to do nothing
 * else, or FLOW_N_DROPS. */
static enum flow_drop
get_flow_drop(const struct pass *p)
{
    return (p->rec->lookup != PASS_HIT || !p->actions ? FLOW_N_DROPS
            : !p->actions_len ? FLOW_DROP_LAST_ACTION
            : get_first_drop(p->actions, p->actions_len));
}

/* Sets the reason of 'd' if only the flow tells of it, and the kernel of
 * 'layout' has such reasons. */
static void
set_reason_of_flow(struct packet_drop *d, const struct kernel_layout *layout)
{
    if (layout && d->by_flow < FLOW_N_DROPS
        && kernel_flow_drop_reason(layout, d->by_flow, &d->reason)) {
        d->has_reason = true;
        d->name = kernel_drop_name(layout, d->reason);
    }
}

/* Returns true if the packet of 'p', or a copy, is known to have been dropped,
 * and stores what is known of that in '*d'.  Names, and the reason where only
 * the flow tells of the drop, come from 'layout', which may be NULL.
 *
 * This is so if the kernel said so, or if its actions cannot have done
 * anything else. */
bool
pass_get_drop(const struct pass *p, const struct kernel_layout *layout,
              struct packet_drop *d)
{
    const struct pass_record *rec = p->rec;

    memset(d, 0, sizeof *d);
    d->by_flow = FLOW_N_DROPS;
    if (rec->flags & PASS_F_DROP) {
        d->has_reason = d->has_time = true;
        d->reason = rec->drop_reason;
        d->name = layout ? kernel_drop_name(layout, d->reason) : NULL;
        d->ns = rec->drop_ns;
        d->count = MAX(rec->n_drops, 1);
        return true;
    }
    d->count = 1;
    d->by_flow = get_flow_drop(p);
    set_reason_of_flow(d, layout);
    return d->by_flow < FLOW_N_DROPS || meter_has_dropped(p);
}

/* Appends the reason of 'd', its number if it has no name, nothing if it is
 * not known. */
void
packet_drop_format(const struct packet_drop *d, struct ds *ds)
{
    if (d->name) {
        ds_put_cstr(ds, d->name);
    } else if (d->has_reason) {
        ds_put_format(ds, "reason %#"PRIx32, d->reason);
    }
}

/* Returns true if 'd' says that the last action that was executed dropped the
 * packet.  Else it may have been dropped because there were no more actions:
 * OVS_DROP_LAST_ACTION, or before Linux 6.7 NOT_SPECIFIED, which is the reason
 * of all drops of net/openvswitch/actions.c there.  Of a meter that dropped it
 * without a reason, the result is known. */
bool
packet_drop_is_by_action(const struct packet_drop *d)
{
    return !d->has_reason || (d->name
                              && strcmp(d->name, "OVS_DROP_LAST_ACTION")
                              && strcmp(d->name, "NOT_SPECIFIED"));
}

/* Returns the kernel's name for 'reason', one of enum skb_drop_reason or of
 * enum ovs_drop_reason, or NULL if it is not known. */
const char *
kernel_drop_name(const struct kernel_layout *layout, uint32_t reason)
{
    for (size_t i = 0; i < layout->n_drops; i++) {
        if (layout->drops[i].reason == reason) {
            return layout->drops[i].name;
        }
    }
    return NULL;
}

/* Returns true if the kernel of 'layout' has a reason for what 'drop' says,
 * and stores it in '*reason'. */
bool
kernel_flow_drop_reason(const struct kernel_layout *layout,
                        enum flow_drop drop, uint32_t *reason)
{
    static const char *const names[] = {
#define X(ENUM, REASON) [FLOW_DROP_##ENUM] = REASON,
        FLOW_DROPS
#undef X
    };

    for (size_t i = 0; i < layout->n_drops; i++) {
        if (!strcmp(layout->drops[i].name, names[drop])) {
            *reason = layout->drops[i].reason;
            return true;
        }
    }
    return false;
}

/* Returns true if the kernel of 'layout' tells why Open vSwitch drops packets,
 * and not only that it does: since Linux 6.7, with reasons of a subsystem of
 * its own, whose number is in the upper half (SKB_DROP_REASON_SUBSYS_SHIFT in
 * include/net/dropreason-core.h). */
bool
kernel_tells_ovs_drops(const struct kernel_layout *layout)
{
    for (size_t i = 0; i < layout->n_drops; i++) {
        if (layout->drops[i].reason >> 16) {
            return true;
        }
    }
    return false;
}
