/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_TEXT_PRIVATE_H
#define LIB_FLOW_TEXT_PRIVATE_H 1

/* For the flow-text*.c only. */

#include <stdbool.h>
#include <stddef.h>

#include "flow/flow-text.h"

struct ds;

void flow_text_make_printable(struct ds *, size_t start);

bool flow_text_has_eventmask(const struct nlattr *action, int depth);
void flow_text_put_eventmask(const struct nlattr *action, struct ds *);

#endif /* lib/flow/flow-text-private.h */
