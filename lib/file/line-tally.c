/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/line-tally.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* A line that may not be in the file. */
struct tallied_line {
    struct line_counts counts;
    uint64_t end;               /* Bytes of the file up to its end. */
};

/* Prepares 't', which the caller frees with line_tally_uninit(). */
void
line_tally_init(struct line_tally *t)
{
    memset(t, 0, sizeof *t);
}

/* Frees what 't' needs. */
void
line_tally_uninit(struct line_tally *t)
{
    free(t->lines);
}

static void
add(struct line_counts *sum, const struct line_counts *counts)
{
    sum->upcalls += counts->upcalls;
    sum->passes += counts->passes;
    sum->missed += counts->missed;
}

/* Notes that a line with 'counts' was given, after which there are 'end' bytes
 * in all, before they are compressed. */
void
line_tally_give(struct line_tally *t, const struct line_counts *counts,
                uint64_t end)
{
    if (t->head > t->n / 2) {
        t->n -= t->head;
        memmove(t->lines, t->lines + t->head, t->n * sizeof *t->lines);
        t->head = 0;
    }
    if (t->n >= t->allocated) {
        t->lines = x2nrealloc(t->lines, &t->allocated, sizeof *t->lines);
    }
    t->lines[t->n++] = (struct tallied_line) { *counts, end };
    add(&t->given, counts);
}

/* Notes that the first 'safe' bytes are in the file. */
void
line_tally_settle(struct line_tally *t, uint64_t safe)
{
    while (t->head < t->n && t->lines[t->head].end <= safe) {
        add(&t->safe, &t->lines[t->head++].counts);
    }
}
