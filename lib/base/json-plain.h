/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_PLAIN_H
#define LIB_JSON_PLAIN_H 1

/* Strings of JSON, eight bytes at a time. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util.h"

/* Each byte of a word is 'BYTE'. */
#define JSON_PLAIN_BYTES(BYTE) (UINT64_C(0x0101010101010101) * (BYTE))

/* Returns how many bytes of 'word', as it is in memory, come before the first
 * that is a quote, a backslash or a control character: 8 if none is. */
static inline size_t
json_plain_count(uint64_t word)
{
#ifdef WORDS_BIGENDIAN
    word = __builtin_bswap64(word);
#endif
    uint64_t quote = word ^ JSON_PLAIN_BYTES('"');
    uint64_t escape = word ^ JSON_PLAIN_BYTES('\\');

    /* A byte that is less than what is taken from it has its highest bit set
     * then, and had not before.  That may be wrong of bytes behind one that
     * is, from which one more is taken, but the first one is right. */
    uint64_t special = (((quote - JSON_PLAIN_BYTES(1)) & ~quote)
                        | ((escape - JSON_PLAIN_BYTES(1)) & ~escape)
                        | ((word - JSON_PLAIN_BYTES(0x20)) & ~word))
                       & JSON_PLAIN_BYTES(0x80);

    return special ? raw_ctz(special) / 8 : sizeof word;
}

/* Copies to 'out' what comes between 'p' and 'end' before the first quote,
 * backslash or control character, and returns how many bytes these are.
 *
 * Some that follow these are copied, too, but none from behind 'end': there
 * has to be room for all that is between the two. */
static inline size_t
json_copy_plain(char *out, const char *p, const char *end)
{
    const char *start = p;

    while (end - p >= (ptrdiff_t) sizeof(uint64_t)) {
        uint64_t word;
        size_t n;

        memcpy(&word, p, sizeof word);
        memcpy(out, &word, sizeof word);
        n = json_plain_count(word);
        p += n;
        out += n;
        if (n < sizeof word) {
            return p - start;
        }
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char) *p >= 0x20) {
        *out++ = *p++;
    }
    return p - start;
}

#endif /* lib/base/json-plain.h */
