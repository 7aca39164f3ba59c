/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_MACHINE_H
#define TESTS_FILTER_MACHINE_H 1

/* The kernel's BPF machine, as far as filters need it. */

#include "record/filter.h"

void filter_machine_verify(const struct filter *);
enum filter_verdict filter_machine_run(const struct filter *,
                                       struct filter_buffer *);

#endif /* tests/unit/filter-machine.h */
