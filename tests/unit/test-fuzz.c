/* SPDX-License-Identifier: Apache-2.0 */

/* Runs the targets of tests/fuzz with inputs to start from, and with those
 * that are kept because something was wrong with them once. */

#include <config.h>
#include "fuzz/fuzz.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/seeds.h"
#include "openvswitch/vlog.h"
#include "util.h"

TCase *fuzz_tcase(void);

static const struct {
    const char *name;
    void (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define X(NAME, WHAT) { #NAME, fuzz_##NAME },
    FUZZ_TARGETS
#undef X
};

/* Runs target 'i' with the 'size' bytes at 'data', and with all that these
 * begin with, if they are few. */
static void
run(size_t i, const uint8_t *data, size_t size)
{
    for (size_t n = size > 256 ? size : 0; n <= size; n++) {
        uint8_t *copy = xmemdup(data, MAX(n, 1));
        uint8_t *exact = xrealloc(copy, MAX(n, 1));

        targets[i].run(exact, n);
        free(exact);
    }
}

static void
run_seed(const char *target, int number OVS_UNUSED, const void *data,
         size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
        if (!strcmp(targets[i].name, target)) {
            run(i, data, size);
        }
    }
}

START_TEST(test_seeds)
{
    fuzz_for_each_seed(run_seed);
}
END_TEST

/* Runs target 'i' with the file 'name' of 'directory'. */
static void
run_file(size_t i, const char *directory, const char *name)
{
    char *path = xasprintf("%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    uint8_t data[8192];
    size_t size;

    ck_assert_msg(file != NULL, "%s", path);
    size = fread(data, 1, sizeof data, file);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_lt(size, sizeof data);
    fclose(file);
    free(path);
    run(i, data, size);
}

START_TEST(test_inputs)
{
    const char *srcdir = getenv("srcdir");
    char *directory = xasprintf("%s/tests/fuzz/inputs/%s",
                                srcdir ? srcdir : "..", targets[_i].name);
    DIR *dir = opendir(directory);
    const struct dirent *entry;
    int n = 0;

    ck_assert_msg(dir != NULL, "%s", directory);
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] != '.') {
            run_file(_i, directory, entry->d_name);
            n++;
        }
    }
    ck_assert_int_gt(n, 0);
    closedir(dir);
    free(directory);
}
END_TEST

/* OVS logs what is wrong with a flow key. */
static void
setup(void)
{
    vlog_set_levels_from_string_assert("ANY:off");
}

/* Returns the tests of this file. */
TCase *
fuzz_tcase(void)
{
    TCase *tc = tcase_create("fuzz");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, test_seeds);
    tcase_add_loop_test(tc, test_inputs, 0, ARRAY_SIZE(targets));
    return tc;
}
