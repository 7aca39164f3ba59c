/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/histogram.c. */

#include <config.h>
#include "base/histogram.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "random.h"
#include "test-stats.h"
#include "util.h"

static int
compare(const void *a_, const void *b_)
{
    uint64_t a = *(const uint64_t *) a_;
    uint64_t b = *(const uint64_t *) b_;

    return a < b ? -1 : a > b;
}

/* Returns the bucket in which 'value' is counted. */
static struct histogram_bucket
bucket_of(uint64_t value)
{
    struct histogram h = { .count = 0 };
    struct histogram_bucket b;
    size_t pos = 0;

    histogram_add(&h, value);
    ck_assert(histogram_next(&h, &pos, &b));
    ck_assert_uint_eq(b.count, 1);
    ck_assert(b.from <= value && value <= b.until);
    histogram_clear(&h);
    return b;
}

START_TEST(test_empty)
{
    struct histogram h = { .count = 0 };
    struct histogram_bucket b;
    size_t pos = 0;

    ck_assert_uint_eq(histogram_percentile(&h, 500), 0);
    ck_assert(!histogram_mean(&h));
    ck_assert(!histogram_next(&h, &pos, &b));
    histogram_merge(&h, &h);
    ck_assert_uint_eq(h.count, 0);
}
END_TEST

/* The buckets follow each other without a gap, and the middle of each is as
 * near to its bounds as histogram.h says. */
START_TEST(test_buckets)
{
    uint64_t value = 0;

    for (;;) {
        struct histogram_bucket b = bucket_of(value);

        ck_assert_uint_eq(b.from, value);
        ck_assert((b.until - b.from) / 2 <= b.from / 128);
        ck_assert_uint_eq(bucket_of(b.until).from, b.from);
        if (b.until == UINT64_MAX) {
            break;
        }
        value = b.until + 1;
    }
}
END_TEST

START_TEST(test_one_number)
{
    uint64_t values[] = { 0, 1, 63, 64, 12345, UINT64_MAX };

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        struct histogram h = { .count = 0 };

        histogram_add(&h, values[i]);
        ck_assert_uint_eq(h.min, values[i]);
        ck_assert_uint_eq(h.max, values[i]);
        ck_assert(histogram_mean(&h) == (double) values[i]);
        ck_assert_uint_eq(histogram_percentile(&h, 0), values[i]);
        ck_assert_uint_eq(histogram_percentile(&h, 500), values[i]);
        ck_assert_uint_eq(histogram_percentile(&h, 1000), values[i]);
        histogram_clear(&h);
    }
}
END_TEST

/* The ranks are those of a sorted list. */
START_TEST(test_ranks)
{
    struct histogram h = { .count = 0 };

    for (uint64_t i = 1; i <= 60; i++) {
        histogram_add(&h, i);           /* These have a bucket each. */
    }
    ck_assert_uint_eq(histogram_percentile(&h, 0), 1);
    ck_assert_uint_eq(histogram_percentile(&h, 500), 30);
    ck_assert_uint_eq(histogram_percentile(&h, 501), 31);
    ck_assert_uint_eq(histogram_percentile(&h, 900), 54);
    ck_assert_uint_eq(histogram_percentile(&h, 990), 60);
    ck_assert_uint_eq(histogram_percentile(&h, 1000), 60);
    histogram_clear(&h);

    for (uint64_t i = 0; i < 1000; i++) {
        histogram_add(&h, i < 999 ? 1 : 2);
    }
    ck_assert_uint_eq(histogram_percentile(&h, 999), 1);
    ck_assert_uint_eq(histogram_percentile(&h, 1000), 2);
    histogram_clear(&h);
}
END_TEST

/* Returns a number of any size, of which some thousand can be added. */
static uint64_t
any_number(void)
{
    return random_uint64() >> (16 + random_range(48));
}

START_TEST(test_error)
{
    enum { N = 20000 };
    static const unsigned int permilles[] = { 1, 10, 500, 900, 990, 999 };
    uint64_t *values = xmalloc(N * sizeof *values);
    struct histogram h = { .count = 0 };
    double sum = 0;

    for (int i = 0; i < N; i++) {
        values[i] = any_number();
        histogram_add(&h, values[i]);
        sum += values[i];
    }
    qsort(values, N, sizeof *values, compare);
    ck_assert_uint_eq(h.count, N);
    ck_assert_uint_eq(h.min, values[0]);
    ck_assert_uint_eq(h.max, values[N - 1]);
    ck_assert(fabs(histogram_mean(&h) - sum / N) <= 1e-9 * sum / N);
    for (size_t i = 0; i < ARRAY_SIZE(permilles); i++) {
        uint64_t exact = values[DIV_ROUND_UP(N * permilles[i], 1000) - 1];
        uint64_t got = histogram_percentile(&h, permilles[i]);

        ck_assert((got > exact ? got - exact : exact - got) <= exact / 128);
    }
    histogram_clear(&h);
    free(values);
}
END_TEST

/* Merging gives what adding all to one gives. */
START_TEST(test_merge)
{
    struct histogram parts[2] = { { .count = 0 }, { .count = 0 } };
    struct histogram all = { .count = 0 };
    struct histogram_bucket a, b;
    size_t pos_a = 0, pos_b = 0;

    for (int i = 0; i < 10000; i++) {
        uint64_t value = any_number();

        histogram_add(&parts[i % 2], value);
        histogram_add(&all, value);
    }
    histogram_merge(&parts[0], &parts[1]);
    ck_assert_uint_eq(parts[0].count, all.count);
    ck_assert_uint_eq(parts[0].min, all.min);
    ck_assert_uint_eq(parts[0].max, all.max);
    ck_assert_uint_eq(parts[0].sum, all.sum);
    while (histogram_next(&all, &pos_a, &a)) {
        ck_assert(histogram_next(&parts[0], &pos_b, &b));
        ck_assert_uint_eq(a.from, b.from);
        ck_assert_uint_eq(a.until, b.until);
        ck_assert_uint_eq(a.count, b.count);
    }
    ck_assert(!histogram_next(&parts[0], &pos_b, &b));
    histogram_clear(&parts[0]);
    histogram_clear(&parts[1]);
    histogram_clear(&all);
}
END_TEST

TCase *
histogram_tcase(void)
{
    TCase *tc = tcase_create("histogram");

    tcase_add_test(tc, test_empty);
    tcase_add_test(tc, test_buckets);
    tcase_add_test(tc, test_one_number);
    tcase_add_test(tc, test_ranks);
    tcase_add_test(tc, test_error);
    tcase_add_test(tc, test_merge);
    return tc;
}
