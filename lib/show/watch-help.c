/* SPDX-License-Identifier: Apache-2.0 */

/* The help that watch shows on the screen. */

#include <config.h>

#include "openvswitch/util.h"
#include "show/watch-screen.h"
#include "util.h"

/* What is explained.  The most useful comes first, as small screens show no
 * more. */
static const struct line {
    const char *what, *text;
} lines[] = {
    { "v, V", "next view, the one before (also Tab)" },
    { "s, S", "sort by the next column, the one before (> <)" },
    { "p", "pause, go on (also space)" },
    { "r", "reset: count from now on" },
    { "arrows", "scroll a view (also PgUp, PgDn, Home)" },
    { "Ctrl-L", "draw the screen anew" },
    { "h, ?", "this help; any key leaves it" },
    { "q", "quit" },
    { "", "" },
    { "p50...", "percentiles in the last interval" },
    { "all", "since the start or the last reset" },
    { "lost", "upcalls that did not get to a handler" },
    { "dropped", "records that the trace had no room for" },
    { "missed", "records that came too fast for this view" },
    { "cpu", "of a CPU, that the thread has used" },
    { "queue", "most upcalls behind one that was received" },
    { "drops", "messages for which a socket had no room" },
    { "wait", "how long upcalls were in the queue" },
    { "lookup", "how long the flow lookup of passes took" },
    { "-", "unknown, or there was none" },
};

/* Puts the help on 's', in 'n_rows' rows from 'row' on. */
void
watch_help_draw(struct watch_screen *s, size_t row, size_t n_rows)
{
    size_t n = MIN(n_rows, ARRAY_SIZE(lines));

    for (size_t i = 0; i < n; i++) {
        watch_screen_put(s, row + i, 0, WATCH_STRONG, lines[i].what);
        watch_screen_put(s, row + i, 9, WATCH_PLAIN, lines[i].text);
    }
}
