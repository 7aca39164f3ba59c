/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/portids.c. */

#include <config.h>
#include "store/portids.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

TCase *portids_tcase(void);

#define TITLES \
    "sk               Eth Pid        Groups   Rmem     Wmem     Dump\n"

/* Parses 'text'.  Returns what portids_parse() does. */
static bool
parse(const char *text, struct portids *portids)
{
    FILE *stream = fmemopen(CONST_CAST(char *, text), strlen(text), "r");
    bool ok;

    ck_assert_ptr_nonnull(stream);
    ok = portids_parse(stream, portids);
    fclose(stream);
    return ok;
}

START_TEST(test_parse)
{
    struct portids p;

    ck_assert(parse(TITLES
                    "00000000cdd943fd 16  4294967295 00000000 0 0 0 2 0 4\n"
                    "ffff8881028f3800 0   77         00000000 0 0 0 2 0 5\n"
                    "0000000028311 16  17 00000000 0 0 0 2 0 1509\n"
                    "0000000028312 16  0 00000000 0 0 0 2 0 1509\n", &p));
    ck_assert_uint_eq(p.n, 3);
    ck_assert(portids_contains(&p, 0));
    ck_assert(portids_contains(&p, 17));
    ck_assert(portids_contains(&p, 4294967295));
    ck_assert(!portids_contains(&p, 77));
    ck_assert(!portids_contains(&p, 16));
    portids_destroy(&p);
    ck_assert(!portids_contains(&p, 17));
}
END_TEST

START_TEST(test_parse_empty)
{
    struct portids p;

    ck_assert(parse(TITLES, &p));
    ck_assert(!portids_contains(&p, 0));
    portids_destroy(&p);
}
END_TEST

/* A file of another form says nothing, rather than that there are none. */
START_TEST(test_parse_hostile)
{
    static const char *const texts[] = {
        "\n", "sk", "x\n", "0000000028311 16  17 0 0\n",
        TITLES "\n", TITLES "28311\n", TITLES "28311 16\n",
        TITLES "28311 16 x\n", TITLES "zzz 16 17 0\n",
        TITLES "28311 16 17 0",
        TITLES "28311 16 17 0\n28311 16 -\n",
    };
    struct portids p;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        ck_assert_msg(!parse(texts[i], &p), "%s", texts[i]);
        ck_assert_uint_eq(p.n, 0);
        ck_assert_ptr_null(p.ids);
    }
}
END_TEST

START_TEST(test_read)
{
    struct portids p;

    ck_assert(!portids_read("/nonexistent", &p));
    ck_assert(!portids_read("/proc/self/maps", &p));
    ck_assert(portids_read("/proc/self/net/netlink", &p));
    portids_destroy(&p);
}
END_TEST

/* Returns the tests of this file. */
TCase *
portids_tcase(void)
{
    TCase *tc = tcase_create("portids");

    tcase_add_test(tc, test_parse);
    tcase_add_test(tc, test_parse_empty);
    tcase_add_test(tc, test_parse_hostile);
    tcase_add_test(tc, test_read);
    return tc;
}
