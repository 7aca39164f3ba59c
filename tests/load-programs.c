/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and attaches the BPF programs by one variant, as the daemon does:
 *
 *     load-programs MODE kernel|full|all|datapath|actions|filter
 *
 * where MODE is fentry, mixed or kprobe.
 *
 * utilities/dev/bpf-matrix links this with programs that several compilers
 * have made, and runs it on several kernels.  It prints a line for each
 * program: its name, its instructions, and how many the verifier went through;
 * and their sum.  If that fails, the log, with what the verifier says, is on
 * standard error.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/attach.h"
#include "openvswitch/vlog.h"
#include "record/filter.h"
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

/* Prints the programs that are attached, and their sum. */
static void
print_programs(const struct attachment *a)
{
    struct attach_run runs[ATTACH_RUNS_MAX];
    size_t n = attach_get_runs(a, runs);
    uint32_t instructions = 0, verified = 0;

    for (size_t i = 0; i < n; i++) {
        printf("%s %"PRIu32" %"PRIu32"\n", runs[i].name,
               runs[i].instructions, runs[i].verified);
        instructions += runs[i].instructions;
        verified += runs[i].verified;
    }
    printf("sum %"PRIu32" %"PRIu32"\n", instructions, verified);
}

/* Loads of all kinds, arithmetic, memory, and a list. */
#define FILTER                                                              \
    "(ip[2:2] - ((ip[0] & 0xf) << 2) > 60 and "                              \
    "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420) or "                      \
    "(vlan 3 and ip6 and udp portrange 1-1000) or "                         \
    "ether[ether[14:2]:2] = 7 or ip[8] / ip[9] = 3 or len % 7 = ip[15] or " \
    "ip[15] << ip[19] = 8 or mpls 7 or host 10.0.0.1 or host 10.0.0.2 or "  \
    "host 10.0.0.3 or host fd00::1 or host fd00::2 or port 7 or port 8 or " \
    "ether[300:4] = 1"

/* Returns the filter for 'expression'.  Ends the program if there is none. */
static struct filter *
create_filter(const char *expression)
{
    struct filter *filter;
    char *error = filter_create(expression, &filter);

    if (error) {
        ovs_fatal(0, "%s: %s", expression, error);
    }
    return filter;
}

/* Returns which of the 'n' 'names' 'arg' is.  Ends the program if none is. */
static int
choose(const char *arg, const char *const names[], int n)
{
    for (int i = 0; i < n; i++) {
        if (!strcmp(arg, names[i])) {
            return i;
        }
    }
    ovs_fatal(0, "unknown variant %s", arg);
}

int
main(int argc, char *argv[])
{
    static const char *const modes[ATTACH_N_MODES] = {
        [ATTACH_FENTRY] = "fentry",
        [ATTACH_MIXED] = "mixed",
        [ATTACH_KPROBE] = "kprobe",
    };
    static const char *const tracks[] = { "kernel", "full", "all",
                                          "datapath", "actions", "filter" };
    struct attach_config config = {
        .snaplen = 128, .buffer = 1024 * 1024, .classes = UINT32_MAX,
    };
    struct filter *filter = NULL;
    struct attachment *a;
    char *error;
    int track;

    set_program_name(argv[0]);
    if (argc != 3) {
        ovs_fatal(0, "usage: %s fentry|mixed|kprobe "
                  "kernel|full|all|datapath|actions|filter", argv[0]);
    }
    config.modes = 1U << choose(argv[1], modes, ATTACH_N_MODES);
    track = choose(argv[2], tracks, ARRAY_SIZE(tracks));
    config.full = track > 0 && track < 5;
    config.all_probes = track > 1 && track < 5;
    config.datapath = track == 3 || track == 4;
    config.executed = track == 4;
    config.filter = filter = track >= 3 ? create_filter(FILTER) : NULL;
    vlog_set_levels(NULL, VLF_SYSLOG, VLL_OFF);
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_INFO);
    error = attach_create(&config, ignore_record, ignore_sample, NULL, &a);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    attach_enable(a);
    print_programs(a);
    attach_detach(a);
    attach_destroy(a);
    filter_destroy(filter);
    return EXIT_SUCCESS;
}
