/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/followers.c: sockets, and turns. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "follow.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

TCase *followers_tcase(void);

START_TEST(test_request)
{
    struct follow_client *c;

    follow_add(10);
    c = follow_start(0);
    follow_say(c, 0);
    follow_take_all(c);
    ck_assert_int_eq(c->n_starts, 1);
    ck_assert_uint_eq(c->started, 1);
    ck_assert_uint_eq(c->begun, 1);
    ck_assert_uint_eq(c->n, 10);

    c = follow_start(1);
    follow_run();               /* It is sent something before it asks. */
    follow_add(1);
    follow_run();
    follow_say(c, 8);
    follow_take_all(c);
    ck_assert_uint_eq(c->started, 8);
    ck_assert_uint_eq(c->n, 1 + 4);

    follow_source.running = false;
    c = follow_start(2);
    follow_say(c, 11);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 1);
    ck_assert_int_eq(c->n_ends, 1);

    c = follow_start(3);
    follow_say(c, 12);          /* The next. */
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 0);
    ck_assert_int_eq(c->n_ends, 1);

    c = follow_start(4);
    follow_say(c, 13);
    follow_take_all(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, "there is no record 13 yet, the last is 11: a "
                     "new trace begins with 1");
    ck_assert_uint_eq(follow_get_stats(), 4);
}
END_TEST

/* Waits until the poll loop wakes up because of the followers. */
static void
wait_for_wakeup(void)
{
    long long int start = time_msec();

    followers_wait(follow_followers);
    poll_timer_wait(60000);
    poll_block();
    ck_assert_int_lt(time_msec() - start, 30000);
    follow_run();
}

START_TEST(test_killed)
{
    struct follow_client *full = follow_start(0);
    struct follow_client *idle = follow_start(1);

    for (int i = 0; i < 20; i++) {
        follow_add(100);
        follow_take_all(idle);
    }
    ck_assert_uint_eq(follow_get_stats(), 2);
    follow_disconnect(full);
    wait_for_wakeup();
    ck_assert_uint_eq(follow_get_stats(), 1);
    follow_disconnect(idle);
    wait_for_wakeup();
    ck_assert_uint_eq(follow_get_stats(), 0);
}
END_TEST

/* One that only ends its side still follows, and is no reason to be awake. */
START_TEST(test_silent)
{
    struct follow_client *c = follow_start(0);
    long long int begin;

    ck_assert_int_eq(shutdown(c->fd, SHUT_WR), 0);
    wait_for_wakeup();
    begin = time_msec();
    followers_wait(follow_followers);
    poll_timer_wait(200);
    poll_block();
    ck_assert_int_ge(time_msec() - begin, 200);
    follow_add(100);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 100);
    follow_disconnect(c);
    wait_for_wakeup();
    ck_assert_uint_eq(follow_get_stats(), 0);
}
END_TEST

START_TEST(test_garbage)
{
    static const char error[] = "a follower may send one request, as "
        "lib/file/frame.h has it, and nothing else: use ovs-appctl for "
        "commands";
    struct follow_client *good = follow_start(0);
    struct follow_client *c = follow_start(1);
    char garbage[100000];

    ck_assert_int_eq(send(c->fd, "{\"id\":1}", 8, 0), 8);
    wait_for_wakeup();
    follow_take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    c = follow_start(2);
    memset(garbage, 0, sizeof garbage);
    ck_assert_int_gt(send(c->fd, garbage, sizeof garbage, 0), 0);
    wait_for_wakeup();
    follow_take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    c = follow_start(3);
    follow_say(c, 0);           /* A request, and another. */
    follow_say(c, 0);
    follow_take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    ck_assert_uint_eq(follow_get_stats(), 1);
    follow_add(10);
    follow_take_all(good);
    ck_assert_uint_eq(good->n, 10);
}
END_TEST

START_TEST(test_too_many)
{
    struct follow_client *c;

    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        follow_start(i);
    }
    c = follow_start(FOLLOWERS_MAX);
    follow_take(c);
    ck_assert(c->has_hello);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, "there are 64 followers already, which is the "
                     "most: end one of them, status lists them");
    follow_disconnect(&follow_clients[17]);
    follow_run();
    c = follow_start(17);
    ck_assert_uint_eq(follow_get_stats(), FOLLOWERS_MAX);
    follow_add(1000);
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        follow_take_all(&follow_clients[i]);
        ck_assert_uint_eq(follow_clients[i].n, 1000);
    }
}
END_TEST

/* A run has a limit, and all get the same. */
START_TEST(test_fair)
{
    size_t sum = 0;

    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        follow_take_all(follow_start(i));
    }
    follow_add(1200);
    follow_run();
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        size_t bytes = follow_clients[i].bytes;

        follow_take(&follow_clients[i]);
        sum += follow_clients[i].bytes - bytes;
    }
    ck_assert_uint_gt(sum, 0);
    ck_assert_uint_lt(sum, 1024 * 1024 + 80 * 1024);

    /* As many are served in some runs, 64 KB each. */
    for (int i = 0; i < 100; i++) {
        follow_run();
    }
    follow_get_stats();
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        ck_assert_uint_gt(follow_stats[i].sent, 100);
        follow_take(&follow_clients[i]);
    }
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        follow_take_all(&follow_clients[i]);
        ck_assert_uint_eq(follow_clients[i].n, 1200);
    }
}
END_TEST

START_TEST(test_errors)
{
    struct followers *other = follow_followers;
    char *name = xasprintf("%s/missing/stream", follow_dir);

    ck_assert_int_eq(followers_create(name, &other), ENOENT);
    ck_assert_ptr_null(other);
    followers_destroy(other);
    free(name);
}
END_TEST

/* Returns the tests of this file. */
TCase *
followers_tcase(void)
{
    TCase *tc = tcase_create("followers");

    tcase_add_checked_fixture(tc, follow_setup, follow_teardown);
    tcase_add_test(tc, test_request);
    tcase_add_test(tc, test_killed);
    tcase_add_test(tc, test_silent);
    tcase_add_test(tc, test_garbage);
    tcase_add_test(tc, test_too_many);
    tcase_add_test(tc, test_fair);
    tcase_add_test(tc, test_errors);
    return tc;
}
