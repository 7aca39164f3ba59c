/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-order.c: which records of which trace were read. */

#include <config.h>

#include "file/trace-order.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "openvswitch/json.h"
#include "util.h"

TCase *trace_order_tcase(void);

/* As lib/file/trace-order.c has them. */
#define WINDOW (1 << 18)
#define TRACES_MAX 64

static struct trace_order *order;

static void
setup(void)
{
    order = trace_order_create();
}

static void
teardown(void)
{
    trace_order_destroy(order);
}

static void
begin_line(const char *line)
{
    struct json *json = json_from_string(line);

    trace_order_begin(order, json);
    json_destroy(json);
}

/* The trace number 'n' begins, or goes on. */
static void
begin(int n)
{
    char *line = xasprintf("{\"started_ms\":%d,\"target\":{\"pid\":1},"
                           "\"version\":\"1\"}", n);

    begin_line(line);
    free(line);
}

static void
check(uint64_t first, uint64_t last, enum trace_order_result expected)
{
    for (uint64_t seq = first; seq <= last; seq++) {
        ck_assert_msg(trace_order_put(order, seq) == expected,
                      "%llu", (unsigned long long int) seq);
    }
}

START_TEST(test_files)
{
    begin(1);
    check(5, 10, TRACE_ORDER_NEXT);
    check(15, 20, TRACE_ORDER_NEXT);
    begin(1);
    check(21, 30, TRACE_ORDER_NEXT);
    /* One that has some in common with the last. */
    begin(1);
    check(25, 30, TRACE_ORDER_AGAIN);
    check(31, 40, TRACE_ORDER_NEXT);
    /* The first again, and what it has not. */
    begin(1);
    check(5, 10, TRACE_ORDER_AGAIN);
    check(11, 14, TRACE_ORDER_WRONG);
    check(15, 40, TRACE_ORDER_AGAIN);
    check(1, 4, TRACE_ORDER_WRONG);
    ck_assert_uint_eq(trace_order_last(order), 40);
    check(0, 0, TRACE_ORDER_WRONG);
}
END_TEST

START_TEST(test_traces)
{
    begin(1);
    check(0, 10, TRACE_ORDER_NEXT);
    begin(2);
    check(0, 20, TRACE_ORDER_NEXT);
    begin(1);
    check(0, 10, TRACE_ORDER_AGAIN);
    check(11, 20, TRACE_ORDER_NEXT);
    /* What is known of ovs-vswitchd changes, and the clock. */
    begin_line("{\"started_ms\":1,\"target\":{\"pid\":1,\"alive\":false},"
               "\"wall_offset\":5}");
    check(0, 20, TRACE_ORDER_AGAIN);
    /* The same, as another host has it, and none that is known. */
    begin_line("{\"started_ms\":1,\"target\":{\"pid\":1},\"host\":\"a\"}");
    check(0, 20, TRACE_ORDER_NEXT);
    begin_line("{\"started_ms\":1,\"target\":{\"pid\":2}}");
    check(0, 20, TRACE_ORDER_NEXT);
    for (int i = 0; i < 2; i++) {
        begin_line("{\"started_ms\":null}");
        check(0, 20, TRACE_ORDER_NEXT);
        begin_line("{}");
        check(0, 20, TRACE_ORDER_NEXT);
    }
    begin(2);
    check(0, 20, TRACE_ORDER_AGAIN);
}
END_TEST

/* A trace that is sorted otherwise. */
START_TEST(test_sorted)
{
    begin(1);
    check(30, 30, TRACE_ORDER_NEXT);
    check(10, 19, TRACE_ORDER_NEXT);
    check(2 * WINDOW, 2 * WINDOW, TRACE_ORDER_NEXT);
    check(20, 29, TRACE_ORDER_NEXT);
    begin(1);
    check(2 * WINDOW, 2 * WINDOW, TRACE_ORDER_AGAIN);
    check(2 * WINDOW - 1, 2 * WINDOW - 1, TRACE_ORDER_WRONG);
    check(20, 20, TRACE_ORDER_WRONG);
}
END_TEST

/* What was left out of a file is not wanted of any other, but what it has not
 * got is not to be forgotten. */
START_TEST(test_left_out)
{
    begin(1);
    trace_order_skip(order);
    check(2800, 2899, TRACE_ORDER_NEXT);
    check(2910, 3000, TRACE_ORDER_NEXT);
    begin(1);
    check(2500, 2799, TRACE_ORDER_LEFT_OUT);
    check(2800, 2899, TRACE_ORDER_AGAIN);
    check(2900, 2909, TRACE_ORDER_WRONG);
    check(2910, 3000, TRACE_ORDER_AGAIN);
    check(3001, 4000, TRACE_ORDER_NEXT);
    /* Of another trace, nothing was. */
    begin(2);
    check(10, 20, TRACE_ORDER_NEXT);
    begin(2);
    check(1, 9, TRACE_ORDER_WRONG);
    /* Later in another file. */
    begin(1);
    trace_order_skip(order);
    check(2905, 2905, TRACE_ORDER_WRONG);
    check(2910, 2910, TRACE_ORDER_AGAIN);
    begin(1);
    trace_order_skip(order);
    check(2910, 2910, TRACE_ORDER_AGAIN);
    begin(1);
    check(2900, 2909, TRACE_ORDER_LEFT_OUT);
}
END_TEST

static void
check_gap(uint64_t next, uint64_t n, uint64_t expected)
{
    ck_assert_uint_eq(trace_order_put_gap(order, next, n), expected);
}

/* What is missing is counted once, whichever file tells it. */
START_TEST(test_gaps)
{
    begin(1);
    check(1, 10, TRACE_ORDER_NEXT);
    check_gap(22, 11, 11);
    check(22, 30, TRACE_ORDER_NEXT);
    check_gap(41, 10, 10);
    /* One that has the same gaps, with nothing behind the last, and one that
     * has another, which goes on. */
    begin(1);
    check_gap(22, 11, 0);
    check(22, 30, TRACE_ORDER_AGAIN);
    check_gap(41, 10, 0);
    begin(1);
    check(25, 25, TRACE_ORDER_AGAIN);
    check_gap(51, 25, 10);
    check(51, 60, TRACE_ORDER_NEXT);
    check_gap(INT64_MAX, 10, 10);
    begin(1);
    check_gap(INT64_MAX, INT64_MAX, 0);
    /* Where it is not known where, the records tell. */
    begin(2);
    check_gap(0, 7, 7);
    check(1, 20, TRACE_ORDER_NEXT);
    check_gap(0, 7, 7);
    check(31, 40, TRACE_ORDER_NEXT);
    begin(2);
    check(11, 20, TRACE_ORDER_AGAIN);
    check_gap(0, 7, 0);
    check(31, 40, TRACE_ORDER_AGAIN);
    check(41, 50, TRACE_ORDER_NEXT);
    check_gap(0, 7, 7);
}
END_TEST

/* Takes records of a trace, 'step' from one to the next, and returns how much
 * time that has cost, in ns, and stores the last number in '*seq'. */
static int64_t
take_steps(uint64_t step, uint64_t *seq)
{
    struct timespec start, end;

    *seq = 5;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    for (int i = 0; i < 2000; i++) {
        *seq += step;
        ck_assert_int_eq(trace_order_put(order, *seq), TRACE_ORDER_NEXT);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return ((end.tv_sec - start.tv_sec) * INT64_C(1000000000)
            + end.tv_nsec - start.tv_nsec);
}

/* Of records that are far apart, none costs much more than where all that is
 * known is forgotten. */
START_TEST(test_steps)
{
    int64_t forgetting, ns;
    uint64_t seq;

    begin(2);
    forgetting = take_steps(WINDOW, &seq);
    begin(1);
    ns = take_steps(WINDOW - 1, &seq);
    ck_assert_msg(ns < 20 * forgetting, "%lld ns, and %lld ns",
                  (long long int) ns, (long long int) forgetting);
    begin(1);
    check(seq - WINDOW + 1, seq - WINDOW + 1, TRACE_ORDER_AGAIN);
    check(seq - WINDOW + 2, seq - 1, TRACE_ORDER_WRONG);
    check(seq, seq, TRACE_ORDER_AGAIN);
}
END_TEST

/* Numbers that are no longer known are not said to have been read. */
START_TEST(test_window)
{
    const uint64_t last = 2 * WINDOW + 6;

    begin(1);
    check(7, last, TRACE_ORDER_NEXT);
    begin(1);
    check(last - WINDOW, last - WINDOW, TRACE_ORDER_WRONG);
    check(last - WINDOW + 1, last, TRACE_ORDER_AGAIN);
    /* A number that is much larger, up to the largest. */
    check(INT64_MAX, INT64_MAX, TRACE_ORDER_NEXT);
    begin(1);
    check(INT64_MAX - 1, INT64_MAX - 1, TRACE_ORDER_WRONG);
    check(last, last, TRACE_ORDER_WRONG);
    check(INT64_MAX, INT64_MAX, TRACE_ORDER_AGAIN);
}
END_TEST

START_TEST(test_many)
{
    for (int i = 0; i <= TRACES_MAX; i++) {
        begin(i);
        check(1, 3, TRACE_ORDER_NEXT);
    }
    /* The first was forgotten for the last. */
    begin(1);
    check(1, 3, TRACE_ORDER_AGAIN);
    begin(0);
    check(1, 3, TRACE_ORDER_NEXT);
    begin(TRACES_MAX);
    check(1, 3, TRACE_ORDER_AGAIN);
    begin(1);
    check(1, 3, TRACE_ORDER_NEXT);
}
END_TEST

TCase *
trace_order_tcase(void)
{
    TCase *tc = tcase_create("trace-order");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_traces);
    tcase_add_test(tc, test_sorted);
    tcase_add_test(tc, test_window);
    tcase_add_test(tc, test_left_out);
    tcase_add_test(tc, test_gaps);
    tcase_add_test(tc, test_steps);
    tcase_add_test(tc, test_many);
    return tc;
}
