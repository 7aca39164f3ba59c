/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/printable.c, and that what others name is printed through
 * it. */

#include <config.h>
#include "base/printable.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "build-record.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/metrics.h"
#include "show/stats-metrics.h"
#include "show/stats-show.h"
#include "show/upcall-json.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "util.h"

/* What may not get through, and as what it is shown. */
static const struct {
    const char *text;
    const char *shown;
    bool is_utf8;               /* May it be in JSON? */
} texts[] = {
    { "", "", true },
    { "plain ~", "plain ~", true },
    { "a\\b\"c", "a\\134b\\042c", true },
    { "\x1b[2J\a\r\n\t", "\\033[2J\\007\\015\\012\\011", true },
    { "caf\xc3\xa9", "caf\\303\\251", true },
    { "\x7f", "\\177", false },
    { "\xc2\x9b" "31m", "\\302\\23331m", false },       /* U+009b. */
    { "\xc2\xa0", "\\302\\240", true },
    { "\xff", "\\377", false },
    { "\xc3", "\\303", false },                         /* Cut. */
    { "\xc0\xaf", "\\300\\257", false },                /* Overlong. */
    { "\xed\xa0\x80", "\\355\\240\\200", false },       /* Surrogate. */
};

START_TEST(test_texts)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const char *text = texts[_i].text;
    char *copy = printable_copy(text, strlen(text));

    ck_assert_str_eq(copy, texts[_i].shown);
    ck_assert(printable_is(copy));
    printable_put_string(&ds, text);
    ck_assert_str_eq(ds_cstr(&ds), copy);
    ds_clear(&ds);
    printable_put_start(&ds, text, strlen(text));
    ck_assert_str_eq(ds_cstr(&ds), copy);
    ds_clear(&ds);
    printable_put_utf8(&ds, text);
    ck_assert_int_eq(printable_is_utf8(text), texts[_i].is_utf8);
    ck_assert_str_eq(ds_cstr(&ds), texts[_i].is_utf8 ? text : copy);
    ds_destroy(&ds);
    free(copy);
}
END_TEST

/* A null is a byte like others, and what is long is cut where it is said. */
START_TEST(test_lengths)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    char s[2 * PRINTABLE_START_MAX];

    printable_put(&ds, "a\0b", 3);
    ck_assert_str_eq(ds_cstr(&ds), "a\\000b");
    ds_clear(&ds);
    memset(s, '\x1b', sizeof s);
    printable_put(&ds, s, sizeof s);
    ck_assert_uint_eq(ds.length, 4 * sizeof s);
    ds_clear(&ds);
    printable_put_start(&ds, s, PRINTABLE_START_MAX);
    ck_assert_uint_eq(ds.length, 4 * PRINTABLE_START_MAX);
    ds_clear(&ds);
    printable_put_start(&ds, s, PRINTABLE_START_MAX + 1);
    ck_assert_uint_eq(ds.length, 4 * PRINTABLE_START_MAX + 3);
    ck_assert_str_eq(ds_cstr(&ds) + ds.length - 7, "\\033...");
    ds_destroy(&ds);
}
END_TEST

/* Fails unless 'ds', which is cleared, has no control characters. */
static void
check_shown(struct ds *ds)
{
    for (const char *c = ds_cstr(ds); *c; c++) {
        ck_assert_msg(*c == '\n' || (unsigned char) *c >= ' ', "%s",
                      ds_cstr(ds));
        ck_assert_msg(*c != 0x7f, "%s", ds_cstr(ds));
    }
    ck_assert_msg(printable_is_utf8(ds_cstr(ds)), "%s", ds_cstr(ds));
    ds_clear(ds);
}

/* Names of ports and datapaths, wherever they are shown. */
START_TEST(test_names)
{
    const struct stats_datapath dp = { .dp_ifindex = BUILD_DP_IFINDEX };
    const struct stats_frame frame = {
        .now = BUILD_TS + 1000000000, .datapaths = &dp, .n_datapaths = 1,
    };
    struct metrics *metrics = metrics_create(METRICS_PROMETHEUS);
    struct flow_table *flows = flow_table_create(1 << 20);
    struct port_map *ports = port_map_create(4);
    struct upcall_stats *stats = upcall_stats_create(ports);
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;
    struct json_writer w;
    struct json *json;
    struct upcall u;
    struct build b;
    void *rec;

    port_map_add(ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, texts[_i].text, 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, texts[_i].text, 0);
    build_executed(&b);
    rec = build_parse(&b, &u);
    flow_table_add(flows, &u, 0);
    upcall_stats_add(stats, u.rec);

    f = flow_table_first(flows);
    flow_show(f, ports, true, &ds);
    check_shown(&ds);
    json_writer_init(&w, &ds);
    flow_show_write(&w, f, ports, true);
    check_shown(&ds);
    json_writer_init(&w, &ds);
    upcall_json_write(&w, &u, 1, ports, flows);
    check_shown(&ds);
    stats_format(stats, &frame, UPCALL_STAGE_TOTAL, &ds);
    check_shown(&ds);
    json = stats_to_json(stats, &frame);
    json_to_ds(json, 0, &ds);
    json_destroy(json);
    check_shown(&ds);
    stats_put_metrics(stats, &frame, metrics);
    metrics_finish(metrics, &ds, NULL);
    check_shown(&ds);

    ds_destroy(&ds);
    upcall_stats_destroy(stats);
    flow_table_destroy(flows);
    port_map_destroy(ports);
    free(rec);
}
END_TEST

/* Returns the tests of this file. */
TCase *
printable_tcase(void)
{
    TCase *tc = tcase_create("printable");

    tcase_add_loop_test(tc, test_texts, 0, ARRAY_SIZE(texts));
    tcase_add_test(tc, test_lengths);
    tcase_add_loop_test(tc, test_names, 0, ARRAY_SIZE(texts));
    return tc;
}
