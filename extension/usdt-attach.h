/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_USDT_ATTACH_H
#define EXTENSION_USDT_ATTACH_H 1

/* Attaching BPF programs to the USDT probes of a process. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/upcall-record.h"

struct bpf_program;
struct usdt_attachment;

struct usdt_program {
    const char *probe;          /* "PROVIDER:NAME". */
    struct bpf_program *prog;   /* Loaded. */
    uint32_t args;              /* Arguments that it needs, as bits. */
};

char *usdt_attach(pid_t, const struct usdt_program *, size_t n,
                  struct upcall_site sites[UPCALL_SITES_MAX],
                  struct usdt_attachment **);
void usdt_detach(struct usdt_attachment *);

#endif /* extension/usdt-attach.h */
