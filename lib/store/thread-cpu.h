/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_THREAD_CPU_H
#define LIB_THREAD_CPU_H 1

/* CPU time of threads of other processes. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/upcall-record.h"

/* How much CPU time a thread had used at some time. */
struct thread_cpu {
    uint64_t ts;                /* When, CLOCK_MONOTONIC, ns. */
    uint64_t used;              /* By then, ns. */
};

/* Stores in '*cpu' what thread 'tid' of process 'tgid', which is called
 * 'comm', has used by now, and returns true; or returns false if that is not
 * known. */
typedef bool thread_cpu_func(uint32_t tgid, uint32_t tid,
                             const char comm[UPCALL_COMM_LEN],
                             struct thread_cpu *cpu, void *aux);

thread_cpu_func thread_cpu_read;
bool thread_cpu_parse(const char *stat, const char comm[UPCALL_COMM_LEN],
                      long int ticks_per_second, uint64_t *used);

#endif /* lib/store/thread-cpu.h */
