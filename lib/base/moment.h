/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_MOMENT_H
#define LIB_MOMENT_H 1

/* Points in time, in one grammar for all that takes them:
 *
 *   12.5, 300ms                so long after a trace began, in seconds or with
 *                              a unit of duration.h
 *   14:05, 14:05:30.25         a time of day
 *   2026-11-29                 the beginning of a day
 *   2026-11-29T14:05[:30.25]   a time of a day; a space may be there for 'T',
 *                              and behind it "Z" or "+01:00"
 *
 * Times are those of the zone of the process, where no other is said. */

#include <stdbool.h>
#include <stdint.h>

/* What moment_parse() takes, for errors. */
#define MOMENT_FORMS "seconds from the start of the trace (12.5, 300ms), a " \
    "time of day (14:05:30), or a date (2026-11-29T14:05:30)"

enum moment_kind {
    MOMENT_NONE,                /* Not given. */
    MOMENT_FROM_START,
    MOMENT_OF_DAY,
    MOMENT_DATE
};

struct moment {
    enum moment_kind kind;
    int64_t ns;                 /* Since the start, since midnight, or since
                                 * the epoch. */
};

bool moment_parse(const char *, struct moment *);
int64_t moment_resolve(const struct moment *, int64_t start);

#endif /* lib/base/moment.h */
