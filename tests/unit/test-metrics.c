/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/metrics.c and lib/show/stats-metrics.c. */

#include <config.h>
#include "show/metrics.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "build-record.h"
#include "check-output.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/stats-metrics.h"
#include "show/stats-show.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "test-stats.h"
#include "util.h"

/* Writes one of each. */
static void
put_some(struct metrics *m)
{
    static const struct metrics_bucket buckets[] = { { 1, 2 }, { 2.5, 3 } };

    metrics_begin(m, METRICS_COUNTER, "a_seconds", "seconds", "Time.");
    metrics_put(m, METRICS_LABELS({ "x", "a\"b\\c\nd" }, { "y", "\xff" }),
                0.25);
    metrics_put(m, METRICS_LABELS({ "x", "" }), 9007199254740992.0);
    metrics_begin(m, METRICS_GAUGE, "b", NULL, "Number.");
    metrics_put(m, NULL, 3);
    metrics_begin(m, METRICS_HISTOGRAM, "c", NULL, "Sizes.");
    metrics_put_histogram(m, METRICS_LABELS({ "x", "y" }), buckets,
                          ARRAY_SIZE(buckets), 4, 12.5);
}

/* Fails unless 'form' is 'expected'. */
static void
check_form(enum metrics_form form, const char *expected)
{
    struct metrics *m = metrics_create(form);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json *json = NULL;

    put_some(m);
    metrics_finish(m, &text, &json);
    if (form == METRICS_JSON) {
        check_json(json, expected);
        ck_assert_uint_eq(text.length, 0);
        json_destroy(json);
    } else {
        ck_assert_ptr_null(json);
        ck_assert_str_eq(ds_cstr(&text), expected);
    }
    ds_destroy(&text);
}

#define SAMPLES                                                         \
    "a_seconds_total{x=\"a\\\"b\\\\c\\nd\",y=\"\\\\377\"} 0.25\n"     \
    "a_seconds_total{x=\"\"} 9007199254740992\n"

START_TEST(test_prometheus)
{
    check_form(METRICS_PROMETHEUS,
        "# HELP a_seconds_total Time.\n"
        "# TYPE a_seconds_total counter\n"
        SAMPLES
        "# HELP b Number.\n"
        "# TYPE b gauge\n"
        "b 3\n"
        "# HELP c Sizes.\n"
        "# TYPE c histogram\n"
        "c_bucket{x=\"y\",le=\"1\"} 2\n"
        "c_bucket{x=\"y\",le=\"2.5\"} 3\n"
        "c_bucket{x=\"y\",le=\"+Inf\"} 4\n"
        "c_sum{x=\"y\"} 12.5\n"
        "c_count{x=\"y\"} 4\n");
}
END_TEST

START_TEST(test_openmetrics)
{
    check_form(METRICS_OPENMETRICS,
        "# HELP a_seconds Time.\n"
        "# TYPE a_seconds counter\n"
        "# UNIT a_seconds seconds\n"
        SAMPLES
        "# HELP b Number.\n"
        "# TYPE b gauge\n"
        "b 3\n"
        "# HELP c Sizes.\n"
        "# TYPE c histogram\n"
        "c_bucket{x=\"y\",le=\"1\"} 2\n"
        "c_bucket{x=\"y\",le=\"2.5\"} 3\n"
        "c_bucket{x=\"y\",le=\"+Inf\"} 4\n"
        "c_sum{x=\"y\"} 12.5\n"
        "c_count{x=\"y\"} 4\n"
        "# EOF\n");
}
END_TEST

START_TEST(test_json)
{
    check_form(METRICS_JSON,
        "[{\"help\":\"Time.\",\"name\":\"a_seconds_total\","
        "\"samples\":[{\"labels\":{\"x\":\"a\\\"b\\\\c\\nd\","
        "\"y\":\"\\\\377\"},\"value\":0.25},{\"labels\":{\"x\":\"\"},"
        "\"value\":9007199254740992}],\"type\":\"counter\"},"
        "{\"help\":\"Number.\",\"name\":\"b\",\"samples\":["
        "{\"labels\":{},\"value\":3}],\"type\":\"gauge\"},"
        "{\"help\":\"Sizes.\",\"name\":\"c\",\"samples\":["
        "{\"buckets\":[[1,2],[2.5,3]],\"count\":4,"
        "\"labels\":{\"x\":\"y\"},\"sum\":12.5}],"
        "\"type\":\"histogram\"}]");
}
END_TEST

/* Each time is in the bucket of its power of two, and none in two. */
START_TEST(test_times)
{
    struct metrics *m = metrics_create(METRICS_PROMETHEUS);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct histogram h = { .count = 0 };

    histogram_add(&h, 0);
    histogram_add(&h, 1023);
    histogram_add(&h, 1024);
    histogram_add(&h, 2047);
    histogram_add(&h, UINT64_C(100000000000));
    metrics_begin(m, METRICS_HISTOGRAM, "t_seconds", "seconds", "Time.");
    metrics_put_times(m, NULL, &h);
    metrics_finish(m, &text, NULL);
    ck_assert(strstr(ds_cstr(&text), "t_seconds_bucket{le=\"1.023e-06\"} 2\n"
                     "t_seconds_bucket{le=\"2.047e-06\"} 4\n"
                     "t_seconds_bucket{le=\"4.095e-06\"} 4\n"));
    ck_assert(strstr(ds_cstr(&text),
                     "t_seconds_bucket{le=\"68.719476735\"} 4\n"
                     "t_seconds_bucket{le=\"+Inf\"} 5\n"
                     "t_seconds_sum 100.000004094\n"
                     "t_seconds_count 5\n"));
    histogram_clear(&h);
    ds_destroy(&text);
}
END_TEST

/* Fails unless 'line' is in 'text' as often as 'n'. */
static void
check_lines(const char *text, const char *line, int n)
{
    int found = 0;

    for (const char *s = text; (s = strstr(s, line)); s++) {
        found++;
    }
    ck_assert_msg(found == n, "%d times, not %d: %s", found, n, line);
}

/* A port that exists again, in a datapath that does, is the same. */
START_TEST(test_port_again)
{
    struct port_map *ports = port_map_create(16);
    struct upcall_stats *stats = upcall_stats_create(ports);
    struct metrics *m = metrics_create(METRICS_PROMETHEUS);
    struct stats_datapath dps[] = { { 5, 0, 7 }, { 99, 0, 8 } };
    struct stats_frame frame = {
        .now = BUILD_TS, .datapaths = dps, .n_datapaths = 2,
    };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct upcall_record *rec;
    struct build b;

    for (uint32_t dp = BUILD_DP_IFINDEX; dp <= BUILD_DP_IFINDEX + 1; dp++) {
        port_map_add(ports, dp, PORT_MAP_LOCAL, "ovs-system", 0);
        port_map_add(ports, dp, 3, "p\"3", 0);
        build_init(&b, UPCALL_CLASS_ACTION);
        build_lost_early(&b, build_icmp, -EAGAIN);
        b.rec.dp_ifindex = dp;
        rec = build_get(&b, NULL);
        upcall_stats_add(stats, rec);
        free(rec);
        build_uninit(&b);
    }
    stats_put_metrics(stats, &frame, m);
    metrics_finish(m, &text, NULL);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_port_upcalls_total{", 1);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_port_upcalls_total"
                "{datapath=\"ovs-system\",port=\"p\\\"3\",number=\"3\","
                "outcome=\"lost\"} 2\n", 1);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_upcalls_total"
                "{class=\"action\",outcome=\"lost\"} 2\n", 1);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_socket_lost_total"
                "{portid=\"3644007146\",handler=\"\",error=\"EAGAIN\"} 2\n",
                1);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_datapath_lost_total{"
                "datapath=\"ovs-system\"} 7\n", 1);
    check_lines(ds_cstr(&text), "ovs_upcall_trace_datapath_lost_total{", 1);
    ds_destroy(&text);
    upcall_stats_destroy(stats);
    port_map_destroy(ports);
}
END_TEST

TCase *
metrics_tcase(void)
{
    TCase *tc = tcase_create("metrics");

    tcase_add_test(tc, test_prometheus);
    tcase_add_test(tc, test_openmetrics);
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_times);
    tcase_add_test(tc, test_port_again);
    return tc;
}
