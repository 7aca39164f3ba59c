/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_CHECK_H
#define LIB_FORWARD_CHECK_H 1

/* Checks what a sender says are the lines of a trace, before they are written
 * to a file that has to be readable. */

#include <stdbool.h>
#include <stddef.h>

#include "file/forward-queue.h"

/* Most bytes of the first or last line of a trace, of which the first is kept
 * as long as the trace lasts.  The longest options of the daemon are filters,
 * which have 8192 bytes each. */
#define FORWARD_OUTER_MAX (128 * 1024)

/* Most values in a line.  Those of the longest records are some thousands. */
#define FORWARD_VALUES_MAX 32768

struct forward_check;

struct forward_check *forward_check_create(void);
void forward_check_destroy(struct forward_check *);

char *forward_check_begin(struct forward_check *, const char *startup);
char *forward_check_line(struct forward_check *, const char *line, size_t len,
                         enum forward_kind *);
void forward_check_set_next_seq(struct forward_check *, uint64_t seq);
uint64_t forward_check_next_seq(const struct forward_check *);
const char *forward_check_startup(const struct forward_check *);

#endif /* lib/file/forward-check.h */
