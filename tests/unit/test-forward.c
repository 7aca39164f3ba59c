/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what a receiver has to check: messages, and lines of a trace. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "check-output.h"
#include "file/forward-check.h"
#include "file/forward-message.h"
#include "file/trace-lines.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "show/record-context.h"
#include "util.h"

TCase *forward_tcase(void);

#define ID "01234567-89ab-cdef-0123-456789abcdef"
#define STARTUP "{\"event\":\"startup\",\"version\":\"1\"}"
#define END "{\"event\":\"end\"}"

/* Messages. */

/* Returns what is wrong with 'params', of the message 'method'.  The caller
 * frees it. */
static char *
parse(const char *method, const char *params, struct forward_message *m)
{
    struct json *json = json_from_string(params);
    char *name = xasprintf("upcall_trace.%s", method);
    char *error = forward_message_parse(name, json, m);

    free(name);
    json_destroy(json);
    return error;
}

static const struct {
    const char *method, *params, *error;
} bad_messages[] = {
    { "x", "[{}]", "its method is unknown" },
    { "ack", "{}", "its params are not an array with an object" },
    { "ack", "[]", "its params are not an array with an object" },
    { "ack", "[{},{}]", "its params are not an array with an object" },
    { "ack", "[7]", "its params are not an array with an object" },
    { "ack", "[{}]", "member \"number\" is missing" },
    { "ack", "[{\"number\":-1}]", "member \"number\" " },
    { "ack", "[{\"number\":1.5}]", "member \"number\" " },
    { "ack", "[{\"number\":9223372036854775807}]", "member \"number\" " },
    { "records", "[{\"first\":1,\"lines\":7}]", "member \"lines\" " },
    { "records", "[{\"first\":1,\"lines\":[\"{}\",7]}]", "an element of " },
    { "gap", "[{\"first\":2,\"last\":1,\"dropped\":1,\"missed\":0,"
      "\"traces\":0,\"next\":1}]", "member \"first\" is greater " },
    { "begin", "[{\"number\":1}]", "member \"startup\" is missing" },
    { "hello", "[{\"version\":2}]", "member \"version\" " },
    { "hello", "[{\"version\":1,\"session\":\"x\"}]",
      "member \"session\" is no UUID" },
    { "hello", "[{\"version\":1,\"session\":\"" ID "\",\"host\":\"\xff\"}]",
      "member \"host\" is not UTF-8" },
    { "hello", "[{\"version\":1,\"session\":\"" ID "\",\"host\":\""
      "\\u0001\"}]",
      "member \"host\" has control characters" },
    { "hello", "[{\"version\":1,\"session\":\"" ID "\",\"host\":\""
      "\xc2\x9b\"}]",
      "member \"host\" has control characters" },
    { "hello", "[{\"version\":1,\"session\":\"" ID "\",\"host\":\""
      "h\xc2\xa0\",\"system_id\":\"\x7f\"}]",
      "member \"system_id\" has control characters" },
    { "hello", "[{\"version\":1,\"session\":\"" ID "\",\"host\":null}]",
      "member \"host\" is not a string" },
};

START_TEST(test_bad_message)
{
    struct forward_message m;
    char *error = parse(bad_messages[_i].method, bad_messages[_i].params, &m);

    ck_assert_ptr_nonnull(error);
    ck_assert_msg(!strncmp(error, bad_messages[_i].error,
                           strlen(bad_messages[_i].error)), "%s", error);
    free(error);
}
END_TEST

/* No message has so many lines that it takes long. */
START_TEST(test_many_lines)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct forward_message m;
    char *error;

    ds_put_cstr(&ds, "[{\"first\":1,\"lines\":[\"\"");
    for (int i = 1; i < FORWARD_LINES_MAX; i++) {
        ds_put_cstr(&ds, ",\"\"");
    }
    ds_put_cstr(&ds, "]}]");
    error = parse("records", ds_cstr(&ds), &m);
    ck_assert_msg(!error, "%s", error);
    ds_truncate(&ds, ds.length - 3);
    ds_put_cstr(&ds, ",\"\"]}]");
    error = parse("records", ds_cstr(&ds), &m);
    ck_assert_str_eq(error, "more than 1024 lines in a message");
    free(error);
    ds_destroy(&ds);
}
END_TEST

/* Appends a line of 'len' quotation marks to 'lines'. */
static void
add_quotes(struct json *lines, size_t len)
{
    char *quotes = xmalloc(len + 1);

    memset(quotes, '"', len);
    quotes[len] = '\0';
    json_array_add(lines, json_string_create_nocopy(quotes));
}

/* The largest message that a sender sends is one that a receiver takes. */
START_TEST(test_largest_message)
{
    const struct forward_message m = {
        .kind = FORWARD_MESSAGE_RECORDS, .first = INT64_MAX / 2,
        .lines = json_array_create_empty(),
    };
    struct json *json;
    char *text;

    add_quotes(CONST_CAST(struct json *, m.lines), FORWARD_BATCH - 1);
    add_quotes(CONST_CAST(struct json *, m.lines), FORWARD_LINE_MAX);
    json = jsonrpc_msg_to_json(forward_message_notify(&m));
    text = json_to_string(json, 0);
    ck_assert_uint_gt(strlen(text), 2 * (FORWARD_BATCH + FORWARD_LINE_MAX));
    ck_assert_uint_le(strlen(text), FORWARD_MESSAGE_MAX);
    free(text);
    json_destroy(json);
    json_destroy(CONST_CAST(struct json *, m.lines));
}
END_TEST

/* Lines. */

/* Returns a line with the record 'seq'.  The caller frees it. */
static char *
make_record(uint64_t seq)
{
    const struct record_context c = { .ports = test_ports, .raw = true };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct build b;
    size_t size;
    void *record;

    build_executed(&b);
    record = build_get(&b, &size);
    build_uninit(&b);
    ck_assert_ptr_null(trace_line_put_record(&ds, record, size, seq, &c));
    free(record);
    ds_chomp(&ds, '\n');
    return ds_steal_cstr(&ds);
}

static void
refuses(struct forward_check *c, const char *line, const char *why)
{
    enum forward_kind kind;
    char *error = forward_check_line(c, line, strlen(line), &kind);

    ck_assert_msg(error && strstr(error, why), "%.99s: %s", line,
                  error ? error : "taken");
    free(error);
}

static void
takes(struct forward_check *c, const char *line, enum forward_kind expected)
{
    enum forward_kind kind;
    char *error = forward_check_line(c, line, strlen(line), &kind);

    ck_assert_msg(!error, "%s: %s", line, error);
    ck_assert_int_eq(kind, expected);
}

START_TEST(test_check)
{
    struct forward_check *c = forward_check_create();
    char *one = make_record(1), *two = make_record(2);
    char *lie = xasprintf("{\"h\\u006fst\":\"x\",%s", two + 1);
    char *lie2 = xasprintf("%.*s,\"system-id\":null}",
                           (int) strlen(two) - 1, two);
    char *two_lines = xasprintf("%s\n%s", one, two);
    char *error;

    refuses(c, one, "not the first line of a trace");
    refuses(c, END, "not the first line of a trace");
    takes(c, STARTUP, FORWARD_STARTUP);
    ck_assert_str_eq(forward_check_startup(c), STARTUP);
    refuses(c, "", "not an object");
    refuses(c, "[]", "not an object");
    refuses(c, "{\"", "not an object");
    refuses(c, "{\"event\":\"gap\",\"next\":1,\"records\":1}", "it is a gap");
    refuses(c, "{\"event\":\"x\"}", "its kind is unknown");
    refuses(c, "{\"kind\":\"upcall\"}", "no record of a trace");
    refuses(c, "{\"x\":\"\xff\"}", "not an object of JSON in UTF-8");
    refuses(c, two_lines, "not an object in one line");
    takes(c, one, FORWARD_RECORD);
    refuses(c, lie, "of which host");
    refuses(c, lie2, "of which host");
    takes(c, two, FORWARD_RECORD);
    refuses(c, two, "comes after");
    takes(c, END, FORWARD_END);
    ck_assert_ptr_null(forward_check_startup(c));
    refuses(c, two, "not the first line of a trace");

    ck_assert_ptr_null(forward_check_begin(c, STARTUP));
    takes(c, two, FORWARD_RECORD);
    error = forward_check_begin(c, two);
    ck_assert_ptr_nonnull(error);
    free(error);
    ck_assert_ptr_null(forward_check_begin(c, NULL));
    refuses(c, two, "not the first line of a trace");
    forward_check_destroy(c);
    free(one);
    free(two);
    free(lie);
    free(lie2);
    free(two_lines);
}
END_TEST

/* Returns a first line with so many bytes of a text, and so many objects.  The
 * caller frees it. */
static char *
make_startup(size_t n_bytes, size_t n_objects)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "{\"event\":\"startup\",\"text\":\"");
    ds_put_char_multiple(&ds, 'x', n_bytes);
    ds_put_cstr(&ds, "\",\"objects\":[{}");
    while (n_objects--) {
        ds_put_cstr(&ds, ",{}");
    }
    ds_put_cstr(&ds, "]}");
    return ds_steal_cstr(&ds);
}

/* What is kept of a trace, and what is needed for a line, is bounded. */
START_TEST(test_large)
{
    struct forward_check *c = forward_check_create();
    char *filters = make_startup(10 * 8192, 10);
    char *too_long = make_startup(FORWARD_OUTER_MAX, 10);
    char *too_many = make_startup(10, FORWARD_VALUES_MAX);
    char *one = make_record(1), *two = make_record(2);

    ck_assert_uint_lt(strlen(too_many), FORWARD_OUTER_MAX);
    takes(c, filters, FORWARD_STARTUP);
    takes(c, one, FORWARD_RECORD);
    /* They change nothing. */
    refuses(c, too_long, "too long for a first or last line");
    refuses(c, too_many, "too many values");
    refuses(c, one, "record 1 comes after 1");
    takes(c, two, FORWARD_RECORD);
    ck_assert_str_eq(forward_check_startup(c), filters);
    forward_check_destroy(c);
    free(filters);
    free(too_long);
    free(too_many);
    free(one);
    free(two);
}
END_TEST

/* Returns the tests of this file. */
TCase *
forward_tcase(void)
{
    TCase *tc = tcase_create("forward");

    tcase_add_checked_fixture(tc, check_output_setup,
                              check_output_teardown);
    tcase_add_loop_test(tc, test_bad_message, 0, ARRAY_SIZE(bad_messages));
    tcase_add_test(tc, test_many_lines);
    tcase_add_test(tc, test_largest_message);
    tcase_add_test(tc, test_check);
    tcase_add_test(tc, test_large);
    return tc;
}
