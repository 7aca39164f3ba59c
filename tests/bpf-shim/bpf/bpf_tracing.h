/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_SHIM_BPF_TRACING_H
#define TESTS_BPF_SHIM_BPF_TRACING_H 1

/* See bpf_helpers.h. */

#endif /* bpf/bpf_tracing.h */
