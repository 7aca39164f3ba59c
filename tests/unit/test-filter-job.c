/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of filters that are made while something else is done:
 * lib/record/filter-child.c. */

#include <config.h>
#include "record/filter.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "store/start-options.h"
#include "timeval.h"
#include "util.h"

TCase *filter_job_tcase(void);

/* Returns a job that takes all the time that an expression may have. */
static struct filter_job *
start_long(void)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct filter_job *job;

    for (int i = 0; i < 600; i++) {
        ds_put_format(&ds, "%sport %d", i ? " or " : "", i);
    }
    job = filter_job_create(ds_cstr(&ds));
    ds_destroy(&ds);
    return job;
}

static void
check_running(struct filter_job *job)
{
    struct filter *filter;
    char *error;

    ck_assert(!filter_job_run(job, &filter, &error));
    ck_assert_ptr_null(filter);
    ck_assert_ptr_null(error);
}

/* Waits for the end of 'job', and frees it.  Returns what it has made. */
static struct filter *
wait_for(struct filter_job *job, char **errorp)
{
    struct filter *filter;

    while (!filter_job_run(job, &filter, errorp)) {
        filter_job_wait(job);
        poll_block();
    }
    filter_job_destroy(job);
    return filter;
}

static int
count_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

static void
check_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static void
check_made(struct filter_job *job, const char *expression)
{
    struct filter *filter, *expected;
    char *error;

    filter = wait_for(job, &error);
    ck_assert_msg(!error, "%s", error);
    ck_assert_ptr_null(filter_create(expression, &expected));
    ck_assert_str_eq(filter->expression, expression);
    ck_assert_uint_eq(filter->n_bytes, expected->n_bytes);
    ck_assert_uint_eq(filter->n, expected->n);
    ck_assert_mem_eq(filter->insns, expected->insns,
                     filter->n * sizeof *filter->insns);
    filter_destroy(filter);
    filter_destroy(expected);
}

/* While it takes long, its caller is woken up for what it does meanwhile.  The
 * limit holds. */
START_TEST(test_long)
{
    struct filter_job *job = start_long();
    struct filter *filter;
    char *error;

    for (int i = 0; i < 3; i++) {
        check_running(job);
        filter_job_wait(job);
        poll_timer_wait(10);
        poll_block();
    }
    check_running(job);
    filter = wait_for(job, &error);
    ck_assert_ptr_null(filter);
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, "more than 3 s"), "%s", error);
    free(error);
    check_no_child();
}
END_TEST

/* A caller that has to have it at once waits for so long, and may go on. */
START_TEST(test_run_for)
{
    long long int start = time_msec();
    struct filter_job *job = start_long();
    struct filter *filter;
    char *error;

    ck_assert(!filter_job_run_for(job, 100, &filter, &error));
    ck_assert_int_ge(time_msec() - start, 100);
    check_running(job);
    filter_job_destroy(job);

    job = filter_job_create("tcp port 80");
    ck_assert(filter_job_run_for(job, 60000, &filter, &error));
    ck_assert_ptr_null(error);
    ck_assert_str_eq(filter->expression, "tcp port 80");
    filter_destroy(filter);
    filter_job_destroy(job);
}
END_TEST

/* Jobs do not know of each other, and one that is given up leaves nothing. */
START_TEST(test_give_up)
{
    struct filter_job *long_job, *job, *wrong;
    char *error;
    int n_files;

    poll_immediate_wake();
    poll_block();                       /* It opens what it needs. */
    n_files = count_files();
    long_job = start_long();
    job = filter_job_create("udp and net 10.1.0.0/16");
    wrong = filter_job_create("tcp port");
    check_made(job, "udp and net 10.1.0.0/16");
    check_running(long_job);
    filter_job_destroy(long_job);
    ck_assert_ptr_null(wait_for(wrong, &error));
    ck_assert_msg(error && strstr(error, "syntax error"), "%s", error);
    free(error);
    filter_job_destroy(NULL);
    check_no_child();
    ck_assert_int_eq(count_files(), n_files);
}
END_TEST

/* What the parent closes is closed, although there is a child. */
START_TEST(test_files)
{
    struct filter_job *job;
    struct pollfd pfd;
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    job = start_long();
    close(fds[1]);
    pfd = (struct pollfd) { .fd = fds[0], .events = POLLIN };
    ck_assert_int_eq(poll(&pfd, 1, 60000), 1);
    ck_assert_int_eq(pfd.revents, POLLHUP);
    check_running(job);
    filter_job_destroy(job);
    close(fds[0]);
}
END_TEST

/* What is wrong with a filter is told as with any option. */
START_TEST(test_option_error)
{
    static const struct {
        const char *filter, *error;
    } cases[] = {
        { "inbound", "--filter=inbound: directions and interfaces are not "
          "known here: choose ports with --port (see pcap-filter(7))" },
        { "ip and arp", "--filter=ip and arp: expression rejects all packets "
          "(see pcap-filter(7))" },
        { "ip6 protochain 6", "--filter=ip6 protochain 6: the kernel cannot "
          "do this (it has an instruction, or a loop, that cannot be used) "
          "(see pcap-filter(7))" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct start_options options;
        struct filter *filter;
        char *error;

        start_options_init(&options);
        options.filter = xstrdup(cases[i].filter);
        error = start_options_filter_error(
            &options, filter_create(options.filter, &filter));
        ck_assert_str_eq(error, cases[i].error);
        free(error);
        start_options_destroy(&options);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
filter_job_tcase(void)
{
    TCase *tc = tcase_create("filter-job");

    tcase_add_test(tc, test_long);
    tcase_add_test(tc, test_run_for);
    tcase_add_test(tc, test_give_up);
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_option_error);
    return tc;
}
