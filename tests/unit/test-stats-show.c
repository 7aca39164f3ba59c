/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/stats-json.c and lib/show/stats-text.c. */

#include <config.h>
#include "show/stats-show.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "check-output.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "test-stats.h"
#include "util.h"

static struct port_map *ports;
static struct upcall_stats *stats;
static struct stats_datapath datapath = {
    .dp_ifindex = BUILD_DP_IFINDEX, .lost = 5,
};
static struct stats_frame frame = {
    .since_wall = 1764090000000,
    .since = BUILD_TS - 1500000000,
    .now = BUILD_TS + 1500000000,
    .datapaths = &datapath,
    .n_datapaths = 1,
};

static void
setup(void)
{
    ports = stats_ports_create("p3");
    stats = upcall_stats_create(ports);
    setenv("TZ", "UTC", true);
}

static void
teardown(void)
{
    upcall_stats_destroy(stats);
    port_map_destroy(ports);
}

static void
add(struct build *b)
{
    void *rec = build_get(b, NULL);

    upcall_stats_add(stats, rec);
    free(rec);
    build_uninit(b);
}

/* Adds an upcall that was executed and two that were lost. */
static void
add_some(void)
{
    struct build b;

    build_executed(&b);
    add(&b);
    build_init(&b, UPCALL_CLASS_ACTION);
    build_lost_early(&b, build_icmp, -EAGAIN);
    add(&b);
    build_init(&b, UPCALL_CLASS_ACTION);
    build_lost_early(&b, build_icmp, -ECONNREFUSED);
    b.rec.portid = 99;
    b.rec.port_no = 4;
    add(&b);
}

/* Fails unless the text is 'expected'. */
static void
check_stats_text(enum upcall_stage stage, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    stats_format(stats, &frame, stage, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

START_TEST(test_text)
{
    add_some();
    check_stats_text(UPCALL_STAGE_HANDLE,
        "3 upcalls in 3.0 s, since 2025-11-25 17:00:00\n"
        "rates: 0.0/s over 1 s, 1.5/s over the 2 s so far\n"
        "\n"
        "stage         count      min    mean     p50     p90     p99   p99"
        ".9     max\n"
        "queue             1  115.5us 115.5us 115.5us 115.5us 115.5us 115.5"
        "us 115.5us\n"
        "handle            1  104.3us 104.3us 104.3us 104.3us 104.3us 104.3"
        "us 104.3us\n"
        "install           1   12.1us  12.1us  12.1us  12.1us  12.1us  12.1"
        "us  12.1us\n"
        "execute           1   51.1us  51.1us  51.1us  51.1us  51.1us  51.1"
        "us  51.1us\n"
        "total             1  311.1us 311.1us 311.1us 311.1us 311.1us 311.1"
        "us 311.1us\n"
        "\n"
        "stage handle:\n"
        "  65.5us - 131.1us          1 100.0 %  |##########################"
        "####\n"
        "\n"
        "outcome                 upcalls   share     lost      p50     p99 "
        "    max\n"
        "executed                      1  33.3 %        0  311.1us 311.1us "
        "311.1us\n"
        "lost                          2  66.7 %        2        -       - "
        "      -\n"
        "\n"
        "class                   upcalls   share     lost      p50     p99 "
        "    max\n"
        "miss                          1  33.3 %        0  311.1us 311.1us "
        "311.1us\n"
        "action                        2  66.7 %        2        -       - "
        "      -\n"
        "\n"
        "port                    upcalls   share     lost      p50     p99 "
        "    max\n"
        "p3                            2  66.7 %        1  311.1us 311.1us "
        "311.1us\n"
        "port 4                        1  33.3 %        1        -       - "
        "      -\n"
        "\n"
        "handler                 upcalls   share     lost      p50     p99 "
        "    max\n"
        "handler9 (3215302)            1  33.3 %        0  311.1us 311.1us "
        "311.1us\n"
        "\n"
        "batches: 1, 1 of 3-4\n"
        "lost: 2, 5 by the counter of ovs-system\n"
        "  socket 99: 1 ECONNREFUSED (Connection refused)\n"
        "  socket 3644007146 (handler9): 1 EAGAIN (Resource temporarily una"
        "vailable)\n");
}
END_TEST

START_TEST(test_text_empty)
{
    check_stats_text(UPCALL_STAGE_TOTAL,
        "0 upcalls in 3.0 s, since 2025-11-25 17:00:00\n"
        "rates: 0.0/s over 1 s, 0.0/s over the 2 s so far\n"
        "\n"
        "lost: 0, 5 by the counter of ovs-system\n");
}
END_TEST

START_TEST(test_json)
{
    struct json *json;

    add_some();
    json = stats_to_json(stats, &frame);
    check_part(json, "upcalls", "3");
    check_part(json, "since_ms", "1764090000000");
    check_part(json, "duration", "3000000000");
    check_part(json, "outcomes",
        "{\"abandoned\":0,\"consumed\":0,\"executed\":1,\"failed\":0,"
        "\"installed\":0,\"lost\":2,\"unknown\":0}");
    check_part(json, "classes",
        "{\"action\":2,\"controller\":0,\"flow_sample\":0,\"ipfix\":0,"
        "\"miss\":1,\"sflow\":0,\"slow_path\":0,\"unknown\":0}");
    check_part(json, "total_by_class",
        "{\"action\":{\"count\":0,\"max\":null,\"mean\":null,\"min\":null,"
        "\"p50\":null,\"p90\":null,\"p99\":null,\"p999\":null},\"miss\":{"
        "\"count\":1,\"max\":311100,\"mean\":311100,\"min\":311100,"
        "\"p50\":311100,\"p90\":311100,\"p99\":311100,\"p999\":311100}}");
    check_part(json, "ports",
        "[{\"count\":2,\"datapath\":\"system@ovs-system\",\"latency\":{"
        "\"total\":{\"count\":1,\"max\":311100,\"mean\":311100,"
        "\"min\":311100,\"p50\":311100,\"p90\":311100,\"p99\":311100,"
        "\"p999\":311100}},\"name\":\"p3\",\"number\":3,\"outcomes\":{"
        "\"executed\":1,\"lost\":1}},{\"count\":1,"
        "\"datapath\":\"system@ovs-system\",\"latency\":{\"total\":{"
        "\"count\":0,\"max\":null,\"mean\":null,\"min\":null,\"p50\":null,"
        "\"p90\":null,\"p99\":null,\"p999\":null}},\"name\":null,"
        "\"number\":4,\"outcomes\":{\"lost\":1}}]");
    check_part(json, "handlers",
        "[{\"count\":1,\"latency\":{\"queue\":{\"count\":1,\"max\":115549,"
        "\"mean\":115549,\"min\":115549,\"p50\":115549,\"p90\":115549,"
        "\"p99\":115549,\"p999\":115549},\"total\":{\"count\":1,"
        "\"max\":311100,\"mean\":311100,\"min\":311100,\"p50\":311100,"
        "\"p90\":311100,\"p99\":311100,\"p999\":311100}},"
        "\"name\":\"handler9\",\"outcomes\":{\"executed\":1},"
        "\"pid\":3215259,\"tid\":3215302}]");
    check_part(json, "batch",
        "{\"count\":1,\"max\":3,\"mean\":3,\"sizes\":{\"3\":1}}");
    check_part(json, "lost",
        "{\"classes\":{\"action\":2},"
        "\"datapaths\":[{\"lost\":5,\"name\":\"system@ovs-system\"}],"
        "\"sockets\":[{\"errors\":{\"ECONNREFUSED\":1},\"handler\":null,"
        "\"lost\":1,\"portid\":99,\"tid\":null},{\"errors\":{\"EAGAIN\":1},"
        "\"handler\":\"handler9\",\"lost\":1,\"portid\":3644007146,"
        "\"tid\":3215302}],\"upcalls\":2}");
    check_part(json, "rates",
        "{\"10s\":{\"lost\":1,\"upcalls\":1.5},\"1s\":{\"lost\":0,"
        "\"upcalls\":0},\"60s\":{\"lost\":1,\"upcalls\":1.5}}");
    json_destroy(json);
}
END_TEST

TCase *
stats_show_tcase(void)
{
    TCase *tc = tcase_create("stats-show");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_text_empty);
    tcase_add_test(tc, test_json);
    return tc;
}
