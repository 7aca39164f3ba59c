/* SPDX-License-Identifier: Apache-2.0 */

/* The values of the options of upcall-trace/start.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * user_text_put_escaped() only. */

#include <config.h>
#include "start-values.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/upcall-record.h"
#include "names.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "sset.h"
#include "start-options.h"
#include "user-text.h"
#include "util.h"

/* Adds 'name', part of a value, to 'member'.  Returns NULL or an error. */
typedef char *add_name_func(const struct start_option *, const char *name,
                            void *member);

static char *parse_number(const struct start_option *, const char *, void *);
static char *parse_size(const struct start_option *, const char *, void *);
static char *parse_pow2(const struct start_option *, const char *, void *);
static char *parse_target(const struct start_option *, const char *, void *);
static char *parse_classes(const struct start_option *, const char *, void *);
static char *parse_ports(const struct start_option *, const char *, void *);
static char *parse_names(const struct start_option *, const char *value,
                         add_name_func *, void *member);
static add_name_func add_class;
static add_name_func add_port;

static struct json *number_to_json(const struct start_option *, const void *);
static struct json *target_to_json(const struct start_option *, const void *);
static struct json *classes_to_json(const struct start_option *, const void *);
static struct json *ports_to_json(const struct start_option *, const void *);

static void put_number(struct ds *, uint64_t);
static void put_class_names(struct ds *, const char *separator);

static char *check_range(const struct start_option *, const char *value,
                         bool ok, uint64_t number, uint64_t *result);
static char *value_error(const struct start_option *, const char *value,
                         const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
static bool is_file_name(const char *);

/* A decimal number. */
const struct start_value_kind start_value_number = {
    .parse = parse_number,
    .to_json = number_to_json,
    .put_number = put_number,
};

/* A number of bytes, perhaps with a suffix. */
const struct start_value_kind start_value_size = {
    .parse = parse_size,
    .to_json = number_to_json,
    .put_number = user_text_put_size,
};

/* A number of bytes that is rounded up to a power of 2. */
const struct start_value_kind start_value_pow2 = {
    .parse = parse_pow2,
    .to_json = number_to_json,
    .put_number = user_text_put_size,
};

/* A process id, or the name of a pidfile. */
const struct start_value_kind start_value_target = {
    .parse = parse_target,
    .to_json = target_to_json,
};

/* Classes, as a set of bits. */
const struct start_value_kind start_value_class = {
    .parse = parse_classes,
    .to_json = classes_to_json,
    .put_names = put_class_names,
};

/* Names of ports. */
const struct start_value_kind start_value_port = {
    .parse = parse_ports,
    .to_json = ports_to_json,
};

/* Appends the limits of 'option', which must be a number, to 'ds', such as
 * "4K to 1G". */
void
start_value_put_range(const struct start_option *option, struct ds *ds)
{
    option->kind->put_number(ds, option->min);
    ds_put_cstr(ds, " to ");
    option->kind->put_number(ds, option->max);
}

/* Parsing. */

static char *
parse_number(const struct start_option *option, const char *value,
             void *member)
{
    uint64_t number = 0;
    bool ok = user_text_to_number(value, &number);

    return check_range(option, value, ok, number, member);
}

static char *
parse_size(const struct start_option *option, const char *value, void *member)
{
    uint64_t size = 0;
    bool ok = user_text_to_size(value, &size);

    return check_range(option, value, ok, size, member);
}

static char *
parse_pow2(const struct start_option *option, const char *value, void *member)
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

static char *
parse_target(const struct start_option *option, const char *value,
             void *member)
{
    char **target = member;
    uint64_t pid = 0;
    bool ok = (value[strspn(value, "0123456789")]
               ? value[0] != '-' && is_file_name(value)
               : (user_text_to_number(value, &pid)
                  && pid >= 1 && pid <= START_PID_MAX));

    if (!ok) {
        return value_error(option, value, "must be the name of a pidfile, or "
                           "a process id from 1 to %d", START_PID_MAX);
    }

    free(*target);
    *target = xstrdup(value);
    return NULL;
}

static char *
parse_classes(const struct start_option *option, const char *value,
              void *member)
{
    return parse_names(option, value, add_class, member);
}

static char *
parse_ports(const struct start_option *option, const char *value,
            void *member)
{
    return parse_names(option, value, add_port, member);
}

/* Calls 'add' for each of the names in 'value', which are separated by commas,
 * up to the first error, which is returned. */
static char *
parse_names(const struct start_option *option, const char *value,
            add_name_func *add, void *member)
{
    char *copy = xstrdup(value);
    char *rest = copy;
    char *error = NULL;

    while (rest && !error) {
        const char *name = strsep(&rest, ",");

        error = (*name
                 ? add(option, name, member)
                 : value_error(option, value, "a name is empty (names are "
                               "separated by single commas)"));
    }
    free(copy);
    return error;
}

static char *
add_class(const struct start_option *option, const char *name, void *member)
{
    uint32_t *classes = member;
    int class = upcall_class_from_name(name);

    if (class < 0) {
        struct ds known = DS_EMPTY_INITIALIZER;
        char *error;

        put_class_names(&known, ", ");
        error = value_error(option, name, "unknown class (classes: %s)",
                            ds_cstr(&known));
        ds_destroy(&known);
        return error;
    }

    /* So far it may be all, by default. */
    *classes = (*classes == UINT32_MAX ? 0 : *classes) | 1u << class;
    return NULL;
}

static char *
add_port(const struct start_option *option, const char *name, void *member)
{
    struct sset *ports = member;

    if (strlen(name) > START_PORT_LEN_MAX || !user_text_is_printable(name)) {
        return value_error(option, name, "the name of a port must be 1 to %d "
                           "printable characters", START_PORT_LEN_MAX);
    }

    sset_add(ports, name);
    if (sset_count(ports) > START_PORTS_MAX) {
        return value_error(option, name, "there must be no more than %d ports "
                           "(leave out --%s for all)",
                           START_PORTS_MAX, option->name);
    }
    return NULL;
}

/* Showing. */

static struct json *
number_to_json(const struct start_option *option, const void *member)
{
    const uint64_t *number = member;

    return (*number || !option->min
            ? json_integer_create(*number)
            : json_null_create());
}

static struct json *
target_to_json(const struct start_option *option OVS_UNUSED,
               const void *member)
{
    const char *target = *(char *const *) member;

    return target ? json_string_create(target) : json_null_create();
}

static struct json *
classes_to_json(const struct start_option *option OVS_UNUSED,
                const void *member)
{
    const uint32_t *classes = member;

    if (*classes == UINT32_MAX) {
        return json_null_create();
    }

    struct json *array = json_array_create_empty();
    for (int i = 0; i < UPCALL_N_CLASSES; i++) {
        if (*classes & 1u << i) {
            json_array_add(array, json_string_create(upcall_class_name(i)));
        }
    }
    return array;
}

static struct json *
ports_to_json(const struct start_option *option OVS_UNUSED, const void *member)
{
    const struct sset *ports = member;

    if (sset_is_empty(ports)) {
        return json_null_create();
    }

    struct json *array = json_array_create_empty();
    const char **names = sset_sort(ports);
    for (size_t i = 0; i < sset_count(ports); i++) {
        json_array_add(array, json_string_create(names[i]));
    }
    free(names);
    return array;
}

static void
put_number(struct ds *ds, uint64_t number)
{
    ds_put_format(ds, "%"PRIu64, number);
}

static void
put_class_names(struct ds *ds, const char *separator)
{
    for (int i = 0; i < UPCALL_N_CLASSES; i++) {
        ds_put_format(ds, "%s%s", i ? separator : "", upcall_class_name(i));
    }
}

/* Checks. */

/* If 'ok' is true and 'number', which 'value' says, is within the limits of
 * 'option', stores it in '*result' and returns NULL.  Otherwise returns an
 * error that says what is allowed. */
static char *
check_range(const struct start_option *option, const char *value, bool ok,
            uint64_t number, uint64_t *result)
{
    if (ok && number >= option->min && number <= option->max) {
        *result = number;
        return NULL;
    }

    struct ds range = DS_EMPTY_INITIALIZER;
    char *error;

    start_value_put_range(option, &range);
    error = value_error(option, value, "must be %s %s",
                        ds_cstr(&range), option->unit);
    ds_destroy(&range);
    return error;
}

/* Returns an error about 'value', or about a part of the value, of 'option',
 * which the caller must free. */
static char *
value_error(const struct start_option *option, const char *value,
            const char *format, ...)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    va_list args;

    ds_put_format(&error, "--%s=", option->name);
    user_text_put_escaped(&error, value, strlen(value));
    ds_put_cstr(&error, ": ");
    va_start(args, format);
    ds_put_format_valist(&error, format, args);
    va_end(args);
    return ds_steal_cstr(&error);
}

/* Returns true if 's' can be the name of a file.  Names with control
 * characters are possible but always a mistake. */
static bool
is_file_name(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char) s[i] < ' ' || s[i] == '\x7f') {
            return false;
        }
    }
    return len < PATH_MAX;
}
