/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the child process that compiles filters (lib/record/filter-child.c)
 * and of what it says (lib/record/filter-reply.c). */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "openvswitch/ofpbuf.h"
#include "record/filter.h"
#include "util.h"

Suite *filter_child_suite(void);

static const char expression[] = "tcp port 80";

static void
codes_free(struct filter_code codes[FILTER_N_LINKS])
{
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        free(codes[i].insns);
    }
}

/* Checks that it is 'error' to compile. */
static void
check_error(const char *error)
{
    struct filter *filter;
    char *s = filter_create(expression, &filter);

    ck_assert_pstr_eq(s, error);
    ck_assert_ptr_null(filter);
    free(s);
}

/* Has the kernel refuse the system calls of this process, and of those that it
 * makes, that have one of the 'n' numbers 'calls', with 'error'. */
static void
refuse(const uint32_t *calls, size_t n, int error)
{
    struct sock_filter insns[16];
    struct sock_fprog program = { .filter = insns };

    ck_assert_uint_le(n + 3, ARRAY_SIZE(insns));
    insns[program.len++] = (struct sock_filter) BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < n; i++) {
        insns[program.len++] = (struct sock_filter) BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, calls[i], n - i, 0);
    }
    insns[program.len++] = (struct sock_filter) BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    insns[program.len++] = (struct sock_filter) BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Without a pipe, there is an error and no filter. */
START_TEST(test_no_pipe)
{
    struct rlimit old, none;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    check_error("no pipe: Too many open files");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
}
END_TEST

/* Nor without a child, and the pipe is closed. */
START_TEST(test_no_child)
{
    static const uint32_t calls[] = {
#ifdef __NR_fork
        __NR_fork,
#endif
        __NR_clone, __NR_clone3,
    };
    struct rlimit few = { 64, 64 };

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    refuse(calls, ARRAY_SIZE(calls), EAGAIN);
    for (int i = 0; i < 100; i++) {
        check_error("no child process: Resource temporarily unavailable");
    }
    raise(SIGUSR1);
}
END_TEST

/* Nor if the child writes nothing, as when it is ended. */
START_TEST(test_silent_child)
{
    static const uint32_t calls[] = { __NR_write };
    struct filter *filter;
    char *error;

    refuse(calls, ARRAY_SIZE(calls), EIO);
    error = filter_create(expression, &filter);

    /* A test that cannot write can tell nothing else. */
    if (filter || !error || strcmp(error, "libpcap has written nothing")) {
        abort();
    }
    raise(SIGUSR1);
}
END_TEST

static void
check_equal(const struct filter_code a[FILTER_N_LINKS],
            const struct filter_code b[FILTER_N_LINKS])
{
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        ck_assert_uint_gt(a[i].n, 0);
        ck_assert_uint_eq(a[i].n, b[i].n);
        ck_assert_mem_eq(a[i].insns, b[i].insns, a[i].n * sizeof *a[i].insns);
    }
}

static void
put_reply(const struct filter_code codes[FILTER_N_LINKS], struct ofpbuf *b)
{
    ofpbuf_init(b, 0);
    filter_put_reply(NULL, codes, b);
}

/* A reply says what it was made of, and nothing if there is less of it, or
 * more. */
START_TEST(test_reply)
{
    struct filter_code codes[FILTER_N_LINKS], got[FILTER_N_LINKS];
    struct ofpbuf whole;

    ck_assert_ptr_null(filter_compile(expression, codes));
    put_reply(codes, &whole);
    for (size_t size = 0; size <= whole.size + 1; size++) {
        struct ofpbuf b;
        char *error;

        memset(got, 0, sizeof got);
        put_reply(codes, &b);
        ofpbuf_put_zeros(&b, 1);
        b.size = size;
        error = filter_take_reply(&b, got);
        if (size == whole.size) {
            ck_assert_pstr_eq(error, NULL);
            check_equal(got, codes);
            codes_free(got);
        } else {
            ck_assert_ptr_nonnull(strstr(error, "libpcap has "));
            ck_assert_ptr_null(got[0].insns);
            free(error);
        }
        ofpbuf_uninit(&b);
    }
    codes_free(codes);
    ofpbuf_uninit(&whole);
}
END_TEST

/* Numbers of which the sum is more than a size can be are no more than there
 * are bytes. */
START_TEST(test_reply_large)
{
    const uint32_t reply[] = { 0, UINT32_MAX, UINT32_MAX };
    struct filter_code codes[FILTER_N_LINKS] = { { .n = 0 } };
    struct ofpbuf b;
    char *error;

    BUILD_ASSERT_DECL(ARRAY_SIZE(reply) == 1 + FILTER_N_LINKS);
    ofpbuf_use_const(&b, reply, sizeof reply);
    error = filter_take_reply(&b, codes);
    ck_assert_pstr_eq(error, "libpcap has not written all of it");
    ck_assert_ptr_null(codes[0].insns);
    free(error);
}
END_TEST

/* An error comes as it was. */
START_TEST(test_reply_error)
{
    struct filter_code codes[FILTER_N_LINKS] = { { .n = 0 } };
    struct ofpbuf b;
    char *error;

    ofpbuf_init(&b, 0);
    filter_put_reply("syntax error", codes, &b);
    error = filter_take_reply(&b, codes);
    ck_assert_pstr_eq(error, "syntax error");
    ck_assert_ptr_null(codes[0].insns);
    free(error);
    ofpbuf_uninit(&b);
}
END_TEST

/* Returns the tests of this file. */
Suite *
filter_child_suite(void)
{
    Suite *s = suite_create("filter-child");
    TCase *tc = tcase_create("filter-child");

    tcase_add_test(tc, test_no_pipe);
    tcase_add_test(tc, test_reply);
    tcase_add_test(tc, test_reply_large);
    tcase_add_test(tc, test_reply_error);
    suite_add_tcase(s, tc);

    /* These do something to their process for good.  They end by a signal,
     * for what libcheck and sanitizers do at its end may be refused. */
    if (!getenv("CK_FORK") || strcmp(getenv("CK_FORK"), "no")) {
        tcase_add_test_raise_signal(tc, test_no_child, SIGUSR1);
        tcase_add_test_raise_signal(tc, test_silent_child, SIGUSR1);
    }
    return s;
}
