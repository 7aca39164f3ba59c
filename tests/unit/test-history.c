/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/history.c with upcalls alone.
 *
 * Records are pieces of a buffer with random bytes.  Where a record begins in
 * there, and its size, follow from its sequence number, so that the tests know
 * the contents of any record without a copy. */

#include <config.h>
#include "store/history.h"

#include <check.h>
#include <string.h>

#include "hash.h"
#include "util.h"

Suite *history_suite(void);
TCase *sweep_tcase(void);
TCase *fuzz_tcase(void);
TCase *history_kinds_tcase(void);
TCase *upcall_passes_tcase(void);
TCase *history_span_tcase(void);

/* Like ck_assert(), which writes to a file each time, but fast enough to be
 * called millions of times. */
#define FAST_ASSERT(EXPR)                           \
    do {                                            \
        if (!(EXPR)) {                              \
            ck_abort_msg("'%s' is false", #EXPR);   \
        }                                           \
    } while (0)

/* Where records come from.  As the highest bit of each byte is not set, they
 * are none of passes. */
static uint8_t pattern[1 << 17];

/* Sizes of records: a function of their sequence number. */
typedef size_t size_func(uint64_t seq);

static void
fill_pattern(void)
{
    for (size_t i = 0; i < sizeof pattern; i++) {
        pattern[i] = hash_int(i, 0x5eed) & 0x7f;
    }
}

/* Returns what record 'seq' consists of, at least 64 KiB. */
static const uint8_t *
expected(uint64_t seq)
{
    return &pattern[hash_uint64(seq) % (sizeof pattern / 2)];
}

static uint64_t
add(struct history *h, size_t size)
{
    return history_add(h, expected(history_next(h)), size);
}

/* Returns the bytes of the ring that a history of 'limit' bytes has. */
static size_t
ring_size(size_t limit)
{
    return limit / 128 * 124 / 8 * 8;
}

/* Returns the bytes of the ring that a record of 'size' bytes takes. */
static size_t
space(size_t size)
{
    return 8 + (size + 7) / 8 * 8;
}

/* Fails unless record 'seq' is there, has 'size' bytes and the right
 * contents.  Returns where it is. */
static const uint8_t *
check_record(const struct history *h, uint64_t seq, size_t size)
{
    size_t actual_size = SIZE_MAX;
    const void *record = history_get(h, seq, &actual_size);

    FAST_ASSERT(record);
    FAST_ASSERT(actual_size == size);
    FAST_ASSERT((uintptr_t) record % 8 == 0);
    FAST_ASSERT(!memcmp(record, expected(seq), size));
    return record;
}

/* Fails unless record 'seq' is not there. */
static void
check_missing(const struct history *h, uint64_t seq)
{
    size_t size = SIZE_MAX;

    FAST_ASSERT(!history_get(h, seq, &size));
    FAST_ASSERT(!size);
}

/* Fails unless all records of 'h' have the right contents and are within
 * 'limit' bytes of memory.  Adds them up in '*stats'. */
static void
check_records(const struct history *h, size_t limit, size_func *size_of,
              struct history_stats *stats)
{
    const uint8_t *lowest = NULL;
    const uint8_t *highest = NULL;

    for (uint64_t seq = history_first(h); seq < history_next(h); seq++) {
        size_t size = size_of(seq);

        if (space(size) > ring_size(limit)) {
            check_missing(h, seq);
            continue;
        }

        const uint8_t *record = check_record(h, seq, size);
        lowest = lowest ? MIN(lowest, record) : record;
        highest = MAX(highest, record + size);
        stats->bytes += space(size);
        stats->records++;
    }
    FAST_ASSERT(highest - lowest <= limit);
}

/* Fails unless 'h' is consistent, has the right contents, and stays within
 * 'limit'. */
static void
check_all(const struct history *h, size_t limit, size_func *size_of)
{
    struct history_stats expected_stats = { .bytes = 0 };
    struct history_stats stats;

    check_records(h, limit, size_of, &expected_stats);
    history_get_stats(h, HISTORY_ALL, &stats);
    FAST_ASSERT(stats.limit == limit);
    FAST_ASSERT(stats.bytes == expected_stats.bytes);
    FAST_ASSERT(stats.bytes <= limit);
    FAST_ASSERT(stats.records == expected_stats.records);
    FAST_ASSERT(stats.records + stats.forgotten == history_next(h) - 1);

    check_missing(h, 0);
    check_missing(h, history_first(h) - 1);
    check_missing(h, history_next(h));
    check_missing(h, UINT64_MAX);
}

/* Adds 'n' records to a history of 'limit' bytes.  Checks the oldest and the
 * newest record after each, and everything after each 'interval'. */
static void
add_many(size_t limit, size_func *size_of, uint64_t n, uint64_t interval)
{
    struct history *h = history_create(limit, false);
    uint64_t first = 1;

    for (uint64_t seq = 1; seq <= n; seq++) {
        FAST_ASSERT(add(h, size_of(seq)) == seq);
        FAST_ASSERT(history_next(h) == seq + 1);
        FAST_ASSERT(history_first(h) >= first);
        first = history_first(h);
        if (first <= seq) {
            check_record(h, first, size_of(first));
        }
        if (space(size_of(seq)) <= ring_size(limit)) {
            check_record(h, seq, size_of(seq));
        }
        if (seq % interval == 0 || seq == n) {
            check_all(h, limit, size_of);
        }
    }
    history_destroy(h);
}

/* Sizes. */

static size_t
hundred(uint64_t seq OVS_UNUSED)
{
    return 100;
}

/* As of upcalls. */
static size_t
typical(uint64_t seq)
{
    return 224 + hash_uint64_basis(seq, 1) % 512;
}

/* Mostly small, sometimes large. */
static size_t
mixed(uint64_t seq)
{
    uint32_t hash = hash_uint64_basis(seq, 2);

    return hash % 8 ? hash / 8 % 200 : hash / 8 % 12000;
}

/* Some are too large for 4 KiB. */
static size_t
some_too_large(uint64_t seq)
{
    return hash_uint64_basis(seq, 3) % 5000;
}

/* Most are too large for 4 KiB. */
static size_t
most_too_large(uint64_t seq)
{
    return hash_uint64_basis(seq, 4) % 50000;
}

/* Nothing is stored at all, except once in a while. */
static size_t
holes(uint64_t seq)
{
    return seq % 50 == 0 ? seq % 400 : 60000;
}

/* A size that test_every_size() changes. */
static size_t every_size;

static size_t
constant(uint64_t seq OVS_UNUSED)
{
    return every_size;
}

static size_t
alternating(uint64_t seq)
{
    return seq % 2 ? every_size : 3968 - 8 - every_size;
}

/* Tests. */

START_TEST(test_empty)
{
    struct history *h = history_create(4096, false);
    struct history_stats stats;

    ck_assert_uint_eq(history_first(h), 1);
    ck_assert_uint_eq(history_next(h), 1);
    check_missing(h, 0);
    check_missing(h, 1);
    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_eq(stats.limit, 4096);
    ck_assert_uint_eq(stats.bytes, 0);
    ck_assert_uint_eq(stats.records, 0);
    ck_assert_uint_eq(stats.forgotten, 0);
    history_destroy(h);
    history_destroy(NULL);
}
END_TEST

START_TEST(test_order)
{
    struct history *h = history_create(4096, false);

    /* 31 records of 8 + 120 bytes fill a ring of 3968 bytes to the last
     * byte. */
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        ck_assert_uint_eq(add(h, 120), seq);
        ck_assert_uint_eq(history_first(h), seq <= 31 ? 1 : seq - 30);
    }
    history_destroy(h);
}
END_TEST

START_TEST(test_every_size)
{
    for (every_size = 0; every_size < 4200; every_size++) {
        struct history *h = history_create(4096, false);
        size_t n_max = MIN(3968 / space(every_size), 32);

        for (uint64_t seq = 1; seq <= 100; seq++) {
            struct history_stats stats;

            add(h, every_size);
            history_get_stats(h, HISTORY_ALL, &stats);
            FAST_ASSERT(stats.records == MIN(seq, n_max));
        }
        check_all(h, 4096, constant);
        history_destroy(h);
    }
}
END_TEST

START_TEST(test_alternating_sizes)
{
    for (every_size = 0; every_size <= 3960; every_size++) {
        add_many(4096, alternating, 40, 1);
    }
}
END_TEST

START_TEST(test_many_typical)
{
    add_many(1 << 20, typical, 2000000, 200000);
}
END_TEST

START_TEST(test_many_mixed)
{
    add_many(100000, mixed, 1000000, 50000);
}
END_TEST

START_TEST(test_many_too_large)
{
    add_many(4096, some_too_large, 300000, 7);
    add_many(4096, most_too_large, 300000, 7);
    add_many(4096, holes, 300000, 7);
}
END_TEST

/* Memory is used before something is forgotten. */
START_TEST(test_uses_memory)
{
    struct history *h = history_create(1 << 20, false);
    struct history_stats stats;

    while (history_first(h) == 1) {
        add(h, typical(history_next(h)));
    }
    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_ge(stats.bytes + 2 * 744, ring_size(1 << 20));
    history_destroy(h);
}
END_TEST

START_TEST(test_hole)
{
    struct history *h = history_create(4096, false);
    struct history_stats stats;

    /* The first record is too large: it is forgotten at once. */
    ck_assert_uint_eq(add(h, 3961), 1);
    ck_assert_uint_eq(history_first(h), 2);
    ck_assert_uint_eq(history_next(h), 2);

    /* The largest record that fits, and one in between that does not. */
    ck_assert_uint_eq(add(h, 3960), 2);
    check_record(h, 2, 3960);
    ck_assert_uint_eq(add(h, 10), 3);
    check_missing(h, 2);
    ck_assert_uint_eq(add(h, 5000), 4);
    ck_assert_uint_eq(add(h, SIZE_MAX), 5);
    ck_assert_uint_eq(add(h, 20), 6);
    check_record(h, 3, 10);
    check_missing(h, 4);
    check_missing(h, 5);
    check_record(h, 6, 20);
    ck_assert_uint_eq(history_first(h), 3);

    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_eq(stats.records, 2);
    ck_assert_uint_eq(stats.forgotten, 4);
    ck_assert_uint_eq(stats.bytes, space(10) + space(20));

    /* What is in the way goes; the oldest is none that is missing. */
    ck_assert_uint_eq(add(h, 3890), 7);
    ck_assert_uint_eq(history_first(h), 3);
    ck_assert_uint_eq(add(h, 16), 8);
    ck_assert_uint_eq(history_first(h), 6);
    check_record(h, 6, 20);
    check_record(h, 7, 3890);
    check_record(h, 8, 16);
    history_destroy(h);
}
END_TEST

START_TEST(test_only_holes)
{
    struct history *h = history_create(4096, false);

    add(h, 50);
    for (uint64_t seq = 2; seq <= 1000; seq++) {
        add(h, 10000);
        ck_assert_uint_eq(history_first(h), 1);
    }

    /* They take no memory. */
    check_record(h, 1, 50);
    ck_assert_uint_eq(history_next(h), 1001);
    ck_assert_uint_eq(add(h, 50), 1001);
    check_record(h, 1001, 50);
    history_destroy(h);
}
END_TEST

START_TEST(test_tiny)
{
    for (size_t limit = 0; limit < 1000; limit++) {
        add_many(limit, hundred, 50, 1);
        add_many(limit, mixed, 50, 1);
    }
}
END_TEST

START_TEST(test_no_bytes)
{
    struct history *h = history_create(4096, false);
    size_t size = SIZE_MAX;

    ck_assert_uint_eq(history_add(h, NULL, 0), 1);
    ck_assert_ptr_nonnull(history_get(h, 1, &size));
    ck_assert_uint_eq(size, 0);
    history_destroy(h);
}
END_TEST

START_TEST(test_clear)
{
    struct history *h = history_create(4096, false);
    struct history_stats stats;

    add(h, 100);
    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_ge(stats.memory, 100);
    ck_assert_uint_lt(stats.memory, 200);
    for (int i = 1; i < 100; i++) {
        add(h, 100);
    }
    history_clear(h);
    ck_assert_uint_eq(history_first(h), 101);
    ck_assert_uint_eq(history_next(h), 101);
    for (uint64_t seq = 0; seq <= 101; seq++) {
        check_missing(h, seq);
    }
    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_eq(stats.bytes, 0);
    ck_assert_uint_eq(stats.records, 0);
    ck_assert_uint_eq(stats.forgotten, 100);
    ck_assert_uint_gt(stats.memory, 3000);
    ck_assert_uint_le(stats.memory, 4096);

    for (uint64_t seq = 101; seq <= 300; seq++) {
        ck_assert_uint_eq(add(h, 100), seq);
        check_all(h, 4096, hundred);
    }
    history_clear(h);
    history_clear(h);
    ck_assert_uint_eq(history_next(h), 301);
    history_destroy(h);
}
END_TEST

/* Returns the tests of lib/store/history.c. */
Suite *
history_suite(void)
{
    Suite *suite = suite_create("history");
    TCase *tcase = tcase_create("history");

    tcase_add_checked_fixture(tcase, fill_pattern, NULL);
    tcase_add_test(tcase, test_empty);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_every_size);
    tcase_add_test(tcase, test_alternating_sizes);
    tcase_add_test(tcase, test_many_typical);
    tcase_add_test(tcase, test_many_mixed);
    tcase_add_test(tcase, test_many_too_large);
    tcase_add_test(tcase, test_uses_memory);
    tcase_add_test(tcase, test_hole);
    tcase_add_test(tcase, test_only_holes);
    tcase_add_test(tcase, test_tiny);
    tcase_add_test(tcase, test_no_bytes);
    tcase_add_test(tcase, test_clear);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, history_kinds_tcase());
    suite_add_tcase(suite, upcall_passes_tcase());
    suite_add_tcase(suite, history_span_tcase());
    suite_add_tcase(suite, sweep_tcase());
    suite_add_tcase(suite, fuzz_tcase());
    return suite;
}
