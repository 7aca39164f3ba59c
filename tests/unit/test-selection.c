/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/selection.c. */

#include <config.h>
#include "store/selection.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "store/commands.h"
#include "store/port-map.h"
#include "test-stats.h"
#include "util.h"

static struct show_options options;
#define sel options.selection

static void
setup(void)
{
    command_init(&command_show, &options);
}

static void
teardown(void)
{
    command_destroy(&command_show, &options);
}

/* Gives 'sel' the option 'name' with 'value'.  Returns NULL or an error. */
static char *
set(const char *name, const char *value)
{
    char *argument = xasprintf("--%s=%s", name, value);
    const char *argv[] = { "upcall-trace/show", argument };
    char *error = command_parse(&command_show, ARRAY_SIZE(argv), argv,
                                &options, NULL);

    free(argument);
    return error;
}

static void
check_ok(const char *name, const char *value)
{
    char *error = set(name, value);

    ck_assert_pstr_eq(error, NULL);
    ck_assert(!selection_is_all(&sel));
}

static void
check_error(const char *name, const char *value, const char *expected)
{
    char *error = set(name, value);

    ck_assert_pstr_eq(error, expected);
    free(error);
}

/* Returns true if the record of 'b' is in 'sel'. */
static bool
has(const struct build *b)
{
    struct port_map *ports = port_map_create(16);
    void *rec = build_get(b, NULL);
    bool is;

    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p3", BUILD_TS);
    is = selection_has(&sel, rec, ports);
    port_map_destroy(ports);
    free(rec);
    return is;
}

START_TEST(test_all)
{
    struct build b;

    ck_assert(selection_is_all(&sel));
    build_executed(&b);
    ck_assert(has(&b));
    b.rec.class_ = UPCALL_N_CLASSES;
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    b.rec.port_no = UINT32_MAX;
    ck_assert(has(&b));
    build_uninit(&b);
}
END_TEST

START_TEST(test_names)
{
    struct build b;

    check_ok("class", "sflow,miss");
    check_ok("outcome", "executed");
    check_ok("outcome", "lost");
    build_executed(&b);
    ck_assert(has(&b));
    b.rec.class_ = UPCALL_CLASS_ACTION;
    ck_assert(!has(&b));
    b.rec.class_ = UPCALL_N_CLASSES;
    ck_assert(!has(&b));
    b.rec.class_ = UPCALL_CLASS_SFLOW;
    ck_assert(has(&b));
    b.rec.outcome = UPCALL_LOST;
    ck_assert(has(&b));
    b.rec.outcome = UPCALL_ABANDONED;
    ck_assert(!has(&b));
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    ck_assert(!has(&b));
    build_uninit(&b);
}
END_TEST

/* A port has to have the name at the time of the upcall. */
START_TEST(test_port)
{
    struct build b;

    check_ok("port", "p2,p3");
    build_executed(&b);
    ck_assert(has(&b));
    b.rec.ts--;
    ck_assert(!has(&b));
    b.rec.ts++;
    b.rec.port_no = 4;
    ck_assert(!has(&b));
    b.rec.port_no = UINT32_MAX;
    ck_assert(!has(&b));
    build_uninit(&b);
}
END_TEST

START_TEST(test_port_pattern)
{
    struct build b;

    check_ok("port", "tap*,p?");
    build_executed(&b);
    ck_assert(has(&b));
    b.rec.port_no = 4;
    ck_assert(!has(&b));
    build_uninit(&b);
    teardown();

    setup();
    check_ok("port", "tap*,p??");
    build_executed(&b);
    ck_assert(!has(&b));
    build_uninit(&b);
}
END_TEST

START_TEST(test_min_latency)
{
    struct build b;

    build_executed(&b);
    check_ok("min-latency", "311");
    ck_assert(has(&b));
    check_ok("min-latency", "312");
    ck_assert(!has(&b));
    check_ok("min-latency", "1");
    b.rec.outcome = UPCALL_ABANDONED;
    ck_assert(!has(&b));                /* Nobody knows how long it took. */
    build_uninit(&b);
}
END_TEST

/* One of each --where has to be met. */
START_TEST(test_where)
{
    struct build b;

    build_executed(&b);
    check_ok("where", "lost,executed");
    ck_assert(has(&b));
    check_ok("where", "port=p3,port=p2");
    ck_assert(has(&b));
    check_ok("where", "!total>5ms");
    ck_assert(has(&b));
    b.rec.port_no = 4;
    ck_assert(!has(&b));
    b.rec.port_no = 3;
    ck_assert(has(&b));
    check_ok("class", "action");
    ck_assert(!has(&b));
    check_ok("class", "miss");
    ck_assert(has(&b));
    check_ok("where", "lost");
    ck_assert(!has(&b));
    b.rec.outcome = UPCALL_LOST;
    ck_assert(has(&b));
    build_uninit(&b);
}
END_TEST

/* The last one counts, as with other numbers. */
START_TEST(test_min_latency_again)
{
    struct build b;

    build_executed(&b);
    check_ok("min-latency", "312");
    check_ok("min-latency", "311");
    ck_assert(has(&b));
    build_uninit(&b);
}
END_TEST

START_TEST(test_where_limit)
{
    for (int i = 0; i < WHERE_MAX; i++) {
        check_ok("where", "lost");
    }
    check_error("where", "lost", "--where may be given 16 times at most");
}
END_TEST

START_TEST(test_errors)
{
    check_error("class", "", "--class needs a value, such as --class=miss");
    check_error("outcome", "lost,x\n", "--outcome=lost,x\\012: character 6: "
                "\"x\\012\" is no value of outcome: must be one of executed, "
                "installed, consumed, failed, lost, abandoned");
    check_error("min-latency", "0", "--min-latency=0: must be 1 to "
                "9223372036854775 microseconds");
    check_error("min-latency", "1.5", "--min-latency=1.5: must be 1 to "
                "9223372036854775 microseconds");
    check_error("port", ",", "--port=,: character 1: there must be a value of "
                "port: must be a name of 1 to 64 printable characters, or a "
                "pattern such as tap*");
    check_error("where", "", "--where needs a value, such as "
                "--where=total>5ms");
    check_error("where", "lost,cpu=x", "--where=lost,cpu=x: character 10: "
                "\"x\" is no value of cpu: must be a number");
}
END_TEST

TCase *
selection_tcase(void)
{
    TCase *tc = tcase_create("selection");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_all);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_port);
    tcase_add_test(tc, test_port_pattern);
    tcase_add_test(tc, test_min_latency);
    tcase_add_test(tc, test_min_latency_again);
    tcase_add_test(tc, test_where);
    tcase_add_test(tc, test_where_limit);
    tcase_add_test(tc, test_errors);
    return tc;
}
