/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow-table.c. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build-record.h"
#include "flow-table.h"
#include "record.h"
#include "timeval.h"
#include "util.h"

TCase *flow_table_tcase(void);

static struct flow_table *table;

static void
setup(void)
{
    table = flow_table_create(1024 * 1024);
}

static void
teardown(void)
{
    flow_table_destroy(table);
}

/* Adds the flow 'ufid' by upcall 'id', which may be asked about in 'delay' ms;
 * the kernel has returned 'ret'. */
static void
add(uint64_t id, uint32_t ufid, int delay, int ret)
{
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    b.rec.id = id;
    b.rec.ret_word = UPCALL_RET_TAG(id);
    b.rec.put_ret = ret;
    memcpy(b.rec.ufid, &ufid, sizeof ufid);
    data = build_parse(&b, &u);
    flow_table_add(table, &u, delay);
    free(data);
}

/* Fails unless the next flow to be asked about is that of upcall 'id', 0 for
 * none.  Returns it. */
static struct dp_flow *
pop(uint64_t id)
{
    struct dp_flow *f = flow_table_pop(table);

    ck_assert_uint_eq(f ? f->id : 0, id);
    return f;
}

static struct flow_table_stats
get_stats(void)
{
    struct flow_table_stats stats;

    flow_table_get_stats(table, &stats);
    return stats;
}

START_TEST(test_add)
{
    const struct dp_flow *f;

    add(1, 1, 0, 0);
    add(2, 2, 0, -EEXIST);
    ck_assert_uint_eq(get_stats().n_flows, 1);
    f = flow_table_find(table, 1);
    ck_assert_int_eq(f->state, FLOW_PENDING);
    ck_assert_uint_eq(f->dp_ifindex, BUILD_DP_IFINDEX);
    ck_assert_ptr_nonnull(f->key.data);
    ck_assert_ptr_nonnull(f->mask.data);
    ck_assert_uint_eq(f->actions.len, 8);
    ck_assert_ptr_null(flow_table_find(table, 2));
    ck_assert_ptr_eq(flow_table_first(table), f);
    ck_assert_ptr_null(flow_table_next(table, f));
    add(1, 1, 0, 0);                    /* The same record once more. */
    ck_assert_uint_eq(get_stats().n_flows, 1);
}
END_TEST

/* Flows that are installed often come first, then new ones; tries in vain
 * count against them. */
START_TEST(test_need)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    usleep(3000);
    add(2, 2, 0, 0);
    add(3, 3, 0, 0);
    usleep(3000);
    add(4, 4, 0, 0);
    usleep(3000);
    add(5, 2, 0, 0);                    /* For the second time. */
    ck_assert_uint_eq(get_stats().n_queued, 4);
    f = pop(5);
    ck_assert_uint_eq(f->n_installed, 2);
    f->n_no_cache = 2;
    ck_assert(flow_table_requeue(table, f, 0));
    pop(4);
    pop(3);
    pop(1);
    pop(5);
    pop(0);
}
END_TEST

START_TEST(test_wait)
{
    ck_assert_int_eq(flow_table_next_try(table), LLONG_MAX);
    add(1, 1, 60, 0);
    pop(0);
    ck_assert_int_gt(flow_table_next_try(table), time_msec());
    ck_assert_int_le(flow_table_next_try(table), time_msec() + 60);
    add(2, 2, 0, 0);
    ck_assert_int_eq(flow_table_next_try(table), 0);
    pop(2);
    usleep(70 * 1000);
    pop(1);
}
END_TEST

/* What was true for an earlier installation stays. */
START_TEST(test_install_anew)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    f = pop(1);
    flow_table_set_rules(table, f, "br0\n  cookie=1\n", "test");
    flow_table_done(table, f, FLOW_COMPLETE, NULL);
    add(2, 1, 0, 0);
    add(3, 1, 0, 0);
    f = flow_table_get(table, 1);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert_str_eq(f->rules, "br0\n  cookie=1\n");
    ck_assert(!flow_table_requeue(table, f, 0));
    f = flow_table_get(table, 2);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_ptr_nonnull(f->error);
    f = pop(3);
    ck_assert_uint_eq(f->n_installed, 3);
    ck_assert_ptr_null(f->rules);
    pop(0);
}
END_TEST

/* The memory has a limit; the oldest are forgotten. */
START_TEST(test_memory)
{
    struct flow_table_stats stats;
    char rules[10000];
    struct dp_flow *f;

    memset(rules, 'x', sizeof rules - 1);
    rules[sizeof rules - 1] = '\0';
    for (int i = 1; i <= 5000; i++) {
        add(i, i, 0, 0);
        f = flow_table_get(table, i);
        flow_table_set_rules(table, f, rules, "test");
        flow_table_done(table, f, FLOW_COMPLETE, NULL);
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
    }
    ck_assert_uint_gt(stats.n_flows, 50);
    ck_assert_uint_lt(stats.n_flows, 110);
    ck_assert_uint_eq(stats.n_dropped, 0);
    ck_assert_ptr_null(flow_table_find(table, 1));
    ck_assert_ptr_nonnull(flow_table_find(table, 5000));

    for (int i = 5001; i <= 20000; i++) {
        add(i, i, 0, 0);
    }
    stats = get_stats();
    ck_assert_uint_le(stats.bytes, stats.limit);
    ck_assert_uint_gt(stats.n_dropped, 0);
    flow_table_clear(table);
    stats = get_stats();
    ck_assert_uint_eq(stats.bytes, 0);
    ck_assert_uint_eq(stats.n_flows, 0);
    ck_assert_uint_eq(stats.n_queued, 0);
    pop(0);
}
END_TEST

/* Answers about a flow do not count if it was installed anew meanwhile. */
START_TEST(test_settle)
{
    ck_assert_int_eq(flow_table_next_settled(table), LLONG_MAX);
    add(1, 1, 0, 0);
    add(2, 2, 0, 0);
    flow_table_settle(table, flow_table_pop(table), 50);
    flow_table_settle(table, flow_table_pop(table), 50);
    ck_assert_uint_eq(get_stats().n_queued, 0);
    ck_assert_int_le(flow_table_next_settled(table), time_msec() + 50);
    ck_assert_ptr_null(flow_table_pop_settled(table, false));
    add(3, 1, 0, 0);
    ck_assert_int_eq(flow_table_find(table, 1)->state, FLOW_FAILED);
    usleep(60 * 1000);
    ck_assert_uint_eq(flow_table_pop_settled(table, false)->id, 2);
    ck_assert_ptr_null(flow_table_pop_settled(table, true));
    flow_table_settle(table, flow_table_get(table, 3), 50);
    ck_assert_uint_eq(flow_table_pop_settled(table, true)->id, 3);
    flow_table_settle(table, flow_table_get(table, 3), 50);
    flow_table_clear(table);
    ck_assert_ptr_null(flow_table_pop_settled(table, true));
}
END_TEST

START_TEST(test_stop)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    add(2, 2, 10000, 0);
    f = pop(1);
    flow_table_done(table, f, FLOW_FAILED, "why");
    flow_table_stop(table);
    ck_assert_str_eq(flow_table_find(table, 1)->error, "why");
    ck_assert_int_eq(flow_table_find(table, 2)->state, FLOW_PARTIAL);
    ck_assert_int_eq(flow_table_next_try(table), LLONG_MAX);
}
END_TEST

START_TEST(test_names)
{
    ck_assert_str_eq(flow_state_name(FLOW_COMPLETE), "complete");
    ck_assert_str_eq(flow_state_name(FLOW_FAILED), "failed");
    ck_assert_ptr_null(flow_state_name(FLOW_N_STATES));
    ck_assert_ptr_null(flow_state_name(-1));
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_table_tcase(void)
{
    TCase *tc = tcase_create("flow-table");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_add);
    tcase_add_test(tc, test_need);
    tcase_add_test(tc, test_wait);
    tcase_add_test(tc, test_install_anew);
    tcase_add_test(tc, test_memory);
    tcase_add_test(tc, test_settle);
    tcase_add_test(tc, test_stop);
    tcase_add_test(tc, test_names);
    return tc;
}
