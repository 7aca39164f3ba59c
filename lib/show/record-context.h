/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_CONTEXT_H
#define LIB_RECORD_CONTEXT_H 1

#include <stdbool.h>
#include <stddef.h>

struct flow_table;
struct history;
struct kernel_layout;
struct port_map;

/* What records refer to, each NULL if it is not known. */
struct record_context {
    const struct port_map *ports;
    const struct flow_table *flows;
    const struct kernel_layout *layout;
    const struct history *history;      /* With an upcall, its passes are shown
                                         * that this has.  NULL if they are not
                                         * to be. */
    size_t *n_passes;           /* How many of them were: they are added. */
    bool raw;                   /* Is JSON to have what a record is made of
                                 * again, see record-raw.h? */
};

#endif /* lib/show/record-context.h */
