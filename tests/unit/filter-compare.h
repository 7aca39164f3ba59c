/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_COMPARE_H
#define TESTS_FILTER_COMPARE_H 1

/* Compares what the converter makes of programs with what libpcap's
 * bpf_filter() does with these.  What differs fails the test. */

#include <stddef.h>
#include <stdint.h>

#include "record/filter.h"

/* Both types of packets have programs that differ. */
struct filter_both {
    struct filter_code codes[FILTER_N_LINKS];
    struct filter filter, bytewise;
};

void filter_both_compile(struct filter_both *, const char *expression);
void filter_both_convert(struct filter_both *, const char *what);
void filter_both_destroy(struct filter_both *);
int filter_both_compare(const struct filter_both *, const uint8_t *data,
                        size_t len, const char *what);

#endif /* tests/unit/filter-compare.h */
