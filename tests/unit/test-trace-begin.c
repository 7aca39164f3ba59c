/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-begin.c: which first lines are of the same trace. */

#include <config.h>

#include "file/trace-begin.h"

#include <check.h>

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *trace_begin_tcase(void);

static bool
is_same(const char *a, const char *b)
{
    struct json *a_json = json_from_string(a);
    struct json *b_json = json_from_string(b);
    bool same = trace_begin_is_same(a_json, b_json);

    ck_assert_int_eq(same, trace_begin_is_same(b_json, a_json));
    json_destroy(a_json);
    json_destroy(b_json);
    return same;
}

START_TEST(test_same)
{
    static const char line[] =
        "{\"started_ms\":1,\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":null,\"target\":{\"pid\":3,\"alive\":true},"
        "\"wall_offset\":4}";
    static const char *const others[] = {
        /* Members, and what else there may be instead. */
        "{\"started_ms\":2,\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":null,\"target\":{\"pid\":3}}",
        "{\"started_ms\":1,\"options\":{\"sample\":1},\"host\":\"a\","
        "\"system-id\":null,\"target\":{\"pid\":3}}",
        "{\"started_ms\":1,\"options\":{\"sample\":2},\"host\":\"b\","
        "\"system-id\":null,\"target\":{\"pid\":3}}",
        "{\"started_ms\":1,\"options\":{\"sample\":2},"
        "\"system-id\":null,\"target\":{\"pid\":3}}",
        "{\"started_ms\":1,\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":\"b\",\"target\":{\"pid\":3}}",
        "{\"started_ms\":1,\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":null,\"target\":{\"pid\":4}}",
        "{\"started_ms\":1,\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":null,\"target\":null}",
        "{\"options\":{\"sample\":2},\"host\":\"a\","
        "\"system-id\":null,\"target\":{\"pid\":3}}",
        "{}", "[]", "1",
    };

    ck_assert(is_same(line, line));
    ck_assert(is_same(line,
                      "{\"target\":{\"pid\":3,\"alive\":false},"
                      "\"system-id\":null,\"host\":\"a\","
                      "\"options\":{\"sample\":2},\"started_ms\":1,"
                      "\"wall_offset\":5,\"version\":\"2\"}"));
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        ck_assert_msg(!is_same(line, others[i]), "%s", others[i]);
    }
}
END_TEST

/* What does not tell which trace it is may be any. */
START_TEST(test_unknown)
{
    static const char *const lines[] = {
        "{}", "{\"started_ms\":null,\"target\":{\"pid\":1}}", "[]", "\"x",
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        ck_assert_msg(!is_same(lines[i], lines[i]), "%s", lines[i]);
    }
}
END_TEST

TCase *
trace_begin_tcase(void)
{
    TCase *tc = tcase_create("trace-begin");

    tcase_add_test(tc, test_same);
    tcase_add_test(tc, test_unknown);
    return tc;
}
