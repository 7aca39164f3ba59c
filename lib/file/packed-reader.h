/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PACKED_READER_H
#define LIB_PACKED_READER_H 1

/* A file that is read, and unpacked if its first bytes say that it is
 * compressed with gzip or Zstandard, whatever its name.
 *
 * A file may come from anywhere, be damaged, or still be written: all that can
 * be unpacked is given before it is told what is wrong.  Memory depends
 * neither on how much there is nor on what a file says about itself. */

#include <stddef.h>
#include <stdint.h>

struct packed_reader;

int packed_reader_open(const char *name, struct packed_reader **);
void packed_reader_close(struct packed_reader *);

char *packed_reader_next(struct packed_reader *, const void **data,
                         size_t *size);

int packed_reader_seek(struct packed_reader *, uint64_t offset);

uint64_t packed_reader_position(const struct packed_reader *);
uint64_t packed_reader_size(const struct packed_reader *);
uint64_t packed_reader_n_read(const struct packed_reader *);
int packed_reader_plain_fd(const struct packed_reader *, uint64_t *start);

#endif /* lib/file/packed-reader.h */
