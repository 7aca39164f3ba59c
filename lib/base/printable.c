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

/* Stores the byte that the backslash at 's' and what follows stands for in
 * '*byte', as printable_put() writes it.  Returns false if it is none. */
static bool
get_octal(const char *s, char *byte)
{
    for (int i = 1; i <= 3; i++) {
        if (s[i] < '0' || s[i] > (i == 1 ? '3' : '7')) {
            return false;
        }
    }
    *byte = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
    return *byte != '\0';
}

/* Returns true if 's' is what a string of JSON has in place of 'bytes'. */
static bool
is_written_as(const char *bytes, const char *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool same;

    printable_put_utf8(&ds, bytes);
    same = !strcmp(ds_cstr(&ds), s);
    ds_destroy(&ds);
    return same;
}

/* Returns the string in place of which printable_put_utf8() writes 's', which
 * is 's' itself unless that has octal digits behind backslashes: these may
 * have been there before, but nobody gives such names.  The caller frees
 * it. */
char *
printable_undo(const char *s)
{
    const char *in = s;
    char *bytes, *out;

    if (!strchr(s, '\\')) {
        return xstrdup(s);
    }
    bytes = out = xmalloc(strlen(s) + 1);
    while (*in) {
        bool is_octal = *in == '\\' && get_octal(in, out);

        *out = is_octal ? *out : *in;
        in += is_octal ? 4 : 1;
        out++;
    }
    *out = '\0';
    if (!is_written_as(bytes, s)) {
        strcpy(bytes, s);
    }
    return bytes;
}
