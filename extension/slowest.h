/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SLOWEST_H
#define EXTENSION_SLOWEST_H 1

/* Which upcalls or passes took longest. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A record that may be one of the slowest. */
struct slow_record {
    uint64_t seq;
    uint64_t ns;                /* How long it took. */
};

/* The slowest records of those that were added. */
struct slowest {
    struct slow_record *records;        /* Room for 2 * 'max'. */
    size_t n;
    size_t max;                 /* How many are wanted. */
};

bool slow_record_get(uint64_t seq, const void *rec, struct slow_record *);
int slow_record_compare(const void *a, const void *b);

void slowest_add(struct slowest *, uint64_t seq, const void *rec);
void slowest_sort(struct slowest *);

#endif /* extension/slowest.h */
