/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_WRITE_ALL_H
#define LIB_WRITE_ALL_H 1

/* Writing all of something, to whatever a descriptor stands for. */

#include <stddef.h>

int write_all(int fd, const void *data, size_t);

#endif /* lib/file/write-all.h */
