/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRIGGER_FILES_H
#define LIB_TRIGGER_FILES_H 1

/* The files of the flight recorder in their directory: their names, how they
 * come to be, and how old ones go.
 *
 * A directory may be that of several daemons, and one that others write to, so
 * only what has the name and the owner of such a file is touched, and no
 * symbolic link is followed. */

#include <stdint.h>
#include <stdio.h>

/* A file that is being written. */
struct trigger_file {
    FILE *file;                 /* NULL if none is. */
    char *name;                 /* That it will have, */
    char *temporary_name;       /* and has until it is complete. */
};

int trigger_file_create(const char *dir, uint64_t id, struct trigger_file *);
int trigger_file_close(struct trigger_file *, int error);

void trigger_files_prune(const char *dir, const char *newest, uint64_t max);

#endif /* lib/file/trigger-files.h */
