/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_SHIM_BPF_CORE_READ_H
#define TESTS_BPF_SHIM_BPF_CORE_READ_H 1

/* See bpf_helpers.h. */

#define CORE_READ_1(P, A) ((P)->A)
#define CORE_READ_2(P, A, B) ((P)->A->B)
#define CORE_READ_3(P, A, B, C) ((P)->A->B->C)
#define CORE_READ_N(P, A, B, C, NAME, ...) NAME
#define BPF_CORE_READ(...)                                              \
    CORE_READ_N(__VA_ARGS__, CORE_READ_3, CORE_READ_2,                  \
                CORE_READ_1)(__VA_ARGS__)
#define bpf_core_field_exists(FIELD) 1
#define bpf_core_type_exists(TYPE) 1
#define bpf_core_field_offset(TYPE, MEMBER) offsetof(TYPE, MEMBER)

#endif /* bpf/bpf_core_read.h */
