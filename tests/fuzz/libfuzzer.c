/* SPDX-License-Identifier: Apache-2.0 */

/* The main program of a fuzzer, of which libFuzzer has main().  The name that
 * it is run by says which target it is. */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "util.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *name;
    void (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define X(NAME, WHAT) { #NAME, fuzz_##NAME },
    FUZZ_TARGETS
#undef X
};

static void (*run)(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc OVS_UNUSED, char ***argv)
{
    set_program_name(**argv);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
        if (!strcmp(program_name, targets[i].name)) {
            run = targets[i].run;
            return 0;
        }
    }
    ovs_fatal(0, "there is no target %s", program_name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run(data, size);
    return 0;
}
