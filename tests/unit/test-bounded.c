/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/bounded.c. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bounded.h"
#include "timeval.h"
#include "util.h"

TCase *bounded_tcase(void);

/* A call that returns when 'fds' can be read. */
struct blocked {
    int fds[2];
    int *n_destroyed;
    bool returned;
};

static struct blocked *
create(int *n_destroyed)
{
    struct blocked *b = xzalloc(sizeof *b);

    ck_assert(!pipe(b->fds));
    b->n_destroyed = n_destroyed;
    return b;
}

static void
destroy(void *b_)
{
    struct blocked *b = b_;

    __atomic_add_fetch(b->n_destroyed, 1, __ATOMIC_SEQ_CST);
    close(b->fds[0]);
    free(b);
}

static void
block(void *b_)
{
    struct blocked *b = b_;
    char c;

    b->returned = read(b->fds[0], &c, 1) >= 0;
}

/* Has calls that wait for the other end of 'fd' return. */
static void
unblock(int fd)
{
    ck_assert_int_eq(write(fd, "x", 1), 1);
    close(fd);
}

static void
wait_for_destroyed(const int *n_destroyed, int expected)
{
    while (__atomic_load_n(n_destroyed, __ATOMIC_SEQ_CST) != expected) {
        usleep(1000);
    }
}

START_TEST(test_return)
{
    for (int i = 0; i < 100; i++) {
        int n_destroyed = 0;
        struct blocked *b = create(&n_destroyed);

        unblock(b->fds[1]);
        ck_assert(bounded_call(block, destroy, b, 60000));
        ck_assert(b->returned);
        ck_assert_int_eq(n_destroyed, 0);
        destroy(b);
    }
}
END_TEST

START_TEST(test_stuck)
{
    int fds[BOUNDED_MAX_STUCK], n_destroyed = 0;
    struct blocked *b;
    long long int start;

    for (int i = 0; i < BOUNDED_MAX_STUCK; i++) {
        b = create(&n_destroyed);
        fds[i] = b->fds[1];
        start = time_msec();
        ck_assert(!bounded_call(block, destroy, b, 50));
        ck_assert_int_ge(time_msec() - start, 50);
    }
    ck_assert_int_eq(n_destroyed, 0);

    /* Another one is not made, although it would return. */
    b = create(&n_destroyed);
    unblock(b->fds[1]);
    ck_assert(!bounded_call(block, destroy, b, 60000));
    ck_assert_int_eq(n_destroyed, 1);

    /* Until there are not so many any more. */
    for (int i = 0; i < BOUNDED_MAX_STUCK; i++) {
        unblock(fds[i]);
    }
    wait_for_destroyed(&n_destroyed, 1 + BOUNDED_MAX_STUCK);
    b = create(&n_destroyed);
    unblock(b->fds[1]);
    ck_assert(bounded_call(block, destroy, b, 60000));
    destroy(b);
}
END_TEST

/* Returns the tests of this file. */
TCase *
bounded_tcase(void)
{
    TCase *tc = tcase_create("bounded");

    tcase_add_test(tc, test_return);
    tcase_add_test(tc, test_stuck);
    return tc;
}
