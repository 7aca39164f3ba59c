/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PORTIDS_H
#define LIB_PORTIDS_H 1

/* The generic netlink sockets that exist in a network namespace. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct portids {
    uint32_t *ids;              /* Netlink portids, in ascending order. */
    size_t n, allocated;
};

bool portids_read(const char *file, struct portids *);
bool portids_parse(FILE *, struct portids *);
bool portids_contains(const struct portids *, uint32_t portid);
void portids_destroy(struct portids *);

#endif /* lib/store/portids.h */
