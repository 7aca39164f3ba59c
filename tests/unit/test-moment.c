/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/moment.c. */

#include <config.h>

#include "base/moment.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "openvswitch/util.h"
#include "test-stats.h"
#include "util.h"

#define NS INT64_C(1000000000)

/* 2026-11-29 14:05:30 UTC. */
#define START (INT64_C(1795961130) * NS)

static void
set_zone(const char *zone)
{
    setenv("TZ", zone, true);
    tzset();
}

/* Checks that 's' is 'expected' in a trace that began at 'start'. */
static void
check_from(const char *s, int64_t start, int64_t expected)
{
    struct moment m;

    ck_assert_msg(moment_parse(s, &m), "%s", s);
    ck_assert_msg(moment_resolve(&m, start) == expected, "%s", s);
}

static void
check_moment(const char *s, int64_t expected)
{
    check_from(s, START, expected);
}

START_TEST(test_moment)
{
    set_zone("UTC");
    check_moment("12.5", START + NS * 25 / 2);
    check_moment("0", START);
    check_moment("300ms", START + NS * 3 / 10);
    check_moment("9223372036s", INT64_MAX);
    check_moment("14:05", START - 30 * NS);
    check_moment("14:05:31.25", START + NS * 5 / 4);
    check_moment("23:59:59.999999999",
                 START + (9 * 3600 + 54 * 60 + 30) * NS - 1);
    /* Before it began, on the same day. */
    check_moment("02:05:31", START - 12 * 3600 * NS + NS);
    /* More than 12 hours before: the next day. */
    check_moment("02:05:29", START + 12 * 3600 * NS - NS);
    check_moment("2026-11-29T14:05:30", START);
    check_moment("2026-11-29 14:05:30.5", START + NS / 2);
    check_moment("2026-11-29T14:05:30Z", START);
    check_moment("2026-11-29T15:05:30+01:00", START);
    check_moment("2026-11-29T08:35:30-05:30", START);
    check_moment("2026-11-30", START + (9 * 3600 + 54 * 60 + 30) * NS);
    check_moment("1970-01-01", 0);
    check_moment("2028-02-29", (INT64_C(1835395200)) * NS);
}
END_TEST

START_TEST(test_zone)
{
    set_zone("XYZ-3");          /* Three hours ahead. */
    check_moment("17:05:30", START);
    check_moment("2026-11-29T17:05:30", START);
    check_moment("2026-11-29T14:05:30Z", START);
    set_zone("UTC");
}
END_TEST

/* Days on which clocks change, in Berlin: on 2026-03-29 two o'clock is three,
 * on 2026-10-25 three is two. */
START_TEST(test_clock_change)
{
    const int64_t spring = INT64_C(1774742400) * NS;    /* 00:00 UTC. */
    const int64_t autumn = INT64_C(1792886400) * NS;    /* The same. */
    const int64_t hour = 3600 * NS;

    set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    check_from("01:30", spring, spring + hour / 2);
    check_from("14:05:30.5", spring + 12 * hour,
               spring + 12 * hour + 11 * (hour / 120) + NS / 2);
    check_from("2026-03-29 14:05:30", spring,
               spring + 12 * hour + 11 * (hour / 120));
    check_from("01:30", autumn, autumn - hour / 2);
    check_from("14:05", autumn + 13 * hour, autumn + 13 * hour + hour / 12);
    /* The next day, which is 23 or 25 hours later. */
    check_from("01:30", spring - 24 * hour + 23 * hour,
               spring + hour / 2);
    check_from("00:30", spring + 21 * hour, spring + 22 * hour + hour / 2);
    check_from("01:30", autumn + 22 * hour, autumn + 24 * hour + hour / 2);
    set_zone("UTC");
}
END_TEST

START_TEST(test_wrong)
{
    static const char *const wrong[] = {
        "", "x", "-1", "+1", "1.", ".5", "1e3", "5 ms", ":05", "14:5",
        "14:05:", "24:00", "14:60", "14:05:60", "14:05.5", "14:05:30.",
        "14:05:30.1234567890", "14:05:30Z", "2026-11",
        "2026-11-31", "2027-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
        "1969-12-31", "2201-01-01", "2026-11-29T", "2026-11-29T14",
        "2026-11-29T14:05:30+", "2026-11-29T14:05:30+1",
        "2026-11-29T14:05:30ZZ", "2026-11-29Z", "2026-11-29x14:05",
        "99999999999999999999",
    };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct moment m;

        ck_assert_msg(!moment_parse(wrong[i], &m), "%s", wrong[i]);
    }
}
END_TEST

TCase *
moment_tcase(void)
{
    TCase *tc = tcase_create("moment");

    tcase_add_test(tc, test_moment);
    tcase_add_test(tc, test_zone);
    tcase_add_test(tc, test_clock_change);
    tcase_add_test(tc, test_wrong);
    return tc;
}
