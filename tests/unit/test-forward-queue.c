/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/forward-queue.c. */

#include <config.h>

#include "file/forward-queue.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "util.h"

TCase *forward_queue_tcase(void);

/* So that some 40 lines of test_line fit. */
#define LIMIT 8192

static struct forward_queue *q;

static void
setup(void)
{
    random_set_seed(1);
    q = forward_queue_create(LIMIT);
}

static void
teardown(void)
{
    forward_queue_destroy(q);
}

/* Puts a line of 'kind', and of the record 'seq'. */
static void
put(enum forward_kind kind, uint64_t seq)
{
    char *line = xasprintf("{\"seq\":%llu}", (unsigned long long) seq);

    forward_queue_put(q, kind, seq, line, strlen(line));
    free(line);
}

/* Takes the next item, which has to be of 'kind' and have 'number'. */
static const struct forward_item *
next(enum forward_kind kind, uint64_t number)
{
    const struct forward_item *item = forward_queue_next(q);

    ck_assert_ptr_nonnull(item);
    ck_assert_int_eq(item->kind, kind);
    ck_assert_uint_eq(item->number, number);
    ck_assert_uint_le(item->first, number);
    return item;
}

/* Returns what became of all; what was put is one of these. */
static struct forward_queue_stats
stats(void)
{
    struct forward_queue_stats s;

    forward_queue_get_stats(q, &s);
    ck_assert_uint_eq(s.records, s.acked + s.dropped + s.waiting);
    return s;
}

START_TEST(test_order)
{
    const struct forward_item *item;

    ck_assert(!forward_queue_has_next(q));
    ck_assert_ptr_null(forward_queue_next(q));
    ck_assert_uint_eq(forward_queue_first(q), 1);
    put(FORWARD_STARTUP, 0);
    put(FORWARD_RECORD, 7);
    forward_queue_put_gap(q, 10, 2);
    put(FORWARD_END, 0);
    forward_queue_put(q, FORWARD_CLOSE, 0, NULL, 0);

    next(FORWARD_STARTUP, 1);
    ck_assert_ptr_null(forward_queue_startup(q));
    item = next(FORWARD_RECORD, 2);
    ck_assert_str_eq(item->line, "{\"seq\":7}");
    item = next(FORWARD_GAP, 3);
    ck_assert_uint_eq(item->gap.missed, 2);
    ck_assert_uint_eq(item->gap.next, 10);

    /* What was sent is sent again unless it is acknowledged. */
    forward_queue_ack(q, 1);
    ck_assert_str_eq(forward_queue_startup(q), "{\"seq\":0}");
    ck_assert_uint_eq(forward_queue_first(q), 2);
    forward_queue_rewind(q);
    next(FORWARD_RECORD, 2);
    forward_queue_ack(q, 3);
    next(FORWARD_END, 4);
    ck_assert_uint_eq(stats().acked, 1);
    ck_assert_uint_eq(stats().missed, 2);
    next(FORWARD_CLOSE, 5);
    ck_assert(!forward_queue_is_empty(q));
    forward_queue_ack(q, 5);
    ck_assert(forward_queue_is_empty(q));
    ck_assert_ptr_null(forward_queue_startup(q));
    ck_assert_uint_eq(stats().bytes, 0);
    ck_assert_uint_eq(forward_queue_first(q), 6);
}
END_TEST

START_TEST(test_drop)
{
    const struct forward_item *item;
    uint64_t n;

    /* The first three are on their way, and stay. */
    put(FORWARD_STARTUP, 0);
    put(FORWARD_RECORD, 1);
    put(FORWARD_RECORD, 2);
    next(FORWARD_STARTUP, 1);
    next(FORWARD_RECORD, 2);
    next(FORWARD_RECORD, 3);
    for (uint64_t seq = 3; seq <= 1000; seq++) {
        put(FORWARD_RECORD, seq);
        ck_assert_uint_le(stats().bytes, LIMIT);
    }
    n = stats().dropped;
    ck_assert_uint_gt(n, 900);
    ck_assert_uint_eq(stats().waiting, 1000 - n);

    /* Then comes what was dropped, in one. */
    item = next(FORWARD_GAP, 3 + n);
    ck_assert_uint_eq(item->first, 4);
    ck_assert_uint_eq(item->gap.dropped, n);
    ck_assert_uint_eq(item->gap.missed, 0);
    ck_assert_uint_eq(item->gap.next, 3 + n);

    /* It is as it was, whatever is dropped after it. */
    for (uint64_t seq = 1001; seq <= 2000; seq++) {
        put(FORWARD_RECORD, seq);
    }
    ck_assert_uint_eq(item->gap.dropped, n);
    forward_queue_rewind(q);
    next(FORWARD_STARTUP, 1);
    next(FORWARD_RECORD, 2);
    next(FORWARD_RECORD, 3);
    next(FORWARD_GAP, 3 + n);
    item = next(FORWARD_GAP, 3 + stats().dropped);
    ck_assert_uint_eq(item->gap.dropped, stats().dropped - n);
    next(FORWARD_RECORD, 4 + stats().dropped);
}
END_TEST

/* No more is sent than can be kept until it is acknowledged. */
START_TEST(test_window)
{
    uint64_t n = 0, last;

    for (uint64_t seq = 1; seq <= 50; seq++) {
        put(FORWARD_RECORD, seq);
    }
    while (forward_queue_has_next(q)) {
        next(FORWARD_RECORD, ++n);
    }
    ck_assert_uint_gt(n, 20);
    ck_assert_uint_lt(n, 40);
    ck_assert_ptr_null(forward_queue_next(q));
    forward_queue_rewind(q);
    ck_assert(forward_queue_has_next(q));
    for (uint64_t i = 1; i <= n; i++) {
        next(FORWARD_RECORD, i);
    }
    ck_assert(!forward_queue_has_next(q));
    last = n;
    forward_queue_ack(q, 5);
    while (forward_queue_has_next(q)) {
        next(FORWARD_RECORD, ++n);
    }
    ck_assert_uint_ge(n, last + 4);
    ck_assert_uint_le(n, last + 5);
}
END_TEST

/* Traces without end, and no receiver. */
START_TEST(test_traces)
{
    struct forward_gap sum = { .dropped = 0 };
    const struct forward_item *item;
    uint64_t records = 0, number = 0;
    int n_startup = 0, n_end = 0;

    for (int trace = 0; trace < 500; trace++) {
        put(FORWARD_STARTUP, 0);
        for (uint64_t seq = 1; seq <= trace % 4; seq++) {
            put(FORWARD_RECORD, seq);
        }
        if (trace % 5 == 0) {
            forward_queue_put_gap(q, 10, 3);
        }
        put(FORWARD_END, 0);
        ck_assert_uint_le(stats().bytes, LIMIT);
    }
    ck_assert_uint_eq(stats().missed, 300);
    while ((item = forward_queue_next(q))) {
        ck_assert_uint_eq(item->first, number + 1);
        number = item->number;
        records += item->kind == FORWARD_RECORD;
        n_startup += item->kind == FORWARD_STARTUP;
        n_end += item->kind == FORWARD_END;
        sum.dropped += item->gap.dropped;
        sum.missed += item->gap.missed;
        sum.traces += item->gap.traces;
        if (item->gap.traces) {
            /* Before it there is none, and after it there is another. */
            ck_assert_int_eq(n_startup, 0);
            forward_queue_ack(q, number);
            ck_assert_ptr_null(forward_queue_startup(q));
        } else if (number % 7 == 0) {
            forward_queue_ack(q, number);
        }
    }
    ck_assert_uint_eq(number, stats().last);
    ck_assert_uint_eq(sum.dropped, stats().dropped);
    ck_assert_uint_eq(records + sum.dropped, stats().records);
    ck_assert_uint_eq(sum.missed, 300);
    ck_assert_int_eq(n_startup, n_end);
    ck_assert_uint_eq(sum.traces + n_startup, 500);
    ck_assert_int_gt(n_startup, 1);
}
END_TEST

START_TEST(test_long_line)
{
    char *line = xzalloc(FORWARD_LINE_MAX + 2);
    const struct forward_item *item;

    forward_queue_destroy(q);
    q = forward_queue_create(10 * FORWARD_LINE_MAX);
    memset(line, 'x', FORWARD_LINE_MAX + 1);
    forward_queue_put(q, FORWARD_RECORD, 8, line, FORWARD_LINE_MAX);
    forward_queue_put(q, FORWARD_RECORD, 9, line, FORWARD_LINE_MAX + 1);
    item = next(FORWARD_RECORD, 1);
    ck_assert_uint_eq(item->len, FORWARD_LINE_MAX);
    item = next(FORWARD_GAP, 2);
    ck_assert_uint_eq(item->gap.dropped, 1);
    ck_assert_uint_eq(item->gap.next, 10);
    free(line);
}
END_TEST

/* Whatever is lost on the way, a receiver that ignores what it has gets each
 * number once, and the counts are right. */
START_TEST(test_random)
{
    uint64_t number = 0, records = 0, dropped = 0, missed = 0, seq = 0;
    struct forward_queue_stats s;

    for (int i = 0; i < 100000 || !forward_queue_is_empty(q); i++) {
        const struct forward_item *item;

        if (i < 100000) {
            put(FORWARD_RECORD, ++seq);
            if (random_range(50) == 0) {
                forward_queue_put_gap(q, seq + 4, 3);
                seq += 3;
            }
        }
        /* In times without a connection, nothing is taken. */
        while (i / 500 % 3 != 1 && (item = forward_queue_next(q))) {
            if (item->number > number) {
                ck_assert_uint_eq(item->first, number + 1);
                number = item->number;
                records += item->kind == FORWARD_RECORD;
                dropped += item->gap.dropped;
                missed += item->gap.missed;
            }
            if (random_range(3) == 0) {
                break;
            }
        }
        if (random_range(10) == 0) {
            /* Some time ago. */
            forward_queue_ack(q, number - MIN(number, random_range(20)));
        }
        if (random_range(100) == 0) {
            forward_queue_rewind(q);
        }
    }
    s = stats();
    ck_assert_uint_gt(dropped, 1000);
    ck_assert_uint_eq(s.dropped, dropped);
    ck_assert_uint_eq(s.acked, records);
    ck_assert_uint_eq(s.missed, missed);
    ck_assert_uint_eq(s.records, 100000);
    ck_assert_uint_eq(s.last, number);
}
END_TEST

/* Returns the tests of this file. */
TCase *
forward_queue_tcase(void)
{
    TCase *tc = tcase_create("forward-queue");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_drop);
    tcase_add_test(tc, test_window);
    tcase_add_test(tc, test_traces);
    tcase_add_test(tc, test_long_line);
    tcase_add_test(tc, test_random);
    return tc;
}
