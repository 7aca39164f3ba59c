/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REAL_NAME_H
#define LIB_REAL_NAME_H 1

/* The file that a name stands for, behind symbolic links, so that another one
 * can take its place there.
 *
 * Links are not followed that the kernel might not follow either: in a
 * directory such as /tmp, anybody can make one to any file. */

#include <stdbool.h>
#include <sys/stat.h>

struct real_name {
    char *name;                 /* Without a link at its end, except for one of
                                 * procfs. */
    bool is_there;              /* Is there a file, or such a link? */
    bool is_proc;               /* Is it one?  It stands for what a process has
                                 * open, which may have no name any more. */
    int fd;                     /* The descriptor of this process that it then
                                 * is, or -1. */
    bool is_foreign;            /* Has somebody else made it where anybody can
                                 * make files? */
    struct stat s;              /* Of 'name', if that is there. */
    struct stat dir;            /* Of its directory. */
};

int real_name_find(const char *name, struct real_name *);
void real_name_destroy(struct real_name *);

#endif /* lib/file/real-name.h */
