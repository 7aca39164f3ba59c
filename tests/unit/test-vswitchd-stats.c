/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/vswitchd-stats.c and lib/show/vswitchd-show.c. */

#include <config.h>
#include "store/vswitchd-stats.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-read.h"
#include "check-output.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "show/metrics.h"
#include "show/vswitchd-show.h"
#include "test-stats.h"

#define SECOND 1000000000ULL

static struct vswitchd_stats stats;

static void
setup(void)
{
    memset(&stats, 0, sizeof stats);
    stats.since = SECOND;
    stats.known = UINT32_MAX;
}

static void
teardown(void)
{
    vswitchd_stats_clear(&stats, 0);
}

static void
add(enum vswitchd_time time, uint64_t ns, uint64_t n_flows, bool counted)
{
    struct vswitchd_sample sample = {
        .time = time, .ts = SECOND + ns, .ns = ns, .n_flows = n_flows,
        .counted = counted,
    };

    vswitchd_stats_add(&stats, &sample);
}

/* Two iterations of the main loop, two dumps, and what they led to. */
static void
add_some(void)
{
    struct vswitchd_counts *c = &stats.now;

    add(VSWITCHD_TIME_LOOP, 1000, 0, true);
    add(VSWITCHD_TIME_LOOP, 4000, 0, true);
    add(VSWITCHD_TIME_DUMP, 50000, 20, true);
    add(VSWITCHD_TIME_DUMP, 70000, 12, false);
    c->hits[VSWITCHD_PROBE_FLOW_DEL] += 5;
    c->hits[VSWITCHD_PROBE_FLOW_GET] += 1;
    c->results[VSWITCHD_PHASE_DUMP][VSWITCHD_RESULT_KEEP]
              [VSWITCHD_REASON_NONE] += 30;
    c->results[VSWITCHD_PHASE_DUMP][VSWITCHD_RESULT_DELETE]
              [VSWITCHD_REASON_FLOW_IDLE] += 3;
    c->results[VSWITCHD_PHASE_DUMP][VSWITCHD_RESULT_DELETE]
              [VSWITCHD_REASON_FLOW_LIMIT] += 2;
    c->results[VSWITCHD_PHASE_SWEEP][VSWITCHD_RESULT_DELETE]
              [VSWITCHD_REASON_PURGE] += 1;
}

/* Fails unless the text is 'expected', also of what becomes JSON and
 * statistics again. */
static void
check_format(const char *expected)
{
    struct json *json = vswitchd_stats_to_json(&stats, SECOND + 10000);
    struct json_read r = JSON_READ_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct vswitchd_stats again;

    vswitchd_stats_format(&stats, SECOND + 10000, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    vswitchd_stats_from_json(&again, &r, json, stats.since, SECOND + 10000);
    ck_assert_ptr_null(json_read_finish(&r));
    ds_clear(&ds);
    vswitchd_stats_format(&again, SECOND + 10000, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    vswitchd_stats_clear(&again, 0);
    json_destroy(json);
    ds_destroy(&ds);
}

#define TITLE                                                           \
    "\nvswitchd      count      min    mean     p50     p90     p99"   \
    "   p99.9     max\n"

START_TEST(test_text)
{
    add_some();
    stats.now.dropped = 7;
    check_format(TITLE
        "main loop         2    1.0us   2.5us   1.0us   4.0us   4.0us"
        "   4.0us   4.0us\n"
        "dump              2   50.0us  60.0us  50.0us  70.0us  70.0us"
        "  70.0us  70.0us\n"
        "main loop busy: 50.0 %\n"
        "flows: 12 in the last dump, 20 at most\n"
        "not each flow was counted in 1 of 2 dumps\n"
        "flows in the dump: 30 keep, 5 delete (3 flow_idle, 2 flow_limit)\n"
        "flows in the sweep: 1 delete (1 purge)\n"
        "requests: 5 flow_del, 1 flow_get\n"
        "7 times of ovs-vswitchd were dropped\n");
}
END_TEST

START_TEST(test_text_empty)
{
    check_format(TITLE
        "main loop busy: 0.0 %\n"
        "requests: 0 flow_del, 0 flow_get\n");
}
END_TEST

/* Only dumps of flows that were not all counted. */
START_TEST(test_unseen_dumps)
{
    add(VSWITCHD_TIME_DUMP, 1, 20, true);
    add(VSWITCHD_TIME_DUMP, 1, 20, true);
    add(VSWITCHD_TIME_DUMP, 1, 20, true);
    add(VSWITCHD_TIME_DUMP, 1, 0, false);
    ck_assert_uint_eq(stats.unseen_dumps, 0);
    add(VSWITCHD_TIME_DUMP, 1, 20, false);
    ck_assert_uint_eq(stats.unseen_dumps, 1);
}
END_TEST

/* What was counted before they were cleared is not in them. */
START_TEST(test_clear)
{
    add_some();
    vswitchd_stats_clear(&stats, SECOND);
    stats.now.hits[VSWITCHD_PROBE_FLOW_DEL] += 2;
    check_format(TITLE
        "main loop busy: 0.0 %\n"
        "requests: 2 flow_del, 0 flow_get\n");
}
END_TEST

/* Not more than all of the time, and including what is in progress. */
START_TEST(test_busy)
{
    struct vswitchd_sample sample = {
        .time = VSWITCHD_TIME_LOOP, .ts = SECOND + 2500, .ns = SECOND,
    };

    vswitchd_stats_add(&stats, &sample);
    check_format(TITLE
        "main loop         1     1.0s    1.0s    1.0s    1.0s    1.0s"
        "    1.0s    1.0s\n"
        "main loop busy: 25.0 %\n"
        "requests: 0 flow_del, 0 flow_get\n");
    stats.loop_start = SECOND + 7500;
    check_format(TITLE
        "main loop         1     1.0s    1.0s    1.0s    1.0s    1.0s"
        "    1.0s    1.0s\n"
        "main loop busy: 50.0 %\n"
        "requests: 0 flow_del, 0 flow_get\n");
    vswitchd_stats_clear(&stats, 0);
    stats.loop_start = 1;
    check_format(TITLE
        "main loop busy: 100.0 %, now in an iteration for 1.0 s\n"
        "requests: 0 flow_del, 0 flow_get\n");
}
END_TEST

/* What there are no probes for is not said to be 0. */
START_TEST(test_unknown)
{
    struct json *json;

    stats.known = 1u << VSWITCHD_PROBE_POLL_BLOCK;
    check_format(TITLE "main loop busy: 0.0 %\n");
    stats.known = 0;
    check_format("");
    json = vswitchd_stats_to_json(&stats, SECOND + 1);
    check_json(json,
        "{\"busy\":null,\"current_loop\":null,\"dropped\":0,\"dump\":null,"
        "\"flow_results\":null,\"flows\":{\"last\":null,\"max\":null},"
        "\"main_loop\":null,"
        "\"requests\":{\"flow_del\":null,\"flow_get\":null},"
        "\"unseen_dumps\":0}");
    json_destroy(json);
}
END_TEST

START_TEST(test_json)
{
    struct json *json;

    add_some();
    add(VSWITCHD_N_TIMES, 1, 1, true);          /* Unknown. */
    json = vswitchd_stats_to_json(&stats, SECOND + 10000);
    check_json(json,
        "{\"busy\":0.5,\"current_loop\":null,\"dropped\":0,"
        "\"dump\":{\"buckets\":[[49664,50175,1],[69632,70655,1]],"
        "\"count\":2,\"max\":70000,\"mean\":60000,\"min\":50000,"
        "\"p50\":50000,\"p90\":70000,\"p99\":70000,\"p999\":70000},"
        "\"flow_results\":{\"dump\":{\"delete\":{\"flow_idle\":3,"
        "\"flow_limit\":2},\"keep\":{\"none\":30}},"
        "\"sweep\":{\"delete\":{\"purge\":1}}},"
        "\"flows\":{\"last\":12,\"max\":20},"
        "\"main_loop\":{\"buckets\":[[1000,1007,1],[4000,4031,1]],"
        "\"count\":2,\"max\":4000,\"mean\":2500,\"min\":1000,"
        "\"p50\":1003,\"p90\":4000,\"p99\":4000,\"p999\":4000},"
        "\"requests\":{\"flow_del\":5,\"flow_get\":1},"
        "\"unseen_dumps\":1}");
    json_destroy(json);
}
END_TEST

START_TEST(test_metrics)
{
    struct metrics *m = metrics_create(METRICS_PROMETHEUS);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json *json = NULL;

    add_some();
    vswitchd_stats_put_metrics(&stats, m);
    metrics_finish(m, &text, &json);
    ck_assert(strstr(ds_cstr(&text),
        "ovs_upcall_trace_main_loop_seconds_count 2\n"));
    ck_assert(strstr(ds_cstr(&text), "ovs_upcall_trace_flows 12\n"));
    ck_assert(strstr(ds_cstr(&text),
        "ovs_upcall_trace_flow_results_total{phase=\"dump\","
        "result=\"delete\",reason=\"flow_idle\"} 3\n"));
    ck_assert(strstr(ds_cstr(&text),
        "ovs_upcall_trace_flow_requests_total{request=\"flow_del\"} 5\n"));
    ds_destroy(&text);
}
END_TEST

TCase *
vswitchd_stats_tcase(void)
{
    TCase *tcase = tcase_create("vswitchd-stats");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_text);
    tcase_add_test(tcase, test_text_empty);
    tcase_add_test(tcase, test_unseen_dumps);
    tcase_add_test(tcase, test_clear);
    tcase_add_test(tcase, test_busy);
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_json);
    tcase_add_test(tcase, test_metrics);
    return tcase;
}
