/* SPDX-License-Identifier: Apache-2.0 */

/* Strings with escapes, for the parser in json-node.c. */

#include <config.h>

#include "base/json-node-private.h"

#include <string.h>

#include "base/json-plain.h"
#include "unicode.h"
#include "util.h"

/* Takes four hexadecimal digits. */
static bool
take_hex(struct json_tree *t, unsigned int *code)
{
    bool ok = false;

    if (t->end - t->p >= 4) {
        *code = hexits_value(t->p, 4, &ok);
    }
    t->p += ok ? 4 : 0;
    return ok || json_tree_fail(t, "\\u has no four hexadecimal digits");
}

/* Appends 'code', of a character, in UTF-8. */
static void
put_utf8(struct json_tree *t, unsigned int code)
{
    char *s = t->free;

    if (code < 0x80) {
        *s++ = code;
    } else if (code < 0x800) {
        *s++ = 0xc0 | code >> 6;
        *s++ = 0x80 | (code & 0x3f);
    } else {
        if (code < 0x10000) {
            *s++ = 0xe0 | code >> 12;
        } else {
            *s++ = 0xf0 | code >> 18;
            *s++ = 0x80 | (code >> 12 & 0x3f);
        }
        *s++ = 0x80 | (code >> 6 & 0x3f);
        *s++ = 0x80 | (code & 0x3f);
    }
    t->free = s;
}

/* Takes what is behind "\u", which may be a pair of surrogates. */
static bool
take_unicode(struct json_tree *t)
{
    unsigned int code, second;

    if (!take_hex(t, &code)) {
        return false;
    } else if (!code) {
        return json_tree_fail(t, "a string has a null character");
    } else if (uc_is_surrogate(code)) {
        if (!json_tree_take(t, '\\') || !json_tree_take(t, 'u')
            || !take_hex(t, &second)
            || !uc_is_leading_surrogate(code)
            || !uc_is_trailing_surrogate(second)) {
            return json_tree_fail(t, "half of a pair of surrogates is "
                                  "missing");
        }
        code = utf16_decode_surrogate_pair(code, second);
    }
    put_utf8(t, code);
    return true;
}

/* Takes what is behind a backslash. */
static bool
take_escape(struct json_tree *t)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *name = t->p < t->end ? memchr(names, *t->p, 8) : NULL;

    if (json_tree_take(t, 'u')) {
        return take_unicode(t);
    } else if (!name) {
        return json_tree_fail(t, "no character has this escape");
    }
    t->p++;
    *t->free++ = values[name - names];
    return true;
}

/* Takes the rest of a string that began at 't->free' when its first quote was
 * taken.  Returns true if there is one. */
bool
json_tree_take_rest(struct json_tree *t)
{
    for (;;) {
        size_t n = json_copy_plain(t->free, t->p, t->end);

        t->p += n;
        t->free += n;
        if (json_tree_take(t, '"')) {
            return true;
        } else if (json_tree_take(t, '\\')) {
            if (!take_escape(t)) {
                return false;
            }
        } else {
            return json_tree_fail(t, t->p < t->end
                                  ? "a string has a control character"
                                  : "a string has no end");
        }
    }
}
