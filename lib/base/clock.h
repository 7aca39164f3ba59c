/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H 1

/* The clock of all times in records. */

#include <stdint.h>
#include <time.h>

/* Returns CLOCK_MONOTONIC in ns, which is what bpf_ktime_get_ns() returns in
 * the kernel.  OVS's time_msec() has no such precision. */
static inline uint64_t
clock_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

#endif /* lib/base/clock.h */
