/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ACTION_H
#define LIB_ACTION_H 1

/* Actions as attributes OVS_ACTION_ATTR_*, as they are in netlink messages,
 * and the lists of actions in them.
 *
 * Where the kernel's own encoding of an action is the source, see
 * kernel-actions.h, something may be unknown:
 *
 *   - The tunnel of OVS_ACTION_ATTR_SET: then its OVS_KEY_ATTR_TUNNEL is
 *     empty.  The kernel takes none without a TTL (ip_tun_from_nlattr() in
 *     net/openvswitch/flow_netlink.c of Linux 5.17 to 7.2).
 *
 *   - The helper of OVS_ACTION_ATTR_CT: then it is ACTION_UNKNOWN_HELPER,
 *     which is none of the kernel's.
 *
 *   - Everything: then the attribute has ACTION_RAW added to its type, and the
 *     bytes that the kernel has, whatever these are. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct nlattr;

/* Actions of the kernel whose numbers are another's, or nobody's, in OVS
 * 3.1. */
enum {
    ACTION_DEC_TTL = 23,
    ACTION_DROP = 24,
    ACTION_PSAMPLE = 25
};

/* Attributes of these. */
enum {
    ACTION_DEC_TTL_ACTIONS = 1,         /* OVS_DEC_TTL_ATTR_ACTION */
    ACTION_PSAMPLE_GROUP = 1,           /* OVS_PSAMPLE_ATTR_GROUP */
    ACTION_PSAMPLE_COOKIE = 2           /* OVS_PSAMPLE_ATTR_COOKIE */
};

#define ACTION_RAW 0x2000
#define ACTION_UNKNOWN_HELPER "?"

/* The kernel allows 16 levels of actions (OVS_COPY_ACTIONS_MAX_DEPTH in
 * net/openvswitch/flow_netlink.c of Linux 6.1 to 7.2). */
#define ACTION_MAX_DEPTH 16

bool action_is_raw(const struct nlattr *);
int action_number(const struct nlattr *);
bool action_is_unknown_tunnel(const struct nlattr *);
bool action_has_unknown_helper(const struct nlattr *);
bool action_is_unknown_helper(const struct nlattr *helper);
const struct nlattr *action_set_key(const struct nlattr *);

/* Most lists that an action has. */
#define ACTION_LISTS_MAX 2

size_t action_lists(const struct nlattr *,
                    struct upcall_attrs lists[ACTION_LISTS_MAX]);
bool action_walk(const struct upcall_attrs *,
                 bool (*cb)(const struct nlattr *, void *aux), void *aux);
const struct nlattr *action_nth(const struct upcall_attrs *, size_t n);
size_t action_recirc_ids(const struct upcall_attrs *, uint32_t ids[],
                         size_t max);

#endif /* lib/record/action.h */
