/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/forward-name.h"
#include "file/forward-state.h"
#include "lockfile.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

/* Has the directory 'dir' know of the files in it when the machine stops.
 * There are file systems where that is not possible (fsync(2): EINVAL).
 * Returns 0 or a positive errno value. */
int
forward_dir_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || (fsync(fd) && errno != EINVAL) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return error;
}

/* Creates the directory 'dir', for its owner only, unless it is there.
 * Returns 0 or a positive errno value. */
static int
create(const char *dir)
{
    char *above;
    int error;

    if (mkdir(dir, 0700)) {
        return errno == EEXIST ? 0 : errno;
    }
    above = dir_name(dir);
    error = forward_dir_sync(above);
    free(above);
    return error;
}

/* Creates 'dir' and the directory for states in it, unless they are there, and
 * locks it, so that no other process does the same.  Returns NULL and stores
 * in '*lockp' what lockfile_unlock() unlocks, or returns what is wrong, which
 * the caller frees. */
char *
forward_dir_lock(const char *dir, struct lockfile **lockp)
{
    char *state = xasprintf("%s/" FORWARD_STATE_DIR, dir);
    char *name = xasprintf("%s/receive", state);
    int error = create(dir);
    char *why;

    *lockp = NULL;
    if (!error) {
        error = create(state);
    }
    if (!error) {
        error = lockfile_lock(name, lockp);
    }
    why = (!error ? NULL
           : error == EAGAIN || error == EDEADLK
           ? xasprintf("%s: another receiver writes there: end that one, or "
                       "give another directory", dir)
           : xasprintf("%s (%s)", dir, ovs_strerror(error)));
    free(name);
    free(state);
    return why;
}

/* Files. */

static bool
is_session(const struct forward_name *a, const struct forward_name *b)
{
    return (a->host_len == b->host_len && a->session_len == b->session_len
            && !memcmp(a->host, b->host, a->host_len)
            && !memcmp(a->session, b->session, a->session_len));
}

/* Returns the number of the last file in 'dir' of the host and session of
 * '*of', 0 if there is none. */
uint64_t
forward_dir_last(const char *dir, const struct forward_name *of)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    struct forward_name name;
    uint64_t last = 0;

    while (d && (entry = readdir(d))) {
        if (forward_name_parse(entry->d_name, &name)
            && is_session(&name, of)) {
            last = MAX(last, name.number);
        }
    }
    if (d) {
        closedir(d);
    }
    return last;
}

/* A file of a host. */
struct found {
    char *path;
    struct timespec written;
};

/* Orders those that were written first before others, and files of a session,
 * of which a file system may not know that, by their number. */
static int
compare_found(const void *a_, const void *b_)
{
    const struct found *a = a_;
    const struct found *b = b_;
    struct forward_name x, y;

    if (a->written.tv_sec != b->written.tv_sec) {
        return a->written.tv_sec < b->written.tv_sec ? -1 : 1;
    } else if (a->written.tv_nsec != b->written.tv_nsec) {
        return a->written.tv_nsec < b->written.tv_nsec ? -1 : 1;
    } else if (forward_name_parse(strrchr(a->path, '/') + 1, &x)
               && forward_name_parse(strrchr(b->path, '/') + 1, &y)
               && is_session(&x, &y) && x.number != y.number) {
        return x.number < y.number ? -1 : 1;
    }
    return strcmp(a->path, b->path);
}

/* Returns the '*n' regular files in 'dir' of 'host', which is as
 * forward_file_name_of() makes it.  The caller frees them and their paths. */
static struct found *
find_files(const char *dir, const char *host, size_t *n)
{
    struct found *found = NULL;
    DIR *d = opendir(dir);
    const struct dirent *entry;
    size_t allocated = 0;
    struct stat s;

    *n = 0;
    while (d && (entry = readdir(d))) {
        struct forward_name name;

        if (forward_name_parse(entry->d_name, &name)
            && name.host_len == strlen(host)
            && !memcmp(name.host, host, name.host_len)
            && !fstatat(dirfd(d), entry->d_name, &s, AT_SYMLINK_NOFOLLOW)
            && S_ISREG(s.st_mode)) {
            if (*n >= allocated) {
                found = x2nrealloc(found, &allocated, sizeof *found);
            }
            found[*n].path = xasprintf("%s/%s", dir, entry->d_name);
            found[(*n)++].written = s.st_mtim;
        }
    }
    if (d) {
        closedir(d);
    }
    return found;
}

/* Removes the files in 'dir' of 'host', which is as forward_file_name_of()
 * makes it, that were written first, so that there are fewer than 'n' or none
 * but those in use.  Returns 0 or a positive errno value. */
int
forward_dir_make_room(const char *dir, const char *host, uint64_t n,
                      const struct sset *in_use)
{
    size_t n_found;
    struct found *found = find_files(dir, host, &n_found);
    size_t left = n_found;
    int error = 0;

    if (found) {
        qsort(found, n_found, sizeof *found, compare_found);
    }
    for (size_t i = 0; i < n_found; i++) {
        if (left >= n && !error
            && !(in_use && sset_contains(in_use, found[i].path))) {
            error = unlink(found[i].path) && errno != ENOENT ? errno : 0;
            left--;
        }
        free(found[i].path);
    }
    free(found);
    return error;
}

/* States. */

/* Adds to 'bases' HOST.SESSION of each file in 'dir'.  Returns false if they
 * are not known. */
static bool
find_bases(const char *dir, struct sset *bases)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    struct forward_name name;
    int error;

    errno = 0;
    while (d && (entry = readdir(d))) {
        if (forward_name_parse(entry->d_name, &name)) {
            sset_add_and_free(bases, forward_name_base(&name));
        }
        errno = 0;
    }
    error = errno;
    if (d) {
        closedir(d);
    }
    return d && !error;
}

/* Returns true if the state of the file 'path', of the session whose files'
 * names begin with 'base', is of no use any more. */
static bool
is_useless(const char *path, const char *base, const struct sset *bases,
           time_t before)
{
    struct forward_state state;
    struct stat s;
    int error;

    if (lstat(path, &s) || !S_ISREG(s.st_mode) || s.st_mtime >= before) {
        return false;
    }
    error = forward_state_load(path, &state);
    return (error == EINVAL
            || (!error && (state.is_over || !sset_contains(bases, base))));
}

/* Removes from 'dir' the states that were not changed for 'age' seconds, of
 * sessions that are over, or of which there are no files any more: so that
 * they do not become more and more. */
void
forward_dir_forget(const char *dir, uint64_t age, const struct sset *in_use)
{
    time_t now = time_wall();
    time_t before = now > age ? now - age : 0;
    char *states = xasprintf("%s/" FORWARD_STATE_DIR, dir);
    struct sset bases = SSET_INITIALIZER(&bases);
    DIR *d = find_bases(dir, &bases) ? opendir(states) : NULL;
    const struct dirent *entry;

    while (d && (entry = readdir(d))) {
        char *path = xasprintf("%s/%s", states, entry->d_name);

        if (entry->d_name[0] != '.'
            && !(in_use && sset_contains(in_use, path))
            && is_useless(path, entry->d_name, &bases, before)) {
            unlink(path);
        }
        free(path);
    }
    if (d) {
        closedir(d);
    }
    sset_destroy(&bases);
    free(states);
}
