/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/json-scan.h"

#include <endian.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Objects and arrays that may be within each other. */
#define DEPTH_MAX 32

/* So many digits are a number that is less than any limit. */
#define DIGITS_MAX 18

/* The character 'c'. */
bool
json_scan_char(struct json_scan *s, char c)
{
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static void
skip_spaces(struct json_scan *s)
{
    while (s->p < s->end && *s->p == ' ') {
        s->p++;
    }
}

/* Returns how many of the 8 characters at 'p' come before the first that has a
 * meaning within a string, or is not plain ASCII. */
static size_t
count_plain(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones << 7;
    uint64_t c, quotes, backslashes, found;

    memcpy(&c, p, sizeof c);
    c = le64toh(c);
    quotes = c ^ ones * '"';
    backslashes = c ^ ones * '\\';
    /* A borrow only changes what comes behind the first one. */
    found = (c | (c - ones * ' ') | (quotes - ones) | (backslashes - ones))
            & tops;
    return found ? raw_ctz(found) / 8 : 8;
}

static void
skip_plain(struct json_scan *s)
{
    size_t n = 8;

    while (n == 8 && s->end - s->p >= 8) {
        n = count_plain(s->p);
        s->p += n;
    }
}

/* Goes on behind the string that has begun; '*plain' is false if there is an
 * escape in it. */
static bool
scan_string_rest(struct json_scan *s, bool *plain)
{
    *plain = true;
    for (;;) {
        skip_plain(s);
        if (s->p >= s->end || (unsigned char) *s->p < ' '
            || (unsigned char) *s->p >= 0x80) {
            return false;
        } else if (*s->p == '"') {
            s->p++;
            return true;
        } else if (*s->p == '\\') {
            *plain = false;
            if (++s->p >= s->end || !strchr("\"\\/bfnrt", *s->p) || !*s->p) {
                return false;
            }
        }
        s->p++;
    }
}

/* Stores the string without escapes that follows in '*string' and '*len'. */
bool
json_scan_string(struct json_scan *s, const char **string, size_t *len)
{
    bool plain;

    if (!json_scan_char(s, '"')) {
        return false;
    }
    *string = s->p;
    if (!scan_string_rest(s, &plain) || !plain) {
        return false;
    }
    *len = s->p - 1 - *string;
    return true;
}

/* Stores the number that 'digits' begin with, before 'end', in '*number' and
 * returns how many digits it has, 0 if that is not accepted. */
size_t
json_scan_digits(const char *digits, const char *end, uint64_t *number)
{
    size_t n = 0;

    *number = 0;
    while (digits + n < end && digits[n] >= '0' && digits[n] <= '9') {
        if (n >= DIGITS_MAX) {
            return 0;
        }
        *number = *number * 10 + (digits[n++] - '0');
    }
    return n > 1 && digits[0] == '0' ? 0 : n;
}

/* A number that is not negative. */
bool
json_scan_number(struct json_scan *s, uint64_t *number)
{
    size_t n = json_scan_digits(s->p, s->end, number);

    s->p += n;
    return n > 0;
}

/* 'word', as null. */
bool
json_scan_word(struct json_scan *s, const char *word)
{
    size_t n = strlen(word);

    if (s->end - s->p < n || memcmp(s->p, word, n)) {
        return false;
    }
    s->p += n;
    return true;
}

/* Goes on behind what separates two elements, or behind what closes the last
 * of them, and stores in '*more' which it was. */
bool
json_scan_separator(struct json_scan *s, char close, bool *more)
{
    skip_spaces(s);
    *more = json_scan_char(s, ',');
    if (*more) {
        skip_spaces(s);
    }
    return *more || json_scan_char(s, close);
}

/* Goes on behind what opens an object or array, and behind what closes it if
 * it is empty, and stores in '*more' whether it is not. */
bool
json_scan_open(struct json_scan *s, char open, char close, bool *more)
{
    if (!json_scan_char(s, open)) {
        return false;
    }
    skip_spaces(s);
    *more = !json_scan_char(s, close);
    return true;
}

/* Stores the name of the next member in '*name', of '*len' bytes, and goes on
 * to its value. */
bool
json_scan_name(struct json_scan *s, const char **name, size_t *len)
{
    if (!json_scan_string(s, name, len)) {
        return false;
    }
    skip_spaces(s);
    if (!json_scan_char(s, ':')) {
        return false;
    }
    skip_spaces(s);
    return true;
}

/* Any object. */
static bool
scan_object(struct json_scan *s, int depth)
{
    const char *name;
    size_t len;
    bool more;

    if (!json_scan_open(s, '{', '}', &more)) {
        return false;
    }
    while (more) {
        if (!json_scan_name(s, &name, &len) || !json_scan_value(s, depth)
            || !json_scan_separator(s, '}', &more)) {
            return false;
        }
    }
    return true;
}

static bool
scan_array(struct json_scan *s, int depth)
{
    bool more;

    if (!json_scan_open(s, '[', ']', &more)) {
        return false;
    }
    while (more) {
        if (!json_scan_value(s, depth)
            || !json_scan_separator(s, ']', &more)) {
            return false;
        }
    }
    return true;
}

/* Any value, in 'depth' others. */
bool
json_scan_value(struct json_scan *s, int depth)
{
    uint64_t number;
    bool plain;

    if (s->p >= s->end || depth > DEPTH_MAX) {
        return false;
    }
    switch (*s->p) {
    case '"':
        s->p++;
        return scan_string_rest(s, &plain);
    case '{':
        return scan_object(s, depth + 1);
    case '[':
        return scan_array(s, depth + 1);
    case 't':
        return json_scan_word(s, "true");
    case 'f':
        return json_scan_word(s, "false");
    case 'n':
        return json_scan_word(s, "null");
    case '-':
        s->p++;
        return json_scan_number(s, &number);
    default:
        return json_scan_number(s, &number);
    }
}
