/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/thread-cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "util.h"

/* Bytes of a file that are read: the CPU times are among the first. */
#define STAT_SIZE 512

/* Takes from 'stat', which has the form of /proc/PID/task/TID/stat
 * (do_task_stat() in fs/proc/array.c of Linux 6.1 to 7.2), the CPU time of the
 * thread, in user mode and in the kernel, and stores it in '*used', in ns.
 * Returns false if it is not called 'comm', and so is another thread than the
 * one that is meant, or if 'stat' has another form. */
bool
thread_cpu_parse(const char *stat, const char comm[UPCALL_COMM_LEN],
                 long int ticks_per_second, uint64_t *used)
{
    size_t length = strnlen(comm, UPCALL_COMM_LEN);
    const char *name = strchr(stat, '(');
    uint64_t user, kernel;

    /* A name may have parentheses, so that it is not searched for its end. */
    if (!name || strncmp(name + 1, comm, length)
        || strncmp(name + 1 + length, ") ", 2) || ticks_per_second <= 0
        || !ovs_scan(name + 1 + length + 2,
                     "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                     "%"SCNu64" %"SCNu64, &user, &kernel)) {
        return false;
    }
    *used = (user + kernel) * (NS_PER_SECOND / ticks_per_second);
    return true;
}

/* A thread_cpu_func that asks the kernel of this machine, without 'aux'.  It
 * knows threads by the numbers that they have in the namespace of this
 * process, and by their names. */
bool
thread_cpu_read(uint32_t tgid, uint32_t tid, const char comm[UPCALL_COMM_LEN],
                struct thread_cpu *cpu, void *aux OVS_UNUSED)
{
    char *path = xasprintf("/proc/%"PRIu32"/task/%"PRIu32"/stat", tgid, tid);
    FILE *stream = fopen(path, "r");
    char stat[STAT_SIZE];
    size_t n = 0;

    free(path);
    if (stream) {
        n = fread(stat, 1, sizeof stat - 1, stream);
        fclose(stream);
    }
    stat[n] = '\0';
    cpu->ts = clock_ns();
    return thread_cpu_parse(stat, comm, sysconf(_SC_CLK_TCK), &cpu->used);
}
