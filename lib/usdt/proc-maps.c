/* SPDX-License-Identifier: Apache-2.0 */

/* Reading of /proc/PID/maps, and finding the files that it names.
 *
 * A path in there is the one that the target process would use.  It need not
 * lead to the same file for us: the target may live in a container, with
 * another root and other mounts, and the file may have been deleted or, by an
 * upgrade, replaced by another one.  So the files are opened below /proc/PID:
 *
 *   - /proc/PID/map_files/START-END is the very file that is mapped, whatever
 *     has become of its name.  It needs CAP_SYS_ADMIN or, since Linux 5.9,
 *     CAP_CHECKPOINT_RESTORE, in the host's user namespace.
 *
 *   - /proc/PID/root/PATH is what PATH means to the target.  It is the second
 *     choice, for which the right to trace the target is enough.  It is of no
 *     use for a file that was deleted: what has this name now, if anything,
 *     is another file. */

#include <config.h>
#include "usdt/proc-maps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "util.h"

/* What the kernel appends to the path of a file that has no name anymore. */
#define DELETED_SUFFIX " (deleted)"

/* What two mappings have in common if they are of the same file. */
struct identity {
    dev_t device;
    ino_t inode;
};

/* A search for the files of a process. */
struct search {
    proc_map_cb *cb;            /* Is called with each file once. */
    void *aux;                  /* For 'cb'. */
    struct identity *files;     /* Those found. */
    size_t n_files;             /* Number of elements of 'files'. */
    size_t n_skipped;           /* Mappings beyond the limit. */
};

static void search_map(const struct proc_map *, void *search_);
static bool search_has(const struct search *, const struct identity *);
static struct identity get_identity(const struct proc_map *);

static char *open_error(pid_t, int error);
static char *read_error(pid_t, int error, size_t n_lines);
static void parse_path(char *path, struct proc_map *);

/* Parses 'line', a line of /proc/PID/maps of process 'pid' with or without its
 * newline, into '*map'.  Modifies 'line', and the path in '*map' points into
 * it.  Returns true if successful, false if it is not such a line. */
bool
proc_map_parse(pid_t pid, char *line, struct proc_map *map)
{
    char flags[4];
    int path = 0;

    map->pid = pid;
    line[strcspn(line, "\n")] = '\0';
    if (!ovs_scan(line, "%"SCNx64"-%"SCNx64" %4c %*x %x:%x %"SCNu64" %n",
                  &map->start, &map->end, flags, &map->dev_major,
                  &map->dev_minor, &map->inode, &path)) {
        return false;
    }
    map->executable = flags[2] == 'x';
    parse_path(line + path, map);
    return map->start < map->end;
}

/* Returns a name under which this process can open the file of 'map', see the
 * top of this file.  Whether that works shows when it is opened.  The caller
 * must free the name. */
char *
proc_map_get_file(const struct proc_map *map)
{
    char *file = xasprintf("/proc/%d/map_files/%"PRIx64"-%"PRIx64,
                           (int) map->pid, map->start, map->end);
    struct stat s;

    if (!map->deleted && stat(file, &s)) {
        free(file);
        file = xasprintf("/proc/%d/root%s", (int) map->pid, map->path);
    }
    return file;
}

/* Calls 'cb' with each mapping of process 'pid', in order of their addresses,
 * and with 'aux'.  Returns NULL if successful, otherwise an error message of
 * one line that says what to do, which the caller must free; 'cb' may have
 * been called before. */
char *
proc_maps_for_each(pid_t pid, proc_map_cb *cb, void *aux)
{
    char *name = xasprintf("/proc/%d/maps", (int) pid);
    FILE *stream = fopen(name, "re");
    char *line = NULL;
    size_t allocated = 0;
    size_t n_lines = 0;

    free(name);
    if (!stream) {
        return open_error(pid, errno);
    }

    errno = 0;
    while (getline(&line, &allocated, stream) > 0) {
        struct proc_map map;

        n_lines++;
        if (proc_map_parse(pid, line, &map)) {
            cb(&map, aux);
        }
        errno = 0;
    }

    char *error = read_error(pid, errno, n_lines);

    free(line);
    fclose(stream);
    return error;
}

/* Calls 'cb', with 'aux', once for each file from which process 'pid' may run
 * code.  That is not done for anonymous memory nor for what the kernel makes,
 * such as the vdso.  Stores in '*n_skipped' how many mappings were left out
 * because there are more than PROC_MAPS_FILES_MAX files.  Returns NULL if
 * successful, otherwise an error as proc_maps_for_each() does. */
char *
proc_maps_for_each_file(pid_t pid, proc_map_cb *cb, void *aux,
                        size_t *n_skipped)
{
    struct search search = { .cb = cb, .aux = aux };
    char *error;

    search.files = xmalloc(PROC_MAPS_FILES_MAX * sizeof *search.files);
    error = proc_maps_for_each(pid, search_map, &search);
    free(search.files);
    *n_skipped = search.n_skipped;
    return error;
}

static void
search_map(const struct proc_map *map, void *search_)
{
    struct search *search = search_;
    struct identity identity;

    if (!map->executable || !map->inode || map->path[0] != '/') {
        return;
    }
    identity = get_identity(map);
    if (search_has(search, &identity)) {
        return;
    } else if (search->n_files >= PROC_MAPS_FILES_MAX) {
        search->n_skipped++;
        return;
    }
    search->files[search->n_files++] = identity;
    search->cb(map, search->aux);
}

static bool
search_has(const struct search *search, const struct identity *identity)
{
    for (size_t i = 0; i < search->n_files; i++) {
        if (search->files[i].device == identity->device
            && search->files[i].inode == identity->inode) {
            return true;
        }
    }
    return false;
}

/* Returns the identity of the file of 'map'.  What /proc/PID/maps says is the
 * second choice: there, files of different subvolumes of Btrfs may look like
 * the same one. */
static struct identity
get_identity(const struct proc_map *map)
{
    struct identity identity = { makedev(map->dev_major, map->dev_minor),
                                 map->inode };
    char *file = proc_map_get_file(map);
    struct stat s;

    if (!stat(file, &s)) {
        identity.device = s.st_dev;
        identity.inode = s.st_ino;
    }
    free(file);
    return identity;
}

/* Returns what to tell the user if the maps of 'pid' cannot be opened because
 * of 'error', a positive errno value. */
static char *
open_error(pid_t pid, int error)
{
    if (error == ENOENT || error == ESRCH) {
        return xasprintf("there is no process %d: check that it is running",
                         (int) pid);
    }
    return xasprintf("cannot read /proc/%d/maps: %s%s", (int) pid,
                     ovs_strerror(error),
                     error == EACCES || error == EPERM
                     ? ": run this as root, or with CAP_SYS_PTRACE" : "");
}

/* Returns an error if reading the maps of 'pid' ended with 'error', or before
 * the first line.  Returns NULL if all is well. */
static char *
read_error(pid_t pid, int error, size_t n_lines)
{
    if (error == ESRCH || (!error && !n_lines)) {
        return xasprintf("process %d has no memory: it is ending, or part of "
                         "the kernel; check that it is the right one",
                         (int) pid);
    }
    return error ? open_error(pid, error) : NULL;
}

static void
parse_path(char *path, struct proc_map *map)
{
    size_t length = strlen(path);
    size_t suffix_length = strlen(DELETED_SUFFIX);

    map->path = path;
    map->deleted = (length > suffix_length
                    && !strcmp(path + length - suffix_length, DELETED_SUFFIX));
    if (map->deleted) {
        path[length - suffix_length] = '\0';
    }
}
