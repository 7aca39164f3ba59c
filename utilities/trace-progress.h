/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_PROGRESS_H
#define UTILITIES_TRACE_PROGRESS_H 1

/* A line of standard error that says how far something has come. */

#include <stdbool.h>

#include "openvswitch/compiler.h"

struct progress {
    bool is_on;                 /* Is it to be shown at all? */
    bool is_shown;              /* Is there a line with it? */
    unsigned int n_items;       /* Since it was looked at. */
    long long int next;         /* When it is due, time_msec(). */
};

void progress_init(struct progress *, bool prints);
bool progress_is_late(const struct progress *);
bool progress_is_due(struct progress *);
void progress_show(struct progress *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void progress_clear(struct progress *);

#endif /* utilities/trace-progress.h */
