/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRIGGER_H
#define LIB_TRIGGER_H 1

/* Conditions on an upcall, any of which is worth a look at what came before
 * and after: that it was lost, or that a stage took too long. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct ds;

struct trigger {
    bool lost;                  /* UPCALL_LOST. */
    uint64_t min_ns[UPCALL_N_STAGES];   /* More than so long; UINT64_MAX for
                                         * never. */
};

void trigger_init(struct trigger *);
bool trigger_is_set(const struct trigger *);
bool trigger_parse(struct trigger *, const char *condition);
bool trigger_fires(const struct trigger *, const struct upcall_record *);

/* The conditions that are set, as trigger_parse() takes them. */
bool trigger_format(const struct trigger *, size_t number, struct ds *);

#endif /* lib/store/trigger.h */
