/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONDITION_H
#define LIB_CONDITION_H 1

/* Conditions on an upcall, any of which is worth a look at what came before
 * and after: that it was lost, or that a stage took too long. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct ds;

struct conditions {
    bool lost;                  /* UPCALL_LOST. */
    uint64_t min_ns[UPCALL_N_STAGES];   /* More than so long; UINT64_MAX for
                                         * never. */
};

void conditions_init(struct conditions *);
bool conditions_is_set(const struct conditions *);
bool conditions_add(struct conditions *, const char *condition);
bool conditions_match(const struct conditions *, const struct upcall_record *);

/* The conditions that are set, as conditions_add() takes them. */
bool conditions_format(const struct conditions *, size_t number, struct ds *);

#endif /* lib/store/condition.h */
