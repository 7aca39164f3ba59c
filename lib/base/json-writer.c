/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/json-writer.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain-text.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* Most digits of a uint64_t. */
#define DECIMAL_DIGITS 20

static void put_string(struct ds *, const char *, size_t len);

static bool
must_escape(unsigned char c)
{
    return c < ' ' || c == '"' || c == '\\';
}

/* Initializes 'w' to append one value to 'ds', which must live as long. */
void
json_writer_init(struct json_writer *w, struct ds *ds)
{
    w->ds = ds;
    w->comma = false;
    w->string = 0;
}

/* Writes what comes before a value: a comma if it is not the first, and its
 * 'name' if it is in an object.  There are some 80 names in an upcall. */
static void
begin_value(struct json_writer *w, const char *name)
{
    size_t comma = w->comma;

    w->comma = true;
    if (name) {
        size_t len = strlen(name);
        char *out = ds_put_uninit(w->ds, comma + len + 3);

        *out = ',';
        out[comma] = '"';
        memcpy(out + comma + 1, name, len);
        memcpy(out + comma + 1 + len, "\":", 2);
    } else if (comma) {
        ds_put_char(w->ds, ',');
    }
}

static void
begin(struct json_writer *w, const char *name, char bracket)
{
    begin_value(w, name);
    ds_put_char(w->ds, bracket);
    w->comma = false;
}

static void
end(struct json_writer *w, char bracket)
{
    ds_put_char(w->ds, bracket);
    w->comma = true;
}

/* Begins an object, which json_write_end_object() ends. */
void
json_write_object(struct json_writer *w, const char *name)
{
    begin(w, name, '{');
}

/* Ends the object that was begun last. */
void
json_write_end_object(struct json_writer *w)
{
    end(w, '}');
}

/* Begins an array, which json_write_end_array() ends. */
void
json_write_array(struct json_writer *w, const char *name)
{
    begin(w, name, '[');
}

/* Ends the array that was begun last. */
void
json_write_end_array(struct json_writer *w)
{
    end(w, ']');
}

/* Writes null. */
void
json_write_null(struct json_writer *w, const char *name)
{
    begin_value(w, name);
    ds_put_cstr(w->ds, "null");
}

/* Writes 'value'. */
void
json_write_bool(struct json_writer *w, const char *name, bool value)
{
    begin_value(w, name);
    ds_put_cstr(w->ds, value ? "true" : "false");
}

/* Appends 'value' in decimal digits. */
static void
put_decimal(struct ds *ds, uint64_t value)
{
    char digits[DECIMAL_DIGITS];
    char *end = &digits[DECIMAL_DIGITS];
    char *s = end;

    while (value >= 100) {
        unsigned int two = value % 100;

        value /= 100;
        *--s = '0' + two % 10;
        *--s = '0' + two / 10;
    }
    *--s = '0' + value % 10;
    if (value >= 10) {
        *--s = '0' + value / 10;
    }
    ds_put_buffer(ds, s, end - s);
}

/* Writes 'value'. */
void
json_write_integer(struct json_writer *w, const char *name,
                   long long int value)
{
    begin_value(w, name);
    if (value < 0) {
        ds_put_char(w->ds, '-');
        put_decimal(w->ds, UINT64_C(0) - value);
    } else {
        put_decimal(w->ds, value);
    }
}

/* Writes 'value', or null if it is not 'known'. */
void
json_write_integer_if(struct json_writer *w, const char *name, bool known,
                      long long int value)
{
    if (known) {
        json_write_integer(w, name, value);
    } else {
        json_write_null(w, name);
    }
}

/* Writes 'json'. */
void
json_write_tree(struct json_writer *w, const char *name,
                const struct json *json)
{
    begin_value(w, name);
    json_to_ds(json, JSSF_SORT, w->ds);
}

/* Writes 'value' with the digits that OVS gives it, or null if it is not
 * finite, for which JSON has no number. */
void
json_write_real(struct json_writer *w, const char *name, double value)
{
    if (isfinite(value)) {
        begin_value(w, name);
        ds_put_format(w->ds, "%.*g", DBL_DIG, value);
    } else {
        json_write_null(w, name);
    }
}

/* Strings. */

/* Writes the string 's', or null if 's' is NULL.  If 's' is not UTF-8, or has
 * control characters that JSON does not escape, the bytes that are not
 * printable are written in octal, as printable_put() does. */
void
json_write_string(struct json_writer *w, const char *name, const char *s)
{
    if (s) {
        json_write_string_len(w, name, s, strlen(s));
    } else {
        json_write_null(w, name);
    }
}

/* Writes the 'len' bytes at 's' as json_write_string() does. */
void
json_write_string_len(struct json_writer *w, const char *name, const char *s,
                      size_t len)
{
    begin_value(w, name);
    put_string(w->ds, s, len);
}

/* Writes a string that is 'value' in decimal digits, for readers whose numbers
 * have less than 64 bits. */
void
json_write_number_string(struct json_writer *w, const char *name,
                         uint64_t value)
{
    begin_value(w, name);
    ds_put_char(w->ds, '"');
    put_decimal(w->ds, value);
    ds_put_char(w->ds, '"');
}

/* Begins a string.  The caller appends to what is returned, and then calls
 * json_write_end_text(). */
struct ds *
json_write_text(struct json_writer *w, const char *name)
{
    begin_value(w, name);
    ds_put_char(w->ds, '"');
    w->string = w->ds->length;
    return w->ds;
}

/* Ends the string that json_write_text() has begun. */
void
json_write_end_text(struct json_writer *w)
{
    struct ds *ds = w->ds;
    const char *s = &ds_cstr(ds)[w->string];
    size_t len = ds->length - w->string;

    if (plain_text_is(s, len)) {
        ds_put_char(ds, '"');
    } else {
        char *copy = xmemdup0(s, len);

        ds_truncate(ds, w->string - 1);
        put_string(ds, copy, len);
        free(copy);
    }
}

/* Writes null in place of the string that json_write_text() has begun. */
void
json_write_null_text(struct json_writer *w)
{
    ds_truncate(w->ds, w->string - 1);
    ds_put_cstr(w->ds, "null");
}

/* Returns how many of the 'len' bytes at 's' come before the first that has to
 * be escaped. */
static size_t
count_unescaped(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && !must_escape(s[n])) {
        n++;
    }
    return n;
}

/* Appends 'c', which cannot stand in a string of JSON, as OVS escapes it. */
static void
put_escaped(struct ds *ds, char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    const char *pair = c ? strchr(letters, c) : NULL;

    /* Pairs begin at even places, and only they have such a character. */
    if (pair) {
        ds_put_char(ds, '\\');
        ds_put_char(ds, pair[1]);
    } else {
        ds_put_format(ds, "\\u%04x", (unsigned int) (unsigned char) c);
    }
}

/* Appends the 'len' bytes at 's', which are UTF-8, with escapes. */
static void
put_utf8(struct ds *ds, const char *s, size_t len)
{
    for (;;) {
        size_t plain = count_unescaped(s, len);

        ds_put_buffer(ds, s, plain);
        if (plain == len) {
            return;
        }
        put_escaped(ds, s[plain]);
        s += plain + 1;
        len -= plain + 1;
    }
}

/* Appends the 'len' bytes at 's', of which some are DEL or not ASCII. */
static void
put_foreign(struct ds *ds, const char *s, size_t len)
{
    struct ds printable = DS_EMPTY_INITIALIZER;
    char *copy = xmemdup0(s, len);

    if (strlen(copy) != len || !printable_is_utf8(copy)) {
        printable_put(&printable, s, len);
        put_utf8(ds, ds_cstr(&printable), printable.length);
    } else {
        put_utf8(ds, s, len);
    }
    free(copy);
    ds_destroy(&printable);
}

/* Returns true if the 'len' bytes at 's' are ASCII without DEL. */
static bool
is_ascii(const char *s, size_t len)
{
    bool ok = true;

    for (size_t i = 0; i < len; i++) {
        ok &= (unsigned char) s[i] < 0x7f;
    }
    return ok;
}

/* Appends the 'len' bytes at 's', which are plain, as a string. */
static void
put_plain(struct ds *ds, const char *s, size_t len)
{
    char *out = ds_put_uninit(ds, len + 2);

    out[0] = '"';
    memcpy(out + 1, s, len);
    out[len + 1] = '"';
}

/* Appends the 'len' bytes at 's' as a string. */
static void
put_string(struct ds *ds, const char *s, size_t len)
{
    if (plain_text_is(s, len)) {
        put_plain(ds, s, len);
        return;
    }
    ds_put_char(ds, '"');
    if (is_ascii(s, len)) {
        put_utf8(ds, s, len);
    } else {
        put_foreign(ds, s, len);
    }
    ds_put_char(ds, '"');
}
