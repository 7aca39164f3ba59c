/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/condition.c. */

#include <config.h>
#include "store/condition.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "build-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "test-stats.h"
#include "util.h"

/* Fails unless 't' is shown as 'expected'. */
static void
check_format(const struct conditions *t, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; conditions_format(t, i, &ds); i++) {
        ds_put_char(&ds, ' ');
    }
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

START_TEST(test_parse)
{
    static const char *const wrong[] = {
        "", "lost>1s", "total", "total>", "total>5", "total>ms", "total>5 ms",
        "total>-1s", "total>+1s", "total>1e3s", "total>0x5s", "total>infs",
        "total>nans", "total>9223372037s", "total>1.2.3s", "x>1s", ">1s",
        "total>5msx", "total>=5ms", "Total>5ms", "total<5ms", "lostx",
        "failed",
    };
    struct conditions t;

    conditions_init(&t);
    ck_assert(!conditions_is_set(&t));
    check_format(&t, "");
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        ck_assert_msg(!conditions_add(&t, wrong[i]), "%s", wrong[i]);
        ck_assert(!conditions_is_set(&t));
    }
    ck_assert(conditions_add(&t, "lost"));
    ck_assert(conditions_is_set(&t));
    check_format(&t, "lost ");
    ck_assert(conditions_add(&t, "total>5ms"));
    ck_assert(conditions_add(&t, "queue>1.5us"));
    ck_assert(conditions_add(&t, "install>2000000ns"));
    ck_assert(conditions_add(&t, "execute>0s"));
    ck_assert(conditions_add(&t, "handle>7s"));
    check_format(&t, "queue>1500ns handle>7s install>2ms execute>0s "
                 "total>5ms lost ");
}
END_TEST

/* Returns true if 'condition' is met by 'b'. */
static bool
fires(const char *condition, const struct build *b)
{
    void *rec = build_get(b, NULL);
    struct conditions t;
    bool is;

    conditions_init(&t);
    ck_assert(conditions_add(&t, condition));
    is = conditions_match(&t, rec);
    free(rec);
    return is;
}

START_TEST(test_fires)
{
    struct build b;

    build_executed(&b);
    ck_assert(fires("total>311099ns", &b));
    ck_assert(!fires("total>311100ns", &b));
    ck_assert(fires("queue>115us", &b));
    ck_assert(!fires("queue>116us", &b));
    ck_assert(fires("install>12us", &b));
    ck_assert(!fires("translate>0s", &b));      /* It is not known. */
    ck_assert(!fires("lost", &b));
    b.rec.outcome = UPCALL_LOST;
    ck_assert(fires("lost", &b));
    build_uninit(&b);
}
END_TEST

TCase *
condition_tcase(void)
{
    TCase *tc = tcase_create("condition");

    tcase_add_test(tc, test_parse);
    tcase_add_test(tc, test_fires);
    return tc;
}
