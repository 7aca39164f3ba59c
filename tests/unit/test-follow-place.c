/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/follow-place.c. */

#include <config.h>

#include "file/follow-place.h"

#include <check.h>
#include <stdlib.h>

#include "file/follow.h"
#include "util.h"

TCase *follow_place_tcase(void);

static struct follow_place place;
static uint64_t missing;

static void
setup(void)
{
    follow_place_init(&place);
}

static void
teardown(void)
{
    follow_place_uninit(&place);
}

/* Begins with the trace that was started at 'started', and its record 'seq'.
 * Returns true if it is new. */
static bool
begin(int started, uint64_t seq)
{
    static int n_told;
    char *text = xasprintf("{\"event\":\"startup\",\"started_ms\":%d,"
                           "\"wall_offset\":%d,\"options\":{},"
                           "\"target\":{\"pid\":1,\"alive\":%s}}", started,
                           n_told, n_told % 2 ? "true" : "false");
    struct follow_item item = {
        .kind = FOLLOW_BEGIN, .seq = seq, .text = text
    };
    bool is_new = follow_place_take(&place, &item, &missing);

    n_told++;
    free(text);
    return is_new;
}

/* Takes the records from 'first' to 'last'.  Returns how many are new. */
static int
take(uint64_t first, uint64_t last)
{
    int n = 0;

    for (uint64_t seq = first; seq <= last; seq++) {
        struct follow_item item = { .kind = FOLLOW_RECORD, .seq = seq };

        n += follow_place_take(&place, &item, &missing);
        ck_assert_uint_eq(missing, 0);
    }
    return n;
}

/* Takes a gap of 'n' records before the record 'seq'.  Returns how many of
 * them are new. */
static uint64_t
gap(uint64_t seq, uint64_t n)
{
    struct follow_item item = { .kind = FOLLOW_GAP, .seq = seq, .n = n };

    return follow_place_take(&place, &item, &missing) ? item.n : 0;
}

static bool
end(uint64_t seq)
{
    struct follow_item item = { .kind = FOLLOW_END, .seq = seq };

    return follow_place_take(&place, &item, &missing);
}

/* What is recorded from now on, while nothing is lost. */
START_TEST(test_from_now)
{
    ck_assert(begin(1, 100));
    ck_assert_uint_eq(missing, 0);
    ck_assert_int_eq(take(100, 110), 11);
    ck_assert_uint_eq(gap(121, 10), 10);
    ck_assert_int_eq(take(121, 121), 1);
    ck_assert(end(122));
    ck_assert_uint_eq(gap(1, 7), 7);
    ck_assert(begin(2, 1));
    ck_assert_int_eq(take(1, 10), 10);
}
END_TEST

/* The same trace goes on. */
START_TEST(test_same)
{
    begin(1, 1);
    take(1, 10);
    follow_place_lose(&place);
    ck_assert(begin(1, 1));
    ck_assert_uint_eq(missing, 0);
    ck_assert_int_eq(take(1, 15), 5);

    /* What was missed while nobody followed, and what was known. */
    follow_place_lose(&place);
    ck_assert(begin(1, 21));
    ck_assert_uint_eq(missing, 5);
    ck_assert_int_eq(take(21, 25), 5);
    follow_place_lose(&place);
    ck_assert(begin(1, 2));
    ck_assert_uint_eq(missing, 0);
    ck_assert_uint_eq(gap(10, 8), 0);
    ck_assert_int_eq(take(10, 12), 0);
    ck_assert_uint_eq(gap(31, 18), 5);
    ck_assert_int_eq(take(31, 31), 1);
    ck_assert(end(32));
}
END_TEST

/* One that had ended comes again, and another after it. */
START_TEST(test_ended)
{
    begin(1, 1);
    take(1, 10);
    end(11);
    for (int i = 0; i < 2; i++) {
        follow_place_lose(&place);
        ck_assert(!begin(1, 3));
        ck_assert_uint_eq(gap(5, 2), 0);
        ck_assert_int_eq(take(5, 8), 0);
    }
    ck_assert_int_eq(take(9, 10), 0);
    ck_assert(!end(11));
    ck_assert(begin(2, 1));
    ck_assert_uint_eq(missing, 0);
    ck_assert_int_eq(take(1, 2), 2);
    ck_assert(end(3));
}
END_TEST

/* Another trace, of which the daemon has not kept all, or the first one that
 * was waited for. */
START_TEST(test_other)
{
    follow_place_lose(&place);
    ck_assert(begin(1, 5));
    ck_assert_uint_eq(missing, 4);
    ck_assert_int_eq(take(5, 10), 6);
    follow_place_lose(&place);
    ck_assert(begin(2, 8));
    ck_assert_uint_eq(missing, 7);
    ck_assert_int_eq(take(8, 10), 3);
    ck_assert(end(11));
    follow_place_lose(&place);
    ck_assert(begin(3, 1));
    ck_assert_uint_eq(missing, 0);
    ck_assert_int_eq(take(1, 3), 3);
}
END_TEST

/* Returns the tests of this file. */
TCase *
follow_place_tcase(void)
{
    TCase *tc = tcase_create("follow-place");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_from_now);
    tcase_add_test(tc, test_same);
    tcase_add_test(tc, test_ended);
    tcase_add_test(tc, test_other);
    return tc;
}
