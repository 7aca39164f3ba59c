/* SPDX-License-Identifier: Apache-2.0 */

/* Each connection may have an answer that its client does not read, in memory
 * that OVS's unixctl server does not tell of.  So this looks at the memory of
 * the whole process. */

#include <config.h>

#include "unread.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/compat.h"
#include "timeval.h"

/* Memory that answers, and all else but records, may take, in bytes. */
#define MEMORY_MAX (UINT64_C(64) << 20)

/* The C library is asked so often at most, in ms, for what it does not use. */
#define TRIM_INTERVAL 1000

/* The file that tells how much memory this process takes. */
static int statm_fd = -1;

/* To be called once, before the others.  The file stays open, because there
 * may be no room for another when there are many connections. */
void
unread_init(void)
{
    statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

/* Returns how much memory of its own this process takes, in bytes, 0 if that
 * is unknown. */
static uint64_t
own_memory(void)
{
    unsigned long resident, shared;
    char text[128];
    ssize_t n;

    n = statm_fd < 0 ? -1 : pread(statm_fd, text, sizeof text - 1, 0);
    if (n < 0) {
        return 0;
    }
    text[n] = '\0';
    return (sscanf(text, "%*s %lu %lu", &resident, &shared) == 2
            && resident > shared
            ? (uint64_t) (resident - shared) * sysconf(_SC_PAGESIZE) : 0);
}

static void
trim_memory(void)
{
    static long long int next;

    if (time_msec() >= next) {
        upcall_trim_memory();
        next = time_msec() + TRIM_INTERVAL;
    }
}

/* Returns true if answers that were not read take so much memory that there
 * must not be more, the process having a use for 'kept' bytes otherwise. */
bool
unread_takes_much(uint64_t kept)
{
    if (own_memory() <= kept + MEMORY_MAX) {
        return false;
    }
    trim_memory();
    return own_memory() > kept + MEMORY_MAX;
}
