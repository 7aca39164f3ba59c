/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SPILL_H
#define LIB_SPILL_H 1

/* A temporary file, for what does not fit into memory.
 *
 * It has no name, so that nothing is left of it whenever and however the
 * program ends, and is for its owner only. */

#include <stddef.h>
#include <stdint.h>

struct spill;

int spill_create(struct spill **);
void spill_destroy(struct spill *);

int spill_append(struct spill *, const void *, size_t, uint64_t *offsetp);
int spill_read(struct spill *, uint64_t offset, void *, size_t);
uint64_t spill_size(const struct spill *);

const char *spill_directory(void);

#endif /* lib/file/spill.h */
