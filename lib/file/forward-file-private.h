/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_FILE_PRIVATE_H
#define LIB_FORWARD_FILE_PRIVATE_H 1

/* What forward-file-open.c and forward-file.c have in common. */

#include "file/forward-file.h"
#include "file/forward-line.h"

struct packed_file;

struct forward_file {
    struct forward_file_options options;        /* With strings of its own. */
    char *host;
    char *system_id;            /* Or NULL. */
    char *host_name;            /* The same in the names of files. */
    struct forward_sender sender;       /* Who is connected. */
    char *label;                /* Members of each line, and a comma. */
    char *base;                 /* What the names of all files begin with. */
    char *name;                 /* Of the last one. */
    char *state_name;
    struct forward_state state;
    struct packed_file *file;   /* NULL if none is open. */
    char *startup;              /* First line of the trace, or NULL. */
    uint64_t unsynced;          /* Bytes since the last sync. */
    uint64_t synced;            /* Number of the last item then. */
    char *error;                /* What, and what to do about it; or NULL. */
};

char *forward_file_get_name(const struct forward_file *, uint64_t number);
void forward_file_set_name(struct forward_file *);
void forward_file_set_in_use(struct forward_file *, const char *name,
                             bool in_use);
void forward_file_fail(struct forward_file *, const char *name, int error);
void forward_file_close_open(struct forward_file *);

#endif /* lib/file/forward-file-private.h */
