/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/printable.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"

/* Unlike isprint(), this does not depend on the locale. */
static bool
is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

/* Appends the 'len' bytes at 's' to 'ds' as printable ASCII: what is not, and
 * a backslash or a double quote, as a backslash and 3 octal digits. */
void
printable_put(struct ds *ds, const char *s, size_t len)
{
    ds_put_printable(ds, s, len);
}

/* Does the same with the string 's'. */
void
printable_put_string(struct ds *ds, const char *s)
{
    printable_put(ds, s, strlen(s));
}

/* Does the same with the first PRINTABLE_START_MAX of the 'len' bytes at 's',
 * for a message of one line; "..." is in place of the rest. */
void
printable_put_start(struct ds *ds, const char *s, size_t len)
{
    printable_put(ds, s, MIN(len, PRINTABLE_START_MAX));
    if (len > PRINTABLE_START_MAX) {
        ds_put_cstr(ds, "...");
    }
}

/* Appends 's' to 'ds' as it is if printable_is_utf8(), else as printable
 * ASCII. */
void
printable_put_utf8(struct ds *ds, const char *s)
{
    if (printable_is_utf8(s)) {
        ds_put_cstr(ds, s);
    } else {
        printable_put_string(ds, s);
    }
}

/* Returns what printable_put() appends.  The caller frees it. */
char *
printable_copy(const char *s, size_t len)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    printable_put(&ds, s, len);
    return ds_steal_cstr(&ds);
}

/* Returns true if 's' consists of printable ASCII characters, which include
 * the space. */
bool
printable_is(const char *s)
{
    while (is_printable(*s)) {
        s++;
    }
    return !*s;
}

/* Returns true if 's', which is UTF-8, has a DEL or one of the control
 * characters from U+0080 to U+009f, of which U+009b begins a sequence as ESC
 * and '[' do. */
static bool
has_high_controls(const char *s_)
{
    for (const unsigned char *s = (const unsigned char *) s_; *s; s++) {
        if (*s == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 's' is UTF-8 that may be in JSON: without control characters
 * but for those below a space, which JSON cannot have as they are. */
bool
printable_is_utf8(const char *s)
{
    size_t length;
    char *error;

    if (printable_is(s)) {
        return true;
    }
    error = utf8_validate(s, &length);
    free(error);
    return !error && !has_high_controls(s);
}
