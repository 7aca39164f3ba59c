/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/duration.c. */

#include <config.h>
#include "base/duration.h"

#include <check.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "test-stats.h"
#include "util.h"

static void
check_duration(const char *s, uint64_t expected, const char *exact,
               const char *rounded)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    uint64_t ns;

    ck_assert_msg(duration_parse(s, &ns), "%s", s);
    ck_assert_uint_eq(ns, expected);
    duration_put_exact(&ds, ns);
    ck_assert_str_eq(ds_cstr(&ds), exact);
    ds_clear(&ds);
    duration_put(&ds, ns);
    ck_assert_str_eq(ds_cstr(&ds), rounded);
    ds_destroy(&ds);
}

START_TEST(test_duration)
{
    static const char *const wrong[] = {
        "", "5", "ms", ".5s", "5.s", "5 ms", " 5ms", "-1s", "+1s", "1e3s",
        "0x5s", "infs", "nans", "1.2.3s", "5msx", "5m", "5MS", "1,5s", "0.5ns",
        "1.0005us", "9223372037s", "9223372036.854775808s",
        "9223372036854775808ns", "18446744073709551616ns",
        "99999999999999999999999999s", "1.00000000000000000000000001s",
    };

    check_duration("5ms", 5000000, "5ms", "5.0ms");
    check_duration("1.5s", UINT64_C(1500000000), "1500ms", "1.5s");
    check_duration("1.5us", 1500, "1500ns", "1.5us");
    check_duration("0.001us", 1, "1ns", "1ns");
    check_duration("2.000000000000s", UINT64_C(2000000000), "2s", "2.0s");
    check_duration("0s", 0, "0s", "0ns");
    check_duration("007ms", 7000000, "7ms", "7.0ms");
    check_duration("999950ns", 999950, "999950ns", "1.0ms");
    check_duration("9223372036854775807ns", INT64_MAX,
                   "9223372036854775807ns", "9223372036.9s");
    check_duration("9223372036.854775807s", INT64_MAX,
                   "9223372036854775807ns", "9223372036.9s");
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        uint64_t ns;

        ck_assert_msg(!duration_parse(wrong[i], &ns), "%s", wrong[i]);
    }
}
END_TEST

TCase *
duration_tcase(void)
{
    TCase *tc = tcase_create("duration");

    tcase_add_test(tc, test_duration);
    return tc;
}
