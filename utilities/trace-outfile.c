/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command.h"
#include "file/hidden-file.h"
#include "openvswitch/util.h"
#include "svec.h"
#include "trace-program.h"
#include "util.h"

/* Bytes that are written at once. */
#define BUFFER_SIZE (64 * 1024)

#define STDOUT_NAME "-"

/* Returns true if one of 'inputs' is the file of 's'. */
static bool
is_input(const struct stat *s, const struct svec *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        struct stat input;

        if (!stat(inputs->names[i], &input) && S_ISREG(input.st_mode)
            && input.st_dev == s->st_dev && input.st_ino == s->st_ino) {
            return true;
        }
    }
    return false;
}

/* Says that 'what' is wrong with 'o', and 'remedy'.  Returns the exit
 * status. */
static int
complain(const struct outfile *o, const char *what, const char *remedy)
{
    ovs_error(0, "%s: %s: %s%s", o->command,
              strcmp(o->name, STDOUT_NAME) ? o->name : "standard output",
              what, remedy);
    return PROGRAM_FAILURE;
}

/* Creates the file of 'o', which gets its name when it is whole. */
static int
open_file(struct outfile *o, const struct svec *inputs)
{
    struct stat s;
    int error;

    if (!stat(o->name, &s) && is_input(&s, inputs)) {
        return complain(o, "is a file that is to be read", ": choose another");
    }
    error = hidden_file_create(o->name, &o->hidden);
    if (error) {
        return complain(o, ovs_strerror(error), ": choose another file");
    }
    o->fd = hidden_file_fd(o->hidden);
    return 0;
}

/* Prepares to write the file 'name' for 'command', or takes standard output
 * for "-", which must be no terminal if what is written 'is_binary'.  It must
 * be none of 'inputs'.  Returns 0 if successful, then the caller closes 'o'
 * with outfile_close(), otherwise the exit status after an error message. */
int
outfile_open(struct outfile *o, const struct command *command,
             const char *name, const struct svec *inputs, bool is_binary)
{
    *o = (struct outfile) { .command = command->name, .name = name };
    if (strcmp(name, STDOUT_NAME)) {
        int status = open_file(o, inputs);

        if (status) {
            return status;
        }
    } else if (is_binary && isatty(STDOUT_FILENO)) {
        return complain(o, "is a terminal", ": name a file (-o FILE) or "
                        "redirect it");
    } else {
        o->fd = STDOUT_FILENO;
    }
    o->buffer = xmalloc(BUFFER_SIZE);
    return 0;
}

/* Writes the 'n' bytes at 'data', all of them, unless there was an error. */
static void
write_all(struct outfile *o, const uint8_t *data, size_t n)
{
    while (n && !o->error) {
        ssize_t retval = write(o->fd, data, n);

        if (retval >= 0) {
            data += retval;
            n -= retval;
        } else if (errno != EINTR) {
            o->error = errno;
        }
    }
}

static void
flush(struct outfile *o)
{
    write_all(o, o->buffer, o->n);
    o->n = 0;
}

/* Writes the 'n' bytes at 'data' to 'o_', sooner or later.  Returns 0, or a
 * positive errno value: then, and from then on, nothing is written. */
int
outfile_write(const void *data, size_t n, void *o_)
{
    struct outfile *o = o_;

    if (n > BUFFER_SIZE - o->n) {
        flush(o);
    }
    if (n > BUFFER_SIZE) {
        write_all(o, data, n);
    } else {
        memcpy(o->buffer + o->n, data, n);
        o->n += n;
    }
    return o->error;
}

/* Says why 'o' could not be written, and what to do.  That nobody reads a pipe
 * any more is no error. */
static int
report(const struct outfile *o)
{
    if (o->error == EPIPE) {
        return EXIT_SUCCESS;
    }
    return complain(o, ovs_strerror(o->error),
                    (o->error == ENOSPC || o->error == EDQUOT
                     ? ": free space, or write to another disk" : ""));
}

/* Closes 'o'.  The file gets its name if it is whole, and is to be kept;
 * otherwise the one stays that has this name.  Returns the exit status, after
 * an error message if that is none of success. */
int
outfile_close(struct outfile *o, bool keep)
{
    flush(o);
    if (o->hidden && keep && !o->error) {
        o->error = hidden_file_publish(o->hidden);
    }
    hidden_file_destroy(o->hidden);
    free(o->buffer);
    return o->error ? report(o) : EXIT_SUCCESS;
}
