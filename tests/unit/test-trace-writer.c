/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-writer.c and lib/file/hold-back.c: the files of a
 * trace, and what is in them. */

#include <config.h>

#include "file/trace-writer.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/compat.h"
#include "build-pass.h"
#include "build-record.h"
#include "file/follow.h"
#include "file/hold-back.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/record.h"
#include "show/record-context.h"
#include "svec.h"
#include "util.h"

TCase *trace_writer_tcase(void);

#define FIRST "{\"event\":\"startup\",\"started_ms\":7}"

static char dir[32], old_dir[PATH_MAX];
static struct record_context context;
static struct flow_table *flows;
static uint64_t seq;            /* Of the last record. */

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-writer-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_ptr_nonnull(getcwd(old_dir, sizeof old_dir));
    ck_assert_int_eq(chdir(dir), 0);
    flows = flow_table_create(1 << 20);
    memset(&context, 0, sizeof context);
    seq = 0;
}

static void
teardown(void)
{
    ck_assert_int_eq(system("rm -f ./* ./.[!.]*"), 0);
    ck_assert_int_eq(chdir(old_dir), 0);
    ck_assert_int_eq(rmdir(dir), 0);
    flow_table_destroy(flows);
}

/* Writers. */

static struct trace_writer *
create(const char *name, uint64_t rotate, uint64_t files)
{
    const struct trace_writer_options options = {
        .name = name, .rotate = rotate, .files = files,
    };
    struct trace_writer *w;

    ck_assert_ptr_null(trace_writer_create(&options, &w));
    return w;
}

static void
destroy(struct trace_writer *w)
{
    ck_assert_ptr_null(trace_writer_destroy(w));
}

static void
put_item(struct trace_writer *w, enum follow_kind kind, const void *record,
         size_t size, uint64_t n, long long int now)
{
    const struct follow_item item = {
        .kind = kind, .seq = seq, .record = record, .size = size, .n = n,
    };

    trace_writer_put(w, &item, &context, now);
}

/* Has 'w' get the record of an upcall with a flow that it has put. */
static void
put_upcall(struct trace_writer *w, long long int now)
{
    struct build b;
    struct upcall u;
    void *data;
    size_t size;
    char *error;

    ask_build_put(&b, ++seq, "2", 0);
    b.rec.ufid[0] = seq;
    data = build_get(&b, &size);
    ck_assert(upcall_parse(data, size, &u, &error));
    flow_table_add(flows, &u, 0);
    put_item(w, FOLLOW_RECORD, data, size, 0, now);
    free(data);
    build_uninit(&b);
}

/* Has 'w' get the record of a pass that hits a flow that nobody has seen being
 * put. */
static void
put_pass(struct trace_writer *w, long long int now)
{
    struct build_pass b;
    size_t size;
    void *data;

    build_pass_hit(&b);
    seq++;
    data = build_pass_get(&b, &size);
    ask_add_hit(flows, &b, NULL);
    put_item(w, FOLLOW_RECORD, data, size, 0, now);
    free(data);
}

static void
end(struct trace_writer *w)
{
    trace_writer_end(w, "{\"produced\":9,\"delivered\":8,\"dropped\":1}", NULL,
                     &context);
}

/* Files. */

/* Returns the lines of file 'name', each an object. */
static struct json *
read_lines(const char *name)
{
    struct json *lines = json_array_create_empty();
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(name, "r");

    ck_assert_msg(stream != NULL, "no %s", name);
    while (ds_get_line(&line, stream) != EOF) {
        struct json *json = json_from_string(ds_cstr(&line));

        ck_assert_msg(json->type == JSON_OBJECT, "%s", ds_cstr(&line));
        json_array_add(lines, json);
    }
    fclose(stream);
    ds_destroy(&line);
    return lines;
}

/* Returns the lines of file 'name' in short: of each, its event, or its kind
 * and number.  The caller frees it. */
static char *
get_outline(const char *name)
{
    struct json *lines = read_lines(name);
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < upcall_json_array_size(lines); i++) {
        const struct shash *line = json_object(upcall_json_array_at(lines, i));
        const struct json *event = shash_find_data(line, "event");
        const struct json *kind = shash_find_data(line, "kind");

        if (kind) {
            ds_put_format(&ds, "%s %"PRId64", ", json_string(kind),
                          (int64_t) json_integer(shash_find_data(line,
                                                                 "seq")));
        } else {
            ds_put_format(&ds, "%s, ", json_string(event));
        }
    }
    ds_truncate(&ds, ds.length - (ds.length > 2 ? 2 : 0));
    json_destroy(lines);
    return ds_steal_cstr(&ds);
}

static void
expect_outline(const char *name, const char *expected)
{
    char *found = get_outline(name);

    ck_assert_str_eq(found, expected);
    free(found);
}

/* The last line of file 'name' must be 'expected'. */
static void
expect_end(const char *name, const char *expected)
{
    struct json *lines = read_lines(name);
    struct json *json = json_from_string(expected);
    size_t last = upcall_json_array_size(lines) - 1;
    char *found = json_to_string(upcall_json_array_at(lines, last),
                                 JSSF_SORT);
    char *sorted = json_to_string(json, JSSF_SORT);

    ck_assert_str_eq(found, sorted);
    free(sorted);
    free(found);
    json_destroy(json);
    json_destroy(lines);
}

/* Lines. */

START_TEST(test_lines)
{
    struct trace_writer *w = create("t.json", 0, 0);
    struct trace_writer_stats stats;
    struct stat st;

    trace_writer_begin(w, FIRST);
    put_upcall(w, 0);
    put_pass(w, 0);
    seq = 7;
    put_item(w, FOLLOW_GAP, NULL, 0, 4, 0);
    put_upcall(w, 0);
    put_item(w, FOLLOW_RECORD, "damaged", 8, 0, 0);
    end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_str_eq(stats.name, "t.json");
    ck_assert_uint_eq(stats.upcalls, 2);
    ck_assert_uint_eq(stats.passes, 1);
    ck_assert_uint_eq(stats.missed, 4);
    ck_assert_uint_eq(stats.damaged, 1);
    ck_assert_uint_eq(stats.n_files, 1);
    ck_assert_uint_eq(stats.n_removed, 0);
    destroy(w);
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_uint_eq(stats.bytes, st.st_size);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    expect_outline("t.json", "startup, upcall 1, pass 2, gap, upcall 8, end");
    expect_end("t.json", "{\"event\":\"end\",\"produced\":9,\"delivered\":8,"
               "\"dropped\":1,\"started_ms\":7,"
               "\"file\":{\"records\":3,\"missed\":4,\"next\":null}}");
}
END_TEST

/* What the end was, nobody knows. */
START_TEST(test_no_end)
{
    struct trace_writer *w = create("t.json", 0, 0);

    trace_writer_begin(w, FIRST);
    put_upcall(w, 0);
    trace_writer_end(w, NULL, "it has ended", &context);
    trace_writer_end(w, NULL, "once more", &context);
    destroy(w);
    expect_outline("t.json", "startup, upcall 1, end");
    expect_end("t.json", "{\"event\":\"end\",\"produced\":null,"
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
    w = create("t.json", 0, 0);
    trace_writer_end(w, NULL, "why", &context);
    destroy(w);
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_int_eq(st.st_size, 0);
    ck_assert_ptr_null(trace_writer_destroy(NULL));
}
END_TEST

/* What was written can be read a second later, and is kept if nothing else
 * is. */
START_TEST(test_flush)
{
    struct trace_writer *w = create("t.json", 0, 0);

    trace_writer_begin(w, FIRST);
    trace_writer_run(w, &context, 10000);
    put_upcall(w, 10000);
    trace_writer_run(w, &context, 10999);
    expect_outline("t.json", "startup");
    trace_writer_run(w, &context, 11000);
    expect_outline("t.json", "startup, upcall 1");
    destroy(w);
}
END_TEST

/* Rotation. */

static void
expect_name(const char *name, const char *second)
{
    struct trace_writer *w = create(name, 1, 0);

    trace_writer_begin(w, FIRST);
    put_upcall(w, 0);
    trace_writer_run(w, &context, 1000);        /* Compressed, too. */
    put_upcall(w, 0);
    end(w);
    destroy(w);
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
    struct trace_writer *w = create("t.json", 1, 0);
    struct trace_writer_stats stats;

    trace_writer_begin(w, FIRST);
    put_upcall(w, 0);
    put_upcall(w, 0);
    put_item(w, FOLLOW_GAP, NULL, 0, 3, 0);     /* Is no record. */
    seq = 5;
    put_upcall(w, 0);
    end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 3);
    ck_assert_str_eq(stats.name, "t.00003.json");
    destroy(w);
    expect_outline("t.00001.json", "startup, upcall 1, end");
    expect_end("t.00001.json", "{\"event\":\"end\",\"produced\":null,"
               "\"delivered\":null,\"dropped\":null,\"passes\":null,"
               "\"started_ms\":7,"
               "\"stopped\":\"rotated\",\"file\":"
               "{\"records\":1,\"missed\":0,\"next\":\"t.00002.json\"}}");
    expect_outline("t.00002.json", "startup, upcall 2, end");
    expect_outline("t.00003.json", "startup, gap, upcall 6, end");
    expect_end("t.00003.json", "{\"event\":\"end\",\"produced\":9,"
               "\"delivered\":8,\"dropped\":1,\"started_ms\":7,"
               "\"file\":"
               "{\"records\":1,\"missed\":3,\"next\":null}}");
}
END_TEST

START_TEST(test_remove)
{
    struct trace_writer *w = create("t.json", 1, 2);
    struct trace_writer_stats stats;

    trace_writer_begin(w, FIRST);
    for (int i = 0; i < 5; i++) {
        put_upcall(w, 0);
    }
    ck_assert_int_eq(unlink("t.00004.json"), 0);        /* Somebody else. */
    put_upcall(w, 0);
    end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 6);
    ck_assert_uint_eq(stats.n_removed, 4);
    destroy(w);
    ck_assert_int_eq(access("t.00003.json", F_OK), -1);
    expect_outline("t.00005.json", "startup, upcall 5, end");
    expect_outline("t.00006.json", "startup, upcall 6, end");
}
END_TEST

/* Flows. */

/* A record waits for what is told of its flow, and those behind it wait, too,
 * but no longer than HOLD_BACK_TIME. */
START_TEST(test_hold)
{
    struct trace_writer *w = create("t.json", 0, 0);
    struct json *lines;
    struct ds ds = DS_EMPTY_INITIALIZER;

    context.flows = flows;
    trace_writer_begin(w, FIRST);
    put_upcall(w, 1000);
    put_pass(w, 1100);
    put_item(w, FOLLOW_GAP, NULL, 0, 3, 1100);
    put_upcall(w, 3500);
    trace_writer_run(w, &context, 3500);
    expect_outline("t.json", "startup");
    flow_table_done(flows, flow_table_get(flows, 1), FLOW_PARTIAL, "told");
    trace_writer_run(w, &context, 4500);
    expect_outline("t.json", "startup, upcall 1");
    trace_writer_run(w, &context, 1100 + HOLD_BACK_TIME - 1);
    expect_outline("t.json", "startup, upcall 1");
    trace_writer_run(w, &context, 1100 + HOLD_BACK_TIME);
    trace_writer_run(w, &context, 3499 + HOLD_BACK_TIME);
    expect_outline("t.json", "startup, upcall 1, pass 2, gap");
    end(w);
    destroy(w);
    expect_outline("t.json", "startup, upcall 1, pass 2, gap, upcall 3, end");
    lines = read_lines("t.json");
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
    struct trace_writer *w = create("t.json", 0, 0);

    trace_writer_begin(w, FIRST);
    put_upcall(w, 1000);
    put_pass(w, 1000);
    trace_writer_run(w, &context, 1000);
    expect_outline("t.json", "startup, upcall 1, pass 2");
    destroy(w);
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
    flow_table_add(flows, &u, 0);
    held.record = record;

    hold_back_init(&h);
    for (size_t i = 0; i < HOLD_BACK_BYTES / held.size; i++) {
        ck_assert_ptr_null(hold_back_first(&h, flows, 0));
        hold_back_add(&h, &held, 0);
        if (hold_back_first(&h, flows, 0)) {
            break;
        }
    }
    ck_assert_ptr_nonnull(hold_back_first(&h, flows, 0));
    ck_assert_uint_gt(h.bytes, HOLD_BACK_BYTES);
    ck_assert_uint_lt(h.bytes, HOLD_BACK_BYTES + 2 * held.size + 1000);
    hold_back_pop(&h);
    ck_assert_ptr_null(hold_back_first(&h, flows, 0));
    hold_back_uninit(&h);
    ck_assert_uint_eq(h.bytes, 0);

    /* Small ones. */
    hold_back_init(&h);
    hold_back_add(&h, &held, 0);
    held = (struct follow_item) { .kind = FOLLOW_GAP, .n = 1 };
    for (int i = 1; i < HOLD_BACK_MAX; i++) {
        hold_back_add(&h, &held, 0);
    }
    ck_assert_ptr_null(hold_back_first(&h, flows, 0));
    hold_back_add(&h, &held, 0);
    ck_assert_ptr_nonnull(hold_back_first(&h, flows, 0));
    hold_back_uninit(&h);
    free(record);
    build_uninit(&b);
}
END_TEST

/* Errors. */

/* Has 'w' get records until it cannot write them. */
static void
put_until_error(struct trace_writer *w)
{
    for (int i = 0; i < 100000 && !trace_writer_error(w); i++) {
        put_upcall(w, 0);
    }
    ck_assert_ptr_nonnull(trace_writer_error(w));
}

/* The error of 'w', which is freed, must be 'expected', and must have been
 * so. */
static void
expect_error(struct trace_writer *w, const char *expected)
{
    char *error;

    ck_assert_str_eq(trace_writer_error(w), expected);
    put_upcall(w, 0);
    trace_writer_run(w, &context, 1000000);
    end(w);
    error = trace_writer_destroy(w);
    ck_assert_str_eq(error, expected);
    free(error);
}

START_TEST(test_full)
{
    struct trace_writer *w;

    if (access("/dev/full", W_OK)) {
        return;
    }
    w = create("/dev/full", 0, 0);
    trace_writer_begin(w, FIRST);
    put_until_error(w);
    expect_error(w, "/dev/full: No space left on device: free space, record "
                 "to another disk, compress (.zst), or limit it "
                 "(--rotate=SIZE --files=N)");
}
END_TEST

/* What has room is there, and can be read up to its end. */
START_TEST(test_limit)
{
    const struct rlimit limit = { 100000, RLIM_INFINITY };
    struct trace_writer_stats stats;
    struct trace_writer *w;
    struct stat st;
    char *found;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    w = create("t.json", 0, 0);
    trace_writer_begin(w, FIRST);
    put_until_error(w);
    trace_writer_get_stats(w, &stats);
    expect_error(w, "t.json: File too large: begin other files in time "
                 "(--rotate=SIZE)");
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_uint_eq(stats.bytes, st.st_size);
    ck_assert_uint_gt(st.st_size, 90000);
    found = get_outline("t.json");
    ck_assert_msg(!strncmp(found, "startup, upcall 1, upcall 2, ", 29), "%s",
                  found);
    free(found);
}
END_TEST

/* The next file cannot be made. */
START_TEST(test_next)
{
    struct trace_writer *w = create("t.json", 1, 0);

    ck_assert_int_eq(mkdir("t.00002.json", 0700), 0);
    trace_writer_begin(w, FIRST);
    put_until_error(w);
    expect_error(w, "t.00002.json: Is a directory: choose another file");
    ck_assert_int_eq(rmdir("t.00002.json"), 0);
    expect_outline("t.00001.json", "startup, upcall 1, end");
}
END_TEST

START_TEST(test_not_created)
{
    struct trace_writer_options options = { .name = "missing/t.json" };
    struct trace_writer *w;
    char *error = trace_writer_create(&options, &w);

    ck_assert_str_eq(error, "missing/t.json: No such file or directory: "
                     "choose another file");
    ck_assert_ptr_null(w);
    free(error);
    options = (struct trace_writer_options) { .name = "-", .rotate = 1 };
    error = trace_writer_create(&options, &w);
    ck_assert_str_eq(error, "standard output cannot be rotated: name a file");
    ck_assert_ptr_null(w);
    free(error);
}
END_TEST

/* Standard output is a pipe. */

static int pipe_fd;             /* Where it is read. */

static bool
yes(void)
{
    return true;
}

static struct trace_writer *
create_pipe(void)
{
    const struct trace_writer_options options = {
        .name = "-", .is_hurried = yes,
    };
    struct trace_writer *w;
    int fds[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
    close(fds[1]);
    pipe_fd = fds[0];
    ck_assert_ptr_null(trace_writer_create(&options, &w));
    trace_writer_begin(w, FIRST);
    return w;
}

/* Nobody reads it any more, which is known before there is something to
 * write. */
START_TEST(test_closed)
{
    struct trace_writer *w = create_pipe();

    trace_writer_run(w, &context, 0);
    trace_writer_run(w, &context, 5000);
    ck_assert_ptr_null(trace_writer_error(w));
    close(pipe_fd);
    trace_writer_run(w, &context, 5001);
    expect_error(w, "standard output: Broken pipe: nobody reads it any more");
}
END_TEST

/* Nobody reads it, and this process is to end. */
START_TEST(test_not_read)
{
    struct trace_writer *w = create_pipe();

    put_until_error(w);
    expect_error(w, "standard output: Connection timed out: nobody has read "
                 "it for too long");
    close(pipe_fd);
}
END_TEST

/* Returns the tests of this file. */
TCase *
trace_writer_tcase(void)
{
    TCase *tc = tcase_create("trace-writer");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_lines);
    tcase_add_test(tc, test_no_end);
    tcase_add_test(tc, test_nothing);
    tcase_add_test(tc, test_flush);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_rotate);
    tcase_add_test(tc, test_remove);
    tcase_add_test(tc, test_hold);
    tcase_add_test(tc, test_no_hold);
    tcase_add_test(tc, test_room);
    tcase_add_test(tc, test_full);
    tcase_add_test(tc, test_limit);
    tcase_add_test(tc, test_next);
    tcase_add_test(tc, test_not_created);
    tcase_add_test(tc, test_closed);
    tcase_add_test(tc, test_not_read);
    return tc;
}
