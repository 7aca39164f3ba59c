/* SPDX-License-Identifier: Apache-2.0 */

/* A process in a container names its files as they are named in there.  Below
 * /proc/PID/root they can be reached from outside, but an absolute symbolic
 * link in such a path leads to a file of ours: whoever controls the container
 * could have us talk to any socket of the machine.  openat2() with
 * RESOLVE_IN_ROOT (since Linux 5.6) resolves links as the container does, and
 * what it has opened is connected to by /proc/self/fd/NUMBER, so that no other
 * can take its place. */

#include <config.h>

#include "ctl-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dirs.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "util.h"

/* Uses the socket 'path' of this machine. */
void
ctl_socket_use(struct ctl_socket *c, const char *path)
{
    c->name = xstrdup(path);
    c->path = xstrdup(path);
    c->fd = -1;
}

static bool
is_socket(const char *path)
{
    struct stat s;

    return !lstat(path, &s) && S_ISSOCK(s.st_mode);
}

/* Returns true if the files 'a' and 'b' below /proc/PID/ and /proc/self/ are
 * the same. */
static bool
is_same(pid_t pid, const char *file)
{
    char *theirs = xasprintf("/proc/%ld/%s", (long) pid, file);
    char *ours = xasprintf("/proc/self/%s", file);
    struct stat a, b;
    bool same = (!stat(theirs, &a) && !stat(ours, &b)
                 && a.st_dev == b.st_dev && a.st_ino == b.st_ino);

    free(theirs);
    free(ours);
    return same;
}

/* Returns true if names of files mean to process 'pid' what they mean to
 * us. */
static bool
shares_files(pid_t pid)
{
    return is_same(pid, "ns/mnt") && is_same(pid, "root");
}

/* Uses the socket 'path' if there is one.  Returns true if so. */
static bool
use_if_socket(struct ctl_socket *c, const char *path)
{
    if (!is_socket(path)) {
        return false;
    }
    ctl_socket_use(c, path);
    return true;
}

/* Opens what 'path' is to process 'pid'.  Returns a file descriptor that only
 * names it, or -1 if there is none. */
static int
open_in_root(pid_t pid, const char *path)
{
    char *root_name = xasprintf("/proc/%ld/root", (long) pid);
    int root = open(root_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {
        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    int fd = -1;

    free(root_name);
    if (root >= 0) {
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        close(root);
    }
    return fd;
}

/* Uses what the socket 'path' is to process 'pid', if there is one.  Returns
 * true if so. */
static bool
use_in_root(struct ctl_socket *c, pid_t pid, const char *path)
{
    int fd = open_in_root(pid, path);
    struct stat s;

    if (fd < 0) {
        return false;
    } else if (fstat(fd, &s) || !S_ISSOCK(s.st_mode)) {
        close(fd);
        return false;
    }
    c->name = xasprintf("/proc/%ld/root%s", (long) pid, path);
    c->path = xasprintf("/proc/self/fd/%d", fd);
    c->fd = fd;
    return true;
}

/* Uses the socket 'name' beside 'pidfile', or beside the file that it links
 * to, if there is one.  Returns true if so. */
static bool
use_beside(struct ctl_socket *c, const char *pidfile, const char *name)
{
    char *file = follow_symlinks(pidfile);
    char *dirs[] = { dir_name(file), dir_name(pidfile) };
    bool found = false;

    for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
        char *path = xasprintf("%s/%s", dirs[i], name);

        found = found || use_if_socket(c, path);
        free(path);
        free(dirs[i]);
    }
    free(file);
    return found;
}

/* Finds the control socket of process 'pid', whose name has 'ns_pid', the
 * number that the process has for itself: beside 'pidfile', unless that is
 * NULL, or in OVS's run directory as the process sees it.  If there is none,
 * stores where it should be.  The caller frees it with
 * ctl_socket_destroy(). */
void
ctl_socket_find(struct ctl_socket *c, const char *pidfile, pid_t pid,
                pid_t ns_pid)
{
    char *name = xasprintf("ovs-vswitchd.%ld.ctl", (long) ns_pid);
    char *path = xasprintf("%s/%s", ovs_rundir(), name);
    bool found = pidfile && use_beside(c, pidfile, name);

    if (!found) {
        found = (shares_files(pid) ? use_if_socket(c, path)
                 : use_in_root(c, pid, path));
    }
    if (!found && pidfile) {
        char *dir = dir_name(pidfile);

        free(path);
        path = xasprintf("%s/%s", dir, name);
        free(dir);
    }
    if (!found) {
        ctl_socket_use(c, path);
    }
    free(path);
    free(name);
}

/* Frees what 'c' refers to. */
void
ctl_socket_destroy(struct ctl_socket *c)
{
    free(c->name);
    free(c->path);
    if (c->fd >= 0) {
        close(c->fd);
    }
}

/* Stores in '*pidp' which process listens at the socket 'path', which the
 * kernel knows (SO_PEERCRED in unix(7)).  Returns NULL or an error message,
 * which the caller frees. */
char *
ctl_socket_get_server(const char *path, pid_t *pidp)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);
    struct ucred peer;
    socklen_t len = sizeof peer;
    bool ok;

    if (fd < 0) {
        return xasprintf("%s: %s: start ovs-vswitchd, or name it with "
                         "--target=FILE or --target=PID",
                         path, ovs_strerror(-fd));
    }
    ok = !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) && peer.pid > 0;
    closesocket(fd);
    if (!ok) {
        return xasprintf("%s: cannot tell which process listens there: name "
                         "ovs-vswitchd with --target=PID", path);
    }
    *pidp = peer.pid;
    return NULL;
}
