/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/hidden-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compat.h"
#include "file/output-name.h"
#include "file/real-name.h"
#include "openvswitch/util.h"
#include "random.h"
#include "util.h"

/* Bytes of the name that are in a temporary one, so that this is no longer
 * than a name may be (NAME_MAX). */
#define BASE_MAX 200

/* How many temporary names are tried. */
#define NAMES_MAX 100

struct hidden_file {
    int fd;
    bool has_old;               /* Was there a file with 'name', */
    struct stat old;            /* and which. */
    char *name;                 /* That it will have; NULL if it has that from
                                 * the start, as it is no regular file. */
    char *temporary;            /* That it has until then, or for a moment;
                                 * NULL before. */
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

/* Opens what is no regular file, such as /dev/null or a pipe, or what is open
 * in a process: there is nothing that could be hidden. */
static int
open_special(struct hidden_file *f, const char *name,
             const struct real_name *r)
{
    int fd = output_name_descriptor(name);

    if (r->is_foreign) {
        return EACCES;          /* Who reads it, nobody knows. */
    }
    f->fd = (fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0)
             : open(name, O_WRONLY | O_TRUNC | O_CLOEXEC));
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

/* Has 'f' choose another temporary name, by chance: one may be left of who was
 * killed.  It must not become too long. */
static void
choose_temporary(struct hidden_file *f)
{
    char *dir = dir_name(f->name);
    char *base = base_name(f->name);

    free(f->temporary);
    f->temporary = xasprintf("%s/%.*s.%08"PRIx32".tmp", dir, BASE_MAX, base,
                             random_uint32());
    free(base);
    free(dir);
}

/* Calls 'give', which returns 0 or a positive errno value, to give the file of
 * 'f' a temporary name, until there is no other with that.  Returns what it
 * does. */
static int
name_temporarily(struct hidden_file *f, int (*give)(struct hidden_file *))
{
    int error = EEXIST;

    for (int i = 0; error == EEXIST && i < NAMES_MAX; i++) {
        choose_temporary(f);
        error = give(f);
    }
    f->is_named = !error;
    return error;
}

/* Creates the file with 'f->temporary'. */
static int
create_temporary(struct hidden_file *f)
{
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return f->fd < 0 ? errno : 0;
}

/* Creates the file with a name that a signal removes. */
static int
create_named(struct hidden_file *f)
{
    sigset_t all, old;
    int error;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    error = name_temporarily(f, create_temporary);
    if (!error) {
        unlink_on_signal(f->temporary);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    return error;
}

/* Returns 0 if the file of 'r' may be replaced, if there is one, otherwise a
 * positive errno value. */
static int
check_old(const struct real_name *r)
{
    if (!r->is_there) {
        return 0;
    } else if (access(r->name, W_OK)) {
        return errno;       /* What must not be written stays, too. */
    } else if (r->dir.st_mode & S_ISVTX && geteuid()
               && geteuid() != r->s.st_uid && geteuid() != r->dir.st_uid) {
        return EPERM;       /* As rename() would say, but later. */
    }
    return 0;
}

/* Creates what will be a regular file. */
static int
create(struct hidden_file *f, const struct real_name *r)
{
    int error = check_old(r);

    if (error) {
        return error;
    }
    f->has_old = r->is_there;
    f->old = r->s;
    f->name = xstrdup(r->name);
    create_nameless(f);
    return f->fd < 0 ? create_named(f) : 0;
}

/* Creates a file that will be called 'name', and is the only one at a time.
 * It is for its owner only, or for whom the one was that has this name now and
 * the same owner.
 * Returns 0 and stores in '*fp' what is to be freed with
 * hidden_file_destroy(), or returns a positive errno value. */
int
hidden_file_create(const char *name, struct hidden_file **fp)
{
    struct hidden_file *f = xzalloc(sizeof *f);
    struct real_name r;
    int error = real_name_find(name, &r);

    f->fd = -1;
    if (!error) {
        error = (r.is_there && !S_ISREG(r.s.st_mode)
                 ? open_special(f, name, &r) : create(f, &r));
        real_name_destroy(&r);
    }
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

/* Gives the file of 'f', which has no name, 'f->temporary'. */
static int
link_temporary(struct hidden_file *f)
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
    return (linkat(AT_FDCWD, link, AT_FDCWD, f->temporary, AT_SYMLINK_FOLLOW)
            ? errno : 0);
}

/* Gives the file of 'f' its name, by way of a temporary one: it cannot get the
 * name of another one at once. */
static int
publish(struct hidden_file *f)
{
    int error = f->is_named ? 0 : name_temporarily(f, link_temporary);

    if (!error && rename(f->temporary, f->name)) {
        error = errno;
        unlink(f->temporary);
    }
    return error;
}

/* Has the file of 'f' be for whom the old one was, if that was ours: somebody
 * else could have made it in order to read what is written.  It can have no
 * other group than one of ours. */
static void
copy_mode(struct hidden_file *f)
{
    if (f->has_old && f->old.st_uid == geteuid()
        && !fchown(f->fd, -1, f->old.st_gid)) {
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
