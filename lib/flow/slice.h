/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SLICE_H
#define LIB_SLICE_H 1

/* Parts of a text that is read line by line. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A line, or a part of one, within a text. */
struct slice {
    const char *s;
    size_t n;
};

/* Takes the first line out of '*textp'.  Returns false if there is none. */
static inline bool
slice_next_line(const char **textp, struct slice *line)
{
    line->s = *textp;
    line->n = strcspn(line->s, "\n");
    *textp += line->n + (line->s[line->n] != '\0');
    return line->s[0] != '\0';
}

/* Returns true if 'slice' is 's'. */
static inline bool
slice_is(const struct slice *slice, const char *s)
{
    return slice->n == strlen(s) && !memcmp(slice->s, s, slice->n);
}

/* If 'line' starts with 'prefix', removes that and returns true. */
static inline bool
slice_skip(struct slice *line, const char *prefix)
{
    size_t n = strlen(prefix);

    if (line->n < n || memcmp(line->s, prefix, n)) {
        return false;
    }
    line->s += n;
    line->n -= n;
    return true;
}

/* Removes spaces from the start of 'line' and returns how many. */
static inline size_t
slice_skip_spaces(struct slice *line)
{
    size_t n = 0;

    while (n < line->n && line->s[n] == ' ') {
        n++;
    }
    line->s += n;
    line->n -= n;
    return n;
}

#endif /* lib/flow/slice.h */
