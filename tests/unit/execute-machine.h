/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_EXECUTE_MACHINE_H
#define TESTS_EXECUTE_MACHINE_H 1

/* bpf/pass-execute.bpf.h as a part of a test: a thread that has the datapath
 * execute packets, one after the other. */

#include <stddef.h>
#include <stdint.h>

/* The programs, as bits. */
enum execute_program {
    EXECUTE_BEGIN = 1 << 0,
    EXECUTE_BEGIN_TWIN = 1 << 1,
    EXECUTE_END = 1 << 2,
    EXECUTE_END_TWIN = 1 << 3,
    EXECUTE_ALL = 15
};

/* What the programs have written of an execute. */
struct execute_seen {
    uint64_t ts;                /* When it began, */
    uint64_t ns;                /* and how long it took. */
    int ret;                    /* As given to execute_run(). */
};

void execute_reset(void);
uint64_t execute_run(size_t request, int ret, unsigned int programs);
size_t execute_get_seen(struct execute_seen[], size_t max);
uint64_t execute_get_produced(void);
uint64_t execute_get_dropped(void);
uint64_t execute_get_hits(void);

#endif /* tests/unit/execute-machine.h */
