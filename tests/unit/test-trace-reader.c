/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the reader of traces. */

#include <config.h>
#include "file/trace-reader.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "bpf/pass-record.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "record/record.h"
#include "show/record-show.h"
#include "util.h"

TCase *trace_reader_tcase(void);

#define STARTUP "{\"event\":\"startup\",\"version\":\"1\"}\n"
#define GAP "{\"event\":\"gap\",\"next\":9,\"records\":4}\n"
#define END "{\"event\":\"end\"}\n"

/* The items that were read. */
struct result {
    int n_startup, n_records, n_end;
    uint64_t n_missing;         /* Of gaps. */
    char *error;                /* Or NULL. */
};

/* Appends the 'size' bytes at 'record', which it frees, as a line. */
static void
put_record(struct ds *ds, void *record, size_t size, uint64_t seq)
{
    const struct record_context c = { .ports = test_ports, .raw = true };
    struct json_writer w;

    json_writer_init(&w, ds);
    ck_assert_ptr_null(record_show_json(&w, record, size, seq, &c));
    ds_put_char(ds, '\n');
    free(record);
}

static void
put_upcall(struct ds *ds, uint64_t seq)
{
    struct build b;
    size_t size;
    void *rec;

    build_executed(&b);
    rec = build_get(&b, &size);
    build_uninit(&b);
    put_record(ds, rec, size, seq);
}

/* Appends a pass whose actions can be read without a layout. */
static void
put_pass(struct ds *ds, uint64_t seq)
{
    struct build_pass b;
    size_t size;
    void *rec;

    build_pass_execute(&b, "ct(commit),2", -EINVAL);
    rec = build_pass_get(&b, &size);
    build_pass_uninit(&b);
    put_record(ds, rec, size, seq);
}

/* Adds all items that are ready to 'result'. */
static void
take(struct trace_reader *t, struct result *result)
{
    struct trace_item item;

    while (trace_reader_next(t, &item)) {
        ck_assert_ptr_null(result->error);
        result->n_startup += item.kind == TRACE_STARTUP;
        result->n_records += item.kind == TRACE_RECORD;
        result->n_end += item.kind == TRACE_END;
        if (item.kind == TRACE_GAP) {
            ck_assert_uint_eq(item.seq, 9);
            result->n_missing += item.n;
        }
        if (item.kind == TRACE_ERROR) {
            result->error = xstrdup(item.error);
        } else {
            ck_assert_uint_gt(item.text_len, 0);
        }
    }
}

/* Reads the 'size' bytes at 'text' in blocks of 'block' bytes. */
static struct result
read_blocks(const char *text, size_t size, size_t block)
{
    struct trace_reader *t = trace_reader_create();
    struct result result = { .error = NULL };

    for (size_t i = 0; i < size; i += block) {
        trace_reader_put(t, text + i, MIN(block, size - i));
        take(t, &result);
    }
    trace_reader_end(t, NULL);
    take(t, &result);
    ck_assert(!result.n_end || result.error || trace_reader_has_ended(t));
    trace_reader_destroy(t);
    return result;
}

static void
check_result(const struct result *r, int n_startup, int n_records, int n_end)
{
    ck_assert_int_eq(r->n_startup, n_startup);
    ck_assert_int_eq(r->n_records, n_records);
    ck_assert_int_eq(r->n_end, n_end);
}

/* A trace is the same in whatever blocks it comes; another may follow, whose
 * numbers begin again. */
START_TEST(test_blocks)
{
    static const size_t blocks[] = { 1, 7, 4096, 1 << 20 };
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < 2; i++) {
        ds_put_cstr(&ds, STARTUP);
        put_upcall(&ds, 3);
        put_pass(&ds, 4);
        ds_put_cstr(&ds, GAP);
        put_upcall(&ds, 9);
        ds_put_cstr(&ds, END);
    }
    for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
        struct result r = read_blocks(ds_cstr(&ds), ds.length, blocks[i]);

        ck_assert_ptr_null(r.error);
        check_result(&r, 2, 6, 2);
        ck_assert_uint_eq(r.n_missing, 8);
    }
    ds_destroy(&ds);
}
END_TEST

/* All that is said to be missing can be added up. */
START_TEST(test_gaps)
{
    static const char lines[]
        = STARTUP "{\"event\":\"gap\",\"next\":9,"
        "\"records\":9223372036854775806}\n"
        "{\"event\":\"gap\",\"next\":9,\"records\":9}\n"
        "{\"event\":\"gap\",\"next\":9,\"records\":9}\n";
    struct result r = read_blocks(lines, strlen(lines), 4096);

    ck_assert_ptr_null(r.error);
    ck_assert_uint_eq(r.n_missing, INT64_MAX);
}
END_TEST

/* Returns how many of the first 'len' bytes at 's' are ends of lines. */
static int
count_lines(const char *s, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len; i++) {
        n += s[i] == '\n';
    }
    return n;
}

/* Wherever a file is cut off, what is whole is read, and the rest is told. */
START_TEST(test_cut)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, STARTUP);
    put_upcall(&ds, 3);
    put_pass(&ds, 4);
    for (size_t len = 0; len <= ds.length; len++) {
        const char *s = ds_cstr(&ds);
        bool whole = !len || s[len - 1] == '\n' || s[len] == '\n';
        int n = count_lines(s, len) + (whole && s[len] == '\n');
        struct result r = read_blocks(s, len, SIZE_MAX / 2);

        ck_assert_int_eq(r.error == NULL, whole);
        check_result(&r, n > 0, MAX(n - 1, 0), 0);
        if (r.error) {
            ck_assert_ptr_nonnull(strstr(r.error, "the file ends within"));
        }
        free(r.error);
    }
    ds_destroy(&ds);
}
END_TEST

/* Why there is no more of a file is told behind all that there is. */
START_TEST(test_why)
{
    struct trace_reader *t = trace_reader_create();
    struct result r = { .error = NULL };

    trace_reader_put(t, STARTUP "{\"eve", strlen(STARTUP "{\"eve"));
    take(t, &r);
    ck_assert_ptr_null(r.error);
    trace_reader_end(t, "the disk broke");
    take(t, &r);
    check_result(&r, 1, 0, 0);
    ck_assert_str_eq(r.error, "line 2: the disk broke; what comes before it "
                     "can be used");
    trace_reader_destroy(t);
    free(r.error);

    t = trace_reader_create();
    r = (struct result) { .error = NULL };
    trace_reader_put(t, STARTUP, strlen(STARTUP));
    trace_reader_end(t, "the disk broke");
    take(t, &r);
    check_result(&r, 1, 0, 0);
    ck_assert_ptr_nonnull(strstr(r.error, "line 2: the disk broke"));
    trace_reader_destroy(t);
    free(r.error);
}
END_TEST

/* Lines that are wrong, in place of the second record, after 'from' was
 * replaced by 'to' in it. */
static const struct {
    const char *from, *to, *error;
} damaged[] = {
    { "{\"class\"", "{class\"", "not an object of JSON" },
    { "{\"class\"", "[\"class\"", "not an object of JSON" },
    { "\"miss\"", "\"\xff\xfe\"", "not an object of JSON" },
    { "\"miss\"", "\"hit\"", "member \"class\" is unknown" },
    { "\"seq\":4", "\"seq\":3", "record 3 comes after 3" },
    { "\"seq\":4", "\"seq\":-1", "member \"seq\" is not from 0" },
    { "\"seq\":4", "\"seq\":\"4\"", "member \"seq\" is not an integer" },
    { "\"seq\":4", "\"s\":4", "member \"seq\" is missing" },
    { "\"raw\":", "\"cooked\":", "member \"raw\" is missing" },
    { "\"id\":\"17\"", "\"id\":\"x\"", "member \"id\" is not a number" },
    { "\"id\":\"17\"", "\"id\":\"18446744073709551616\"",
      "member \"id\" is not a number" },
    { "\"id\":\"17\"", "\"id\":\"18446744073709551615\"",
      "member \"id\" is too large" },
    { "\"put\":\"", "\"put\":\"?", "member \"put\" is not in base 64" },
    { "\"unsure\":false", "\"unsure\":0",
      "member \"unsure\" is neither true nor false" },
    { "\"comm\":\"handler9\"", "\"comm\":\"a name that is too long\"",
      "member \"comm\" is longer than 16 bytes" },
    { "\"match\":\"packet\"", "\"match\":\"luck\"",
      "member \"match\" is unknown" },
    { "\"ufid\":\"6", "\"ufid\":\"x", "member \"ufid\" is no UFID" },
    { "\"ts\":202388857516033", "\"ts\":9000000000000000000",
      "member \"ts\" is not from 0" },
    { "\"ts\":202388857546533", "\"ts\":202388857516032",
      "its return is not within" },
    { "\"events\":[{", "\"events\":[1,{", "an event is not an object" },
    { "\"kind\":\"upcall\"", "\"sort\":\"upcall\"",
      "neither \"event\" nor \"kind\" is there" },
};

/* Appends 'line' to 'ds', in which the first 'from' is 'to'. */
static void
put_replaced(struct ds *ds, const char *line, const char *from,
             const char *to)
{
    const char *found = strstr(line, from);

    ck_assert_msg(found != NULL, "%s", from);
    ds_put_buffer(ds, line, found - line);
    ds_put_cstr(ds, to);
    ds_put_cstr(ds, found + strlen(from));
}

START_TEST(test_damaged)
{
    struct ds good = DS_EMPTY_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct result r;

    put_upcall(&good, 4);
    ds_put_cstr(&ds, STARTUP);
    put_upcall(&ds, 3);
    put_replaced(&ds, ds_cstr(&good), damaged[_i].from, damaged[_i].to);
    ds_put_cstr(&ds, END);
    r = read_blocks(ds_cstr(&ds), ds.length, 100);
    check_result(&r, 1, 1, 0);
    ck_assert_ptr_nonnull(r.error);
    ck_assert_msg(!strncmp(r.error, "line 3: ", 8), "%s", r.error);
    ck_assert_msg(strstr(r.error, damaged[_i].error) != NULL, "%s", r.error);
    ck_assert_ptr_nonnull(strstr(r.error, "what comes before it can be used"));
    free(r.error);
    ds_destroy(&ds);
    ds_destroy(&good);
}
END_TEST

/* Reads 'start', and then 'n' times 'c' without an end. */
static struct result
read_repeated(const char *start, size_t n, char c)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct result r;

    ds_put_cstr(&ds, start);
    memset(ds_put_uninit(&ds, n), c, n);
    r = read_blocks(ds_cstr(&ds), ds.length, 65536);
    ds_destroy(&ds);
    return r;
}

START_TEST(test_long_and_deep)
{
    struct result r = read_repeated(STARTUP, TRACE_LINE_MAX + 65536, 'x');

    check_result(&r, 1, 0, 0);
    ck_assert_ptr_nonnull(strstr(r.error, "line 2: longer than 16777216"));
    free(r.error);

    r = read_repeated(STARTUP "{\"a\":", 100000, '[');
    check_result(&r, 1, 0, 0);
    ck_assert_ptr_nonnull(r.error);
    free(r.error);
}
END_TEST

/* What a later version writes is ignored; what is no trace is not read. */
START_TEST(test_unknown)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct ds line = DS_EMPTY_INITIALIZER;
    struct result r;

    put_upcall(&line, 4);
    ds_put_cstr(&ds, STARTUP "{\"event\":\"weather\"}\n{\"kind\":\"rain\"}\n");
    put_replaced(&ds, ds_cstr(&line), "\"events\":[",
                 "\"new\":[{}],\"events\":[{\"event\":\"new\"},");
    r = read_blocks(ds_cstr(&ds), ds.length, 100);
    ck_assert_ptr_null(r.error);
    check_result(&r, 1, 1, 0);

    r = read_blocks(ds_cstr(&line), line.length, 100);
    check_result(&r, 0, 0, 0);
    /* Nothing comes before it. */
    ck_assert_str_eq(r.error, "line 1: not the first line of a trace, which "
                     "has \"event\": \"startup\"");
    free(r.error);

    /* A byte order mark is no part of the first line, but is of others. */
    ds_clear(&ds);
    ds_put_cstr(&ds, "\xef\xbb\xbf" STARTUP);
    ds_put_buffer(&ds, ds_cstr(&line), line.length);
    r = read_blocks(ds_cstr(&ds), ds.length, 100);
    ck_assert_ptr_null(r.error);
    check_result(&r, 1, 1, 0);
    ds_put_cstr(&ds, "\xef\xbb\xbf");
    ds_put_buffer(&ds, ds_cstr(&line), line.length);
    r = read_blocks(ds_cstr(&ds), ds.length, 100);
    ck_assert_ptr_nonnull(strstr(r.error, "line 3: not an object of JSON"));
    free(r.error);
    ds_destroy(&line);
    ds_destroy(&ds);
}
END_TEST

/* Whatever is changed, lines are refused or read. */
START_TEST(test_random)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    int n_read = 0;

    random_set_seed(16);
    ds_put_cstr(&ds, STARTUP);
    put_upcall(&ds, 3);
    put_pass(&ds, 4);
    for (int i = 0; i < 3000; i++) {
        char *copy = xmemdup(ds_cstr(&ds), ds.length);
        struct result r;

        for (int j = random_range(4); j >= 0; j--) {
            copy[random_range(ds.length)] ^= 1 << random_range(8);
        }
        r = read_blocks(copy, ds.length, 1 + random_range(4000));
        n_read += r.n_records;
        free(r.error);
        free(copy);
    }
    ck_assert_int_gt(n_read, 1000);
    ds_destroy(&ds);
}
END_TEST

static void
setup(void)
{
    vlog_set_levels_from_string_assert("ANY:off");
    check_output_setup();
}

/* Returns the tests of this file. */
TCase *
trace_reader_tcase(void)
{
    TCase *tc = tcase_create("trace-reader");

    tcase_add_checked_fixture(tc, setup, check_output_teardown);
    tcase_add_test(tc, test_blocks);
    tcase_add_test(tc, test_gaps);
    tcase_add_test(tc, test_cut);
    tcase_add_test(tc, test_why);
    tcase_add_loop_test(tc, test_damaged, 0, ARRAY_SIZE(damaged));
    tcase_add_test(tc, test_long_and_deep);
    tcase_add_test(tc, test_unknown);
    tcase_add_test(tc, test_random);
    return tc;
}
