/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cost.h"

#include <stdio.h>
#include <sys/resource.h>

#include "util.h"

/* Returns the resident memory of the daemon in kB, now or, where the kernel
 * does not say, at most. */
long
cost_resident_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    struct rusage usage;

    if (file) {
        int n = fscanf(file, "%*s %ld", &pages);

        fclose(file);
        if (n == 1) {
            return pages * (get_page_size() / 1024);
        }
    }
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Returns the CPU time of the daemon since its start, in ms. */
long long int
cost_cpu_ms(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return ((u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000LL
            + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000);
}
