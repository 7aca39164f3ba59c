/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/hidden-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compat.h"
#include "openvswitch/util.h"
#include "util.h"

struct hidden_file {
    int fd;
    bool has_old;               /* Was there a file with 'name', */
    struct stat old;            /* and which. */
    char *name;                 /* That it will have; NULL if it has that from
                                 * the start, as it is no regular file. */
    char *temporary;            /* That it has until then, or for a moment. */
    bool is_named;              /* Has it 'temporary' now? */
};

/* Signals end the program where it is, which need not be where it can look for
 * them.  The name of the only file that has to be removed then, or NULL. */
static const char *volatile to_unlink;

static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGALRM };

static void
handle_signal(int number)
{
    if (to_unlink) {
        unlink(to_unlink);
    }
    signal(number, SIG_DFL);
    raise(number);              /* When this returns. */
}

/* Has 'name' be removed if a signal ends the program, NULL for nothing. */
static void
unlink_on_signal(const char *name)
{
    to_unlink = name;
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        struct sigaction sa;

        /* Who ignores or handles it has a reason. */
        if (!sigaction(signals[i], NULL, &sa)
            && sa.sa_handler == (name ? SIG_DFL : handle_signal)) {
            signal(signals[i], name ? handle_signal : SIG_DFL);
        }
    }
}

/* Opens what is no regular file, such as /dev/null or a pipe: there is nothing
 * that could be hidden. */
static int
open_special(struct hidden_file *f, const char *name)
{
    f->fd = open(name, O_WRONLY | O_CLOEXEC);
    return f->fd < 0 ? errno : 0;
}

/* Creates the file without a name, if that is possible where it will be. */
static void
create_nameless(struct hidden_file *f)
{
    char *dir = dir_name(f->name);
    char link[64];

    f->fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    free(dir);
    if (f->fd >= 0) {
        /* As publish() will name it. */
        snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
        if (access(link, F_OK)) {
            close(f->fd);
            f->fd = -1;
        }
    }
}

/* Creates the file with a name that a signal removes. */
static int
create_named(struct hidden_file *f)
{
    int error = 0;

    unlink_on_signal(f->temporary);
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (f->fd < 0) {
        error = errno;
        unlink_on_signal(NULL);
    }
    f->is_named = !error;
    return error;
}

/* Creates what will be a regular file. */
static int
create(struct hidden_file *f, const char *name)
{
    /* One that must not be written is not to be replaced either. */
    if (f->has_old && access(name, W_OK)) {
        return errno;
    }
    f->name = follow_symlinks(name);
    f->temporary = xasprintf("%s.%ld.tmp", f->name, (long int) getpid());
    create_nameless(f);
    return f->fd < 0 ? create_named(f) : 0;
}

/* Creates a file that will be called 'name', and is the only one at a time.
 * It is for its owner only, or for whom the one was that has this name now.
 * Returns 0 and stores in '*fp' what is to be freed with
 * hidden_file_destroy(), or returns a positive errno value. */
int
hidden_file_create(const char *name, struct hidden_file **fp)
{
    struct hidden_file *f = xzalloc(sizeof *f);
    int error;

    f->fd = -1;
    f->has_old = !stat(name, &f->old);
    error = (f->has_old && !S_ISREG(f->old.st_mode)
             ? open_special(f, name) : create(f, name));
    if (error) {
        hidden_file_destroy(f);
        f = NULL;
    }
    *fp = f;
    return error;
}

/* Returns the descriptor of 'f', which stays its own. */
int
hidden_file_fd(const struct hidden_file *f)
{
    return f->fd;
}

/* Gives the file of 'f' its temporary name, if it has none.  A file cannot get
 * the name of another one at once. */
static int
name_temporarily(struct hidden_file *f)
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
    if (!f->is_named && linkat(AT_FDCWD, link, AT_FDCWD, f->temporary,
                               AT_SYMLINK_FOLLOW)) {
        return errno;
    }
    f->is_named = true;
    return 0;
}

static int
publish(struct hidden_file *f)
{
    int error = name_temporarily(f);

    if (!error && rename(f->temporary, f->name)) {
        error = errno;
        unlink(f->temporary);
    }
    return error;
}

/* Has the file of 'f' be for whom the old one was, unless that would take
 * another owner or group than it can get. */
static void
copy_mode(struct hidden_file *f)
{
    if (f->has_old && !fchown(f->fd, f->old.st_uid, f->old.st_gid)) {
        /* If this fails, it is for its owner only. */
        upcall_ignore(fchmod(f->fd, f->old.st_mode & 0777));
    }
}

/* Gives the file of 'f' its name, when all of it is on the disk: after a crash
 * of the machine, too, there is this file or the old one.  Returns 0 or a
 * positive errno value. */
int
hidden_file_publish(struct hidden_file *f)
{
    sigset_t all, old;
    int error;

    if (!f->name) {
        return 0;
    }
    copy_mode(f);
    if (fsync(f->fd) && errno != EINVAL) {  /* Of what has no disk. */
        return errno;
    }
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    error = publish(f);
    f->is_named = false;
    unlink_on_signal(NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return error;
}

/* Frees 'f', which may be NULL, and its file, unless that has got its name. */
void
hidden_file_destroy(struct hidden_file *f)
{
    if (!f) {
        return;
    }
    if (f->is_named) {
        unlink(f->temporary);
        unlink_on_signal(NULL);
    }
    if (f->fd >= 0) {
        close(f->fd);
    }
    free(f->name);
    free(f->temporary);
    free(f);
}
