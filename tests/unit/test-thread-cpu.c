/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/thread-cpu.c. */

#include <config.h>
#include "store/thread-cpu.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "test-stats.h"
#include "util.h"

#define SECOND NS_PER_SECOND

START_TEST(test_thread_cpu)
{
#define FIELDS "S 1 2 3 4 5 6 7 8 9 10 123 77 0 0 20 0 1 0\n"
    static const char comm[UPCALL_COMM_LEN] = "hand) S 1";
    static const char longest[UPCALL_COMM_LEN] = { "0123456789abcdef" };
    uint64_t used;

    ck_assert(thread_cpu_parse("7 (hand) S 1) " FIELDS, comm, 100, &used));
    ck_assert_uint_eq(used, 2 * SECOND);
    ck_assert(thread_cpu_parse("7 (0123456789abcdef) " FIELDS, longest, 1000,
                               &used));
    ck_assert_uint_eq(used, SECOND / 5);
    ck_assert(!thread_cpu_parse("7 (hand) " FIELDS, comm, 100, &used));
    ck_assert(!thread_cpu_parse("7 (hand) S 12) " FIELDS, comm, 100, &used));
    ck_assert(!thread_cpu_parse("7 (hand) S 1) S 1 2 3", comm, 100, &used));
    ck_assert(!thread_cpu_parse("7 (hand) S 1)", comm, 100, &used));
    ck_assert(!thread_cpu_parse("", comm, 100, &used));
    ck_assert(!thread_cpu_parse("7 (hand) S 1) " FIELDS, comm, 0, &used));
}
END_TEST

START_TEST(test_own_cpu)
{
    char comm[UPCALL_COMM_LEN + 1];
    FILE *stream = fopen("/proc/self/comm", "r");
    struct thread_cpu before, after;
    uint32_t pid = getpid();

    ck_assert_ptr_nonnull(stream);
    ck_assert_ptr_nonnull(fgets(comm, sizeof comm, stream));
    fclose(stream);
    comm[strcspn(comm, "\n")] = '\0';
    ck_assert(thread_cpu_read(pid, pid, comm, &before, NULL));
    do {
        ck_assert(thread_cpu_read(pid, pid, comm, &after, NULL));
    } while (after.used == before.used);
    ck_assert(after.used > before.used && after.ts > before.ts);

    ck_assert(!thread_cpu_read(pid, pid, "other", &after, NULL));
    ck_assert(!thread_cpu_read(pid, 1, comm, &after, NULL));
}
END_TEST

/* Returns the tests of this file. */
TCase *
thread_cpu_tcase(void)
{
    TCase *tcase = tcase_create("thread-cpu");

    tcase_add_test(tcase, test_thread_cpu);
    tcase_add_test(tcase, test_own_cpu);
    return tcase;
}
