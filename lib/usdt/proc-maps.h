/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_PROC_MAPS_H
#define LIB_PROC_MAPS_H 1

/* What a process has mapped into its memory, from /proc/PID/maps. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A line of /proc/PID/maps. */
struct proc_map {
    uint64_t start;             /* First address. */
    uint64_t end;               /* Address after the last. */
    bool executable;            /* May the process run code in it? */
    unsigned int dev_major;     /* Device of the file. */
    unsigned int dev_minor;     /* Likewise. */
    uint64_t inode;             /* Inode of the file, 0 if there is none. */
    const char *path;           /* Of the file, or "[stack]", "[vdso]", ...;
                                 * empty if it has no name. */
    bool deleted;               /* Has the file been deleted or replaced? */
    pid_t pid;                  /* Process. */
};

/* Files of a process that proc_maps_for_each_file() can tell apart. */
#define PROC_MAPS_FILES_MAX 1024

/* Is called with a line of /proc/PID/maps; the memory of 'path' may not be
 * used after it returns. */
typedef void proc_map_cb(const struct proc_map *, void *aux);

bool proc_map_parse(pid_t, char *line, struct proc_map *);
char *proc_map_get_file(const struct proc_map *);

char *proc_maps_for_each(pid_t, proc_map_cb *, void *aux);
char *proc_maps_for_each_file(pid_t, proc_map_cb *, void *aux,
                              size_t *n_skipped);

#endif /* lib/usdt/proc-maps.h */
