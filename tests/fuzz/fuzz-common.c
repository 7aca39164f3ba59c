/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"

/* Fails unless 's' has printable ASCII characters and ends of lines only. */
void
fuzz_check_printable(const char *s)
{
    for (const char *c = s; *c; c++) {
        if (!((*c >= ' ' && *c <= '~') || *c == '\n')) {
            ovs_fatal(0, "not printable: %s", s);
        }
    }
}

/* Fails unless 's' is UTF-8 and has no control characters but ends of
 * lines. */
void
fuzz_check_utf8(const char *s)
{
    size_t length;
    char *error = utf8_validate(s, &length);

    if (error) {
        ovs_fatal(0, "%s: %s", error, s);
    }
    for (const char *c = s; *c; c++) {
        if ((unsigned char) *c < ' ' && *c != '\n') {
            ovs_fatal(0, "has a control character: %s", s);
        }
    }
}

/* Returns the 'size' bytes at 'data' as a string, to be freed by the caller,
 * in memory of exactly that size. */
char *
fuzz_text(const uint8_t *data, size_t size)
{
    return xmemdup0((const char *) data, size);
}
