/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/write-all.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bytes that are written at once. */
#define BUFFER_SIZE (64 * 1024)

struct spill {
    int fd;
    int error;                  /* The first, a positive errno value, or 0. */
    uint64_t written;           /* Bytes of the file. */
    size_t n;                   /* In use of 'buffer', which follow them. */
    uint8_t buffer[BUFFER_SIZE];
};

/* Returns the directory of temporary files. */
const char *
spill_directory(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && *dir ? dir : P_tmpdir;
}

/* Creates a file in 'dir' and removes its name, which no signal may keep from
 * happening.  Returns the file, or a negative errno value. */
static int
create_and_unlink(const char *dir)
{
    char *name = xasprintf("%s/ovs-upcall-trace.XXXXXX", dir);
    sigset_t all, old;
    int fd, error;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    fd = mkostemp(name, O_CLOEXEC);
    error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        unlink(name);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    free(name);
    return error ? -error : fd;
}

/* Returns a file without a name in 'dir', or a negative errno value. */
static int
create_nameless(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    /* What file systems, and kernels, say that do not have that (see
     * open(2)). */
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT
                   || errno == EINVAL)) {
        return create_and_unlink(dir);
    }
    return fd < 0 ? -errno : fd;
}

/* Creates an empty file in the directory of spill_directory().  Returns 0 and
 * stores in '*sp' what is to be freed with spill_destroy(), or returns a
 * positive errno value. */
int
spill_create(struct spill **sp)
{
    int fd = create_nameless(spill_directory());

    *sp = NULL;
    if (fd < 0) {
        return -fd;
    }
    *sp = xzalloc(sizeof **sp);
    (*sp)->fd = fd;
    return 0;
}

/* Frees 's', which may be NULL, and its file. */
void
spill_destroy(struct spill *s)
{
    if (s) {
        close(s->fd);
        free(s);
    }
}

/* Writes the 'n' bytes at 'data' behind what was written before: reading does
 * not move that place. */
static void
put(struct spill *s, const uint8_t *data, size_t n)
{
    if (!s->error) {
        s->error = write_all(s->fd, data, n);
        s->written += s->error ? 0 : n;
    }
}

static void
flush(struct spill *s)
{
    put(s, s->buffer, s->n);
    s->n = 0;
}

/* Appends the 'n' bytes at 'data' and stores where they are in '*offsetp'.
 * Returns 0, or a positive errno value: then, and from then on, nothing is
 * appended any more. */
int
spill_append(struct spill *s, const void *data, size_t n, uint64_t *offsetp)
{
    *offsetp = spill_size(s);
    if (n > BUFFER_SIZE - s->n) {
        flush(s);
    }
    if (n > BUFFER_SIZE) {
        put(s, data, n);
    } else {
        memcpy(s->buffer + s->n, data, n);
        s->n += n;
    }
    return s->error;
}

/* Stores the 'n' bytes at 'offset', which were appended, in 'data'.  Returns
 * 0, or a positive errno value. */
int
spill_read(struct spill *s, uint64_t offset, void *data, size_t n)
{
    uint8_t *p = data;

    flush(s);
    while (n && !s->error) {
        ssize_t retval = pread(s->fd, p, n, offset);

        if (retval > 0) {
            p += retval;
            offset += retval;
            n -= retval;
        } else if (!retval) {
            s->error = EIO;     /* It cannot have become shorter. */
        } else if (errno != EINTR) {
            s->error = errno;
        }
    }
    return s->error;
}

/* Returns how many bytes were appended. */
uint64_t
spill_size(const struct spill *s)
{
    return s->written + s->n;
}
