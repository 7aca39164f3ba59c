/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and attaches the BPF programs by each variant, as the daemon does:
 *
 *     load-programs NAME
 *
 * utilities/bpf-matrix links this with programs that several compilers have
 * made, and runs it on several kernels.  It prints a line for each program: the
 * kernel, NAME, the variant, kernel or full (--track), the program, its
 * instructions, and how many the verifier went through; and a line with "sum"
 * for those of one variant, which says "failed" if they were not attached.
 * The log, with what the verifier says, goes to standard error.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "extension/attach.h"
#include "openvswitch/vlog.h"
#include "util.h"

static void
ignore_record(const void *record OVS_UNUSED, size_t size OVS_UNUSED,
              void *aux OVS_UNUSED)
{
}

static void
ignore_sample(const struct vswitchd_sample *sample OVS_UNUSED,
              void *aux OVS_UNUSED)
{
}

static void
print_prefix(const char *name, enum attach_mode mode, bool full)
{
    struct utsname u;

    ovs_assert(!uname(&u));
    printf("%s %s %s %s ", u.release, name,
           mode == ATTACH_FENTRY ? "fentry"
           : mode == ATTACH_MIXED ? "mixed" : "kprobe",
           full ? "full" : "kernel");
}

/* Prints the programs that are attached, and their sum. */
static void
print_programs(const struct attachment *a, const char *name,
               enum attach_mode mode, bool full)
{
    struct attach_run runs[ATTACH_RUNS_MAX];
    size_t n = attach_get_runs(a, runs);
    uint32_t instructions = 0, verified = 0;

    for (size_t i = 0; i < n; i++) {
        print_prefix(name, mode, full);
        printf("%s %"PRIu32" %"PRIu32"\n", runs[i].name,
               runs[i].instructions, runs[i].verified);
        instructions += runs[i].instructions;
        verified += runs[i].verified;
    }
    print_prefix(name, mode, full);
    printf("sum %"PRIu32" %"PRIu32"\n", instructions, verified);
}

static bool
try(const char *name, enum attach_mode mode, bool full)
{
    const struct attach_config config = {
        .snaplen = 128, .buffer = 1024 * 1024, .full = full,
        .classes = UINT32_MAX, .modes = 1U << mode,
    };
    struct attachment *a;
    char *error = attach_create(&config, ignore_record, ignore_sample, NULL,
                                &a);

    if (error) {
        fprintf(stderr, "%s\n", error);
        free(error);
        print_prefix(name, mode, full);
        puts("sum failed");
        return false;
    }
    attach_enable(a);
    print_programs(a, name, mode, full);
    attach_detach(a);
    attach_destroy(a);
    return true;
}

int
main(int argc, char *argv[])
{
    bool ok = true;

    set_program_name(argv[0]);
    if (argc != 2) {
        ovs_fatal(0, "usage: %s NAME", argv[0]);
    }
    vlog_set_levels(NULL, VLF_SYSLOG, VLL_OFF);
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_INFO);
    for (int mode = 0; mode < ATTACH_N_MODES; mode++) {
        ok = try(argv[1], mode, false) && ok;
        ok = try(argv[1], mode, true) && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
