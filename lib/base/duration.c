/* SPDX-License-Identifier: Apache-2.0 */

/* Times with a unit, as users write and read them. */

#include <config.h>
#include "base/duration.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* The units, the largest first. */
static const struct unit {
    const char *name;
    uint64_t ns;
} units[] = {
    { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 },
};

/* Unlike isdigit(), this does not depend on the locale. */
static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Returns the unit of the given name, or NULL. */
static const struct unit *
find_unit(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (!strcmp(units[i].name, name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* Adds to '*ns' the time that the digits from 's' on are, the first of which
 * counts 'ns_each' and each of the others a tenth of the one before.  Returns
 * false if there is a digit, other than 0, for less than a ns. */
static bool
add_fraction(const char *s, uint64_t ns_each, uint64_t *ns)
{
    for (; is_digit(*s); s++, ns_each /= 10) {
        if (*s != '0' && !ns_each) {
            return false;
        }
        *ns += (*s - '0') * ns_each;
    }
    return true;
}

/* Stores the time that 's' is, such as "5ms" or "1.5s", in '*ns'.  Returns
 * true if successful, false if 's' is anything else, is not a whole number of
 * ns, or is more than INT64_MAX ns.  There is no time without a unit, and no
 * sign, exponent or space. */
bool
duration_parse(const char *s, uint64_t *ns)
{
    size_t whole_len = strspn(s, "0123456789");
    const char *fraction = s[whole_len] == '.' ? s + whole_len + 1 : NULL;
    const char *name = (fraction ? fraction + strspn(fraction, "0123456789")
                        : s + whole_len);
    const struct unit *unit = find_unit(name);
    uint64_t whole = 0;

    if (!whole_len || !unit || fraction == name) {
        return false;
    }
    for (; is_digit(*s); s++) {
        unsigned int digit = *s - '0';

        if (whole > (INT64_MAX / unit->ns - digit) / 10) {
            return false;
        }
        whole = whole * 10 + digit;
    }
    *ns = whole * unit->ns;
    return ((!fraction || add_fraction(fraction, unit->ns / 10, ns))
            && *ns <= INT64_MAX);
}

/* Appends 'ns' to 'ds' in the largest unit in which it is a whole number, such
 * as "1500us".  It is what duration_parse() takes. */
void
duration_put_exact(struct ds *ds, uint64_t ns)
{
    size_t i = 0;

    while (ns % units[i].ns) {
        i++;
    }
    ds_put_format(ds, "%"PRIu64"%s", ns / units[i].ns, units[i].name);
}

/* Appends 'ns' to 'ds' rounded, in a unit in which it has 1 to 3 digits before
 * the point, as far as there is one: "1.5ms". */
void
duration_put(struct ds *ds, uint64_t ns)
{
    for (size_t i = 0; i < ARRAY_SIZE(units) - 1; i++) {
        /* 999 950 is "1000.0" in the next smaller unit. */
        if (ns >= units[i].ns * 0.99995) {
            ds_put_format(ds, "%.1f%s", ns / (double) units[i].ns,
                          units[i].name);
            return;
        }
    }
    ds_put_format(ds, "%"PRIu64"ns", ns);
}
