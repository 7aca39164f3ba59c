/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_HIDDEN_HIT_H
#define TESTS_HIDDEN_HIT_H 1

/* Hits of flows with actions of which the kernel hides a part from the
 * program: it has a pointer to that. */

#include <stdint.h>

struct build_pass;

/* When the flows were put. */
#define HIDDEN_PUT_TS 1000

/* Their actions: those of the first two look the same. */
#define HIDDEN_TUNNEL \
    "set(tunnel(tun_id=0x7b,dst=10.0.0.1,ttl=64,flags(df|key))),2"
#define HIDDEN_OTHER \
    "set(tunnel(tun_id=0x7b,dst=10.0.0.2,ttl=64,flags(df|key))),2"
#define HIDDEN_HELPER "ct(commit,zone=7,helper=ftp),2"

void hidden_hit_build(struct build_pass *, uint64_t ts, const char *actions,
                      uint8_t version);

#endif /* tests/unit/hidden-hit.h */
