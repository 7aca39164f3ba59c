/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_OUTFILE_H
#define UTILITIES_TRACE_OUTFILE_H 1

/* The file that a command writes, or standard output.  If its name ends in .gz
 * or .zst, it is compressed.
 *
 * A file is whole or is not there: if something fails, or a signal ends the
 * program, what had its name before still has it.  There can be one at a
 * time. */

#include <stdbool.h>
#include <stddef.h>

struct command;
struct hidden_file;
struct packed_file;
struct stat;
struct svec;

struct outfile {
    const char *command;        /* Its name, for messages. */
    const char *name;           /* "-" for standard output. */
    struct packed_file *file;
    struct hidden_file *hidden; /* NULL if it is standard output. */
    int error;                  /* The first, a positive errno value, or 0. */
};

int outfile_open(struct outfile *, const struct command *, const char *name,
                 const struct svec *inputs, bool is_binary);
int outfile_write(const void *data, size_t n, void *outfile);
int outfile_close(struct outfile *, bool keep);

bool outfile_is_input(const struct stat *, const struct svec *inputs);

#endif /* utilities/trace-outfile.h */
