/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HOLD_BACK_H
#define LIB_HOLD_BACK_H 1

/* Records that are kept back until what ovs-vswitchd tells about their flows
 * has come: the flow that an upcall has put, and the one that a pass has hit.
 *
 * They stay in their order, so that one keeps those behind it back, too, but
 * none for longer than HOLD_BACK_TIME, and no more than there is room for. */

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/list.h"

struct flow_table;
struct follow_item;

/* How long a record is kept back, in ms. */
#define HOLD_BACK_TIME 5000

/* Limits of what is kept back: records, and bytes of memory. */
#define HOLD_BACK_MAX 50000
#define HOLD_BACK_BYTES (16 << 20)

struct hold_back {
    struct ovs_list list;       /* "struct held", oldest first. */
    size_t n, bytes;
};

void hold_back_init(struct hold_back *);
void hold_back_uninit(struct hold_back *);

void hold_back_add(struct hold_back *, const struct follow_item *,
                   long long int now);
const struct follow_item *hold_back_first(const struct hold_back *,
                                          const struct flow_table *,
                                          long long int now);
void hold_back_pop(struct hold_back *);

#endif /* lib/file/hold-back.h */
