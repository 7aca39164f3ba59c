/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_CASES_H
#define TESTS_FILTER_CASES_H 1

/* Expressions and packets, for tests of filters. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter_code;
struct svec;

/* A packet that begins with an Ethernet header. */
struct filter_packet {
    size_t len;
    uint8_t data[768];
};

void filter_expressions(struct svec *);
void filter_packet_random(struct filter_packet *);
bool filter_libpcap_matches(const struct filter_code *, const uint8_t *data,
                            size_t len);

#endif /* tests/unit/filter-cases.h */
