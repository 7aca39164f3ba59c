/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_ARGS_H
#define LIB_USDT_ARGS_H 1

/* Where an eBPF program finds the arguments of a USDT probe. */

#include <stdbool.h>

#include "bpf/upcall-record.h"
#include "usdt/usdt-notes.h"

/* Machines whose registers are known. */
enum usdt_machine {
    USDT_X86_64,
    USDT_AARCH64,
    USDT_S390X,
    USDT_RISCV64,
    USDT_OTHER,
};

/* The machine that this was compiled for. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define USDT_THIS_MACHINE USDT_X86_64
#elif defined(__aarch64__)
#define USDT_THIS_MACHINE USDT_AARCH64
#elif defined(__s390x__)
#define USDT_THIS_MACHINE USDT_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define USDT_THIS_MACHINE USDT_RISCV64
#else
#define USDT_THIS_MACHINE USDT_OTHER
#endif

bool usdt_arg_locate(const struct usdt_arg *, enum usdt_machine,
                     struct upcall_arg *);

#endif /* lib/usdt/usdt-args.h */
