/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/write-all.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "util.h"

/* Waits until 'fd', which does not block, can be written, or has an error that
 * write() tells of. */
static void
wait_until_writable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    while (poll(&p, 1, -1) < 0 && errno == EINTR) {
        continue;
    }
}

/* Writes the 'n' bytes at 'data' to 'fd', however long that takes.  Another
 * process may have made 'fd' not block, as it shares that with those that have
 * the same standard output.  Returns 0 or a positive errno value. */
int
write_all(int fd, const void *data, size_t n)
{
    const char *p = data;

    while (n) {
        ssize_t retval = write(fd, p, n);

        if (retval >= 0) {
            p += retval;
            n -= retval;
        } else if (errno == EAGAIN) {
            wait_until_writable(fd);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}
