/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "file/follow.h"
#include "trace-target.h"
#include "util.h"

/* Connects to the socket for followers of 'target'.  Returns NULL and stores
 * in '*fp' a follower, which the caller closes, or returns an error message,
 * which the caller frees. */
char *
follow_target(const char *target, struct follow **fp)
{
    char *error;
    char *ctl = target_ctl_path(target, &error);
    char *path = ctl ? target_stream_path(ctl) : NULL;
    int retval = path ? follow_open(path, fp) : 0;
    char *remedy = NULL;

    if (!path) {
        *fp = NULL;
    } else if (retval) {
        error = xasprintf("cannot connect to \"%s\" (%s)", path,
                          ovs_strerror(retval));
    }
    if (error) {
        remedy = xasprintf("%s: start ovs-upcall-traced first, or name it "
                           "with --target", error);
        free(error);
    }
    free(path);
    free(ctl);
    return remedy;
}

/* Returns why the stream of 'f' has ended, of which follow_next() has returned
 * 'error', neither 0 nor EAGAIN.  The caller frees it. */
char *
follow_why_ended(const struct follow *f, int error)
{
    return (error == EOF ? xstrdup("the daemon has ended")
            : error == EPROTO ? xasprintf("cannot read what the daemon sends: "
                                          "%s", follow_error(f))
            : xasprintf("lost the connection to the daemon (%s)",
                        ovs_strerror(error)));
}
