/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HISTORY_RELATION_H
#define LIB_HISTORY_RELATION_H 1

/* How the record of a pass is related to others. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum history_relation {
    HISTORY_SELF,               /* It is the pass with a number. */
    HISTORY_EXECUTE,            /* It is an execute of an upcall. */
    HISTORY_CHILD,              /* It was recirculated by a pass. */
    HISTORY_N_RELATIONS
};

bool history_relation_get(const void *record, size_t size,
                          enum history_relation, uint64_t *idp);

#endif /* lib/store/history-relation.h */
