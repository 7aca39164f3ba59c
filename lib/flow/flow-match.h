/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_MATCH_H
#define LIB_FLOW_MATCH_H 1

/* What a flow matches, as the kernel has it.
 *
 * A handler puts the key of a packet and a mask in which much may be left
 * out.  What the kernel tells of the flow later, to "ovs-appctl
 * dpctl/dump-flows" for example, is the masked key and a mask that has
 * everything.  OVS's functions for text are made for the latter: what a mask
 * leaves out is exact for one of them and a wildcard for the other. */

struct ofpbuf;
struct upcall_attrs;

void flow_match_complete(const struct upcall_attrs *key,
                         const struct upcall_attrs *mask,
                         struct ofpbuf *full_key, struct ofpbuf *full_mask);

#endif /* lib/flow/flow-match.h */
