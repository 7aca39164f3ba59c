/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H 1

/* Inputs that are made by the builders of the unit tests, to start from. */

#include <stddef.h>

typedef void fuzz_seed_cb(const char *target, int number, const void *data,
                          size_t size);

void fuzz_for_each_seed(fuzz_seed_cb *);
void fuzz_for_each_packed_seed(fuzz_seed_cb *);

#endif /* tests/fuzz/seeds.h */
