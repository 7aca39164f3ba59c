/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/real-name.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "util.h"

/* As many as the kernel follows (MAXSYMLINKS in include/linux/namei.h). */
#define LINKS_MAX 40

/* In such a directory, all can make files, and remove only their own. */
#define SHARED (S_ISVTX | S_IWOTH)

/* Returns true if somebody else has made 's' in 'dir', where anybody can.
 * Links like this are not followed, as with fs.protected_symlinks
 * (may_follow_link() in fs/namei.c), whether that is set or not. */
static bool
is_foreign(const struct stat *s, const struct stat *dir)
{
    return ((dir->st_mode & SHARED) == SHARED && s->st_uid != geteuid()
            && s->st_uid != 0);
}

/* Returns the name that the link 'name' in 'dir' has, which the caller frees,
 * or NULL with errno set. */
static char *
read_link(const char *name, const char *dir)
{
    char target[PATH_MAX + 1];
    ssize_t n = readlink(name, target, sizeof target - 1);

    if (n < 0) {
        return NULL;
    }
    target[n] = '\0';
    return (target[0] == '/' ? xstrdup(target)
            : xasprintf("%s/%s", dir, target));
}

/* Notes that the link, of procfs, is at the end. */
static void
note_proc(struct real_name *r)
{
    const char *slash = strrchr(r->name, '/');
    const char *base = slash ? slash + 1 : r->name;
    struct stat own;

    r->is_proc = true;
    if (!stat("/proc/self/fd", &own) && own.st_dev == r->dir.st_dev
        && own.st_ino == r->dir.st_ino) {
        r->fd = atoi(base);
    }
}

/* Goes one link further, from 'r->name' in 'dir'.  Returns 0, then '*over'
 * tells whether there is none, or a positive errno value. */
static int
follow(struct real_name *r, const char *dir, bool *over)
{
    struct statfs fs;
    char *next;

    *over = true;
    if (stat(dir, &r->dir)) {
        return errno;
    } else if (lstat(r->name, &r->s)) {
        return errno == ENOENT ? 0 : errno;
    }
    r->is_there = true;
    r->is_foreign = is_foreign(&r->s, &r->dir);
    if (!S_ISLNK(r->s.st_mode)) {
        return 0;
    } else if (!statfs(dir, &fs) && fs.f_type == PROC_SUPER_MAGIC) {
        note_proc(r);
        return 0;
    } else if (r->is_foreign) {
        return EACCES;
    }
    next = read_link(r->name, dir);
    if (!next) {
        return errno;
    }
    free(r->name);
    r->name = next;
    r->is_there = *over = false;
    return 0;
}

/* Finds out what 'name' stands for, where there may be no file yet.  Returns 0
 * and stores in '*r' what is to be freed with real_name_destroy(), or returns
 * a positive errno value. */
int
real_name_find(const char *name, struct real_name *r)
{
    bool over = false;
    int error = !*name ? ENOENT : 0;

    *r = (struct real_name) { .name = xstrdup(name), .fd = -1 };
    for (int i = 0; !error && !over; i++) {
        char *dir = dir_name(r->name);

        error = i > LINKS_MAX ? ELOOP : follow(r, dir, &over);
        free(dir);
    }
    if (!error && !r->is_there && r->name[strlen(r->name) - 1] == '/') {
        error = EISDIR;
    }
    if (error) {
        real_name_destroy(r);
    }
    return error;
}

/* Frees what is in 'r'. */
void
real_name_destroy(struct real_name *r)
{
    free(r->name);
    r->name = NULL;
}
