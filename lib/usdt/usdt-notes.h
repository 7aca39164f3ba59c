/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_NOTES_H
#define LIB_USDT_NOTES_H 1

/* USDT probes: places that the authors of a program have marked for tracing.
 *
 * This finds the probes of an ELF file or of a running process.  Attaching to
 * them is not done here. */

#include <stddef.h>
#include <sys/types.h>

#include "usdt/usdt-probe.h"

/* The probes of a file or of a process, in the order of their appearance. */
struct usdt_notes {
    struct usdt_probe *probes;  /* Array of 'n' elements. */
    size_t n;                   /* Number of probes. */
    size_t n_allocated;         /* Allocated elements of 'probes'. */

    struct usdt_object **objects; /* Files that have probes. */
    size_t n_objects;           /* Number of elements in 'objects'. */

    /* What is missing. */
    size_t n_skipped_probes;    /* Damaged, absurd, or beyond a limit. */
    size_t n_skipped_maps;      /* Mappings of too many different files. */
    size_t n_skipped_files;     /* Could not be read. */
    char *problem;              /* Why the first of those files could not be
                                 * read; NULL if there is none. */
};

/* Both return NULL or an error.  After an error '*notes' is empty, so that it
 * may be destroyed but need not be. */
char *usdt_notes_read_file(const char *path, struct usdt_notes *);
char *usdt_notes_read_process(pid_t, struct usdt_notes *);
void usdt_notes_destroy(struct usdt_notes *);

#endif /* lib/usdt/usdt-notes.h */
