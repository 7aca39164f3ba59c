/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/port-names.c, and of patterns in lib/base/user-text.c. */

#include <config.h>
#include "store/port-names.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/user-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/port-map.h"
#include "svec.h"
#include "util.h"

Suite *port_names_suite(void);

#define DP 7

struct match_test {
    const char *pattern, *text;
    bool expected;
};

static const struct match_test matches[] = {
    { "", "", true },
    { "", "a", false },
    { "a", "", false },
    { "a", "a", true },
    { "a", "ab", false },
    { "*", "", true },
    { "*", "anything", true },
    { "?", "", false },
    { "?", "a", true },
    { "?", "ab", false },
    { "tap*", "tap", true },
    { "tap*", "tap0", true },
    { "tap*", "ta", false },
    { "tap*", "xtap0", false },
    { "*p", "tap", true },
    { "*p", "tap0", false },
    { "*a*b", "aab", true },
    { "*a*b", "abab", true },
    { "*a*b", "aba", false },
    { "a**?b", "axb", true },
    { "a**?b", "ab", false },
    { "*aaab", "aaaaab", true },
    { "*?*", "", false },
    { "**", "", true },

    /* What is special elsewhere. */
    { "p[0]", "p[0]", true },
    { "p[0]*", "p[0]x", true },
    { "p[0]*", "p0", false },
    { "\\*", "\\x", true },
    { "\\*", "*", false },
    { "a*", "a*", true },
    { "*", ".x/y", true },
};

START_TEST(test_match)
{
    const struct match_test *t = &matches[_i];

    ck_assert_int_eq(user_text_matches(t->text, t->pattern), t->expected);
}
END_TEST

/* A pattern that takes exponential time if it is tried naively. */
START_TEST(test_match_is_quick)
{
    ck_assert(!user_text_matches(
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}
END_TEST

/* Fails unless those of 'p' that are absent from 'map' are 'expected', each
 * with a space behind it. */
static void
check_absent(const struct port_names *p, const struct port_map *map,
             const char *expected)
{
    struct svec absent = SVEC_EMPTY_INITIALIZER;
    char *s;

    port_names_get_absent(p, map, &absent);
    s = svec_join(&absent, " ", " ");
    ck_assert_str_eq(s, expected);
    free(s);
    svec_destroy(&absent);
}

START_TEST(test_choice)
{
    struct port_map *map = port_map_create(16);
    struct port_names p, copy;
    struct json *json;
    char *s;

    port_names_init(&p);
    ck_assert(port_names_is_empty(&p));
    json = port_names_to_json(&p);
    ck_assert_int_eq(json->type, JSON_NULL);
    json_destroy(json);

    port_names_add(&p, "tap*");
    ck_assert(!port_names_is_empty(&p));
    port_names_add(&p, "br0");
    port_names_add(&p, "a?");
    port_names_add(&p, "br0");
    port_names_clone(&copy, &p);
    port_names_destroy(&p);
    ck_assert_uint_eq(port_names_count(&copy), 3);
    ck_assert(port_names_has(&copy, "br0"));
    ck_assert(port_names_has(&copy, "tap7"));
    ck_assert(port_names_has(&copy, "a1"));
    ck_assert(!port_names_has(&copy, "br00"));
    ck_assert(!port_names_has(&copy, "a11"));
    json = port_names_to_json(&copy);
    s = json_to_string(json, 0);
    ck_assert_str_eq(s, "[\"a?\",\"br0\",\"tap*\"]");
    free(s);
    json_destroy(json);

    check_absent(&copy, map, "a? br0 tap* ");
    port_map_add(map, DP, 1, "br0", 1);
    port_map_add(map, DP, 2, "other", 1);
    check_absent(&copy, map, "a? tap* ");
    port_map_add(map, DP, 3, "tap3", 2);
    check_absent(&copy, map, "a? ");
    port_map_remove(map, DP, 1, 3);
    check_absent(&copy, map, "a? br0 ");
    port_map_add(map, DP, 9, "br0", 4);
    check_absent(&copy, map, "a? ");
    port_names_destroy(&copy);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_put_some)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;

    port_names_put_some(&names, &ds);
    ck_assert_str_eq(ds_cstr(&ds), "");
    for (int i = 0; i < 10; i++) {
        svec_add_nocopy(&names, xasprintf("p%d", i));
    }
    port_names_put_some(&names, &ds);
    ck_assert_str_eq(ds_cstr(&ds), "p0, p1, p2, p3, p4, p5, p6, p7, p8, p9");
    ds_clear(&ds);
    svec_add(&names, "q");
    svec_add(&names, "r");
    port_names_put_some(&names, &ds);
    ck_assert_str_eq(ds_cstr(&ds), "p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 "
                     "and 2 others");
    ds_destroy(&ds);
    svec_destroy(&names);
}
END_TEST

/* Returns the tests of lib/store/port-names.c. */
Suite *
port_names_suite(void)
{
    Suite *suite = suite_create("port-names");
    TCase *tcase = tcase_create("port-names");

    tcase_add_loop_test(tcase, test_match, 0, ARRAY_SIZE(matches));
    tcase_add_test(tcase, test_match_is_quick);
    tcase_add_test(tcase, test_choice);
    tcase_add_test(tcase, test_put_some);
    suite_add_tcase(suite, tcase);
    return suite;
}
