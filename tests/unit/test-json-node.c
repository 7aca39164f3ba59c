/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/json-node.c: it has to accept what OVS's parser does, and
 * nothing else that is UTF-8, and to mean the same. */

#include <config.h>

#include "base/json-node.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "random.h"
#include "test-stats.h"
#include "unicode.h"
#include "util.h"

static struct json_tree *tree;

static void
setup(void)
{
    tree = json_tree_create();
}

static void
teardown(void)
{
    json_tree_destroy(tree);
}

/* Returns true if 'node' is the same as 'json'. */
static bool
is_same(const struct json_node *node, const struct json *json)
{
    const struct shash_node *member;
    size_t i = 0;

    if (node->type != json->type) {
        return false;
    }
    switch (json->type) {
    case JSON_OBJECT:
        FOR_EACH_JSON_NODE (child, node) {
            if (!shash_find(json_object(json), child->name)) {
                return false;
            }
        }
        SHASH_FOR_EACH (member, json_object(json)) {
            const struct json_node *child = json_node_find(node,
                                                           member->name);

            if (!child || !is_same(child, member->data)) {
                return false;
            }
        }
        return true;
    case JSON_ARRAY:
        FOR_EACH_JSON_NODE (child, node) {
            if (i >= upcall_json_array_size(json)
                || !is_same(child, upcall_json_array_at(json, i++))) {
                return false;
            }
        }
        return i == upcall_json_array_size(json) && i == node->n;
    case JSON_STRING:
        return (!strcmp(node->string, json_string(json))
                && node->n == strlen(node->string));
    case JSON_INTEGER:
        return node->integer == json_integer(json);
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
    case JSON_REAL:
        return true;
    case JSON_N_TYPES:
    case JSON_SERIALIZED_OBJECT:
    default:
        return false;
    }
}

static bool
is_utf8(const char *text)
{
    size_t length;
    char *error = utf8_validate(text, &length);
    bool ok = !error;

    free(error);
    return ok;
}

/* Returns 'text', of 'len' bytes, as OVS reads it, NULL if it does not. */
static struct json *
read_with_ovs(const char *text, size_t len)
{
    struct json_parser *parser = json_parser_create(0);
    size_t used = json_parser_feed(parser, text, len);
    struct json *json = json_parser_finish(parser);

    /* It stops behind the last bracket. */
    while (used < len && strchr(" \t\r\n", text[used]) && text[used]) {
        used++;
    }
    if (used != len || json->type == JSON_STRING) {
        json_destroy(json);
        return NULL;
    }
    return json;
}

/* Both must be of one mind about 'text', of 'len' bytes, but for the second
 * half of a pair of surrogates without a first one, which OVS makes no UTF-8
 * of. */
static void
compare(const char *text, size_t len)
{
    struct json *json = read_with_ovs(text, len);
    const struct json_node *node;
    char *error;

    node = json_tree_parse(tree, text, len, &error);
    ck_assert_msg(!node == (error != NULL), "%s", text);
    if (error && strstr(error, "surrogates")) {
        /* Right. */
    } else if (strlen(text) == len && !is_utf8(text)) {
        ck_assert_msg(!node, "%s", text);
    } else {
        ck_assert_msg(!node == !json, "%s (%s)", text,
                      error ? error : "is no error");
        ck_assert_msg(!node || is_same(node, json), "%s", text);
    }
    json_destroy(json);
    free(error);
}

/* With arrays around it, as OVS reads nothing else. */
static void
compare_value(const char *value)
{
    char *text = xasprintf(" [ %s ,{\"a\":%s} ] ", value, value);

    compare(text, strlen(text));
    free(text);
}

START_TEST(test_values)
{
    static const char *const values[] = {
        "", "null", "true", "false", "nul", "nulll", "True", "\"\"",
        "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\"",
        "\"\\u00e9\\u20AC\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
        "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\ud83dx\"", "\"\\u0000\"",
        "\"\\u00g0\"", "\"\\u00\"", "\"\\x\"", "\"\\", "\"", "\"\t\"",
        "\"\x7f\"", "\"\xc3\xa9\"", "\"\xf0\x9f\x98\x80\"",
        "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
        "0", "-0", "1", "-1", "01", "-", "+1", "1.", ".1", "1.5", "1.0",
        "1e2", "1e-2", "100e-2", "1E+2", "1e", "1e+", "0x10", "1a", "--1",
        "999999999999999999", "1000000000000000000", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "123456789012345678901234567890",
        "1e400", "-1.5e-300", "0.0", "00", "-01", "1 2",
        "[]", "[ ]", "[1]", "[1,]", "[,1]", "[1 2]", "[1", "]", "[[],[]]",
        "{}", "{ }", "{\"a\":1}", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}",
        "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":3,\"a\":\"x\"}", "{\"\":1}", "{\"a\":{\"a\":{}}}",
        "{\"\\u0061\":1}", "{\"a\" : 1 , \"b\" : [ ] }", "}", "{", "[}",
        "NaN", "Infinity", "/**/1", "\x01", "'a'", "\r\n\t 1",
    };

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        compare_value(values[i]);
    }
    compare("{} ", 3);
    compare("{} x", 4);
    compare("{}{}", 4);
    compare("", 0);
    compare("[1,2]\0", 6);
    compare("[\"a\0b\"]", 7);
}
END_TEST

START_TEST(test_depth)
{
    for (int depth = 995; depth < 1005; depth++) {
        struct ds ds = DS_EMPTY_INITIALIZER;

        ds_put_char_multiple(&ds, '[', depth);
        ds_put_char_multiple(&ds, ']', depth);
        compare(ds_cstr(&ds), ds.length);
        ds_destroy(&ds);
    }
}
END_TEST

/* So many values that memory for them would not be bounded. */
START_TEST(test_many)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *error;

    ds_put_char(&ds, '[');
    for (int i = 0; i < JSON_TREE_MAX - 2; i++) {
        ds_put_cstr(&ds, "0,");
    }
    ds_put_cstr(&ds, "0]");
    ck_assert_ptr_nonnull(json_tree_parse(tree, ds_cstr(&ds), ds.length,
                                          &error));
    ds_truncate(&ds, ds.length - 1);
    ds_put_cstr(&ds, ",0]");
    ck_assert_ptr_null(json_tree_parse(tree, ds_cstr(&ds), ds.length,
                                       &error));
    ck_assert_ptr_nonnull(strstr(error, "too many values"));
    free(error);
    ds_destroy(&ds);
    json_tree_set_max(tree, 4);
    ck_assert_ptr_nonnull(json_tree_parse(tree, "[1,2,3]", 7, &error));
    ck_assert_ptr_null(json_tree_parse(tree, "[1,2,3,4]", 9, &error));
    ck_assert_str_eq(error, "byte 7: too many values");
    free(error);
}
END_TEST

/* What is like JSON, in many ways. */
START_TEST(test_mutations)
{
    static const char start[]
        = "{\"class\":\"miss\",\"conflicts\":null,\"events\":[{\"batch\":42,"
        "\"comm\":\"a\\u0041\\n\\ud83d\\ude00\",\"ts\":202388857516033,"
        "\"x\":-1.5e2},{},[],\"\xc3\xa9\",true,false,0],\"latency\":"
        "{\"queue\":115500,\"total\":311100},\"raw\":{\"put\":\"QUFB\"}}";
    static const char bytes[] = "\"\\{}[]:,0129.-+eEnutrfalsd \t\n\x01\xc3";

    random_set_seed(1);
    for (int i = 0; i < 200000; i++) {
        char text[2 * sizeof start];
        size_t len = sizeof start - 1;
        int n = 1 + random_range(3);

        memcpy(text, start, sizeof start);
        while (n--) {
            size_t at = random_range(len);
            char byte = bytes[random_range(sizeof bytes - 1)];

            if (random_range(2)) {
                text[at] = byte;
            } else if (random_range(2)) {
                memmove(text + at, text + at + 1, len - at);
                len--;
            } else {
                memmove(text + at + 1, text + at, len - at + 1);
                text[at] = byte;
                len++;
            }
        }
        compare(text, len);
    }
}
END_TEST

/* Each byte at each place of short strings, which are looked at in words. */
START_TEST(test_strings)
{
    for (size_t len = 1; len < 20; len++) {
        for (size_t i = 0; i < len; i++) {
            for (int c = 0; c < 256; c++) {
                char text[32] = "[\"", after[3] = "\"]";

                memset(text + 2, 'a', len);
                text[2 + i] = c;
                memcpy(text + 2 + len, after, sizeof after);
                compare(text, 4 + len);
                compare(text, 2 + len);
            }
        }
    }
}
END_TEST

TCase *
json_node_tcase(void)
{
    TCase *tc = tcase_create("json-node");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_strings);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_mutations);
    return tc;
}
