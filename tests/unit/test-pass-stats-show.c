/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/pass-stats-*.c. */

#include <config.h>
#include "show/pass-stats-show.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/action.h"
#include "record/kernel-actions.h"
#include "record/pass.h"
#include "show/metrics.h"
#include "show/stats-show.h"
#include "store/pass-stats.h"
#include "store/port-map.h"
#include "test-stats.h"
#include "util.h"

static struct port_map *ports;
static struct pass_stats *stats;
static const struct stats_frame frame = {
    .since = BUILD_TS - 1500000000,
    .now = BUILD_TS + 1500000000,
};

static void
setup(void)
{
    ports = stats_ports_create("p\"3");
    stats = pass_stats_create(ports);
}

static void
teardown(void)
{
    pass_stats_destroy(stats);
    port_map_destroy(ports);
}

static void
add(struct build_pass *b)
{
    struct pass p;
    void *rec = build_pass_parse(b, &p);

    pass_stats_add(stats, &p);
    free(rec);
}

/* Where the names of reasons come from. */
static struct kernel_layout layout = {
    .n_drops = 3,
    .drops = {
        { .reason = 131075, .name = "OVS_DROP_LAST_ACTION" },
        { .reason = 131077, .name = "OVS_DROP_EXPLICIT" },
        { .reason = 131078, .name = "OVS_DROP_EXPLICIT_WITH_ERROR" },
    },
};

/* Adds a hit whose packet is dropped, for 'reason' if that is not 0. */
static void
add_drop(uint32_t reason)
{
    struct build_pass b;

    build_pass_hit(&b);
    ofpbuf_clear(&b.actions);
    b.rec.lookup_ns = 900;
    if (reason) {
        b.rec.flags |= PASS_F_DROP;
        b.rec.drop_reason = reason;
        b.rec.n_drops = 1;
    }
    add(&b);
}

/* Adds a hit of a flow that drops the packet with 'error'. */
static void
add_explicit(uint32_t error)
{
    struct build_pass b;

    build_pass_hit(&b);
    ofpbuf_clear(&b.actions);
    nl_msg_put_u32(&b.actions, ACTION_DROP, error);
    add(&b);
}

/* Adds a hit whose packet a meter drops, of which the kernel has not told. */
static void
add_meter(void)
{
    struct build_pass b;

    build_pass_hit(&b);
    b.rec.flags |= PASS_F_EXECUTED;
    ofpbuf_put(&b.executed, &(struct pass_executed) {
               .result = PASS_METER_DROPS }, sizeof(struct pass_executed));
    add(&b);
}

/* Adds two hits, a miss of a port without a name and an execute. */
static void
add_some(void)
{
    struct build_pass b;

    build_pass_hit(&b);
    add(&b);
    build_pass_hit(&b);
    b.rec.masks = 1;
    b.rec.cache = 0;
    b.rec.lookup_ns = 1000;
    add(&b);
    build_pass_miss(&b);
    b.rec.port_no = 4;
    b.rec.masks = 7;
    b.rec.cache = 0;
    b.rec.lookup_ns = 2000;
    add(&b);
    build_pass_execute(&b, "2", 0);
    add(&b);
}

/* Fails unless the text is 'expected'. */
static void
check_pass_text(const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    pass_stats_format(stats, &frame, &layout, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

START_TEST(test_text)
{
    add_some();
    check_pass_text(
        "\n"
        "4 passes\n"
        "rates: 0.0/s over 1 s, 2.0/s over the 2 s so far\n"
        "\n"
        "pass          count      min    mean     p50     p90     p99"
        "   p99.9     max\n"
        "lookup            3    900ns   1.3us   1.0us   2.0us   2.0us"
        "   2.0us   2.0us\n"
        "total             1   51.1us  51.1us  51.1us  51.1us  51.1us"
        "  51.1us  51.1us\n"
        "masks             3        1     3.7       3       7       7"
        "       7       7\n"
        "\n"
        "outcome                  passes   share   masks   cache     "
        "p50     p99 dropped\n"
        "hit                           2  50.0 %     2.0  50.0 %   90"
        "0ns   1.0us       0\n"
        "miss                          1  25.0 %     7.0   0.0 %   2."
        "0us   2.0us       0\n"
        "execute                       1  25.0 %       -       -     "
        "  -       -       0\n"
        "\n"
        "port                     passes   share   masks   cache     "
        "p50     p99 dropped\n"
        "p\\0423                        3  75.0 %     2.0  50.0 %   9"
        "00ns   1.0us       0\n"
        "port 4                        1  25.0 %     7.0   0.0 %   2."
        "0us   2.0us       0\n"
        "\n");
}
END_TEST

START_TEST(test_text_drops)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const char *expected =
        "\n"
        "outcome                  passes   share   masks   cache     "
        "p50     p99 dropped\n"
        "hit                           9 100.0 %     3.0 100.0 %   90"
        "0ns   900ns       9\n"
        "\n"
        "port                     passes   share   masks   cache     "
        "p50     p99 dropped\n"
        "p\\0423                        9 100.0 %     3.0 100.0 %   9"
        "00ns   900ns       9\n"
        "\n"
        "dropped                                  passes   share\n"
        "OVS_DROP_LAST_ACTION                          4  44.4 %\n"
        "OVS_DROP_EXPLICIT_WITH_ERROR                  2  22.2 %\n"
        "OVS_DROP_EXPLICIT                             1  11.1 %\n"
        "reason 0x4d                                   1  11.1 %\n"
        "unknown                                       1  11.1 %\n"
        "\n";

    add_drop(131075);
    add_drop(77);
    add_drop(131075);
    add_drop(0);
    add_drop(0);
    add_explicit(0);
    add_explicit(2);
    add_explicit(3);
    add_meter();
    pass_stats_format(stats, &frame, &layout, &ds);
    ck_assert_str_eq(ds_cstr(&ds) + ds.length - strlen(expected), expected);
    ds_destroy(&ds);
}
END_TEST

START_TEST(test_text_empty)
{
    check_pass_text(
        "\n"
        "0 passes\n"
        "rates: 0.0/s over 1 s, 0.0/s over the 2 s so far\n"
        "\n");
}
END_TEST

/* Histograms in JSON, where all numbers are the same. */
#define NONE                                                            \
    "{\"count\":0,\"max\":null,\"mean\":null,\"min\":null,"             \
    "\"p50\":null,\"p90\":null,\"p99\":null,\"p999\":null}"
#define SAME(COUNT, N)                                                  \
    "{\"count\":" #COUNT ",\"max\":" #N ",\"mean\":" #N ",\"min\":" #N  \
    ",\"p50\":" #N ",\"p90\":" #N ",\"p99\":" #N ",\"p999\":" #N "}"

START_TEST(test_json)
{
    struct json *json;

    add_some();
    json = pass_stats_to_json(stats, &frame, &layout);
    check_part(json, "count", "4");
    check_part(json, "rates",
        "{\"10s\":{\"dropped\":0,\"passes\":2},\"1s\":{\"dropped\":0,"
        "\"passes\":0},\"60s\":{\"dropped\":0,\"passes\":2}}");
    check_part(json, "outcomes", "{\"execute\":1,\"hit\":2,\"miss\":1}");
    check_part(json, "masks",
        "{\"buckets\":[[1,1,1],[3,3,1],[7,7,1]],\"count\":3,\"max\":7,"
        "\"mean\":3.66666666666667,\"min\":1,\"p50\":3,\"p90\":7,"
        "\"p99\":7,\"p999\":7}");
    check_part(json, "cache", "{\"hits\":1,\"mean\":0.333333333333333}");
    check_part(json, "by_outcome",
        "{\"execute\":{\"cache\":{\"hits\":0,\"mean\":null},"
        "\"dropped\":0,\"latency\":{"
        "\"lookup\":" NONE ",\"total\":" SAME(1, 51100) "},"
        "\"masks\":" NONE "},"
        "\"hit\":{\"cache\":{\"hits\":1,\"mean\":0.5},"
        "\"dropped\":0,\"latency\":{"
        "\"lookup\":{\"count\":2,\"max\":1000,\"mean\":950,\"min\":900,"
        "\"p50\":900,\"p90\":1000,\"p99\":1000,\"p999\":1000},"
        "\"total\":" NONE "},\"masks\":{\"count\":2,\"max\":3,\"mean\":2,"
        "\"min\":1,\"p50\":1,\"p90\":3,\"p99\":3,\"p999\":3}},"
        "\"miss\":{\"cache\":{\"hits\":0,\"mean\":0},"
        "\"dropped\":0,\"latency\":{"
        "\"lookup\":" SAME(1, 2000) ",\"total\":" NONE "},"
        "\"masks\":" SAME(1, 7) "}}");
    check_part(json, "ports",
        "[{\"cache\":{\"hits\":1,\"mean\":0.5},\"count\":3,"
        "\"datapath\":\"system@ovs-system\",\"dropped\":0,\"latency\":{"
        "\"lookup\":{\"count\":2,\"max\":1000,\"mean\":950,\"min\":900,"
        "\"p50\":900,\"p90\":1000,\"p99\":1000,\"p999\":1000},"
        "\"total\":" SAME(1, 51100) "},\"masks\":{\"count\":2,\"max\":3,"
        "\"mean\":2,\"min\":1,\"p50\":1,\"p90\":3,\"p99\":3,\"p999\":3},"
        "\"name\":\"p\\\"3\",\"number\":3,\"outcomes\":{\"execute\":1,"
        "\"hit\":2}},"
        "{\"cache\":{\"hits\":0,\"mean\":0},\"count\":1,"
        "\"datapath\":\"system@ovs-system\",\"dropped\":0,\"latency\":{"
        "\"lookup\":" SAME(1, 2000) ",\"total\":" NONE "},"
        "\"masks\":" SAME(1, 7) ",\"name\":null,\"number\":4,"
        "\"outcomes\":{\"miss\":1}}]");
    json_destroy(json);
}
END_TEST

START_TEST(test_json_drops)
{
    struct json *json;

    add_some();
    add_drop(131075);
    add_drop(0);
    add_drop(131075);
    json = pass_stats_to_json(stats, &frame, &layout);
    check_part(json, "dropped", "3");
    check_part(json, "drops", "{\"OVS_DROP_LAST_ACTION\":3}");
    check_part(json, "outcomes", "{\"execute\":1,\"hit\":5,\"miss\":1}");
    json_destroy(json);

    /* Without names, there are numbers. */
    json = pass_stats_to_json(stats, &frame, NULL);
    check_part(json, "drops", "{\"reason 0x20003\":2,\"unknown\":1}");
    json_destroy(json);
}
END_TEST

/* Fails unless 'line' is in 'text' once. */
static void
check_line(const char *text, const char *line)
{
    const char *found = strstr(text, line);

    ck_assert_msg(found && !strstr(found + 1, line), "%s: not once in %s",
                  line, text);
}

START_TEST(test_metrics)
{
    struct metrics *m = metrics_create(METRICS_OPENMETRICS);
    struct ds ds = DS_EMPTY_INITIALIZER;

    add_some();
    add_explicit(0);
    add_drop(131075);
    pass_stats_put_metrics(stats, &layout, m);
    metrics_finish(m, &ds, NULL);
#define X(LINE) check_line(ds_cstr(&ds), "ovs_upcall_trace_" LINE "\n");
    X("passes_total{outcome=\"hit\"} 4")
    X("passes_dropped_total{reason=\"OVS_DROP_EXPLICIT\"} 1")
    X("passes_total{outcome=\"miss\"} 1")
    X("passes_total{outcome=\"execute\"} 1")
    X("passes_dropped_total{reason=\"OVS_DROP_LAST_ACTION\"} 1")
    X("port_passes_dropped_total{datapath=\"ovs-system\",port=\"p\\\"3\","
      "number=\"3\"} 2")
    X("port_passes_dropped_total{datapath=\"ovs-system\",port=\"\","
      "number=\"4\"} 0")
    X("pass_latency_seconds_bucket{stage=\"lookup\",le=\"1.023e-06\"} 4")
    X("pass_latency_seconds_count{stage=\"lookup\"} 5")
    X("pass_latency_seconds_sum{stage=\"total\"} 5.11e-05")
    X("pass_masks_bucket{le=\"1\"} 1")
    X("pass_masks_bucket{le=\"3\"} 4")
    X("pass_masks_bucket{le=\"7\"} 5")
    X("pass_masks_bucket{le=\"1023\"} 5")
    X("pass_masks_sum 17")
    X("pass_cache_hits_total 3")
    X("port_passes_total{datapath=\"ovs-system\",port=\"p\\\"3\","
      "number=\"3\",outcome=\"hit\"} 4")
    X("port_passes_total{datapath=\"ovs-system\",port=\"\",number=\"4\","
      "outcome=\"miss\"} 1")
#undef X
    ds_destroy(&ds);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_stats_show_tcase(void)
{
    TCase *tc = tcase_create("pass-stats-show");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_text_drops);
    tcase_add_test(tc, test_text_empty);
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_json_drops);
    tcase_add_test(tc, test_metrics);
    return tc;
}
