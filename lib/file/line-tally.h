/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_LINE_TALLY_H
#define LIB_LINE_TALLY_H 1

/* Counts the lines of a file that is written: what was given to
 * packed_file_write(), and of that what is in the file even if no more can be
 * written (packed_file_safe()). */

#include <stddef.h>
#include <stdint.h>

/* What is counted. */
struct line_counts {
    uint64_t upcalls, passes;
    uint64_t missed;            /* Records of gaps. */
};

struct tallied_line;

struct line_tally {
    struct line_counts given;   /* All. */
    struct line_counts safe;    /* Of these, those in the file. */
    struct tallied_line *lines; /* The others, of which */
    size_t head;                /* these are not in use any more, up to */
    size_t n, allocated;
};

void line_tally_init(struct line_tally *);
void line_tally_uninit(struct line_tally *);
void line_tally_give(struct line_tally *, const struct line_counts *,
                     uint64_t end);
void line_tally_settle(struct line_tally *, uint64_t safe);

#endif /* lib/file/line-tally.h */
