/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/packed-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "openvswitch/util.h"
#include "util.h"

/* Bytes that are read, and that are unpacked, at once. */
#define IN_SIZE (64 * 1024)
#define OUT_SIZE (256 * 1024)

/* The largest window of Zstandard, as a power of two: that of "zstd -19", as
 * much as RFC 8878 asks a reader to have. */
#define ZSTD_WINDOW_LOG_MAX 23

/* zlib's number for a window of 32 kB, and for the format of gzip
 * (inflateInit2() in zlib.h). */
#define ZLIB_WINDOW 15
#define ZLIB_GZIP 16

/* First bytes: RFC 1952, 2.3.1; RFC 8878, 3.1.1. */
static const uint8_t gzip_magic[] = { 0x1f, 0x8b };
static const uint8_t zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
#define MAGIC_MAX sizeof zstd_magic

/* A frame of Zstandard that is to be skipped, which some programs begin a file
 * with (RFC 8878, 3.1.2), but for the lower 4 bits of the first byte. */
static const uint8_t skippable_magic[] = { 0x50, 0x2a, 0x4d, 0x18 };

enum packing {
    PACK_UNKNOWN,               /* Nothing was read yet. */
    PACK_NOT,
    PACK_GZIP,
    PACK_ZSTD
};

struct packed_reader {
    int fd;
    bool is_own;                /* Is 'fd' to be closed? */
    enum packing packing;
    uint64_t size;              /* Of the file, in bytes; 0 if unknown. */
    off_t start;                /* Where in it reading began, or -1. */
    uint64_t end;               /* Of what was read, in the file. */
    uint64_t n_read;            /* Bytes of the file that were read, in
                                 * all. */
    bool at_end;                /* All were. */
    bool in_member;             /* Of what is packed, has one begun and not
                                 * ended? */
    z_stream z;
    ZSTD_DCtx *zstd;
    uint8_t in[IN_SIZE];
    size_t in_pos, n_in;        /* Of 'in', what is to be unpacked. */
    uint8_t out[OUT_SIZE];
};

/* Opens the file 'name', or takes standard input for "-".  Returns 0 and
 * stores in '*rp' what is to be closed with packed_reader_close(), or returns
 * a positive errno value. */
int
packed_reader_open(const char *name, struct packed_reader **rp)
{
    bool is_stdin = !strcmp(name, "-");
    int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    struct packed_reader *r;
    struct stat s;

    *rp = NULL;
    if (fd < 0) {
        return errno;
    }
    r = *rp = xzalloc(sizeof *r);
    r->fd = fd;
    r->is_own = !is_stdin;
    r->start = -1;
    if (!fstat(fd, &s) && S_ISREG(s.st_mode)) {
        r->size = s.st_size;
        r->start = lseek(fd, 0, SEEK_CUR);
    }
    return 0;
}

static void
uninit_packing(struct packed_reader *r)
{
    if (r->packing == PACK_GZIP) {
        inflateEnd(&r->z);
    }
    ZSTD_freeDCtx(r->zstd);
    r->zstd = NULL;
    r->packing = PACK_UNKNOWN;
}

/* Frees 'r', which may be NULL. */
void
packed_reader_close(struct packed_reader *r)
{
    if (!r) {
        return;
    }
    if (r->is_own) {
        close(r->fd);
    }
    uninit_packing(r);
    free(r);
}

/* Has 'r' go on at byte 'offset' of its file, which is the start of a member,
 * a frame or, if it is not packed, anything: it may have failed before.
 * Returns 0 or a positive errno value. */
int
packed_reader_seek(struct packed_reader *r, uint64_t offset)
{
    if (lseek(r->fd, offset, SEEK_SET) < 0) {
        return errno;
    }
    uninit_packing(r);
    memset(&r->z, 0, sizeof r->z);
    r->in_pos = r->n_in = 0;
    r->end = offset;
    r->at_end = r->in_member = false;
    return 0;
}

/* Returns up to where the file was read and used, in bytes. */
uint64_t
packed_reader_position(const struct packed_reader *r)
{
    return r->end - (r->n_in - r->in_pos);
}

/* Returns how many bytes of the file were read. */
uint64_t
packed_reader_n_read(const struct packed_reader *r)
{
    return r->n_read;
}

/* Returns how many bytes the file had when it was opened, 0 if that is
 * unknown because it is a pipe or the like. */
uint64_t
packed_reader_size(const struct packed_reader *r)
{
    return r->size;
}

/* Reads more, until there are 'min' bytes or that is all.  Returns 0 or a
 * positive errno value. */
static int
fill(struct packed_reader *r, size_t min)
{
    memmove(r->in, r->in + r->in_pos, r->n_in - r->in_pos);
    r->n_in -= r->in_pos;
    r->in_pos = 0;
    while (r->n_in < min && !r->at_end) {
        ssize_t n = read(r->fd, r->in + r->n_in, IN_SIZE - r->n_in);

        if (n > 0) {
            r->n_in += n;
            r->end += n;
            r->n_read += n;
        } else if (!n) {
            r->at_end = true;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static bool
begins_with(const struct packed_reader *r, const uint8_t *magic, size_t n)
{
    return r->n_in >= n && !memcmp(r->in, magic, n);
}

static bool
begins_with_zstd(const struct packed_reader *r)
{
    return (begins_with(r, zstd_magic, sizeof zstd_magic)
            || (r->n_in >= sizeof skippable_magic
                && (r->in[0] & 0xf0) == skippable_magic[0]
                && !memcmp(r->in + 1, skippable_magic + 1,
                           sizeof skippable_magic - 1)));
}

/* Returns the descriptor of the file if what packed_reader_next() has returned
 * last is in it as it is and can be read again, and stores at which byte it
 * began in '*start'; otherwise -1. */
int
packed_reader_plain_fd(const struct packed_reader *r, uint64_t *start)
{
    *start = r->start;
    return r->packing == PACK_NOT && r->start >= 0 ? r->fd : -1;
}

/* Finds out how what was read first is packed. */
static void
init_packing(struct packed_reader *r)
{
    if (begins_with(r, gzip_magic, sizeof gzip_magic)) {
        r->packing = PACK_GZIP;
        if (inflateInit2(&r->z, ZLIB_WINDOW + ZLIB_GZIP) != Z_OK) {
            out_of_memory();
        }
    } else if (begins_with_zstd(r)) {
        r->packing = PACK_ZSTD;
        r->zstd = ZSTD_createDCtx();
        if (!r->zstd) {
            out_of_memory();
        }
        ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax,
                               ZSTD_WINDOW_LOG_MAX);
    } else {
        r->packing = PACK_NOT;
    }
}

/* Returns the message that 'what' is wrong where 'r' is.  The caller frees
 * it. */
static char *
damaged(const struct packed_reader *r, const char *what)
{
    return xasprintf("damaged at byte %"PRIu64" of the file: %s",
                     packed_reader_position(r), what);
}

/* The following functions unpack some of 'in' to 'out'.  Each returns how many
 * bytes it has made, or stores a message in '*error'. */

static size_t
copy(struct packed_reader *r)
{
    size_t n = r->n_in - r->in_pos;

    BUILD_ASSERT_DECL(OUT_SIZE >= IN_SIZE);
    memcpy(r->out, r->in + r->in_pos, n);
    r->in_pos = r->n_in;
    return n;
}

static size_t
inflate_some(struct packed_reader *r, char **error)
{
    int retval;

    r->z.next_in = r->in + r->in_pos;
    r->z.avail_in = r->n_in - r->in_pos;
    r->z.next_out = r->out;
    r->z.avail_out = OUT_SIZE;
    retval = inflate(&r->z, Z_NO_FLUSH);
    r->in_pos = r->n_in - r->z.avail_in;
    r->in_member = retval != Z_STREAM_END;
    if (retval == Z_STREAM_END) {
        inflateReset(&r->z);
    } else if (retval != Z_OK && retval != Z_BUF_ERROR) {
        *error = damaged(r, r->z.msg ? r->z.msg : "not in the format of gzip");
    }
    return OUT_SIZE - r->z.avail_out;
}

static size_t
zstd_some(struct packed_reader *r, char **error)
{
    ZSTD_inBuffer in = { .src = r->in, .size = r->n_in, .pos = r->in_pos };
    ZSTD_outBuffer out = { .dst = r->out, .size = OUT_SIZE };
    size_t left = ZSTD_decompressStream(r->zstd, &out, &in);

    r->in_pos = in.pos;
    if (ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge) {
        *error = xasprintf("what is packed at byte %"PRIu64" of the file "
                           "needs a window of more than %d MB, as \"zstd "
                           "--long\" and \"--ultra\" make it: unpack it with "
                           "\"zstd -dc --long=31\"",
                           packed_reader_position(r),
                           1 << (ZSTD_WINDOW_LOG_MAX - 20));
    } else if (ZSTD_isError(left)) {
        *error = damaged(r, ZSTD_getErrorName(left));
    }
    r->in_member = left != 0;
    return out.pos;
}

/* Leaves out zeros between members, or behind the last one, with which tapes
 * and file systems fill blocks. */
static void
skip_zeros(struct packed_reader *r)
{
    while (r->in_pos < r->n_in && !r->in[r->in_pos]) {
        r->in_pos++;
    }
}

/* Unpacks some.  If that needs more of the file, the result is 0; also if a
 * member was empty. */
static size_t
unpack(struct packed_reader *r, char **error)
{
    if (r->packing != PACK_NOT && !r->in_member) {
        skip_zeros(r);
    }
    if (r->in_pos >= r->n_in && !r->in_member) {
        return 0;
    }
    switch (r->packing) {
    case PACK_NOT:
        return copy(r);
    case PACK_GZIP:
        return inflate_some(r, error);
    case PACK_ZSTD:
        return zstd_some(r, error);
    case PACK_UNKNOWN:
    default:
        OVS_NOT_REACHED();
    }
}

/* Reads more of the file.  Returns false if there is no more, or if it cannot
 * be read, and stores why in '*error'. */
static bool
read_more(struct packed_reader *r, char **error)
{
    size_t left = r->n_in - r->in_pos;
    int retval = fill(r, MAX(MAGIC_MAX, left + 1));

    if (retval) {
        *error = xasprintf("cannot be read (%s)", ovs_strerror(retval));
    }
    if (r->packing == PACK_UNKNOWN) {
        init_packing(r);
    }
    return !retval && r->n_in > left;
}

/* Stores in '*data' and '*size' what comes next in 'r', which stays there
 * until the next call; no bytes if that was all.  Returns NULL, or what is
 * wrong with what follows, for people, which the caller frees: then there is
 * no next call. */
char *
packed_reader_next(struct packed_reader *r, const void **data, size_t *size)
{
    char *error = NULL;
    size_t before;

    *data = r->out;
    do {
        before = r->in_pos;
        *size = unpack(r, &error);
    } while (!*size && !error
             && (r->in_pos > before || read_more(r, &error)));
    if (!*size && !error && r->in_member) {
        error = xstrdup("cut off, or still being written: what is packed has "
                        "no end");
    }
    return error;
}
