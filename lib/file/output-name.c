/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/output-name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/real-name.h"
#include "openvswitch/util.h"
#include "util.h"

/* Returns the end of 'name' if that is of a compression that is not known
 * here, otherwise NULL. */
static const char *
unknown_ending(const char *name)
{
    static const char *const endings[] = {
        ".7z", ".Z", ".br", ".bz2", ".lz", ".lz4", ".lzma", ".lzo", ".tgz",
        ".xz", ".zip", ".zstd",
    };
    size_t length = strlen(name);

    for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t n = strlen(endings[i]);

        if (length > n && !strcmp(name + length - n, endings[i])) {
            return endings[i];
        }
    }
    return NULL;
}

/* Returns what is wrong with --output='name', which the caller frees, or NULL
 * if what is written is compressed as its ending says, or has none for
 * that. */
char *
output_name_check(const char *name)
{
    const char *ending = unknown_ending(name);

    return (ending ? xasprintf("--output=%s: files are compressed as .gz or "
                               ".zst, not %s", name, ending)
            : NULL);
}

/* Returns true if 'name' stands for what is standard output.  Both may be
 * /dev/null, or another device that is no terminal, without that. */
static bool
is_stdout(const char *name)
{
    struct stat s, out;

    return (!strcmp(name, "-")
            || (!stat(name, &s) && !fstat(STDOUT_FILENO, &out)
                && s.st_dev == out.st_dev && s.st_ino == out.st_ino
                && (!S_ISCHR(s.st_mode) || isatty(STDOUT_FILENO))));
}

/* Returns the descriptor that 'name' stands for, such as that of standard
 * output for "-" and "/dev/stdout", 3 for "/dev/fd/3", or -1 if it is a file
 * that is to be opened, or created.  What is behind a descriptor is continued,
 * and may be a file that has no name. */
int
output_name_descriptor(const char *name)
{
    struct real_name r;
    int fd = -1;

    if (is_stdout(name)) {
        return STDOUT_FILENO;
    } else if (!real_name_find(name, &r)) {
        fd = r.fd;
        real_name_destroy(&r);
    }
    return fd;
}

/* Finds out what 'name' stands for, as real_name_find() does, but refuses what
 * somebody else has made where anybody can: who that is could read it. */
static int
find_own(const char *name, struct real_name *r)
{
    int error = real_name_find(name, r);

    if (!error && r->is_foreign) {
        real_name_destroy(r);
        error = EACCES;
    }
    return error;
}

/* Creates the file 'name', for its owner only, or truncates it, unless it is
 * somebody else's, see find_own().  Returns the descriptor, which the caller
 * closes, or a negative errno value. */
int
output_name_open(const char *name)
{
    struct real_name r;
    int error = find_own(name, &r);
    int fd;

    if (error) {
        return -error;
    }
    /* Nobody can have made it, or a link, in the meantime. */
    fd = open(r.name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
              | (r.is_there ? 0 : O_EXCL) | (r.is_proc ? 0 : O_NOFOLLOW),
              0600);
    error = fd < 0 ? errno : 0;
    real_name_destroy(&r);
    return error ? -error : fd;
}

/* Returns 0 if the file 'name' can be written, or created, without changing
 * anything, otherwise a positive errno value. */
int
output_name_try(const char *name)
{
    bool is_new = false;
    struct real_name r;
    struct stat s;
    int fd, error;

    if (output_name_descriptor(name) >= 0) {
        return 0;
    }
    error = find_own(name, &r);
    if (error) {
        return error;
    }
    real_name_destroy(&r);
    if (!stat(name, &s)) {
        if (!S_ISREG(s.st_mode)) {
            return S_ISDIR(s.st_mode) ? EISDIR : 0;
        }
        fd = open(name, O_WRONLY | O_CLOEXEC);
    } else {
        is_new = true;
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (fd < 0) {
        /* A link to nowhere is a file to be created. */
        return errno == EEXIST ? 0 : errno;
    }
    close(fd);
    if (is_new) {
        unlink(name);
    }
    return 0;
}

/* Returns a message that the file 'name' could not be written because of
 * 'error', a positive errno value, which says what to do.  The caller frees
 * it. */
char *
output_name_error(const char *name, int error)
{
    const char *remedy = (
        error == ENOSPC || error == EDQUOT
        ? ": free space, record to another disk, compress (.zst), or limit "
        "it (--rotate=SIZE --files=N)"
        : error == EFBIG ? ": begin other files in time (--rotate=SIZE)"
        : error == EPIPE ? ": nobody reads it any more"
        : error == ETIMEDOUT ? ": nobody has read it for too long"
        : error == EACCES || error == EROFS || error == ENOENT
        || error == EISDIR || error == ENOTDIR
        ? ": choose another file" : "");

    return xasprintf("%s: %s%s", strcmp(name, "-") ? name : "standard output",
                     ovs_strerror(error), remedy);
}
