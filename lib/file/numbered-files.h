/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_NUMBERED_FILES_H
#define LIB_NUMBERED_FILES_H 1

/* Files that follow each other when one has become large enough: of
 * "t.json.zst" they are "t.00001.json.zst" and so on.
 *
 * Who comes later goes on behind those that are there, so that no two traces
 * are mixed and none is overwritten. */

#include <stdint.h>

struct packed_file;
struct svec;

char *numbered_file_name(const char *name, uint64_t number);
int numbered_file_create(const char *name, uint64_t *number,
                         struct packed_file **);
int numbered_files_find(const char *name, struct svec *files,
                        uint64_t *last);

#endif /* lib/file/numbered-files.h */
