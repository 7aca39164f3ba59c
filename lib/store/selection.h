/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SELECTION_H
#define LIB_SELECTION_H 1

/* A choice of upcalls among those that were recorded: options of
 * upcall-trace/show, see commands.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/port-names.h"

struct port_map;
struct upcall_record;

struct selection {
    uint32_t classes;           /* Bit (1u << enum upcall_class), or all. */
    uint32_t outcomes;          /* Bit (1u << enum upcall_outcome), or all. */
    struct port_names ports;    /* Names of input ports; empty for all. */
    uint64_t min_latency;       /* Of UPCALL_STAGE_TOTAL, in us; 0 for all. */
};

bool selection_is_all(const struct selection *);
bool selection_has(const struct selection *, const struct upcall_record *,
                   const struct port_map *);

#endif /* lib/store/selection.h */
