/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_SHIM_BPF_TRACING_H
#define TESTS_BPF_SHIM_BPF_TRACING_H 1

/* See bpf_helpers.h.  The test has no process whose registers there are. */
#define PT_REGS_PARM2_SYSCALL(REGS) ((unsigned long) (REGS))

struct pt_regs;

#endif /* bpf/bpf_tracing.h */
