/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/packed-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "file/output-name.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bytes that are written at once. */
#define OUT_SIZE (64 * 1024)

/* How well to compress: so that it keeps up with many records a second.  With
 * zlib, its default takes three times as long for a tenth less. */
#define ZLIB_LEVEL Z_BEST_SPEED
#define ZSTD_LEVEL 3

/* zlib's number for a window of 32 kB, and for the format of gzip
 * (deflateInit2() in zlib.h). */
#define ZLIB_WINDOW 15
#define ZLIB_GZIP 16
#define ZLIB_MEMORY 8

/* How long a pipe may take nothing when this process is to end, in ms. */
#define PATIENCE 2000

enum packing {
    PACK_NOT,
    PACK_GZIP,
    PACK_ZSTD
};

/* How far to go. */
enum until {
    UNTIL_TAKEN,                /* All is taken. */
    UNTIL_FLUSHED,              /* All can be read. */
    UNTIL_ENDED,                /* The member has ended. */
};

struct packed_file {
    enum packing packing;
    int fd;
    bool is_own;                /* Is 'fd' to be closed? */
    bool is_pipe;               /* Or the like: can writing take forever? */
    bool (*is_hurried)(void);   /* Is this process to end? */
    int error;                  /* The first, a positive errno value, or 0. */
    uint64_t size;              /* Bytes of the file. */
    uint64_t safe;              /* Up to here, all can be read. */
    uint64_t written;           /* Of these, by us. */
    uint64_t taken;             /* Bytes before they are compressed, */
    uint64_t safe_taken;        /* of which so many can be read. */
    uint64_t in_member;         /* Bytes taken since it began. */
    bool dirty;                 /* Is there something to be flushed? */
    z_stream z;
    ZSTD_CCtx *zstd;
    uint8_t out[OUT_SIZE];
    size_t n_out;               /* In use of 'out'. */
};

static bool
ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t n = strlen(ending);

    return length > n && !strcmp(name + length - n, ending);
}

/* Prepares 'f' to compress. */
static void
init_packing(struct packed_file *f)
{
    if (f->packing == PACK_GZIP) {
        int retval = deflateInit2(&f->z, ZLIB_LEVEL, Z_DEFLATED,
                                  ZLIB_WINDOW + ZLIB_GZIP, ZLIB_MEMORY,
                                  Z_DEFAULT_STRATEGY);

        if (retval != Z_OK) {
            out_of_memory();
        }
    } else if (f->packing == PACK_ZSTD) {
        f->zstd = ZSTD_createCCtx();
        if (!f->zstd) {
            out_of_memory();
        }
        ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1);
    }
}

/* Creates the file 'name', or truncates it, as output_name_open() does, or
 * takes what is open already, see output_name_descriptor().  It has packets in
 * it, so it is for its owner only.  If it is a pipe, 'is_hurried', unless it
 * is NULL, is called to know whether it is no time to wait until somebody
 * reads it.  Returns 0 and stores in '*fp' what is to be closed with
 * packed_file_close(), or returns a positive errno value. */
int
packed_file_create(const char *name, bool (*is_hurried)(void),
                   struct packed_file **fp)
{
    int fd = output_name_descriptor(name);
    bool is_own = fd < 0;

    *fp = NULL;
    if (is_own) {
        fd = output_name_open(name);
        if (fd < 0) {
            return -fd;
        }
    }
    *fp = packed_file_create_fd(name, fd, is_hurried);
    (*fp)->is_own = is_own;
    return 0;
}

/* Creates the file 'name', which must not be there, not even as a symbolic
 * link.  Returns as packed_file_create() does, EEXIST if it is. */
int
packed_file_create_new(const char *name, struct packed_file **fp)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  0600);

    *fp = NULL;
    if (fd < 0) {
        return errno;
    }
    *fp = packed_file_create_fd(name, fd, NULL);
    (*fp)->is_own = true;
    return 0;
}

/* Returns a file that is written to 'fd', which must be empty and is not
 * closed, and is compressed as one that is called 'name' is.  'is_hurried' is
 * as for packed_file_create().  It is to be closed with
 * packed_file_close(). */
struct packed_file *
packed_file_create_fd(const char *name, int fd, bool (*is_hurried)(void))
{
    struct packed_file *f = xzalloc(sizeof *f);
    struct stat st;

    f->fd = fd;
    f->is_pipe = (!fstat(fd, &st) && !S_ISREG(st.st_mode)
                  && !S_ISBLK(st.st_mode));
    f->is_hurried = is_hurried;
    f->packing = (ends_in(name, ".gz") ? PACK_GZIP
                  : ends_in(name, ".zst") ? PACK_ZSTD : PACK_NOT);
    init_packing(f);
    return f;
}

/* Opens the file 'name', which has at least 'size' bytes, those that it had
 * after packed_file_sync(), and takes off what comes behind them.  Returns as
 * packed_file_create() does, EINVAL if it has fewer. */
int
packed_file_reopen(const char *name, uint64_t size, struct packed_file **fp)
{
    int fd = open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat s;
    int error;

    *fp = NULL;
    if (fd < 0) {
        return errno;
    }
    error = (fstat(fd, &s) ? errno
             : !S_ISREG(s.st_mode) || s.st_size < size ? EINVAL
             : ftruncate(fd, size) || lseek(fd, size, SEEK_SET) < 0 ? errno
             : 0);
    if (error) {
        close(fd);
        return error;
    }
    *fp = packed_file_create_fd(name, fd, NULL);
    (*fp)->is_own = true;
    (*fp)->size = (*fp)->safe = size;
    return 0;
}

/* Writing. */

/* Notes 'error'.  What cannot be read of the file, because only a part of it
 * has been written, is taken off. */
static void
fail(struct packed_file *f, int error)
{
    if (!f->error) {
        f->error = error;
        if (f->is_own && !ftruncate(f->fd, f->safe)) {
            f->size = f->safe;
        }
    }
}

/* Returns true if 'events' are true of the file, or will be within 'ms', or if
 * it cannot be written any more. */
static bool
poll_file(const struct packed_file *f, short int events, int ms)
{
    struct pollfd p = { .fd = f->fd, .events = events };
    int n;

    do {
        n = poll(&p, 1, ms);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

/* Waits until a pipe, or the like, can be written, but once somebody wants
 * this process to end, no longer than PATIENCE.  Returns false if that is
 * over. */
static bool
wait_for_reader(const struct packed_file *f)
{
    int waited = 0;

    while (!poll_file(f, POLLOUT, PATIENCE / 10)) {
        waited += f->is_hurried() ? PATIENCE / 10 : 0;
        if (waited >= PATIENCE) {
            errno = ETIMEDOUT;
            return false;
        }
    }
    return true;
}

/* Writes as many of the 'n' bytes at 'data' as the file takes: if it is a pipe
 * that must not take forever, no more than that is sure to take when poll()
 * says that it can be written.  Returns what write() does. */
static ssize_t
write_some(const struct packed_file *f, const uint8_t *data, size_t n)
{
    ssize_t retval;

    if (f->is_pipe && f->is_hurried) {
        return (wait_for_reader(f) ? write(f->fd, data, MIN(n, PIPE_BUF))
                : -1);
    }
    retval = write(f->fd, data, n);
    if (retval < 0 && errno == EAGAIN) {
        poll_file(f, POLLOUT, -1);
        errno = EAGAIN;
    }
    return retval;
}

/* Notes that the 'n' bytes at 'data' have been written.  Whole lines of what
 * is not compressed can be read. */
static void
note_written(struct packed_file *f, const uint8_t *data, size_t n)
{
    const uint8_t *last = memrchr(data, '\n', n);

    if (f->packing == PACK_NOT && last) {
        f->safe = f->size + (last + 1 - data);
        f->safe_taken = f->written + (last + 1 - data);
    }
    f->size += n;
    f->written += n;
}

/* Writes what is in 'out'. */
static void
write_out(struct packed_file *f)
{
    const uint8_t *p = f->out;

    while (f->n_out && !f->error) {
        ssize_t n = write_some(f, p, f->n_out);

        if (n > 0) {
            note_written(f, p, n);
            p += n;
            f->n_out -= n;
        } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
            fail(f, errno);
        }
    }
    f->n_out = 0;
}

/* Adds as many of the '*n' bytes at '*data' as there is room for to 'out'.
 * Returns true if that is all. */
static bool
copy(struct packed_file *f, const char **data, size_t *n)
{
    size_t part = MIN(*n, OUT_SIZE - f->n_out);

    if (part) {                 /* '*data' may be NULL if there is nothing. */
        memcpy(f->out + f->n_out, *data, part);
        f->n_out += part;
        *data += part;
        *n -= part;
    }
    return !*n;
}

/* The same through zlib.  Returns true if all that 'until' asks for is
 * done. */
static bool
deflate_some(struct packed_file *f, const char **data, size_t *n,
             enum until until)
{
    static const int modes[] = {
        [UNTIL_TAKEN] = Z_NO_FLUSH, [UNTIL_FLUSHED] = Z_SYNC_FLUSH,
        [UNTIL_ENDED] = Z_FINISH
    };
    int retval;

    f->z.next_in = CONST_CAST(Bytef *, (const Bytef *) *data);
    f->z.avail_in = *n;
    f->z.next_out = f->out + f->n_out;
    f->z.avail_out = OUT_SIZE - f->n_out;
    retval = deflate(&f->z, modes[until]);
    f->n_out = OUT_SIZE - f->z.avail_out;
    *data += *n - f->z.avail_in;
    *n = f->z.avail_in;
    if (until == UNTIL_ENDED && retval == Z_STREAM_END) {
        deflateReset(&f->z);
        return true;
    }
    return until != UNTIL_ENDED && !*n && f->z.avail_out;
}

/* The same through libzstd. */
static bool
zstd_some(struct packed_file *f, const char **data, size_t *n,
          enum until until)
{
    static const ZSTD_EndDirective modes[] = {
        [UNTIL_TAKEN] = ZSTD_e_continue, [UNTIL_FLUSHED] = ZSTD_e_flush,
        [UNTIL_ENDED] = ZSTD_e_end
    };
    ZSTD_inBuffer in = { .src = *data, .size = *n };
    ZSTD_outBuffer out = { .dst = f->out, .size = OUT_SIZE, .pos = f->n_out };
    size_t left = ZSTD_compressStream2(f->zstd, &out, &in, modes[until]);

    if (ZSTD_isError(left)) {
        fail(f, EIO);
        return true;
    }
    f->n_out = out.pos;
    *data += in.pos;
    *n -= in.pos;
    return !*n && (until == UNTIL_TAKEN || !left);
}

/* Takes the 'n' bytes at 'data', and goes as far as 'until'. */
static void
pack(struct packed_file *f, const char *data, size_t n, enum until until)
{
    bool done = false;

    while (!done && !f->error) {
        switch (f->packing) {
        case PACK_GZIP:
            done = deflate_some(f, &data, &n, until);
            break;
        case PACK_ZSTD:
            done = zstd_some(f, &data, &n, until);
            break;
        case PACK_NOT:
            done = copy(f, &data, &n);
            break;
        default:
            OVS_NOT_REACHED();
        }
        if (!done || until != UNTIL_TAKEN) {
            write_out(f);
        }
    }
    if (until != UNTIL_TAKEN && !f->error) {
        f->safe = f->size;
        f->safe_taken = f->taken;
        f->dirty = false;
    }
}

static void
end_member(struct packed_file *f)
{
    if (f->in_member) {
        pack(f, NULL, 0, UNTIL_ENDED);
        f->in_member = 0;
    }
}

/* Writes the 'n' bytes at 'lines', whole lines, sooner or later.  Returns 0,
 * or a positive errno value: then, and from then on, nothing is written any
 * more, and the file has what was flushed. */
int
packed_file_write(struct packed_file *f, const char *lines, size_t n)
{
    if (f->in_member >= PACKED_MEMBER) {
        end_member(f);
    }
    f->taken += n;
    pack(f, lines, n, UNTIL_TAKEN);
    f->in_member += n;
    f->dirty = f->dirty || n;
    return f->error;
}

/* Writes all that was taken, so that it can be read.  Returns the same. */
int
packed_file_flush(struct packed_file *f)
{
    if (f->dirty) {
        pack(f, NULL, 0, UNTIL_FLUSHED);
    }
    return f->error;
}

/* The same, and ends the member, so that it can be continued from here with
 * packed_file_reopen().  With 'to_disk', it stays when the machine stops. */
int
packed_file_sync(struct packed_file *f, bool to_disk)
{
    end_member(f);
    packed_file_flush(f);
    if (!f->error && to_disk && fdatasync(f->fd)) {
        fail(f, errno);
    }
    return f->error;
}

/* Ends and frees 'f', which may be NULL.  Returns the same, and unless 'sizep'
 * is NULL stores in '*sizep' how many bytes the file has. */
int
packed_file_close(struct packed_file *f, uint64_t *sizep)
{
    int error;

    if (!f) {
        return 0;
    }
    end_member(f);
    if (sizep) {
        *sizep = f->size;
    }
    if (f->is_own && close(f->fd) && !f->error) {
        f->error = errno;
    }
    if (f->packing == PACK_GZIP) {
        deflateEnd(&f->z);
    }
    ZSTD_freeCCtx(f->zstd);
    error = f->error;
    free(f);
    return error;
}

/* Returns true if 'f' is a pipe that nobody reads any more. */
bool
packed_file_is_closed(const struct packed_file *f)
{
    return f->is_pipe && poll_file(f, 0, 0);
}

/* Arranges for the poll loop to wake up when that is so. */
void
packed_file_wait(const struct packed_file *f)
{
    if (f->is_pipe) {
        poll_fd_wait(f->fd, 0);         /* poll() tells of errors anyway. */
    }
}

/* Returns how many bytes have been written. */
uint64_t
packed_file_size(const struct packed_file *f)
{
    return f->size + f->n_out;
}

/* Returns how many of the bytes that were given to packed_file_write() can be
 * read, also after an error. */
uint64_t
packed_file_safe(const struct packed_file *f)
{
    return f->safe_taken;
}
