/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_READ_PCAPNG_H
#define TESTS_READ_PCAPNG_H 1

/* A reader of pcapng for tests, written from the specification
 * (draft-ietf-opsawg-pcapng) and without anything of the writer's.  It fails
 * the test if something in a file is not as it has to be. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READ_OPTIONS_MAX 600

struct read_option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/* A block.  Pointers are into the file. */
struct read_block {
    uint32_t type;
    const uint8_t *body;        /* What is before the options. */
    struct read_option options[READ_OPTIONS_MAX];
    size_t n_options;
};

bool read_pcapng_next(const uint8_t *file, size_t size, size_t *ofs,
                      struct read_block *);

uint16_t read_u16(const struct read_block *, size_t ofs);
uint32_t read_u32(const struct read_block *, size_t ofs);
uint64_t read_time(const struct read_block *, size_t ofs);

const struct read_option *read_find(const struct read_block *, uint16_t code);
char *read_text(const struct read_block *, uint16_t code, const char *between);
uint64_t read_number(const struct read_block *, uint16_t code, size_t size);

#endif /* tests/unit/read-pcapng.h */
