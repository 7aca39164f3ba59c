/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of bpf/pass-execute.bpf.h: executes for which the kernel has not run
 * all programs. */

#include <config.h>

#include <check.h>
#include <errno.h>

#include "build-record.h"
#include "execute-machine.h"
#include "util.h"

/* Executes that follow each other in a run of the test. */
#define N_EXECUTES 3

/* How a run goes: the place of each request, and which programs see it. */
struct run {
    size_t requests[N_EXECUTES];
    unsigned int programs[N_EXECUTES];
};

static bool
begin_is_seen(unsigned int programs)
{
    return programs & (EXECUTE_BEGIN | EXECUTE_BEGIN_TWIN);
}

static bool
end_is_seen(unsigned int programs)
{
    return programs & (EXECUTE_END | EXECUTE_END_TWIN);
}

/* Returns how many programs of an execute were not run. */
static int
count_missed(unsigned int programs)
{
    return 4 - __builtin_popcount(programs);
}

/* Returns true if no two executes of 'run' in a row have missed so many
 * programs that nothing can tell one from the other. */
static bool
can_be_told(const struct run *run)
{
    for (int i = 1; i < N_EXECUTES; i++) {
        if (count_missed(run->programs[i - 1])
            + count_missed(run->programs[i]) >= 4) {
            return false;
        }
    }
    return true;
}

/* Fails unless what was written of 'run' is each execute of which begin and
 * end were seen, once, and all others that had begun are counted as lost, but
 * for the last, of which that is not known yet. */
static void
check_run(const struct run *run)
{
    struct execute_seen seen[N_EXECUTES], expected[N_EXECUTES];
    uint64_t n_begun = 0;
    bool pending = false;
    size_t n = 0;

    execute_reset();
    for (int i = 0; i < N_EXECUTES; i++) {
        uint64_t begin = execute_run(run->requests[i], -i, run->programs[i]);

        n_begun += begin_is_seen(run->programs[i]);
        if (begin_is_seen(run->programs[i])) {
            pending = !end_is_seen(run->programs[i]);
        }
        if (begin_is_seen(run->programs[i]) && end_is_seen(run->programs[i])) {
            expected[n].ts = begin + 1;
            expected[n].ns = 101;
            expected[n++].ret = -i;
        }
    }
    ck_assert_uint_eq(execute_get_seen(seen, N_EXECUTES), n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(seen[i].ts, expected[i].ts);
        ck_assert_uint_eq(seen[i].ns, expected[i].ns);
        ck_assert_int_eq(seen[i].ret, expected[i].ret);
    }
    ck_assert_uint_eq(execute_get_hits(), n_begun);
    ck_assert_uint_eq(execute_get_produced(), n_begun - pending);
    ck_assert_uint_eq(execute_get_dropped(), n_begun - pending - n);
}

/* All ways in which three executes can miss programs. */
START_TEST(test_twins)
{
    unsigned int n_told = 0;

    for (unsigned int bits = 0; bits < 1 << (4 + 1) * N_EXECUTES; bits++) {
        struct run run;

        for (int i = 0; i < N_EXECUTES; i++) {
            run.programs[i] = bits >> 5 * i & EXECUTE_ALL;
            run.requests[i] = bits >> (5 * i + 4) & 1;
        }
        if (can_be_told(&run)) {
            check_run(&run);
            n_told++;
        }
    }
    ck_assert_uint_gt(n_told, 2000);
}
END_TEST

/* An end that was not seen, and the next execute of the thread. */
START_TEST(test_lost)
{
    static const struct run runs[] = {
        { { 0, 0, 0 }, { EXECUTE_BEGIN | EXECUTE_BEGIN_TWIN, EXECUTE_ALL,
                         EXECUTE_ALL } },
        { { 0, 1, 0 }, { EXECUTE_BEGIN | EXECUTE_BEGIN_TWIN,
                         EXECUTE_BEGIN | EXECUTE_BEGIN_TWIN, EXECUTE_ALL } },
        { { 0, 1, 1 }, { EXECUTE_BEGIN_TWIN, EXECUTE_ALL, EXECUTE_BEGIN } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
        check_run(&runs[i]);
    }
    ck_assert_uint_eq(execute_get_dropped(), 1);
}
END_TEST

TCase *
pass_execute_tcase(void)
{
    TCase *tcase = tcase_create("pass-execute");

    tcase_add_test(tcase, test_twins);
    tcase_add_test(tcase, test_lost);
    return tcase;
}
