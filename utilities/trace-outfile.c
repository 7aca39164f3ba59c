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
#include "file/output-name.h"
#include "file/packed-file.h"
#include "openvswitch/util.h"
#include "svec.h"
#include "trace-program.h"
#include "util.h"

#define STDOUT_NAME "-"

/* Returns true if one of 'inputs' is the file of 's'. */
bool
outfile_is_input(const struct stat *s, const struct svec *inputs)
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
open_file(struct outfile *o)
{
    int error = hidden_file_create(o->name, &o->hidden);

    if (error) {
        return complain(o, ovs_strerror(error), ": choose another file");
    }
    o->file = packed_file_create_fd(o->name, hidden_file_fd(o->hidden), NULL);
    return 0;
}

/* Takes standard output for 'o'. */
static int
take_stdout(struct outfile *o, bool is_binary)
{
    if (is_binary && isatty(STDOUT_FILENO)) {
        return complain(o, "is a terminal", ": name a file (-o FILE) or "
                        "redirect it");
    }
    o->file = packed_file_create_fd(o->name, STDOUT_FILENO, NULL);
    return 0;
}

/* Prepares to write the file 'name' for 'command', or takes standard output
 * for "-", or what else stands for it, which must be no terminal if what is
 * written 'is_binary'.  It must be none of 'inputs'.  It is compressed if its
 * name ends so.  Returns 0 if successful, then the caller closes 'o' with
 * outfile_close(), otherwise the exit status after an error message. */
int
outfile_open(struct outfile *o, const struct command *command,
             const char *name, const struct svec *inputs, bool is_binary)
{
    struct stat s;

    *o = (struct outfile) { .command = command->name, .name = name };
    if (strcmp(name, STDOUT_NAME) && !stat(name, &s)
        && outfile_is_input(&s, inputs)) {
        return complain(o, "is a file that is to be read", ": choose another");
    }
    return (output_name_descriptor(name) == STDOUT_FILENO
            ? take_stdout(o, is_binary) : open_file(o));
}

/* Writes the 'n' bytes at 'data' to 'o_', sooner or later.  Returns 0, or a
 * positive errno value: then, and from then on, nothing is written. */
int
outfile_write(const void *data, size_t n, void *o_)
{
    struct outfile *o = o_;

    o->error = packed_file_write(o->file, data, n);
    return o->error;
}

/* Says why 'o' could not be written, and what to do.  That nobody reads
 * standard output any more is no error, but a file that was named is to be
 * whole. */
static int
report(const struct outfile *o)
{
    if (o->error == EPIPE && !o->hidden) {
        return EXIT_SUCCESS;
    }
    return complain(o, ovs_strerror(o->error),
                    (o->error == ENOSPC || o->error == EDQUOT
                     ? ": free space, or write to another disk"
                     : o->error == EPIPE ? ": nobody reads it any more"
                     : ""));
}

/* Closes 'o'.  The file gets its name if it is whole, and is to be kept;
 * otherwise the one stays that has this name.  Returns the exit status, after
 * an error message if that is none of success. */
int
outfile_close(struct outfile *o, bool keep)
{
    int status;

    o->error = packed_file_close(o->file, NULL);
    if (o->hidden && keep && !o->error) {
        o->error = hidden_file_publish(o->hidden);
    }
    status = o->error ? report(o) : EXIT_SUCCESS;
    hidden_file_destroy(o->hidden);
    return status;
}
