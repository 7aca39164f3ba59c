/* SPDX-License-Identifier: Apache-2.0 */

/* Text that a user writes.  The options of upcall-trace/start are made of
 * it. */

#include <config.h>
#include "base/user-text.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static bool parse_digits(const char *, const char **endp, uint64_t *);
static int size_shift(const char *suffix);
static bool is_digit(char);

/* Stores the decimal number that 's' is in '*number'.  Returns true if
 * successful, false if 's' is anything else or too large: signs and spaces are
 * not allowed. */
bool
user_text_to_number(const char *s, uint64_t *number)
{
    const char *end;

    return parse_digits(s, &end, number) && !*end;
}

/* Stores the size that 's' is in '*size'.  Returns true if successful, false
 * if 's' is anything else or too large.  A size is a decimal number, then
 * nothing, K, M or G (or KiB, MiB or GiB), in either case, for a power of
 * 1024. */
bool
user_text_to_size(const char *s, uint64_t *size)
{
    uint64_t number;
    const char *end;
    bool ok = parse_digits(s, &end, &number);
    int shift = size_shift(end);

    if (!ok || shift < 0 || number > UINT64_MAX >> shift) {
        return false;
    }
    *size = number << shift;
    return true;
}

/* Appends 'size' to 'ds' with the largest suffix that leaves a whole number,
 * such as "8M". */
void
user_text_put_size(struct ds *ds, uint64_t size)
{
    static const char *const suffixes[] = { "", "K", "M", "G" };
    size_t i = 0;

    while (size && size % 1024 == 0 && i < ARRAY_SIZE(suffixes) - 1) {
        size /= 1024;
        i++;
    }
    ds_put_format(ds, "%"PRIu64"%s", size, suffixes[i]);
}

/* Returns true if 's' is a pattern for user_text_matches() rather than a plain
 * text. */
bool
user_text_is_pattern(const char *s)
{
    return s[strcspn(s, "*?")] != '\0';
}

/* Returns true if 's' as a whole is like 'pattern', in which "*" stands for
 * any characters, or none, and "?" for one.  Nothing else is special: the
 * names that are compared may have backslashes and brackets, unlike for
 * fnmatch(3). */
bool
user_text_matches(const char *s, const char *pattern)
{
    const char *star = NULL;    /* The last "*" of 'pattern' so far, */
    const char *rest = s;       /* and what comes after its part of 's'. */

    while (*s) {
        if (*pattern == '*') {
            star = pattern++;
            rest = s;
        } else if (*pattern == '?' || *pattern == *s) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star + 1;         /* It stands for one more. */
            s = ++rest;
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

/* Parses the decimal digits at the start of 's' into '*number', and stores
 * where they end in '*endp'.  Returns true if successful, false if there are
 * none or the number is too large. */
static bool
parse_digits(const char *s, const char **endp, uint64_t *number)
{
    bool ok = is_digit(*s);

    for (*number = 0; is_digit(*s); s++) {
        unsigned int digit = *s - '0';

        ok = ok && *number <= (UINT64_MAX - digit) / 10;
        *number = *number * 10 + digit;
    }
    *endp = s;
    return ok;
}

/* Returns the power of 2 that 'suffix' stands for: nothing, K, M, G, or KiB,
 * MiB, GiB, in either case.  Returns -1 if it is another. */
static int
size_shift(const char *suffix)
{
    static const char *const suffixes[][2] = {
        { "", "" }, { "k", "kib" }, { "m", "mib" }, { "g", "gib" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        if (!strcasecmp(suffix, suffixes[i][0])
            || !strcasecmp(suffix, suffixes[i][1])) {
            return 10 * i;
        }
    }
    return -1;
}

/* Unlike isdigit(), this does not depend on the locale. */
static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}
