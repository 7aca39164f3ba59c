/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/base64.h"

#include <stdint.h>

#include "openvswitch/dynamic-string.h"
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
