/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PACKET_FLOW_H
#define LIB_PACKET_FLOW_H 1

/* What the bytes of a packet say, as OVS sees it, for records that have no
 * flow key of the kernel. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct ds;
struct flow;
struct pass;

/* The start of a packet. */
struct packet_bytes {
    const uint8_t *data;        /* NULL if there are none. */
    size_t kept;                /* So many bytes, */
    uint32_t len;               /* of so many. */
    ovs_be32 type;              /* PT_ETH, or another packet_type of OVS. */
};

struct packet_bytes packet_bytes_of_pass(const struct pass *);

bool packet_flow_get(const struct packet_bytes *, struct flow *);
bool packet_flow_text(const struct pass *, struct ds *);

#endif /* lib/flow/packet-flow.h */
