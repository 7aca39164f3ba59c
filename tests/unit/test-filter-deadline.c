/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/filter-child.c with so little time that an expression
 * does not get the CPU time that it may have. */

#include <config.h>

/* Jobs of our own, beside those of the library. */
#define CPU_MAX_S 300
#define WAIT_MAX_MS 500
#define filter_create deadline_create
#define filter_job_create deadline_job_create
#define filter_job_destroy deadline_job_destroy
#define filter_job_run deadline_job_run
#define filter_job_wait deadline_job_wait
#define filter_job_run_for deadline_job_run_for
#include "record/filter-child.c"

#include <check.h>

#include "openvswitch/dynamic-string.h"

TCase *filter_deadline_tcase(void);

/* It does not matter whether a machine without time for the child gives it any
 * in the end. */
START_TEST(test_deadline)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    long long int start = time_msec();
    struct filter_job *job;
    struct filter *filter;
    char *error;

    for (int i = 0; i < 600; i++) {
        ds_put_format(&ds, "%sport %d", i ? " or " : "", i);
    }
    job = filter_job_create(ds_cstr(&ds));
    ds_destroy(&ds);
    while (!filter_job_run(job, &filter, &error)) {
        filter_job_wait(job);
        poll_block();
    }
    ck_assert_int_ge(time_msec() - start, 500);
    ck_assert_ptr_null(filter);
    ck_assert_msg(error && strstr(error, "more than 300 s"), "%s", error);
    free(error);
    filter_job_destroy(job);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* Returns the tests of this file. */
TCase *
filter_deadline_tcase(void)
{
    TCase *tc = tcase_create("filter-deadline");

    tcase_add_test(tc, test_deadline);
    return tc;
}
