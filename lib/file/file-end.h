/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FILE_END_H
#define LIB_FILE_END_H 1

/* The last line of a file with a trace. */

#include <stdint.h>

struct ds;

struct file_end {
    const char *first_line;     /* Of the file. */
    const char *text;           /* JSON of the end of the trace, or NULL. */
    const char *why;            /* Why the file ends, NULL if it is in
                                 * 'text'. */
    uint64_t records, missed;   /* Of this file. */
    const char *next;           /* The file that follows, or NULL. */
};

void file_end_put(struct ds *, const struct file_end *);

#endif /* lib/file/file-end.h */
