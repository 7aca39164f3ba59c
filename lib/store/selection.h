/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SELECTION_H
#define LIB_SELECTION_H 1

/* A choice of upcalls, or of passes, among those that were recorded.  Its
 * members are those of options: see show_options in commands.h. */

#include <stdbool.h>
#include <stddef.h>

#include "store/condition.h"

struct port_map;

/* How often --where may be given. */
#define WHERE_MAX 16

/* Sets of conditions.  An upcall has to meet one condition of each. */
struct where {
    struct conditions all[WHERE_MAX];
    size_t n;
};

/* An upcall has to meet one condition of each that has any. */
struct selection {
    struct conditions classes;
    struct conditions outcomes;
    struct conditions ports;    /* By the names of input ports. */
    struct conditions min_latency;
    struct where where;
};

bool selection_is_all(const struct selection *);
bool selection_has(const struct selection *, const void *record,
                   const struct port_map *);

#endif /* lib/store/selection.h */
