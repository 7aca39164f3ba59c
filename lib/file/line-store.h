/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_LINE_STORE_H
#define LIB_LINE_STORE_H 1

/* Lines that are kept to be read again, in any order: in a temporary file
 * (spill.h), unless they are in a file from which they can be read again. */

#include <stddef.h>
#include <stdint.h>

struct line_store;

/* Where a line is. */
struct line_place {
    uint64_t offset;
    uint32_t len;               /* In bytes, without its end. */
    uint16_t file;              /* Which file; 0 for the temporary one. */
};

struct line_store *line_store_create(void);
void line_store_destroy(struct line_store *);

uint16_t line_store_add_file(struct line_store *, int fd);
int line_store_put(struct line_store *, const char *line, size_t len,
                   struct line_place *);
int line_store_get(struct line_store *, const struct line_place *, char *);

#endif /* lib/file/line-store.h */
