/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/netlink-sockets.c. */

#include <config.h>
#include "store/netlink-sockets.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

TCase *netlink_sockets_tcase(void);

#define TITLES \
    "sk               Eth Pid        Groups   Rmem     Wmem     Dump\n"

/* Parses 'text'.  Returns what netlink_sockets_parse() does. */
static bool
parse(const char *text, struct netlink_sockets *sockets)
{
    FILE *stream = fmemopen(CONST_CAST(char *, text), strlen(text), "r");
    bool ok;

    ck_assert_ptr_nonnull(stream);
    ok = netlink_sockets_parse(stream, sockets);
    fclose(stream);
    return ok;
}

START_TEST(test_parse)
{
    struct netlink_sockets s;

    ck_assert(parse(TITLES
                    "00000000cdd943fd 16  4294967295 00000000 0 0 0 2 0 4\n"
                    "ffff8881028f3800 0   77         00000000 0 0 0 2 0 5\n"
                    "0000000028311 16  17 00000000 0 0 0 2 0 1509\n"
                    "0000000028312 16  0 00000000 0 0 0 2 0 1509\n", &s));
    ck_assert_uint_eq(s.n, 3);
    ck_assert(netlink_sockets_contain(&s, 0));
    ck_assert(netlink_sockets_contain(&s, 17));
    ck_assert(netlink_sockets_contain(&s, 4294967295));
    ck_assert(!netlink_sockets_contain(&s, 77));
    ck_assert(!netlink_sockets_contain(&s, 16));
    netlink_sockets_destroy(&s);
    ck_assert(!netlink_sockets_contain(&s, 17));
}
END_TEST

START_TEST(test_parse_empty)
{
    struct netlink_sockets s;

    ck_assert(parse(TITLES, &s));
    ck_assert(!netlink_sockets_contain(&s, 0));
    netlink_sockets_destroy(&s);
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
    struct netlink_sockets s;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        ck_assert_msg(!parse(texts[i], &s), "%s", texts[i]);
        ck_assert_uint_eq(s.n, 0);
        ck_assert_ptr_null(s.portids);
    }
}
END_TEST

START_TEST(test_read)
{
    struct netlink_sockets s;

    ck_assert(!netlink_sockets_read("/nonexistent", &s));
    ck_assert(!netlink_sockets_read("/proc/self/maps", &s));
    ck_assert(netlink_sockets_read("/proc/self/net/netlink", &s));
    netlink_sockets_destroy(&s);
}
END_TEST

/* Returns the tests of this file. */
TCase *
netlink_sockets_tcase(void)
{
    TCase *tc = tcase_create("netlink-sockets");

    tcase_add_test(tc, test_parse);
    tcase_add_test(tc, test_parse_empty);
    tcase_add_test(tc, test_parse_hostile);
    tcase_add_test(tc, test_read);
    return tc;
}
