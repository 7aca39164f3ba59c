/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/enricher.c: when it asks, and how often, a process that
 * answers as ovs-vswitchd would, or not. */

#include <config.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ask-flows.h"

TCase *enricher_tcase(void);

/* There is no datapath yet: flows wait, and no request is wasted. */
START_TEST(test_no_datapaths)
{
    struct fake_answers answers = ask_usual();
    long long int start = time_msec();

    answers.datapaths = "";
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    ASK_UNTIL(ask_get_stats().requests >= 3);
    ask_run_for(1000);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_PENDING);
    ck_assert_uint_le(ask_get_stats().requests,
                      (time_msec() - start) / 1000 + 2);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_DETRACE].count, 0);
    fake_vswitchd_stop();
    answers = ask_usual();
    fake_vswitchd_start(ask_path, &answers);
    ck_assert_int_eq(ask_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

/* Nobody is there, then somebody is. */
START_TEST(test_absent)
{
    struct fake_answers answers = ask_usual();
    struct enrich_stats stats;
    long long int start = time_msec();

    ask_add_flow(1);
    ASK_UNTIL(ask_get_stats().failures > 1);
    ask_run_for(2000);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_PENDING);
    enricher_get_stats(ask_enricher, &stats);
    ck_assert_uint_lt(stats.failures, 2 + (time_msec() - start) / 200);
    ck_assert_ptr_nonnull(stats.last_error);
    free(stats.last_error);
    fake_vswitchd_start(ask_path, &answers);
    ck_assert_int_eq(ask_until_done(1)->state, FLOW_COMPLETE);
}
END_TEST

/* A server that is stopped, killed, and started again. */
START_TEST(test_restart)
{
    struct fake_answers answers = ask_usual();

    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    ask_until_done(1);
    fake_vswitchd_kill(SIGSTOP);
    ask_add_flow(2);
    ASK_UNTIL(ask_get_stats().timeouts);
    ck_assert_int_eq(ask_find_flow(2)->state, FLOW_PENDING);
    fake_vswitchd_kill(SIGCONT);
    ck_assert_int_eq(ask_until_done(2)->state, FLOW_COMPLETE);
    fake_vswitchd_stop();
    ask_add_flow(3);
    ask_run_for(2000);
    ck_assert_int_eq(ask_find_flow(3)->state, FLOW_PENDING);
    fake_vswitchd_start(ask_path, &answers);
    ck_assert_int_eq(ask_until_done(3)->state, FLOW_COMPLETE);
}
END_TEST

/* No more requests than allowed, however much there is to ask. */
START_TEST(test_rate)
{
    struct fake_answers answers = ask_usual();
    long long int start = time_msec();

    enricher_destroy(ask_enricher);
    ask_enricher = enricher_create(5, ask_ports);
    fake_vswitchd_start(ask_path, &answers);
    for (int i = 1; i <= 40; i++) {
        ask_add_flow_with(i, i, "2");
    }
    ASK_UNTIL(ask_get_stats().requests >= 4);
    ask_run_for(2000);
    ck_assert_uint_le(ask_get_stats().requests,
                      1 + (time_msec() - start) * 5 / 1000);
}
END_TEST

/* Nor right after another ovs-vswitchd has taken over. */
START_TEST(test_rate_new_target)
{
    struct fake_answers answers = ask_usual();
    uint64_t n_requests;
    long long int start;

    enricher_destroy(ask_enricher);
    ask_enricher = enricher_create(1, ask_ports);
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    ASK_UNTIL(ask_get_stats().requests);
    n_requests = ask_get_stats().requests;
    enricher_set_path(ask_enricher, NULL);
    usleep(1500 * 1000);
    start = time_msec();
    ASK_UNTIL(ask_get_stats().requests > n_requests);
    ck_assert_int_ge(time_msec() - start, 900);
}
END_TEST

START_TEST(test_stop)
{
    struct fake_answers answers = ask_usual();

    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1);
    ask_run_for(100);
    enricher_stop(ask_enricher);
    ck_assert_int_eq(ask_find_flow(1)->state, FLOW_PARTIAL);
    ck_assert_str_eq(ask_find_flow(1)->error,
                     "the trace was stopped before ovs-vswitchd was asked");
    enricher_clear(ask_enricher);
    ck_assert_ptr_null(ask_find_flow(1));
}
END_TEST

/* Returns the tests of this file. */
TCase *
enricher_tcase(void)
{
    TCase *tc = tcase_create("enricher");

    tcase_add_checked_fixture(tc, ask_setup, ask_teardown);
    tcase_add_test(tc, test_no_datapaths);
    tcase_add_test(tc, test_absent);
    tcase_add_test(tc, test_restart);
    tcase_add_test(tc, test_rate);
    tcase_add_test(tc, test_rate_new_target);
    tcase_add_test(tc, test_stop);
    return tc;
}
