/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_NETLINK_SOCKETS_H
#define LIB_NETLINK_SOCKETS_H 1

/* The generic netlink sockets that exist in a network namespace. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct netlink_sockets {
    uint32_t *portids;          /* Their netlink portids, in ascending
                                 * order. */
    size_t n, allocated;
};

bool netlink_sockets_read(const char *file, struct netlink_sockets *);
bool netlink_sockets_parse(FILE *, struct netlink_sockets *);
bool netlink_sockets_contain(const struct netlink_sockets *, uint32_t portid);
void netlink_sockets_destroy(struct netlink_sockets *);

#endif /* lib/store/netlink-sockets.h */
