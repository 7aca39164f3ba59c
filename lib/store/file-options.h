/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FILE_OPTIONS_H
#define LIB_FILE_OPTIONS_H 1

/* Options with which commands that read files choose records. */

#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/option-kind.h"
#include "store/selection.h"

/* How many ids may be given. */
#define RECORD_IDS_MAX 64

/* Ids of upcalls ("17") and passes ("p18").  All zeros has none. */
struct record_ids {
    uint64_t words[RECORD_IDS_MAX];     /* First words of their records. */
    size_t n;
};

extern const struct option_kind option_kind_ids;        /* struct record_ids */
extern const struct option_kind option_kind_moment;     /* struct moment */

/* What is chosen: a record that meets all of these. */
struct file_choice {
    struct selection selection;
    struct moment since, until; /* When it began. */
    struct record_ids ids;
};

void record_id_put(struct ds *, uint64_t word);

#endif /* lib/store/file-options.h */
