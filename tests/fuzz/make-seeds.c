/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes inputs to start from, for "make fuzz":
 *
 *     make-seeds DIRECTORY
 *
 * DIRECTORY has a directory for each target already.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/seeds.h"
#include "util.h"

static const char *directory;

static void
write_seed(const char *target, int number, const void *data, size_t size)
{
    char *name = xasprintf("%s/%s/seed-%d", directory, target, number);
    FILE *file = fopen(name, "w");

    if (!file || fwrite(data, size, 1, file) != 1 || fclose(file)) {
        ovs_fatal(errno, "%s", name);
    }
    free(name);
}

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    if (argc != 2) {
        ovs_fatal(0, "usage: %s DIRECTORY", program_name);
    }
    directory = argv[1];
    fuzz_for_each_seed(write_seed);
    return 0;
}
