/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-order.c: which records of which trace were read. */

#include <config.h>

#include "file/trace-order.h"

#include <check.h>
#include <stdlib.h>

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
    ck_assert(trace_order_is_before(order, 30));
    ck_assert(!trace_order_is_before(order, 31));
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
    tcase_add_test(tc, test_many);
    return tc;
}
