/* SPDX-License-Identifier: Apache-2.0 */

/* Points in time, as users write them. */

#include <config.h>
#include "base/moment.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "openvswitch/util.h"
#include "util.h"

#define NS ((int64_t) NS_PER_SECOND)
#define MINUTE (60 * NS)
#define HOUR (60 * MINUTE)

/* Years that have a time in ns since the epoch. */
#define YEAR_MIN 1970
#define YEAR_MAX 2200

/* Takes the 'n' digits that '*s' begins with, a number of at most 'max', and
 * stores it in '*number'.  Returns false if they are anything else. */
static bool
take_number(const char **s, int n, int max, int *number)
{
    *number = 0;
    for (int i = 0; i < n; i++, ++*s) {
        if (**s < '0' || **s > '9') {
            return false;
        }
        *number = *number * 10 + (**s - '0');
    }
    return *number <= max;
}

/* Takes 'c', if '*s' begins with it. */
static bool
take(const char **s, char c)
{
    bool has = **s == c;

    *s += has;
    return has;
}

/* Takes the digits behind a point, of which there are at most 9, and adds
 * their part of a second to '*ns'. */
static bool
take_fraction(const char **s, int64_t *ns)
{
    size_t n = strspn(*s, "0123456789");
    int64_t each = NS;

    if (!n || n > 9) {
        return false;
    }
    while (n--) {
        each /= 10;
        *ns += (*(*s)++ - '0') * each;
    }
    return true;
}

/* Takes "14:05", "14:05:30" or "14:05:30.25", and stores how long that is
 * after midnight in '*ns'. */
static bool
take_time(const char **s, int64_t *ns)
{
    int hour, minute, second = 0;
    bool has_second;

    if (!take_number(s, 2, 23, &hour) || !take(s, ':')
        || !take_number(s, 2, 59, &minute)) {
        return false;
    }
    has_second = take(s, ':');
    if (has_second && !take_number(s, 2, 59, &second)) {
        return false;
    }
    *ns = hour * HOUR + minute * MINUTE + second * NS;
    return !has_second || !take(s, '.') || take_fraction(s, ns);
}

/* Takes "2026-11-29". */
static bool
take_date(const char **s, struct tm *tm)
{
    int year, month;

    memset(tm, 0, sizeof *tm);
    tm->tm_isdst = -1;
    if (!take_number(s, 4, YEAR_MAX, &year) || year < YEAR_MIN
        || !take(s, '-') || !take_number(s, 2, 12, &month) || !month
        || !take(s, '-') || !take_number(s, 2, 31, &tm->tm_mday)
        || !tm->tm_mday) {
        return false;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return true;
}

/* Takes a zone, "Z" or "+01:00", if there is one: then '*has' becomes true,
 * and '*ns' how far it is ahead of UTC. */
static bool
take_zone(const char **s, bool *has, int64_t *ns)
{
    bool behind = **s == '-';

    *ns = 0;
    *has = take(s, 'Z');
    if (!*has && (**s == '+' || behind)) {
        ++*s;
        *has = true;
        if (!take_time(s, ns)) {
            return false;
        }
        *ns = behind ? -*ns : *ns;
    }
    return true;
}

/* Stores the time 'ns' after the beginning of 'day' in '*result', in ns since
 * the epoch.  'has_zone' says whether that is of a zone which is 'zone' ahead
 * of UTC.  Returns false if there is no such day. */
static bool
make_date(const struct tm *day, int64_t ns, bool has_zone, int64_t zone,
          int64_t *result)
{
    struct tm tm = *day;
    time_t t;

    tm.tm_hour = ns / HOUR;
    tm.tm_min = ns % HOUR / MINUTE;
    tm.tm_sec = ns % MINUTE / NS;
    t = has_zone ? timegm(&tm) : mktime(&tm);
    *result = t * NS + ns % NS - zone;
    return tm.tm_mday == day->tm_mday;
}

static bool
parse_date(const char *s, struct moment *m)
{
    struct tm day;
    int64_t ns = 0, zone = 0;
    bool has_zone = false;

    m->kind = MOMENT_DATE;
    return (take_date(&s, &day)
            && (!*s || ((take(&s, 'T') || take(&s, ' ')) && take_time(&s, &ns)
                        && take_zone(&s, &has_zone, &zone) && !*s))
            && make_date(&day, ns, has_zone, zone, &m->ns));
}

static bool
parse_time(const char *s, struct moment *m)
{
    m->kind = MOMENT_OF_DAY;
    return take_time(&s, &m->ns) && !*s;
}

static bool
parse_duration(const char *s, struct moment *m)
{
    char *with_unit = xasprintf("%ss", s);
    uint64_t ns = 0;
    bool ok = duration_parse(s, &ns) || duration_parse(with_unit, &ns);

    m->kind = MOMENT_FROM_START;
    m->ns = ns;
    free(with_unit);
    return ok;
}

/* Stores the point in time that 's' is in '*m'.  Returns false if it is
 * none. */
bool
moment_parse(const char *s, struct moment *m)
{
    return parse_duration(s, m) || parse_time(s, m) || parse_date(s, m);
}

/* Returns the time of day 'ns', as a clock on the wall shows it, 'days' days
 * after the day in which 'start' is, both in ns since the epoch.  On
 * days on which clocks change, this is not as long after midnight. */
static int64_t
time_of_day(int64_t start, int days, int64_t ns)
{
    time_t t = start / NS;
    struct tm tm;

    localtime_r(&t, &tm);
    tm.tm_mday += days;
    tm.tm_hour = ns / HOUR;
    tm.tm_min = ns % HOUR / MINUTE;
    tm.tm_sec = ns % MINUTE / NS;
    tm.tm_isdst = -1;
    return mktime(&tm) * NS + ns % NS;
}

/* Returns when 'm', which must have been given, is for a trace that began at
 * 'start', both in ns since the epoch.  A time of day that is more than 12
 * hours before the start is of the next day. */
int64_t
moment_resolve(const struct moment *m, int64_t start)
{
    int64_t result;

    switch (m->kind) {
    case MOMENT_FROM_START:
        return start > INT64_MAX - m->ns ? INT64_MAX : start + m->ns;
    case MOMENT_OF_DAY:
        result = time_of_day(start, 0, m->ns);
        return (start - result > 12 * HOUR ? time_of_day(start, 1, m->ns)
                : result);
    case MOMENT_DATE:
        return m->ns;
    case MOMENT_NONE:
    default:
        OVS_NOT_REACHED();
    }
}
