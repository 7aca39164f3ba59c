/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_PAGER_H
#define UTILITIES_TRACE_PAGER_H 1

/* Standard output of what prints as much as there is and then ends: through
 * the pager of the user, if it is a terminal. */

#include <stdbool.h>
#include <stdio.h>

#include "openvswitch/dynamic-string.h"

struct program;

struct paged {
    struct ds ds;               /* What is to be printed: users append. */
    bool color;                 /* Is text to have colors? */
    bool is_closed;             /* Does nobody read it any more? */

    /* For the implementation. */
    bool wants_pager;           /* Is one to be started? */
    FILE *pager;                /* NULL if there is none. */
    struct ds first;            /* What it got first, in case that it is no
                                 * command. */
    int error;                  /* Why nothing can be written, or 0. */
};

void paged_init(struct paged *, const struct program *);
void paged_run(struct paged *);
int paged_finish(struct paged *);

#endif /* utilities/trace-pager.h */
