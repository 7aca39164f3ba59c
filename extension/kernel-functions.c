/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-functions.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static const struct {
    const char *name;
    enum kernel_functions what;
} functions[] = {
    { "ovs_dp_upcall", KERNEL_FUNCTIONS_UPCALLS },
    { "skb_zerocopy", KERNEL_FUNCTIONS_UPCALLS },
    { "skb_recv_datagram", KERNEL_FUNCTIONS_UPCALLS },
    { "ovs_flow_cmd_new", KERNEL_FUNCTIONS_UPCALLS },
    { "ovs_packet_cmd_execute", KERNEL_FUNCTIONS_UPCALLS },
    { "ovs_dp_process_packet", KERNEL_FUNCTIONS_PASSES },
    { "ovs_flow_tbl_lookup_stats", KERNEL_FUNCTIONS_PASSES },
    { "ovs_dp_cmd_new", KERNEL_FUNCTIONS_PASSES },
    { "ovs_execute_actions", KERNEL_FUNCTIONS_ACTIONS },

    /* Of the tracepoint, since Linux 5.15. */
    { "__traceiter_ovs_do_execute_action", KERNEL_FUNCTIONS_ACTIONS },

    { "ovs_ct_execute", KERNEL_FUNCTIONS_RESULTS },
    { "ovs_meter_execute", KERNEL_FUNCTIONS_RESULTS },

    /* No function, but the list of their names, since Linux 6.7. */
    { "ovs_drop_reasons", KERNEL_FUNCTIONS_REASONS },
};
#define N_FUNCTIONS ARRAY_SIZE(functions)

/* What the kernel had when it was looked up.  The kernel needs up to 0.1 s to
 * list all its functions, during which nothing else is done, and what there is
 * changes with the module only. */
struct lookup {
    bool done;
    struct stat module;         /* Of its directory, all 0 if it has none. */
    bool found[N_FUNCTIONS];
};

/* Stores in 'found' which of the functions the kernel or a module has.
 * Returns false if that cannot be found out. */
static bool
read_functions(bool found[N_FUNCTIONS])
{
    FILE *file = fopen("/proc/kallsyms", "r");
    char line[512], name[256];
    bool ok;

    memset(found, 0, N_FUNCTIONS * sizeof *found);
    if (!file) {
        return false;
    }
    while (fgets(line, sizeof line, file)) {
        for (size_t i = 0; i < N_FUNCTIONS; i++) {
            if (!found[i] && strstr(line, functions[i].name)) {
                found[i] = (sscanf(line, "%*s %*s %255s", name) == 1
                            && !strcmp(name, functions[i].name));
            }
        }
    }
    ok = !ferror(file);
    fclose(file);
    return ok;
}

/* Returns true if both are of the same module: its directory is another one
 * each time that it is loaded. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
    return (a->st_ino == b->st_ino
            && a->st_ctim.tv_sec == b->st_ctim.tv_sec
            && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec);
}

/* Returns how many functions are needed for 'what'. */
size_t
kernel_functions_count(enum kernel_functions what)
{
    size_t n = 0;

    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        n += functions[i].what == what;
    }
    return n;
}

/* Returns the names of those functions needed for 'what' that neither the
 * kernel nor a module has, which the caller frees, or NULL if all are
 * there. */
char *
kernel_functions_missing(enum kernel_functions what)
{
    static struct lookup lookup;
    struct ds missing = DS_EMPTY_INITIALIZER;
    struct stat module;

    if (stat("/sys/module/openvswitch", &module)) {
        memset(&module, 0, sizeof module);
    }
    if (!lookup.done || !is_same(&module, &lookup.module)) {
        lookup.module = module;
        lookup.done = read_functions(lookup.found);
    }
    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        if (functions[i].what == what && !lookup.found[i]) {
            ds_put_format(&missing, "%s%s", missing.length ? ", " : "",
                          functions[i].name);
        }
    }
    return missing.length ? ds_steal_cstr(&missing) : NULL;
}
