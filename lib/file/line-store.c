/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/line-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/spill.h"
#include "openvswitch/util.h"
#include "util.h"

/* Files that are kept open. */
#define FILES_MAX 64

struct line_store {
    struct spill *spill;        /* NULL as long as it is not needed. */
    int fds[FILES_MAX];
    size_t n;                   /* Of these. */
};

/* Returns a new object, which the caller frees with line_store_destroy(). */
struct line_store *
line_store_create(void)
{
    return xzalloc(sizeof(struct line_store));
}

/* Frees 's', which may be NULL. */
void
line_store_destroy(struct line_store *s)
{
    if (s) {
        for (size_t i = 0; i < s->n; i++) {
            close(s->fds[i]);
        }
        spill_destroy(s->spill);
        free(s);
    }
}

/* Adds the file 'fd', which is regular, has lines as they are and need not
 * stay open.  Returns its number for struct line_place, or 0 if there are too
 * many. */
uint16_t
line_store_add_file(struct line_store *s, int fd)
{
    int copy = s->n < FILES_MAX ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

    if (copy < 0) {
        return 0;
    }
    s->fds[s->n++] = copy;
    return s->n;
}

/* Puts the 'len' bytes at 'line' into the temporary file, and stores where
 * they are in '*place'.  Returns 0 or a positive errno value. */
int
line_store_put(struct line_store *s, const char *line, size_t len,
               struct line_place *place)
{
    int error = s->spill ? 0 : spill_create(&s->spill);

    *place = (struct line_place) { .len = len };
    return error ? error : spill_append(s->spill, line, len, &place->offset);
}

/* Reads the 'n' bytes at 'offset' of 'fd'.  Returns 0 or a positive errno
 * value, ESTALE if they are not there any more. */
static int
read_all(int fd, uint64_t offset, char *p, size_t n)
{
    while (n) {
        ssize_t retval = pread(fd, p, n, offset);

        if (retval > 0) {
            p += retval;
            offset += retval;
            n -= retval;
        } else if (!retval) {
            return ESTALE;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* A space of JSON that may be in a line (RFC 8259, section 2). */
static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Returns true if the 'len' bytes at 'line' can be a line with an object.
 * There may be spaces around it: so its end may be that of Windows. */
static bool
is_line(const char *line, size_t len)
{
    const char *end = line + len;

    while (line < end && is_space(*line)) {
        line++;
    }
    while (line < end && is_space(end[-1])) {
        end--;
    }
    return (line < end && *line == '{' && end[-1] == '}'
            && !memchr(line, '\n', end - line));
}

/* Stores the line at 'place' in 'line', which has room for it.  Returns 0 or a
 * positive errno value, ESTALE if the file that has it was changed. */
int
line_store_get(struct line_store *s, const struct line_place *place,
               char *line)
{
    int error;

    if (!place->file) {
        return spill_read(s->spill, place->offset, line, place->len);
    }
    error = read_all(s->fds[place->file - 1], place->offset, line,
                     place->len);
    return error || is_line(line, place->len) ? error : ESTALE;
}
