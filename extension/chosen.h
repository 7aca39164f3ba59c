/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CHOSEN_H
#define EXTENSION_CHOSEN_H 1

/* Records of one kind that a client chooses, for upcall-trace/show and
 * upcall-trace/passes. */

#include "store/history.h"

struct commands;
struct request;

void chosen_reply(struct commands *, const struct request *,
                  enum history_kind);

#endif /* extension/chosen.h */
