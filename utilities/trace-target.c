/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "daemon.h"
#include "dirs.h"
#include "util.h"

/* Returns the path of the control socket of 'target', which is its path or the
 * name of a daemon that has a pidfile in OVS's run directory, as ovs-appctl(8)
 * finds it.  Otherwise returns NULL and stores in '*error' why there is none.
 * The caller frees either. */
char *
target_ctl_path(const char *target, char **error)
{
    char *pidfile, *path = NULL;
    pid_t pid;

    *error = NULL;
    if (target[0] == '/') {
        return xstrdup(target);
    }
    pidfile = xasprintf("%s/%s.pid", ovs_rundir(), target);
    /* read_pidfile() warns of one that is not there, each time that it is
     * looked for. */
    pid = access(pidfile, R_OK | W_OK) ? -errno : read_pidfile(pidfile);
    if (pid < 0) {
        *error = xasprintf("cannot read pidfile \"%s\" (%s)", pidfile,
                           ovs_strerror(-pid));
    } else {
        path = xasprintf("%s/%s.%ld.ctl", ovs_rundir(), target, (long) pid);
    }
    free(pidfile);
    return path;
}

/* Returns the path of the socket for followers of the daemon whose control
 * socket is 'ctl_path', which has "stream" for "ctl", or behind another name.
 * The caller frees it. */
char *
target_stream_path(const char *ctl_path)
{
    size_t length = strlen(ctl_path);

    if (length > 4 && !strcmp(ctl_path + length - 4, ".ctl")) {
        length -= 4;
    }
    return xasprintf("%.*s.stream", (int) length, ctl_path);
}
