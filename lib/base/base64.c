/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/base64.h"

#include <stdint.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

/* Stores the encoding of the 'n' bytes at 'in', 1 to 3, in the 4 characters at
 * 'out'. */
static void
encode_group(const uint8_t *in, size_t n, char *out)
{
    static const char digits[]
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t group = in[0] << 16;

    group |= n > 1 ? in[1] << 8 : 0;
    group |= n > 2 ? in[2] : 0;
    out[0] = digits[group >> 18];
    out[1] = digits[(group >> 12) & 63];
    out[2] = n > 1 ? digits[(group >> 6) & 63] : '=';
    out[3] = n > 2 ? digits[group & 63] : '=';
}

/* Appends the encoding of the 'size' bytes at 'data' to 'ds', on one line. */
void
base64_put(struct ds *ds, const void *data, size_t size)
{
    const uint8_t *in = data;
    char *out = ds_put_uninit(ds, DIV_ROUND_UP(size, 3) * 4);
    size_t i;

    for (i = 0; i + 3 <= size; i += 3) {
        encode_group(in + i, 3, out);
        out += 4;
    }
    if (i < size) {
        encode_group(in + i, size - i, out);
    }
}

/* What a character that is no digit is worth. */
#define NO_DIGIT 0xff

/* Returns what the digit 'c' is worth, NO_DIGIT if it is none. */
static uint8_t
decode_digit(unsigned char c)
{
#define X NO_DIGIT
    static const uint8_t values[256] = {
        X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
        X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
        X, X, X, X, X, X, X, X, X, X, X, 62, X, X, X, 63,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
        X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
        15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, X,
        X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
        [128 ... 255] = X,
    };
#undef X

    return values[c];
}

/* Stores the bytes that the first 'n' of the 4 characters at 'in' stand for,
 * 2 to 4, at 'out': one less.  Returns false if they are not what
 * encode_group() makes of any bytes. */
static bool
decode_group(const char *in, size_t n, uint8_t *out)
{
    uint32_t group = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t digit = decode_digit(in[i]);

        if (digit == NO_DIGIT) {
            return false;
        }
        group |= (uint32_t) digit << (18 - 6 * i);
    }
    for (size_t i = 0; i < n - 1; i++) {
        out[i] = group >> (16 - 8 * i);
    }
    return !(group & ((1u << (32 - 8 * n)) - 1));
}

/* Appends the bytes of which 's' is the encoding, as base64_put() writes it,
 * to 'b'.  Returns false, and appends nothing, if it is not such. */
bool
base64_get(struct ofpbuf *b, const char *s)
{
    size_t len = strlen(s);
    uint32_t start = b->size;
    size_t padding;
    uint8_t *out;

    if (len % 4) {
        return false;
    }
    padding = len && s[len - 1] == '=' ? 1 + (s[len - 2] == '=') : 0;
    out = ofpbuf_put_uninit(b, len / 4 * 3 - padding);
    for (size_t i = 0; i < len; i += 4) {
        size_t n = i + 4 == len ? 4 - padding : 4;

        if (!(n == 4 ? decode_group(s + i, 4, out)
              : decode_group(s + i, n, out))) {
            b->size = start;
            return false;
        }
        out += n - 1;
    }
    return true;
}
