/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "timeval.h"

/* How often progress is shown, in ms, and after how many items it is looked
 * whether it is time for it. */
#define INTERVAL 500
#define ITEMS 256

/* Begins 'p'.  It is shown if standard error is a terminal, unless something
 * 'prints' meanwhile on standard output, which is one, too. */
void
progress_init(struct progress *p, bool prints)
{
    *p = (struct progress) {
        .is_on = (isatty(STDERR_FILENO)
                  && !(prints && isatty(STDOUT_FILENO))),
        .next = time_msec() + INTERVAL,
    };
}

/* Returns true if it is time to show 'p'. */
bool
progress_is_late(const struct progress *p)
{
    return p->is_on && time_msec() >= p->next;
}

/* The same, to be called for each of many items, of which it costs nothing. */
bool
progress_is_due(struct progress *p)
{
    if (!p->is_on || ++p->n_items < ITEMS) {
        return false;
    }
    p->n_items = 0;
    return progress_is_late(p);
}

/* Shows 'format' instead of what was shown before. */
void
progress_show(struct progress *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    putc('\r', stderr);
    vfprintf(stderr, format, args);
    fputs(" \033[K", stderr);
    fflush(stderr);
    va_end(args);
    p->is_shown = true;
    p->next = time_msec() + INTERVAL;
}

/* Removes the line, so that something else can be printed. */
void
progress_clear(struct progress *p)
{
    if (p->is_shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->is_shown = false;
    }
}
