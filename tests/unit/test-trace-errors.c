/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-writer.c: files that cannot be written. */

#include <config.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/trace-writer.h"
#include "trace-files.h"
#include "util.h"

TCase *trace_errors_tcase(void);

/* Has 'w' get records until it cannot write them. */
static void
put_until_error(struct trace_writer *w)
{
    for (int i = 0; i < 100000 && !trace_writer_error(w); i++) {
        trace_put_upcall(w, 0);
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
    trace_put_upcall(w, 0);
    trace_writer_run(w, &trace_context, 1000000);
    trace_end(w);
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
    w = trace_create("/dev/full", 0, 0);
    trace_writer_begin(w, TRACE_FIRST);
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
    w = trace_create("t.json", 0, 0);
    trace_writer_begin(w, TRACE_FIRST);
    put_until_error(w);
    trace_writer_get_stats(w, &stats);
    expect_error(w, "t.json: File too large: begin other files in time "
                 "(--rotate=SIZE)");
    ck_assert_int_eq(stat("t.json", &st), 0);
    ck_assert_uint_eq(stats.bytes, st.st_size);
    ck_assert_uint_gt(st.st_size, 90000);
    found = trace_get_outline("t.json");
    ck_assert_msg(!strncmp(found, "startup, upcall 1, upcall 2, ", 29), "%s",
                  found);
    free(found);
}
END_TEST

/* The next file cannot be made: the last one goes on, and has its end. */
START_TEST(test_next)
{
    struct trace_writer *w = trace_create("t.json", 1, 0);
    struct trace_writer_stats stats;
    struct rlimit old, none;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit) { 0, old.rlim_max };
    trace_writer_begin(w, TRACE_FIRST);
    trace_put_upcall(w, 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    put_until_error(w);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_files, 1);
    ck_assert_str_eq(stats.name, "t.00001.json");
    expect_error(w, "t.00002.json: Too many open files");
    trace_expect_outline("t.00001.json", "startup, upcall 1, upcall 2, end");
    trace_expect_end("t.00001.json",
                     "{\"event\":\"end\",\"produced\":9,"
                     "\"delivered\":8,\"dropped\":1,\"started_ms\":7,"
                     "\"file\":"
                     "{\"records\":2,\"missed\":0,\"next\":null}}");
    ck_assert_int_eq(access("t.00002.json", F_OK), -1);
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
    trace_writer_begin(w, TRACE_FIRST);
    return w;
}

/* Nobody reads it any more, which is known before there is something to
 * write. */
START_TEST(test_closed)
{
    struct trace_writer *w = create_pipe();

    trace_writer_run(w, &trace_context, 0);
    trace_writer_run(w, &trace_context, 5000);
    ck_assert_ptr_null(trace_writer_error(w));
    close(pipe_fd);
    trace_writer_run(w, &trace_context, 5001);
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
trace_errors_tcase(void)
{
    TCase *tc = tcase_create("trace-errors");

    tcase_add_checked_fixture(tc, trace_setup, trace_teardown);
    tcase_add_test(tc, test_full);
    tcase_add_test(tc, test_limit);
    tcase_add_test(tc, test_next);
    tcase_add_test(tc, test_not_created);
    tcase_add_test(tc, test_closed);
    tcase_add_test(tc, test_not_read);
    return tc;
}
