/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_UPROBES_H
#define EXTENSION_UPROBES_H 1

/* Attaching BPF programs to the USDT probes of a process. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/upcall-record.h"

struct bpf_program;
struct uprobes;

struct uprobe_program {
    const char *probe;          /* "PROVIDER:NAME". */
    struct bpf_program *prog;   /* Loaded. */
    uint32_t args;              /* Arguments that it needs, as bits. */
    bool optional;              /* May the process be without this probe? */
};

/* Most places of the probes of one attachment. */
#define UPROBES_MAX 64

char *uprobes_attach(pid_t, const struct uprobe_program *, size_t n,
                     struct upcall_site sites[UPCALL_SITES_MAX], size_t first,
                     struct uprobes **);
void uprobes_detach(struct uprobes *);
bool uprobes_have(const struct uprobes *, const char *probe);

#endif /* extension/uprobes.h */
