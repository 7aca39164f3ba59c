/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PLAIN_TEXT_H
#define LIB_PLAIN_TEXT_H 1

/* Text that is the same however it is escaped. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Returns 8 bytes that are all 'byte'. */
static inline uint64_t
plain_text_eight_of(uint8_t byte)
{
    return byte * UINT64_C(0x0101010101010101);
}

/* Returns a number with the top bit of a byte set if one of the 8 'bytes' is
 * not plain.
 *
 * That of a byte becomes set if it was, or if a subtraction goes below 0.  It
 * may for the byte behind one that is not plain, too, but never without. */
static inline uint64_t
plain_text_special(uint64_t bytes)
{
    const uint64_t ones = plain_text_eight_of(1);

    return (bytes | (bytes - plain_text_eight_of(' '))
            | ((bytes ^ plain_text_eight_of('"')) - ones)
            | ((bytes ^ plain_text_eight_of('\\')) - ones)
            | ((bytes ^ plain_text_eight_of(0x7f)) - ones));
}

/* Returns true if the 'len' bytes at 's' are printable ASCII, without quotes
 * and backslashes, so that neither JSON nor printable_put() escapes any.
 *
 * All that is written in JSON comes through this, so it takes 8 bytes at a
 * time. */
static inline bool
plain_text_is(const char *s, size_t len)
{
    uint64_t bytes = plain_text_eight_of(' ');
    uint64_t special = 0;
    size_t i;

    for (i = 0; i + sizeof bytes <= len; i += sizeof bytes) {
        memcpy(&bytes, s + i, sizeof bytes);
        special |= plain_text_special(bytes);
    }
    bytes = plain_text_eight_of(' ');
    memcpy(&bytes, s + i, len - i);
    special |= plain_text_special(bytes);
    return !(special & plain_text_eight_of(0x80));
}

#endif /* lib/base/plain-text.h */
