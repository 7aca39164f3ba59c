/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what a report shows: lib/file/report-*.h. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-writer.h"
#include "build-record.h"
#include "check-output.h"
#include "file/report-heat.h"
#include "file/report-lanes.h"
#include "file/report-slowest.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "random.h"
#include "show/record-context.h"
#include "util.h"

TCase *report_tcase(void);

#define MS 1000000ULL

static struct report_heat heat;
static struct report_lanes lanes;
static struct report_slowest slowest;

static void
setup(void)
{
    check_output_setup();
    report_heat_init(&heat);
    memset(&lanes, 0, sizeof lanes);
    memset(&slowest, 0, sizeof slowest);
}

static void
teardown(void)
{
    report_heat_uninit(&heat);
    report_lanes_uninit(&lanes);
    report_slowest_uninit(&slowest);
    check_output_teardown();
}

/* The heat map. */

/* A row begins where the one before ends. */
START_TEST(test_rows)
{
    ck_assert_uint_eq(report_heat_row(0), 0);
    ck_assert_uint_eq(report_heat_row(UINT64_MAX), REPORT_HEAT_ROWS - 1);
    ck_assert_uint_eq(report_heat_row(127), 0);
    ck_assert_uint_eq(report_heat_row_from(0), 0);
    ck_assert_uint_eq(report_heat_row_from(1), 128);
    ck_assert_uint_eq(report_heat_row_from(2), 160);
    for (size_t i = 1; i < REPORT_HEAT_ROWS; i++) {
        uint64_t from = report_heat_row_from(i);

        ck_assert_uint_eq(report_heat_row(from), i);
        ck_assert_uint_eq(report_heat_row(from - 1), i - 1);
    }
    ck_assert_uint_eq(report_heat_row_from(REPORT_HEAT_ROWS - 1),
                      128ULL << 30);
}
END_TEST

static void
add_heat(uint64_t ts, uint64_t ns)
{
    struct report_heat_column *column = report_heat_at(&heat, ts);

    column->upcalls++;
    column->cells[UPCALL_STAGE_TOTAL][report_heat_row(ns)]++;
}

/* Returns how many upcalls 'heat' has. */
static uint64_t
count_heat(void)
{
    uint64_t n = 0, in_cells = 0;

    for (size_t i = 0; i < heat.n; i++) {
        if (heat.columns[i]) {
            n += heat.columns[i]->upcalls;
            for (size_t j = 0; j < REPORT_HEAT_ROWS; j++) {
                in_cells += heat.columns[i]->cells[UPCALL_STAGE_TOTAL][j];
            }
        }
    }
    ck_assert_uint_eq(n, in_cells);
    return n;
}

/* Each upcall is in the column of its time, whenever it comes, and whatever
 * came before. */
START_TEST(test_columns)
{
    static const uint64_t spans[] = { 1000, MS, 5000 * MS, 1ULL << 62 };
    uint64_t n = 0;

    random_set_seed(_i + 1);
    for (size_t s = 0; s < ARRAY_SIZE(spans); s++) {
        for (int i = 0; i < 300; i++) {
            uint64_t ts = (1ULL << 61) + random_uint64() % spans[s];
            struct report_heat_column *column;

            add_heat(ts, ts % MS);
            ck_assert_uint_eq(count_heat(), ++n);
            ck_assert_uint_le(heat.n, REPORT_HEAT_COLUMNS);
            column = heat.columns[(ts >> heat.shift) - heat.first];
            ck_assert_uint_gt(column->cells[UPCALL_STAGE_TOTAL]
                              [report_heat_row(ts % MS)], 0);
        }
        if (s) {
            /* It is not coarser than it has to be. */
            ck_assert_uint_ge(heat.n, REPORT_HEAT_COLUMNS / 2 - 1);
        }
    }
}
END_TEST

/* The first column may be any, and times may go back. */
START_TEST(test_columns_to_front)
{
    for (uint64_t i = 0; i < 1000; i++) {
        add_heat((2000 - i) * MS, 1000);
    }
    ck_assert_uint_eq(count_heat(), 1000);
    ck_assert_uint_eq(heat.first, 1001 * MS >> heat.shift);
    ck_assert_uint_eq(heat.first + heat.n - 1, 2000 * MS >> heat.shift);
}
END_TEST

static struct json *
heat_to_json(uint64_t origin)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    json_writer_init(&w, &ds);
    json_write_object(&w, NULL);
    report_heat_write(&heat, origin, &w);
    json_write_end_object(&w);
    return parse_unsorted(&ds);
}

START_TEST(test_heat_json)
{
    struct json *json;

    add_heat(1024 * 10, 130);
    add_heat(1024 * 10 + 5, 200);
    add_heat(1024 * 12, 130);
    report_heat_at(&heat, 1024 * 12)->lost++;
    json = heat_to_json(1024 * 10 + 1);
    check_part(get_member(json, "heat"), "from", "-1");
    check_part(get_member(json, "heat"), "width", "1024");
    check_part(get_member(json, "heat"), "upcalls", "[2,0,1]");
    check_part(get_member(json, "heat"), "lost", "[0,0,1]");
    check_part(get_member(get_member(json, "heat"), "stages"), "total",
               "[[1,1,0,1],[],[1,1]]");
    check_part(get_member(get_member(json, "heat"), "stages"), "queue",
               "[[],[],[]]");
    json_destroy(json);
}
END_TEST

/* Lanes. */

/* Adds an upcall of 'batch' of 'handler', received at 'ts', that takes
 * 'ns'. */
static void
add_batch(uint32_t handler, uint32_t batch, uint64_t ts, uint64_t ns)
{
    struct upcall_record rec = {
        .flags = UPCALL_F_RECEIVED | UPCALL_F_EXEC | UPCALL_F_EXEC_DONE,
        .recv_tid = handler, .recv_tgid = 1, .batch = batch, .recv_ts = ts,
        .exec_ts = ts + ns / 2, .exec_duration = ns - ns / 2,
        .recv_comm = "handler",
    };

    report_lanes_add(&lanes, &rec);
}

static void
check_bar(size_t lane, size_t bar, uint64_t from, uint64_t until,
          uint64_t batches, uint64_t upcalls)
{
    const struct report_bar *b = &lanes.lanes[lane]->bars[bar];

    ck_assert_uint_eq(b->from, from);
    ck_assert_uint_eq(b->until, until);
    ck_assert_uint_eq(b->batches, batches);
    ck_assert_uint_eq(b->upcalls, upcalls);
}

/* Records of a handler's batches do not come in order. */
START_TEST(test_lanes)
{
    struct upcall_record lost = { .outcome = UPCALL_LOST };

    add_batch(7, 2, 2000, 500);
    add_batch(8, 2, 100, 50);
    add_batch(7, 1, 1000, 100);
    add_batch(7, 2, 1900, 200);
    add_batch(7, 1, 1010, 300);
    report_lanes_add(&lanes, &lost);
    report_lanes_finish(&lanes);

    ck_assert_uint_eq(lanes.n, 2);
    ck_assert_uint_eq(lanes.shift, 0);
    ck_assert_uint_eq(lanes.lanes[0]->n, 2);
    check_bar(0, 0, 1000, 1310, 1, 2);
    check_bar(0, 1, 1900, 2500, 1, 2);
    ck_assert_uint_eq(lanes.lanes[1]->n, 1);
    check_bar(1, 0, 100, 150, 1, 1);
    ck_assert_uint_eq(lanes.lanes[0]->bars[1].busy, 600);
}
END_TEST

/* Too many become fewer, without one being forgotten. */
START_TEST(test_lanes_thinned)
{
    uint64_t batches = 0, upcalls = 0, busy = 0;

    for (uint32_t i = 0; i < 100000; i++) {
        add_batch(i % 4, i / 4, i * 10000ULL, 5000);
        add_batch(i % 4, i / 4, i * 10000ULL + 1000, 5000);
        ck_assert_uint_le(lanes.n_bars, REPORT_LANES_BARS);
    }
    report_lanes_finish(&lanes);
    ck_assert_uint_gt(lanes.shift, 0);
    ck_assert_uint_le(lanes.n_bars, REPORT_LANES_BARS);
    ck_assert_uint_gt(lanes.n_bars, REPORT_LANES_BARS / 4);
    for (size_t i = 0; i < 4; i++) {
        const struct report_lane *lane = lanes.lanes[i];

        ck_assert_uint_eq(lane->upcalls, 50000);
        for (size_t j = 0; j < lane->n; j++) {
            batches += lane->bars[j].batches;
            upcalls += lane->bars[j].upcalls;
            busy += lane->bars[j].busy;
            ck_assert(!j || lane->bars[j - 1].from >> lanes.shift
                            < lane->bars[j].from >> lanes.shift);
        }
    }
    ck_assert_uint_eq(batches, 100000);
    ck_assert_uint_eq(upcalls, 200000);
    ck_assert_uint_eq(busy, 100000 * 6000ULL);
}
END_TEST

START_TEST(test_lanes_limit)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    const struct json *all;
    struct json *json;

    for (uint32_t i = 0; i < REPORT_LANES_MAX + 3; i++) {
        add_batch(i, 1, i, 10);
    }
    report_lanes_finish(&lanes);
    json_writer_init(&w, &ds);
    json_write_object(&w, NULL);
    report_lanes_write(&lanes, 0, &w);
    json_write_end_object(&w);
    json = parse_unsorted(&ds);
    all = get_member(json, "lanes");
    check_part(all, "others", "3");
    check_part(all, "span", "null");
    check_part(upcall_json_array_at(get_member(all, "handlers"), 63), "bars",
               "[[63,10,10,1,1]]");
    json_destroy(json);
}
END_TEST

/* The slowest. */

/* Adds an upcall with 'id' that takes 'ns'; with 'lost', one that nobody
 * received. */
static void
add_slow(uint64_t id, uint64_t ns, bool lost)
{
    const struct record_context context = { .ports = test_ports };
    struct upcall u;
    struct build b;
    void *record;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    if (lost) {
        build_lost(&b, -EAGAIN);
    } else {
        build_receive(&b);
        build_execute(&b, "2", 0);
        b.rec.exec_duration = b.rec.ts + ns - b.rec.exec_ts;
    }
    b.rec.id = id;
    record = build_parse(&b, &u);
    report_slowest_add(&slowest, &u, upcall_record_size(u.rec), &context);
    free(record);
}

START_TEST(test_slowest)
{
    for (uint64_t i = 1; i <= 100; i++) {
        add_slow(i, 300000 + i * 37 % 101 * 1000, false);
    }
    add_slow(101, 0, true);
    ck_assert_uint_eq(slowest.n, REPORT_SLOWEST_MAX);
    for (size_t i = 0; i < slowest.n; i++) {
        ck_assert_uint_eq(slowest.slow[i].total, 300000 + (100 - i) * 1000);
    }
    ck_assert_ptr_nonnull(strstr(slowest.slow[0].text, "miss p2 icmp"));
}
END_TEST

/* Of those that took as long, the first ones stay. */
START_TEST(test_slowest_equal)
{
    for (uint64_t i = 1; i <= 2 * REPORT_SLOWEST_MAX; i++) {
        add_slow(i, 400000, false);
    }
    for (size_t i = 0; i < REPORT_SLOWEST_MAX; i++) {
        char *id = xasprintf("#%"PRIuSIZE" ", i + 1);

        ck_assert(!strncmp(slowest.slow[i].text, id, strlen(id)));
        free(id);
    }
}
END_TEST

/* Stages that cannot be are left out. */
START_TEST(test_parts)
{
    struct report_part parts[UPCALL_N_STAGES];
    struct upcall u;
    struct build b;
    void *record;

    build_executed(&b);
    b.rec.put_ts = b.rec.ts - 1;
    record = build_parse(&b, &u);
    ck_assert_uint_eq(report_get_parts(u.rec, parts), 3);
    ck_assert_int_eq(parts[0].stage, UPCALL_STAGE_QUEUE);
    ck_assert_uint_eq(parts[0].from, 26993);
    ck_assert_uint_eq(parts[0].until, 142542);
    ck_assert_int_eq(parts[1].stage, UPCALL_STAGE_EXECUTE);
    ck_assert_uint_eq(parts[1].from, 260000);
    ck_assert_uint_eq(parts[1].until, 311100);
    ck_assert_int_eq(parts[2].stage, UPCALL_STAGE_TOTAL);
    free(record);
}
END_TEST

TCase *
report_tcase(void)
{
    TCase *tcase = tcase_create("report");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_rows);
    tcase_add_loop_test(tcase, test_columns, 0, 4);
    tcase_add_test(tcase, test_columns_to_front);
    tcase_add_test(tcase, test_heat_json);
    tcase_add_test(tcase, test_lanes);
    tcase_add_test(tcase, test_lanes_thinned);
    tcase_add_test(tcase, test_lanes_limit);
    tcase_add_test(tcase, test_slowest);
    tcase_add_test(tcase, test_slowest_equal);
    tcase_add_test(tcase, test_parts);
    return tcase;
}
