/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H 1

/* The clock of all times in records. */

#include <stdint.h>
#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* Returns CLOCK_MONOTONIC in ns, which is what bpf_ktime_get_ns() returns in
 * the kernel.  OVS's time_msec() has no such precision. */
static inline uint64_t
clock_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

/* Returns what has to be added to the times in records to get those of the
 * wall clock, since the epoch, in ns. */
static inline int64_t
clock_wall_offset(void)
{
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    return (wall.tv_sec * INT64_C(1000000000) + wall.tv_nsec
            - (int64_t) clock_ns());
}

#endif /* lib/base/clock.h */
