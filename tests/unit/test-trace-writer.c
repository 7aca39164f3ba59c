/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-writer.c and lib/file/hold-back.c: the files of a
 * trace, and what is in them. */

#include <config.h>

#include "file/trace-writer.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/compat.h"
#include "build-record.h"
#include "file/hold-back.h"
#include "file/trace-file.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/record.h"
#include "trace-files.h"
#include "util.h"

TCase *trace_writer_tcase(void);

/* Lines. */

START_TEST(test_lines)
{
    struct trace_writer *w = trace_create("t.json", 0, 0);
    struct trace_writer_stats stats;
    struct stat st;

    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 0);
    trace_put_pass(w, 0);
    trace_seq = 7;
    trace_put_item(w, FOLLOW_GAP, NULL, 0, 4, 0);
    trace_put_upcall(w, 0);
    trace_put_item(w, FOLLOW_RECORD, "damaged", 8, 0, 0);
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_str_eq(stats.name, "t.json");
    ck_assert_uint_eq(stats.upcalls, 2);
    ck_assert_uint_eq(stats.passes, 1);
    ck_assert_uint_eq(stats.missed, 4);
    ck_assert_uint_eq(stats.damaged, 1);
    ck_assert_uint_eq(stats.n_files, 1);
    ck_assert_uint_eq(stats.n_removed, 0);
    trace_destroy(w);
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_uint_eq(stats.bytes, st.st_size);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    trace_expect_outline("t.json",
                         "startup, upcall 1, pass 2, gap, upcall 8, end");
    trace_expect_end("t.json",
                     "{\"event\":\"end\",\"produced\":9,\"delivered\":8,"
                     "\"dropped\":1,\"started_ms\":7,"
                     "\"file\":{\"records\":3,\"missed\":4,\"next\":null}}");
}
END_TEST

/* What the end was, nobody knows. */
START_TEST(test_no_end)
{
    struct trace_writer *w = trace_create("t.json", 0, 0);

    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 0);
    trace_writer_end(w, NULL, "it has ended", &trace_context);
    trace_writer_end(w, NULL, "once more", &trace_context);
    trace_destroy(w);
    trace_expect_outline("t.json", "startup, upcall 1, end");
    trace_expect_end("t.json",
                     "{\"event\":\"end\",\"produced\":null,"
                     "\"delivered\":null,\"dropped\":null,\"passes\":null,"
                     "\"started_ms\":7,"
                     "\"stopped\":\"it has ended\","
                     "\"file\":{\"records\":1,\"missed\":0,\"next\":null}}");
}
END_TEST

/* No trace has begun, and a file that was there is gone. */
START_TEST(test_nothing)
{
    struct trace_writer *w;
    struct stat st;

    ck_assert_int_eq(system("echo old > t.json"), 0);
    w = trace_create("t.json", 0, 0);
    trace_writer_end(w, NULL, "why", &trace_context);
    trace_destroy(w);
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_int_eq(st.st_size, 0);
    ck_assert_ptr_null(trace_writer_destroy(NULL));
}
END_TEST

/* What was written can be read a second later, and is kept if nothing else
 * is. */
START_TEST(test_flush)
{
    struct trace_writer *w = trace_create("t.json", 0, 0);

    trace_writer_begin(w, TRACE_FIRST);
    trace_writer_run(w, &trace_context, 10000);
    trace_put_upcall(w, 10000);
    trace_writer_run(w, &trace_context, 10999);
    trace_expect_outline("t.json", "startup");
    trace_writer_run(w, &trace_context, 11000);
    trace_expect_outline("t.json", "startup, upcall 1");
    trace_destroy(w);
}
END_TEST

/* Rotation. */

static void
expect_name(const char *name, const char *second)
{
    struct trace_writer *w = trace_create(name, 1, 0);

    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 0);
    trace_writer_run(w, &trace_context, 1000);        /* Compressed, too. */
    trace_put_upcall(w, 0);
    trace_end(w);
    trace_destroy(w);
    ck_assert_msg(!access(second, F_OK), "no %s", second);
    ck_assert_int_eq(system("rm -f ./* ./.[!.]*"), 0);
}

START_TEST(test_names)
{
    expect_name("t", "t.00002");
    expect_name("t.json", "t.00002.json");
    expect_name("t.json.zst", "t.00002.json.zst");
    expect_name("t.jsonl.gz", "t.00002.jsonl.gz");
    expect_name("t.ndjson", "t.00002.ndjson");
    expect_name("t.gz", "t.00002.gz");
    expect_name("a.b.c", "a.b.c.00002");
    expect_name("./.json", "./.00002.json");
    expect_name(".json", ".json.00002");
}
END_TEST

START_TEST(test_rotate)
{
    struct trace_writer *w = trace_create("t.json", 1, 0);
    struct trace_writer_stats stats;

    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 0);
    trace_put_upcall(w, 0);
    trace_put_item(w, FOLLOW_GAP, NULL, 0, 3, 0);     /* Is no record. */
    trace_seq = 5;
    trace_put_upcall(w, 0);
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 3);
    ck_assert_str_eq(stats.name, "t.00003.json");
    trace_destroy(w);
    trace_expect_outline("t.00001.json", "startup, upcall 1, end");
    trace_expect_end("t.00001.json",
                     "{\"event\":\"end\",\"produced\":null,"
                     "\"delivered\":null,\"dropped\":null,\"passes\":null,"
                     "\"started_ms\":7,"
                     "\"stopped\":\"rotated\",\"file\":"
                     "{\"records\":1,\"missed\":0,"
                     "\"next\":\"t.00002.json\"}}");
    trace_expect_outline("t.00002.json", "startup, upcall 2, end");
    trace_expect_outline("t.00003.json", "startup, gap, upcall 6, end");
    trace_expect_end("t.00003.json",
                     "{\"event\":\"end\",\"produced\":9,"
                     "\"delivered\":8,\"dropped\":1,\"started_ms\":7,"
                     "\"file\":"
                     "{\"records\":1,\"missed\":3,\"next\":null}}");
}
END_TEST

/* Creates the file 'name'. */
static void
touch(const char *name)
{
    FILE *stream = fopen(name, "w");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fclose(stream), 0);
}

/* What is there from before is not overwritten, and counts. */
START_TEST(test_go_on)
{
    static const char *const others[] = {
        "t.20260101.json", "t.0013.json", "t.000014.json", "t.00015.json.gz",
        "u.00016.json", "t.00017json", "t.json", "t.00000.json",
    };
    struct trace_writer_stats stats;
    struct trace_writer *w;

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        touch(others[i]);
    }
    touch("t.00009.json");
    touch("t.00007.json");
    w = trace_create("./t.json", 1, 3);
    trace_writer_begin(w, TRACE_FIRST);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(access("t.00007.json", F_OK), i == 2 ? -1 : 0);
        trace_put_upcall(w, 0);
    }
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 3);
    ck_assert_uint_eq(stats.n_removed, 2);
    ck_assert_str_eq(stats.name, "./t.00012.json");
    trace_destroy(w);
    trace_expect_outline("t.00010.json", "startup, upcall 1, end");
    trace_expect_outline("t.00012.json", "startup, upcall 3, end");
    ck_assert_int_eq(access("t.00009.json", F_OK), -1);

    w = trace_create("t.json", 1, 0);
    trace_writer_get_stats(w, &stats);
    ck_assert_str_eq(stats.name, "t.00013.json");
    trace_destroy(w);
    trace_expect_outline("t.00010.json", "startup, upcall 1, end");
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        ck_assert_int_eq(access(others[i], F_OK), 0);
    }
}
END_TEST

/* So does one that was to keep more before. */
START_TEST(test_keep_fewer)
{
    touch("t.00102.json");
    touch("t.00101.json");
    trace_destroy(trace_create("t.json", 1, 2));
    ck_assert_int_eq(access("t.00101.json", F_OK), -1);
    ck_assert_int_eq(access("t.00102.json", F_OK), 0);
    ck_assert_int_eq(access("t.00103.json", F_OK), 0);
}
END_TEST

/* Returns how many records the file 'name' has. */
static uint64_t
count_records(const char *name)
{
    struct trace_file *file;
    struct trace_item item;
    uint64_t n = 0;

    ck_assert_ptr_null(trace_file_open(name, &file));
    while (trace_file_next(file, &item)) {
        ck_assert_msg(item.kind != TRACE_ERROR
                      || strstr(item.error, "cut off"), "%s", item.error);
        n += item.kind == TRACE_RECORD;
    }
    trace_file_close(file);
    return n;
}

/* Has 'w' get 'n' records while a file may have 'max' bytes.  Nothing is
 * checked meanwhile, as Check would write that to a file, too. */
static void
put_within(struct trace_writer *w, int n, rlim_t max)
{
    struct rlimit all, some;
    struct build b;
    size_t size;
    void *data;

    ask_build_put(&b, 1, "2", 0);
    data = build_get(&b, &size);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
    some = (struct rlimit) { .rlim_cur = max, .rlim_max = all.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &some);
    for (int i = 0; i < n; i++) {
        trace_seq++;
        trace_put_item(w, FOLLOW_RECORD, data, size, 0, 0);
        if (i % 10 == 5) {
            trace_writer_run(w, &trace_context, i * 1000);
        }
    }
    trace_end(w);
    setrlimit(RLIMIT_FSIZE, &all);
    free(data);
    build_uninit(&b);
}

/* When there is no more room, what is said to be in the file is. */
START_TEST(test_no_room)
{
    static const char *const names[] = { "t.json", "t.json.gz", "t.json.zst" };
    struct trace_writer *w = trace_create(names[_i], 0, 0);
    struct trace_writer_stats stats;
    const int n = 5000;
    char *error;

    trace_writer_begin(w, TRACE_FIRST);
    put_within(w, n, 30000);
    trace_writer_get_stats(w, &stats);
    error = trace_writer_destroy(w);
    ck_assert_ptr_nonnull(strstr(error, "File too large: begin other"));
    free(error);
    ck_assert_uint_gt(stats.upcalls, 0);
    ck_assert_uint_eq(stats.upcalls, count_records(names[_i]));
    ck_assert_uint_eq(stats.upcalls + stats.unwritten, n);
    ck_assert_uint_le(stats.bytes, 30000);
}
END_TEST

/* Whether a file can be created is known before it is. */
START_TEST(test_try)
{
    struct trace_writer_options options = { .name = "t.json", .rotate = 4096 };
    char *error;

    ck_assert_ptr_null(trace_writer_try(&options));
    ck_assert_int_eq(access("t.00001.json", F_OK), -1);
    options.rotate = 0;
    ck_assert_ptr_null(trace_writer_try(&options));
    ck_assert_int_eq(access("t.json", F_OK), -1);
    ck_assert_int_eq(system("echo old > t.json"), 0);
    ck_assert_ptr_null(trace_writer_try(&options));
    ck_assert_int_eq(system("grep -qx old t.json"), 0);
    options.name = "-";
    ck_assert_ptr_null(trace_writer_try(&options));
    options.name = ".";
    error = trace_writer_try(&options);
    ck_assert_str_eq(error, ".: Is a directory: choose another file");
    free(error);
    options.name = "t.json/t.json";
    options.rotate = 4096;
    error = trace_writer_try(&options);
    ck_assert_str_eq(error, "t.json/t.00001.json: Not a directory: choose "
                     "another file");
    free(error);
}
END_TEST

START_TEST(test_remove)
{
    struct trace_writer *w = trace_create("t.json", 1, 2);
    struct trace_writer_stats stats;

    trace_writer_begin(w, TRACE_FIRST);
    for (int i = 0; i < 5; i++) {
        trace_put_upcall(w, 0);
    }
    ck_assert_int_eq(unlink("t.00004.json"), 0);        /* Somebody else. */
    trace_put_upcall(w, 0);
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 6);
    ck_assert_uint_eq(stats.n_removed, 4);
    trace_destroy(w);
    ck_assert_int_eq(access("t.00003.json", F_OK), -1);
    trace_expect_outline("t.00005.json", "startup, upcall 5, end");
    trace_expect_outline("t.00006.json", "startup, upcall 6, end");
}
END_TEST

/* Flows. */

/* A record waits for what is told of its flow, and those behind it wait, too,
 * but no longer than HOLD_BACK_TIME. */
START_TEST(test_hold)
{
    struct trace_writer *w = trace_create("t.json", 0, 0);
    struct json *lines;
    struct ds ds = DS_EMPTY_INITIALIZER;

    trace_context.flows = trace_flows;
    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 1000);
    trace_put_pass(w, 1100);
    trace_put_item(w, FOLLOW_GAP, NULL, 0, 3, 1100);
    trace_put_upcall(w, 3500);
    trace_writer_run(w, &trace_context, 3500);
    trace_expect_outline("t.json", "startup");
    flow_table_done(trace_flows, flow_table_get(trace_flows, 1), FLOW_PARTIAL,
                    "told");
    trace_writer_run(w, &trace_context, 4500);
    trace_expect_outline("t.json", "startup, upcall 1");
    trace_writer_run(w, &trace_context, 1100 + HOLD_BACK_TIME - 1);
    trace_expect_outline("t.json", "startup, upcall 1");
    trace_writer_run(w, &trace_context, 1100 + HOLD_BACK_TIME);
    trace_writer_run(w, &trace_context, 3499 + HOLD_BACK_TIME);
    trace_expect_outline("t.json", "startup, upcall 1, pass 2, gap");
    trace_end(w);
    trace_destroy(w);
    trace_expect_outline("t.json",
                         "startup, upcall 1, pass 2, gap, upcall 3, end");
    lines = trace_read_lines("t.json");
    json_to_ds(upcall_json_array_at(lines, 1), 0, &ds);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), "\"error\":\"told\""));
    ds_clear(&ds);
    json_to_ds(upcall_json_array_at(lines, 2), 0, &ds);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), "\"state\":\"pending\""));
    ds_destroy(&ds);
    json_destroy(lines);
}
END_TEST

/* Nobody asks about flows: nothing waits. */
START_TEST(test_no_hold)
{
    struct trace_writer *w = trace_create("t.json", 0, 0);

    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 1000);
    trace_put_pass(w, 1000);
    trace_writer_run(w, &trace_context, 1000);
    trace_expect_outline("t.json", "startup, upcall 1, pass 2");
    trace_destroy(w);
}
END_TEST

/* No more than there is room for is kept back, each with what it takes. */
START_TEST(test_room)
{
    struct hold_back h;
    struct build b;
    struct upcall u;
    char *error;
    struct follow_item held = { .kind = FOLLOW_RECORD, .seq = 1 };
    void *record;

    ask_build_put(&b, 1, "2", 0);
    record = build_get(&b, &held.size);
    ck_assert(upcall_parse(record, held.size, &u, &error));
    flow_table_add(trace_flows, &u, 0);
    held.record = record;

    hold_back_init(&h);
    for (size_t i = 0; i < HOLD_BACK_BYTES / held.size; i++) {
        ck_assert_ptr_null(hold_back_first(&h, trace_flows, 0));
        hold_back_add(&h, &held, 0);
        if (hold_back_first(&h, trace_flows, 0)) {
            break;
        }
    }
    ck_assert_ptr_nonnull(hold_back_first(&h, trace_flows, 0));
    ck_assert_uint_gt(h.bytes, HOLD_BACK_BYTES);
    ck_assert_uint_lt(h.bytes, HOLD_BACK_BYTES + 2 * held.size + 1000);
    hold_back_pop(&h);
    ck_assert_ptr_null(hold_back_first(&h, trace_flows, 0));
    hold_back_uninit(&h);
    ck_assert_uint_eq(h.bytes, 0);

    /* Small ones. */
    hold_back_init(&h);
    hold_back_add(&h, &held, 0);
    held = (struct follow_item) { .kind = FOLLOW_GAP, .n = 1 };
    for (int i = 1; i < HOLD_BACK_MAX; i++) {
        hold_back_add(&h, &held, 0);
    }
    ck_assert_ptr_null(hold_back_first(&h, trace_flows, 0));
    hold_back_add(&h, &held, 0);
    ck_assert_ptr_nonnull(hold_back_first(&h, trace_flows, 0));
    hold_back_uninit(&h);
    free(record);
    build_uninit(&b);
}
END_TEST

/* Returns the tests of this file. */
TCase *
trace_writer_tcase(void)
{
    TCase *tc = tcase_create("trace-writer");

    tcase_add_checked_fixture(tc, trace_setup, trace_teardown);
    tcase_add_test(tc, test_lines);
    tcase_add_test(tc, test_no_end);
    tcase_add_test(tc, test_nothing);
    tcase_add_test(tc, test_flush);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_rotate);
    tcase_add_test(tc, test_go_on);
    tcase_add_loop_test(tc, test_no_room, 0, 3);
    tcase_add_test(tc, test_try);
    tcase_add_test(tc, test_keep_fewer);
    tcase_add_test(tc, test_remove);
    tcase_add_test(tc, test_hold);
    tcase_add_test(tc, test_no_hold);
    tcase_add_test(tc, test_room);
    return tc;
}
