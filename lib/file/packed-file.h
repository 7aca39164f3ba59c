/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PACKED_FILE_H
#define LIB_PACKED_FILE_H 1

/* A file of lines that is written, and compressed if its name says so.
 *
 * What is compressed consists of members (gzip, RFC 1952) or frames
 * (Zstandard, RFC 8878) of about PACKED_MEMBER bytes, each of which begins
 * with a line and can be read without those before it.  What has been flushed
 * can be read, also in a member that is not at its end, while the file is
 * being written and if nothing follows.
 *
 * It may be a pipe, such as standard output, that nobody reads any more, or
 * not for so long that whoever wants this process to end would have to
 * wait. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packed_file;

/* Bytes of a member, before they are compressed. */
#define PACKED_MEMBER (1024 * 1024)

int packed_file_create(const char *name, bool (*is_hurried)(void),
                       struct packed_file **);
int packed_file_create_new(const char *name, struct packed_file **);
struct packed_file *packed_file_create_fd(const char *name, int fd,
                                          bool (*is_hurried)(void));
int packed_file_reopen(const char *name, uint64_t size, struct packed_file **);
int packed_file_write(struct packed_file *, const char *lines, size_t);
int packed_file_flush(struct packed_file *);
int packed_file_sync(struct packed_file *, bool to_disk);
int packed_file_close(struct packed_file *, uint64_t *sizep);

bool packed_file_is_closed(const struct packed_file *);
void packed_file_wait(const struct packed_file *);
uint64_t packed_file_size(const struct packed_file *);
uint64_t packed_file_safe(const struct packed_file *);

#endif /* lib/file/packed-file.h */
