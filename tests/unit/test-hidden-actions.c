/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/hidden-actions.c: what is known of one flow. */

#include <config.h>
#include "flow/hidden-actions.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "build-pass.h"
#include "hidden-hit.h"
#include "kernel-bytes.h"
#include "record/pass.h"
#include "util.h"

TCase *hidden_actions_tcase(void);

static struct hidden_actions hidden;
static uint32_t lookup_ns;      /* How long the lookup of each hit takes. */

static void
setup(void)
{
    hidden_actions_init(&hidden, HIDDEN_PUT_TS);
    lookup_ns = 0;
}

/* Adds a hit 'after' ns of the put and returns whether ovs-vswitchd is to be
 * asked. */
static bool
hit(int64_t after, const char *actions, uint8_t version)
{
    struct build_pass b;
    struct pass p;
    void *data;
    bool ask;

    hidden_hit_build(&b, HIDDEN_PUT_TS + after, actions, version);
    b.rec.lookup_ns = lookup_ns;
    data = build_pass_parse(&b, &p);
    ask = hidden_actions_add_hit(&hidden, &p, &kernel_layout_6_12);
    free(data);
    return ask;
}

/* Fails unless a hit 'after' ns of the put is known to have its actions, or
 * with 'known' false, is not. */
static void
check_known(bool known, uint8_t version, uint64_t after)
{
    struct build_pass b;
    struct pass p;
    void *data;

    hidden_hit_build(&b, HIDDEN_PUT_TS + after, HIDDEN_TUNNEL, version);
    b.rec.lookup_ns = lookup_ns;
    data = build_pass_parse(&b, &p);
    ck_assert_msg(hidden_actions_are_those(&hidden, &p) == known,
                  "%"PRIu64" ns after the put", after);
    free(data);
}

/* Fails unless hits of 'VERSION' so many ns after the put are known to have
 * its actions, or are not. */
#define KNOWN(VERSION, ...) CHECK_KNOWN(true, VERSION, __VA_ARGS__)
#define UNKNOWN(VERSION, ...) CHECK_KNOWN(false, VERSION, __VA_ARGS__)
#define CHECK_KNOWN(KNOWN, VERSION, ...)                                \
    do {                                                                \
        const uint64_t after[] = { __VA_ARGS__ };                       \
                                                                        \
        for (size_t i = 0; i < ARRAY_SIZE(after); i++) {                \
            check_known(KNOWN, VERSION, after[i]);                      \
        }                                                               \
    } while (0)

/* Has it be asked for 'after' ns of the put, and the answer come 2 ns
 * later. */
static void
answer(bool same, uint64_t after)
{
    hidden_actions_add_answer(&hidden, same, HIDDEN_PUT_TS + after,
                              HIDDEN_PUT_TS + after + 2);
}

/* Does the same, and adds a hit 1 ns after the answer.  Returns whether
 * ovs-vswitchd is to be asked again. */
static bool
answer_then_hit(bool same, uint64_t after, const char *actions,
                uint8_t version)
{
    answer(same, after);
    return hit(after + 3, actions, version);
}

/* A hit, and then an answer. */
static void
begin(void)
{
    setup();
    hit(1, HIDDEN_TUNNEL, 0);
    answer(true, 10);
}

/* A hit of version 1, of which an answer and another hit tell that it is
 * known. */
static void
begin_known(void)
{
    setup();
    hit(5, HIDDEN_TUNNEL, 1);
    answer_then_hit(true, 10, HIDDEN_TUNNEL, 1);
}

/* A hit between the put and an answer, and others, as far as answers go that
 * hits came after. */
START_TEST(test_between)
{
    ck_assert(hit(1, HIDDEN_TUNNEL, 0));
    UNKNOWN(0, 1);
    ck_assert(hit(5, HIDDEN_TUNNEL, 0));
    answer(true, 10);
    UNKNOWN(0, 1);
    ck_assert(hit(12, HIDDEN_TUNNEL, 0)); /* As the answer comes. */
    UNKNOWN(0, 1);
    ck_assert(hit(13, HIDDEN_TUNNEL, 0));
    KNOWN(0, 1, 5);
    UNKNOWN(1, 5);
    UNKNOWN(0, 0, 10, 11, 13);
    ck_assert(!hit(6, HIDDEN_TUNNEL, 0)); /* It comes late. */
    answer(true, 20);
    KNOWN(0, 5);
    UNKNOWN(0, 13);
    ck_assert(hit(23, HIDDEN_TUNNEL, 0));
    KNOWN(0, 13, 1);
    UNKNOWN(0, 23);
}
END_TEST

/* All of a lookup has to be in the time in question. */
START_TEST(test_lookup)
{
    lookup_ns = 3;
    hit(1, HIDDEN_TUNNEL, 0);
    answer(true, 10);
    hit(12, HIDDEN_TUNNEL, 0);          /* Perhaps before the answer. */
    UNKNOWN(0, 1);
    hit(13, HIDDEN_TUNNEL, 0);
    KNOWN(0, 1, 6);
    UNKNOWN(0, 7, 0);
    hit(9, HIDDEN_TUNNEL, 1);           /* Perhaps between these two. */
    UNKNOWN(0, 1);
}
END_TEST

/* What a hit came after lately may have others whose record is to come. */
START_TEST(test_late)
{
    uint64_t now = clock_ns();

    begin();
    hit(now - HIDDEN_PUT_TS, HIDDEN_TUNNEL, 0);
    ck_assert_uint_eq(hidden.confirmed, HIDDEN_PUT_TS + 10);
    UNKNOWN(0, 1);

    /* One before the answer. */
    begin();
    hit(2, HIDDEN_TUNNEL, 1);
    hit(13, HIDDEN_TUNNEL, 0);
    UNKNOWN(0, 1);
    UNKNOWN(1, 2);

    /* One between the answer and the hit after that. */
    begin();
    hit(15, HIDDEN_TUNNEL, 0);
    KNOWN(0, 1);
    hit(14, HIDDEN_TUNNEL, 1);
    UNKNOWN(0, 1);

    /* One before there was an answer: it begins with that. */
    setup();
    hit(5, HIDDEN_TUNNEL, 0);
    hit(3, HIDDEN_TUNNEL, 1);
    answer_then_hit(true, 10, HIDDEN_TUNNEL, 2);
    answer_then_hit(true, 20, HIDDEN_TUNNEL, 2);
    KNOWN(2, 13);
    UNKNOWN(0, 5);
}
END_TEST

/* The flow was modified, to what looks the same but for what is hidden. */
START_TEST(test_modified)
{
    /* Before the first answer: nobody knows which hit has which. */
    hit(1, HIDDEN_TUNNEL, 0);
    ck_assert(!hit(2, HIDDEN_OTHER, 1));
    answer(true, 10);
    ck_assert(!hit(11, HIDDEN_TUNNEL, 0)); /* As the answer comes. */
    ck_assert(hit(13, HIDDEN_TUNNEL, 2));
    UNKNOWN(0, 1);
    UNKNOWN(1, 2);

    /* After it: what was known stays, and no more is. */
    ck_assert(answer_then_hit(true, 20, HIDDEN_TUNNEL, 2));
    KNOWN(2, 13);
    ck_assert(!hit(25, HIDDEN_OTHER, 3));
    ck_assert(!answer_then_hit(false, 30, HIDDEN_OTHER, 3));
    KNOWN(2, 13);
    UNKNOWN(2, 23, 25);
    UNKNOWN(3, 25);
}
END_TEST

/* It was modified, hit, and modified back, all before it was asked for: the
 * answer is that it has what was put, and the hit had not. */
START_TEST(test_modified_back)
{
    ck_assert(hit(5, HIDDEN_OTHER, 1));
    answer(true, 10);
    UNKNOWN(1, 5);
    ck_assert(!hit(13, HIDDEN_TUNNEL, 2));
    UNKNOWN(1, 5);
    ck_assert(!answer_then_hit(true, 20, HIDDEN_TUNNEL, 2));
    ck_assert(!answer_then_hit(true, 30, HIDDEN_TUNNEL, 2));
    UNKNOWN(1, 5);
    UNKNOWN(2, 13, 23);
}
END_TEST

/* It is modified to and fro: the same bytes need not be the same actions. */
START_TEST(test_to_and_fro)
{
    /* An answer shows it, */
    begin_known();
    KNOWN(1, 5);
    hit(14, HIDDEN_OTHER, 2);
    KNOWN(1, 5);
    answer(true, 20);
    UNKNOWN(1, 5);

    /* or a hit. */
    begin_known();
    answer(false, 20);
    hit(22, HIDDEN_TUNNEL, 1);
    KNOWN(1, 5);
    hit(23, HIDDEN_TUNNEL, 1);
    UNKNOWN(1, 5);
}
END_TEST

/* The answer is that it has others. */
START_TEST(test_other_answer)
{
    ck_assert(hit(1, HIDDEN_TUNNEL, 0));
    answer(false, 10);
    UNKNOWN(0, 1);
    ck_assert(!hit(13, HIDDEN_TUNNEL, 0));
    ck_assert(!answer_then_hit(true, 20, HIDDEN_TUNNEL, 0));
    UNKNOWN(0, 1, 13);
}
END_TEST

/* Nothing is asked about a flow of which nothing is hidden, nor for a hit
 * before the put. */
START_TEST(test_asked)
{
    static const struct {
        int64_t after;
        const char *actions;
        bool asked;
    } cases[] = {
        { 1, "ct(commit,zone=7),2", false },
        { 1, HIDDEN_HELPER, true },
        { 1, "clone(" HIDDEN_TUNNEL ")", true },
        { -1, HIDDEN_TUNNEL, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        setup();
        ck_assert_msg(hit(cases[i].after, cases[i].actions, 0)
                      == cases[i].asked, "%s", cases[i].actions);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
hidden_actions_tcase(void)
{
    TCase *tcase = tcase_create("hidden-actions");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_between);
    tcase_add_test(tcase, test_lookup);
    tcase_add_test(tcase, test_late);
    tcase_add_test(tcase, test_modified);
    tcase_add_test(tcase, test_modified_back);
    tcase_add_test(tcase, test_to_and_fro);
    tcase_add_test(tcase, test_other_answer);
    tcase_add_test(tcase, test_asked);
    return tcase;
}
