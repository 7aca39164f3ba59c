/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/kept-files.c and numbered-files.c by way of
 * trace-writer.c: what others have in the same directory stays. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file/trace-writer.h"
#include "trace-files.h"
#include "util.h"

TCase *rotation_tcase(void);
int unlink(const char *name);

static const char *immutable;   /* The file that cannot be removed, or NULL. */

/* Instead of the C library's. */
int
unlink(const char *name)
{
    if (immutable && !strcmp(name, immutable)) {
        errno = EPERM;
        return -1;
    }
    return syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

static void
put_file(const char *name, const char *text)
{
    FILE *stream = fopen(name, "w");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
}

static bool
is_there(const char *name)
{
    return !access(name, F_OK);
}

/* 'w' must have just this to say, NULL for nothing. */
static void
expect_warning(struct trace_writer *w, const char *expected)
{
    char *warning = trace_writer_take_warning(w);

    ck_assert_pstr_eq(warning, expected);
    free(warning);
    ck_assert_ptr_null(trace_writer_take_warning(w));
}

/* Puts 'n' upcalls, each of which begins another file. */
static void
put_upcalls(struct trace_writer *w, int n)
{
    for (int i = 0; i < n; i++) {
        trace_put_upcall(w, 0);
    }
}

/* Two at once take different numbers, and each file names the one that follows
 * it. */
START_TEST(test_two)
{
    struct trace_writer *a = trace_create("t.json", 1, 0);
    struct trace_writer *b = trace_create("t.json", 1, 0);

    trace_writer_begin(a, TRACE_FIRST);
    trace_writer_begin(b, TRACE_FIRST);
    trace_put_upcall(a, 0);
    trace_put_upcall(b, 0);
    trace_put_upcall(a, 0);
    ck_assert_int_eq(symlink("nowhere", "t.00004.json"), 0);
    trace_put_upcall(b, 0);
    trace_end(a);
    trace_end(b);
    trace_destroy(a);
    trace_destroy(b);
    trace_expect_outline("t.00001.json", "startup, upcall 1, end");
    trace_expect_outline("t.00002.json", "startup, upcall 2, end");
    trace_expect_outline("t.00003.json", "startup, upcall 3, end");
    trace_expect_outline("t.00005.json", "startup, upcall 4, end");
    ck_assert_int_eq(system("grep -q '\"next\":\"t.00003.json\"' "
                            "t.00001.json"), 0);
    ck_assert_int_eq(system("grep -q '\"next\":\"t.00005.json\"' "
                            "t.00002.json"), 0);
    ck_assert(!is_there("nowhere"));
}
END_TEST

/* What does not begin as a trace is none of the files that are kept, and
 * stays. */
START_TEST(test_others)
{
    struct trace_writer_stats stats;
    struct trace_writer *w;

    put_file("t.00003.json", "{\"event\": \"end\"}\n");
    put_file("t.00004.json", "");
    put_file("t.00012.json", "a diary\n");
    w = trace_create("t.json", 1, 2);
    expect_warning(w, "t.00003.json: does not begin as a trace: it is kept");
    trace_writer_begin(w, TRACE_FIRST);
    put_upcalls(w, 2);
    expect_warning(w, "t.00012.json: does not begin as a trace: it is kept");
    put_upcalls(w, 2);
    expect_warning(w, NULL);
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_removed, 3);
    trace_destroy(w);
    ck_assert(is_there("t.00003.json") && !is_there("t.00004.json"));
    ck_assert(is_there("t.00012.json") && !is_there("t.00014.json"));
    ck_assert(is_there("t.00015.json") && is_there("t.00016.json"));
}
END_TEST

/* Compressed traces are removed, too, also if there is to be one alone. */
START_TEST(test_one)
{
    static const char *const names[] = { "t.json", "t.json.gz", "t.json.zst" };
    struct trace_writer *w = trace_create(names[_i], 1, 1);
    struct trace_writer_stats stats;

    trace_writer_begin(w, TRACE_FIRST);
    for (int i = 0; i < 3; i++) {
        trace_put_upcall(w, 0);
        trace_writer_run(w, &trace_context, 1000 * (i + 1));
    }
    expect_warning(w, NULL);
    trace_end(w);
    trace_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.n_removed, 2);
    ck_assert(is_there(stats.name));
    trace_destroy(w);
    ck_assert_int_eq(system("test `ls | wc -l` = 1"), 0);
}
END_TEST

/* What cannot be removed is said, and does not keep the trace from going
 * on. */
START_TEST(test_immutable)
{
    struct trace_writer *w = trace_create("t.json", 1, 2);

    immutable = "t.00001.json";
    trace_writer_begin(w, TRACE_FIRST);
    put_upcalls(w, 4);
    expect_warning(w, "t.00001.json: cannot be removed (Operation not "
                   "permitted): it is kept");
    immutable = NULL;
    trace_end(w);
    trace_destroy(w);
    ck_assert(is_there("t.00001.json") && !is_there("t.00002.json"));
    trace_expect_outline("t.00004.json", "startup, upcall 4, end");
}
END_TEST

/* Returns the tests of this file. */
TCase *
rotation_tcase(void)
{
    TCase *tc = tcase_create("rotation");

    tcase_add_checked_fixture(tc, trace_setup, trace_teardown);
    tcase_add_test(tc, test_two);
    tcase_add_test(tc, test_others);
    tcase_add_loop_test(tc, test_one, 0, 3);
    tcase_add_test(tc, test_immutable);
    return tc;
}
