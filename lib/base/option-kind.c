/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of options whose values are flags or numbers, and what all kinds
 * have in common.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * printable_put_start() only. */

#include <config.h>
#include "base/option-kind.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/printable.h"
#include "base/user-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

static char *parse_flag(const struct command_option *, const char *, void *);
static char *parse_number(const struct command_option *, const char *, void *);
static char *parse_size(const struct command_option *, const char *, void *);
static char *parse_pow2(const struct command_option *, const char *, void *);

static struct json *flag_to_json(const struct command_option *, const void *);
static struct json *number_to_json(const struct command_option *,
                                   const void *);

static void init_number(const struct command_option *, void *);
static bool is_unset(const struct command_option *, uint64_t number);
static void put_number(struct ds *, uint64_t);

static char *check_range(const struct command_option *, const char *value,
                         bool ok, uint64_t number, uint64_t *result);

/* An option without a value. */
const struct option_kind option_kind_flag = {
    .parse = parse_flag,
    .to_json = flag_to_json,
    .type = "boolean",
    .is_flag = true,
};

/* A decimal number. */
const struct option_kind option_kind_number = {
    .parse = parse_number,
    .to_json = number_to_json,
    .type = "uint|null",
    .init = init_number,
    .put_number = put_number,
};

/* A number of bytes, perhaps with a suffix. */
const struct option_kind option_kind_size = {
    .parse = parse_size,
    .to_json = number_to_json,
    .type = "uint|null",
    .init = init_number,
    .put_number = user_text_put_size,
};

/* A number of bytes that is rounded up to a power of 2. */
const struct option_kind option_kind_pow2 = {
    .parse = parse_pow2,
    .to_json = number_to_json,
    .type = "uint|null",
    .init = init_number,
    .put_number = user_text_put_size,
};

/* Appends the limits of 'option', which must be a number, to 'ds', such as
 * "4K to 1G". */
void
option_put_range(const struct command_option *option, struct ds *ds)
{
    option->kind->put_number(ds, option->min);
    ds_put_cstr(ds, " to ");
    option->kind->put_number(ds, option->max);
}

/* Appends the names that the value of 'option' may consist of to 'ds'. */
void
option_put_names(const struct command_option *option, const char *separator,
                 struct ds *ds)
{
    const char *name;

    for (int i = 0; (name = option->kind->get_name(i)); i++) {
        ds_put_format(ds, "%s%s", i ? separator : "", name);
    }
}

/* Returns an error about 'value', or about a part of the value, of 'option',
 * which the caller must free. */
char *
option_error(const struct command_option *option, const char *value,
             const char *format, ...)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    va_list args;

    ds_put_format(&error, "--%s=", option->name);
    printable_put_start(&error, value, strlen(value));
    ds_put_cstr(&error, ": ");
    va_start(args, format);
    ds_put_format_valist(&error, format, args);
    va_end(args);
    return ds_steal_cstr(&error);
}

/* Parsing. */

static char *
parse_flag(const struct command_option *option OVS_UNUSED,
           const char *value OVS_UNUSED, void *member)
{
    bool *flag = member;

    *flag = true;
    return NULL;
}

static char *
parse_number(const struct command_option *option, const char *value,
             void *member)
{
    uint64_t number = 0;
    bool ok = user_text_to_number(value, &number);

    return check_range(option, value, ok, number, member);
}

static char *
parse_size(const struct command_option *option, const char *value,
           void *member)
{
    uint64_t size = 0;
    bool ok = user_text_to_size(value, &size);

    return check_range(option, value, ok, size, member);
}

static char *
parse_pow2(const struct command_option *option, const char *value,
           void *member)
{
    uint64_t *number = member;
    char *error = parse_size(option, value, member);
    uint64_t pow2 = 1;

    while (!error && pow2 < *number) {
        pow2 *= 2;
    }
    *number = error ? *number : pow2;
    return error;
}

/* Showing. */

static struct json *
flag_to_json(const struct command_option *option OVS_UNUSED,
             const void *member)
{
    const bool *flag = member;

    return json_boolean_create(*flag);
}

static struct json *
number_to_json(const struct command_option *option, const void *member)
{
    const uint64_t *number = member;

    return (is_unset(option, *number)
            ? json_null_create()
            : json_integer_create(*number));
}

static void
init_number(const struct command_option *option, void *member)
{
    uint64_t *number = member;

    *number = option->min ? 0 : OPTION_UNSET;
}

/* Returns true if 'number' means that 'option' was not given. */
static bool
is_unset(const struct command_option *option, uint64_t number)
{
    return number == (option->min ? 0 : OPTION_UNSET);
}

static void
put_number(struct ds *ds, uint64_t number)
{
    ds_put_format(ds, "%"PRIu64, number);
}

/* Checks. */

/* If 'ok' is true and 'number', which 'value' says, is within the limits of
 * 'option', stores it in '*result' and returns NULL.  Otherwise returns an
 * error that says what is allowed. */
static char *
check_range(const struct command_option *option, const char *value, bool ok,
            uint64_t number, uint64_t *result)
{
    if (ok && number >= option->min && number <= option->max) {
        *result = number;
        return NULL;
    }

    struct ds range = DS_EMPTY_INITIALIZER;
    char *error;

    option_put_range(option, &range);
    error = option_error(option, value, "must be %s %s",
                         ds_cstr(&range), option->unit);
    ds_destroy(&range);
    return error;
}
