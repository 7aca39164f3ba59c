/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BUILD_ELF_H
#define TESTS_BUILD_ELF_H 1

/* ELF files with the notes of USDT probes, for tests. */

#include <stddef.h>
#include <stdint.h>

struct ofpbuf;

/* Start of the segments in memory, and their distance to that in the file. */
#define CODE 0x401000
#define DATA 0x402000
#define SEGMENT_OFFSET 0x40
#define SEGMENT_SIZE 0x100

/* Address of .stapsdt.base in the notes. */
#define BASE 0x400800

/* Puts a note with strings STRINGS, a literal without the last null, at the
 * end of B. */
#define PUT_NOTE(B, CLASS, PC, SEMAPHORE, STRINGS)                      \
    build_note(B, CLASS, PC, SEMAPHORE, STRINGS, sizeof STRINGS)

void build_note(struct ofpbuf *, int class, uint64_t pc, uint64_t semaphore,
                const char *strings, size_t size);
int build_elf(int class, int type, uint64_t base, const struct ofpbuf *notes);
int build_elf_sample(int class, int type, uint64_t base);

#endif /* tests/unit/build-elf.h */
