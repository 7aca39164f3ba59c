/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SHOW_H
#define EXTENSION_SHOW_H 1

/* Records of the history, for upcall-trace/show, passes and read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/history.h"

struct answer;
struct session_view;

enum show_form {
    SHOW_UPCALLS,               /* A paragraph for each record, and what there
                                 * is of passes with their upcall. */
    SHOW_RECORDS,               /* A paragraph for each record. */
    SHOW_EVENTS,                /* A line for each event. */
};

void show_add(const struct session_view *, uint64_t seq, enum show_form,
              struct answer *);

/* An upcall, or a pass, that is looked for. */
struct show_id {
    uint64_t id;
    uint64_t seq;               /* Record of it; 0 as long as not found. */
};

bool show_find_ids(const struct history *, enum history_kind,
                   struct show_id *, size_t n, struct answer *);

char *show_check_after(const struct history *, uint64_t after);

#endif /* extension/show.h */
