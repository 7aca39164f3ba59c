/* SPDX-License-Identifier: Apache-2.0 */

/* The files of the flight recorder in their directory.
 *
 * A file is called ovs-upcall-trace-DATE-TIME-ID.json, or with -NUMBER behind
 * the ID if there is such a file already; and while it is not complete, with
 * ".tmp" behind that.  Who writes it holds a lock (see flock(2)), which ends
 * with the process, however that ends.  So a file with ".tmp" that nobody has
 * locked is one that will never be complete.  Between daemons, who has the
 * name with ".tmp" also has the right to the one without. */

#include <config.h>

#include "file/trigger-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(trigger_files);

#define PREFIX "ovs-upcall-trace-"
#define SUFFIX ".json"
#define TEMPORARY ".tmp"

/* Files about upcalls with the same id in the same second. */
#define MAX_ALIKE 100

/* Files that are removed at once, so that other work is not kept waiting. */
#define MAX_REMOVED 1000

/* Skips 'n' digits in '*s', or any number of them, but at least one, if 'n' is
 * 0.  Returns false if they are not there. */
static bool
skip_digits(const char **s, size_t n)
{
    size_t len = strspn(*s, "0123456789");

    *s += len;
    return n ? len == n : len > 0;
}

static bool
skip_string(const char **s, const char *string)
{
    bool found = !strncmp(*s, string, strlen(string));

    *s += found ? strlen(string) : 0;
    return found;
}

/* Returns true if 's' is the name of a file of the flight recorder, and stores
 * in '*temporary' whether it is one that is not complete. */
static bool
is_trigger_file(const char *s, bool *temporary)
{
    if (!skip_string(&s, PREFIX)
        || !skip_digits(&s, 8) || !skip_string(&s, "-")
        || !skip_digits(&s, 6) || !skip_string(&s, "-")
        || !skip_digits(&s, 0)
        || (skip_string(&s, "-") && !skip_digits(&s, 0))
        || !skip_string(&s, SUFFIX)) {
        return false;
    }
    *temporary = skip_string(&s, TEMPORARY);
    return !*s;
}

/* Returns true if 'name' in the directory 'dir_fd' is a file of our own. */
static bool
is_own_file(int dir_fd, const char *name)
{
    struct stat s;

    return (!fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW)
            && S_ISREG(s.st_mode) && s.st_uid == geteuid());
}

static void
remove_file(int dir_fd, const char *name)
{
    if (!unlinkat(dir_fd, name, 0)) {
        VLOG_DBG("removed %s", name);
    } else if (errno != ENOENT) {       /* Another daemon was first. */
        VLOG_WARN("cannot remove %s: %s", name, ovs_strerror(errno));
    }
}

/* Removes 'name' from the directory 'dir_fd' unless somebody is writing it. */
static void
remove_stale(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0) {
        if (!flock(fd, LOCK_EX | LOCK_NB)) {
            remove_file(dir_fd, name);
        }
        close(fd);
    }
}

/* Removes the oldest of the files 'names' but for 'newest', so that 'max' are
 * left.  Names begin with the time. */
static void
remove_oldest(int dir_fd, struct svec *names, const char *newest, uint64_t max)
{
    size_t n = names->n > max ? MIN(names->n - max, MAX_REMOVED) : 0;

    svec_sort(names);
    for (size_t i = 0; i < names->n && n; i++) {
        if (strcmp(names->names[i], newest)) {
            remove_file(dir_fd, names->names[i]);
            n--;
        }
    }
}

/* Removes the oldest files of 'dir', so that 'max' are left, one of which is
 * 'newest', whatever its name says of its age.  (NULL if there is none: then
 * all are left.)  Also removes files that will never be complete, because who
 * wrote them was killed. */
void
trigger_files_prune(const char *dir, const char *newest, uint64_t max)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    DIR *d = opendir(dir);
    struct dirent *entry;

    if (!d) {
        VLOG_WARN("cannot list %s: %s", dir, ovs_strerror(errno));
        return;
    }
    while ((entry = readdir(d))) {
        bool temporary;

        if (!is_trigger_file(entry->d_name, &temporary)
            || !is_own_file(dirfd(d), entry->d_name)) {
            continue;
        } else if (temporary) {
            remove_stale(dirfd(d), entry->d_name);
        } else {
            svec_add(&names, entry->d_name);
        }
    }
    if (newest) {
        const char *slash = strrchr(newest, '/');

        remove_oldest(dirfd(d), &names, slash ? slash + 1 : newest, max);
    }
    closedir(d);
    svec_destroy(&names);
}

/* Creates and locks the file 'name'.  It has packets in it, so it is for the
 * owner only, and must not exist: the directory may be one that others can
 * write to.  Returns a file descriptor, or a negative errno value. */
static int
create_locked(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat s;

    if (fd < 0) {
        return -errno;
    }

    /* Another daemon may have taken it for one that nobody writes. */
    if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &s) || !s.st_nlink) {
        close(fd);
        return -EEXIST;
    }
    return fd;
}

/* Sets the names of 'f', which is to be in 'dir' and about the upcall 'id'. */
static void
set_names(struct trigger_file *f, const char *dir, const char *when,
          uint64_t id, int number)
{
    char *behind = number > 1 ? xasprintf("-%d", number) : xstrdup("");

    free(f->name);
    free(f->temporary_name);
    f->name = xasprintf("%s/"PREFIX"%s-%"PRIu64"%s"SUFFIX, dir, when, id,
                        behind);
    f->temporary_name = xasprintf("%s"TEMPORARY, f->name);
    free(behind);
}

/* Creates the file with the names of 'f'.  Returns a file descriptor, or a
 * negative errno value, EEXIST if it has been created before. */
static int
create_named(const struct trigger_file *f)
{
    int fd = create_locked(f->temporary_name);
    struct stat s;

    if (fd >= 0 && !lstat(f->name, &s)) {
        unlink(f->temporary_name);
        close(fd);
        return -EEXIST;
    }
    return fd;
}

/* Creates a file about the upcall 'id', now, in 'dir', and sets '*f' to it.
 * Returns 0 if successful.  Otherwise returns a positive errno value; the
 * names are set nevertheless, but 'f->file' is NULL. */
int
trigger_file_create(const char *dir, uint64_t id, struct trigger_file *f)
{
    char *when = xastrftime_msec("%Y%m%d-%H%M%S", time_wall_msec(), true);
    int fd = -EEXIST;

    memset(f, 0, sizeof *f);
    for (int i = 1; fd == -EEXIST && i <= MAX_ALIKE; i++) {
        set_names(f, dir, when, id, i);
        fd = create_named(f);
    }
    free(when);
    if (fd < 0) {
        return -fd;
    }
    f->file = fdopen(fd, "w");
    if (!f->file) {
        int error = errno;

        unlink(f->temporary_name);
        close(fd);
        return error;
    }
    return 0;
}

/* Closes the file of 'f', and gives it its name or, if 'error', a positive
 * errno value, is not 0, or there is another error, removes it.  Returns 0 if
 * all is well, otherwise a positive errno value.  The caller has to free the
 * names. */
int
trigger_file_close(struct trigger_file *f, int error)
{
    if (!error && ferror(f->file)) {
        error = EIO;
    }
    if (!error && fflush(f->file)) {
        error = errno;
    }
    if (!error && rename(f->temporary_name, f->name)) {
        error = errno;
    }
    if (error) {
        unlink(f->temporary_name);
    }
    fclose(f->file);
    f->file = NULL;
    return error;
}
