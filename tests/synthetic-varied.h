/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SYNTHETIC_VARIED_H
#define TESTS_SYNTHETIC_VARIED_H 1

/* Upcalls that differ, of synthetic-traced. */

#include <stdint.h>

#include "bpf/upcall-record.h"

/* Ports "p2" to "p9" have the numbers from 3 on. */
#define VARIED_PORTS 8
#define VARIED_HANDLERS 4

void vary_record(struct upcall_record *, uint64_t n);

#endif /* tests/synthetic-varied.h */
