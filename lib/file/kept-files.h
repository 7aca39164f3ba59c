/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_KEPT_FILES_H
#define LIB_KEPT_FILES_H 1

/* Files of a trace that are kept while there are not too many, see
 * numbered-files.h.  Only traces are removed: somebody else may have files of
 * such names. */

#include <stddef.h>
#include <stdint.h>

#include "svec.h"

struct kept_files {
    struct svec names;          /* Oldest first. */
    uint64_t n_removed;
    char *warning;              /* What is kept though it is too old, and why,
                                 * since this was taken; or NULL. */
};

void kept_files_init(struct kept_files *);
void kept_files_uninit(struct kept_files *);
void kept_files_limit(struct kept_files *, size_t max);

#endif /* lib/file/kept-files.h */
