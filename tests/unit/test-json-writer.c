/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/json-writer.c. */

#include <config.h>
#include "base/json-writer.h"

#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "util.h"

TCase *json_writer_tcase(void);

static struct ds ds;
static struct json_writer w;

static void
setup(void)
{
    ds_init(&ds);
    json_writer_init(&w, &ds);
}

static void
teardown(void)
{
    ds_destroy(&ds);
}

/* Fails unless 'expected' was written, and begins anew. */
static void
check(const char *expected)
{
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_clear(&ds);
    json_writer_init(&w, &ds);
}

/* Fails unless what was written is what OVS makes of 'json', which is
 * freed. */
static void
check_tree(struct json *json)
{
    char *s = json_to_string(json, JSSF_SORT);

    json_destroy(json);
    check(s);
    free(s);
}

/* Commas. */
START_TEST(test_nesting)
{
    json_write_object(&w, NULL);
    json_write_array(&w, "a");
    json_write_end_array(&w);
    json_write_array(&w, "b");
    json_write_integer(&w, NULL, 1);
    json_write_array(&w, NULL);
    json_write_array(&w, NULL);
    json_write_end_array(&w);
    json_write_end_array(&w);
    json_write_object(&w, NULL);
    json_write_end_object(&w);
    json_write_null(&w, NULL);
    json_write_end_array(&w);
    json_write_object(&w, "c");
    json_write_bool(&w, "x", true);
    json_write_bool(&w, "y", false);
    json_write_end_object(&w);
    json_write_null(&w, "d");
    json_write_end_object(&w);
    check("{\"a\":[],\"b\":[1,[[]],{},null],"
          "\"c\":{\"x\":true,\"y\":false},\"d\":null}");
}
END_TEST

/* What is written is appended. */
START_TEST(test_append)
{
    ds_put_cstr(&ds, "before ");
    json_write_string(&w, NULL, "s");
    check("before \"s\"");
}
END_TEST

START_TEST(test_integers)
{
    static const long long int integers[] = {
        0, 1, -1, 9, 10, -10, 4294967296, LLONG_MAX, LLONG_MIN,
    };

    for (size_t i = 0; i < ARRAY_SIZE(integers); i++) {
        json_write_integer(&w, NULL, integers[i]);
        check_tree(json_integer_create(integers[i]));
    }
    json_write_integer_if(&w, NULL, true, 5);
    check("5");
    json_write_integer_if(&w, NULL, false, 5);
    check("null");
}
END_TEST

START_TEST(test_reals)
{
    static const double reals[] = {
        0, 0.1, 1.0 / 3, -2.5e-10, 1e300, 123456789.123,
    };

    for (size_t i = 0; i < ARRAY_SIZE(reals); i++) {
        json_write_real(&w, NULL, reals[i]);
        check_tree(json_real_create(reals[i]));
    }
    json_write_real(&w, NULL, NAN);
    check("null");
    json_write_real(&w, NULL, -INFINITY);
    check("null");
}
END_TEST

/* Fails unless 's', which is UTF-8, is written as OVS does. */
static void
check_string(const char *s)
{
    json_write_string(&w, NULL, s);
    check_tree(json_string_create(s));
    ds_put_cstr(json_write_text(&w, NULL), s);
    json_write_end_text(&w);
    check_tree(json_string_create(s));
}

START_TEST(test_strings)
{
    char all[127];

    for (int i = 0; i < 126; i++) {
        all[i] = i + 1;
    }
    all[126] = '\0';
    check_string(all);
    check_string("");
    check_string("\"");
    check_string("\\\\\"\"");
    check_string("a\nb\"");
    check_string("\303\274\342\202\254\360\237\220\221\n\"");
    json_write_string(&w, NULL, NULL);
    check("null");
    json_write_string_len(&w, NULL, "abc", 2);
    check("\"ab\"");
}
END_TEST

/* What is not UTF-8, or has control characters that JSON lets through, can
 * still be read. */
START_TEST(test_not_utf8)
{
    json_write_string(&w, NULL, "a\377\"\n\303");
    check("\"a\\\\377\\\\042\\\\012\\\\303\"");
    ds_put_cstr(json_write_text(&w, NULL), "a\377\"\n\303");
    json_write_end_text(&w);
    check("\"a\\\\377\\\\042\\\\012\\\\303\"");
    json_write_string(&w, NULL, "\177a");
    check("\"\\\\177a\"");
    json_write_string(&w, NULL, "\302\2331m");
    check("\"\\\\302\\\\2331m\"");
    json_write_string_len(&w, NULL, "a\0b", 3);
    check("\"a\\u0000b\"");
    json_write_string_len(&w, NULL, "\303\274\0b", 4);
    check("\"\\\\303\\\\274\\\\000b\"");
    json_write_string_len(&w, NULL, "\303\274", 1);     /* Cut. */
    check("\"\\\\303\"");
}
END_TEST

/* Any bytes are JSON, and the same as in OVS if they are UTF-8. */
START_TEST(test_random_strings)
{
    random_init();
    for (int i = 0; i < 2000; i++) {
        size_t len = random_range(20);
        struct json *json;
        char s[20];

        for (size_t j = 0; j < len; j++) {
            s[j] = random_range(2) ? random_range(256) : "a\"\\\n\303\274"
                [random_range(6)];
        }
        json_write_array(&w, NULL);
        json_write_string_len(&w, NULL, s, len);
        json_write_end_array(&w);
        json = json_from_string(ds_cstr(&ds));
        if (strlen(ds_cstr(&ds)) == ds.length
            && !strstr(ds_cstr(&ds), "\\u0000")) {
            ck_assert_int_eq(json->type, JSON_ARRAY);
            check_tree(json);
        } else {
            json_destroy(json);         /* OVS does not read a null. */
            ds_clear(&ds);
            json_writer_init(&w, &ds);
        }
    }
}
END_TEST

/* Texts that are built in place. */
START_TEST(test_texts)
{
    struct ds *text;

    json_write_array(&w, NULL);
    text = json_write_text(&w, NULL);
    ds_put_format(text, "%d", 1);
    ds_put_cstr(text, ",2");
    json_write_end_text(&w);
    ds_put_cstr(json_write_text(&w, NULL), "a\nb");
    json_write_end_text(&w);
    json_write_text(&w, NULL);
    json_write_end_text(&w);
    ds_put_cstr(json_write_text(&w, NULL), "not known after all");
    json_write_null_text(&w);
    json_write_integer(&w, NULL, 3);
    json_write_end_array(&w);
    check("[\"1,2\",\"a\\nb\",\"\",null,3]");
}
END_TEST

/* Text for a reply that is JSON, without a tree. */
START_TEST(test_from_text)
{
    struct json *json = json_object_create();
    char *s;

    json_object_put(json, "result", upcall_json_from_text(xstrdup("[1,2]")));
    json_object_put(json, "short", upcall_json_from_text(xstrdup("7")));
    s = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(s, "{\"result\":[1,2],\"short\":7}");
    free(s);
    json_destroy(json);
}
END_TEST

/* Returns the tests of this file. */
TCase *
json_writer_tcase(void)
{
    TCase *tc = tcase_create("json-writer");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_nesting);
    tcase_add_test(tc, test_append);
    tcase_add_test(tc, test_integers);
    tcase_add_test(tc, test_reals);
    tcase_add_test(tc, test_strings);
    tcase_add_test(tc, test_not_utf8);
    tcase_add_test(tc, test_random_strings);
    tcase_add_test(tc, test_texts);
    tcase_add_test(tc, test_from_text);
    return tc;
}
