/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of options whose values are names.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * option_error() only. */

#include <config.h>
#include "store/option-names.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/user-text.h"
#include "bpf/upcall-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/names.h"
#include "sset.h"
#include "store/port-names.h"
#include "store/program-commands.h"
#include "store/start-options.h"
#include "store/watch.h"
#include "util.h"

/* Adds 'name', part of a value, to 'member'.  Returns NULL or an error. */
typedef char *add_name_func(const struct command_option *, const char *name,
                            void *member);

static char *parse_choice(const struct command_option *, const char *, void *);
static char *parse_choice_if(const struct command_option *, const char *,
                            void *);
static char *parse_target(const struct command_option *, const char *, void *);
static char *parse_bits(const struct command_option *, const char *, void *);
static char *parse_ports(const struct command_option *, const char *, void *);
static char *parse_file(const struct command_option *, const char *, void *);
static char *parse_filter(const struct command_option *, const char *, void *);
static char *parse_names(const struct command_option *, const char *value,
                         add_name_func *, void *member);
static add_name_func add_bit;
static add_name_func add_port;

static struct json *choice_to_json(const struct command_option *,
                                   const void *);
static struct json *choice_if_to_json(const struct command_option *,
                                     const void *);
static struct json *string_to_json(const struct command_option *,
                                   const void *);
static struct json *bits_to_json(const struct command_option *, const void *);
static struct json *ports_to_json(const struct command_option *, const void *);

static void init_bits(const struct command_option *, void *);
static void clone_string(void *dst, const void *src);
static void destroy_string(void *);
static void init_ports(const struct command_option *, void *);
static void clone_ports(void *dst, const void *src);
static void destroy_ports(void *);

static int find_name(const struct command_option *, const char *name);
static char *names_error(const struct command_option *, const char *value,
                         const char *before, const char *separator,
                         const char *after);
static bool has_controls(const char *);
static bool is_file_name(const char *);

/* What is traced, an enum upcall_track. */
const struct option_kind option_kind_track = {
    .parse = parse_choice,
    .to_json = choice_to_json,
    .type = "names",
    .get_name = start_track_name,
};

/* What is recorded of passes, an enum upcall_datapath. */
const struct option_kind option_kind_datapath = {
    .parse = parse_choice_if,
    .to_json = choice_if_to_json,
    .type = "names|null",
    .get_name = start_datapath_name,
};

/* A stage of upcalls, an enum upcall_stage. */
const struct option_kind option_kind_stage = {
    .parse = parse_choice,
    .to_json = choice_to_json,
    .type = "names",
    .get_name = upcall_stage_name,
};

/* What files are converted to, an enum convert_format. */
const struct option_kind option_kind_format = {
    .parse = parse_choice_if,
    .to_json = choice_if_to_json,
    .get_name = convert_format_name,
};

/* How files are compressed, an enum compression. */
const struct option_kind option_kind_compression = {
    .parse = parse_choice_if,
    .to_json = choice_if_to_json,
    .get_name = compression_name,
};

/* By what watch sorts, an enum watch_sort. */
const struct option_kind option_kind_watch_sort = {
    .parse = parse_choice,
    .to_json = choice_to_json,
    .get_name = watch_sort_name,
};

/* A process id, or the name of a pidfile. */
const struct option_kind option_kind_target = {
    .parse = parse_target,
    .to_json = string_to_json,
    .type = "string|null",
    .clone = clone_string,
    .destroy = destroy_string,
};

/* Classes, as a set of bits. */
const struct option_kind option_kind_class = {
    .parse = parse_bits,
    .to_json = bits_to_json,
    .type = "[names]|null",
    .init = init_bits,
    .get_name = upcall_class_name,
    .unknown = "unknown class (classes: ",
};

/* Names of ports. */
const struct option_kind option_kind_port = {
    .parse = parse_ports,
    .to_json = ports_to_json,
    .type = "[string]|null",
    .init = init_ports,
    .clone = clone_ports,
    .destroy = destroy_ports,
};

/* Which packets, as an expression of libpcap. */
const struct option_kind option_kind_filter = {
    .parse = parse_filter,
    .to_json = string_to_json,
    .type = "string|null",
    .clone = clone_string,
    .destroy = destroy_string,
};

/* The name of a file or directory. */
const struct option_kind option_kind_file = {
    .parse = parse_file,
    .to_json = string_to_json,
    .type = "string|null",
    .clone = clone_string,
    .destroy = destroy_string,
};

/* Parsing. */

/* The value is one of the names of its kind, and 'member' an enum with their
 * numbers. */
static char *
parse_choice(const struct command_option *option, const char *value,
             void *member)
{
    unsigned int *choice = member;
    int number = find_name(option, value);

    if (number < 0) {
        return names_error(option, value, "must be ", " or ", "");
    }
    *choice = number;
    return NULL;
}

/* The same where 0 is none of them. */
static char *
parse_choice_if(const struct command_option *option, const char *value,
               void *member)
{
    unsigned int *choice = member;
    char *error = parse_choice(option, value, member);

    if (!error) {
        ++*choice;
    }
    return error;
}

static char *
parse_target(const struct command_option *option, const char *value,
             void *member)
{
    char **target = member;
    uint64_t pid = 0;
    bool ok = (value[strspn(value, "0123456789")]
               ? value[0] != '-' && is_file_name(value)
               : (user_text_to_number(value, &pid)
                  && pid >= 1 && pid <= OPTION_PID_MAX));

    if (!ok) {
        return option_error(option, value, "must be the name of a "
                            "pidfile or of a control socket, or a process id "
                            "from 1 to %d",
                            OPTION_PID_MAX);
    }

    free(*target);
    *target = xstrdup(value);
    return NULL;
}

static char *
parse_bits(const struct command_option *option, const char *value,
              void *member)
{
    return parse_names(option, value, add_bit, member);
}

static char *
parse_ports(const struct command_option *option, const char *value,
            void *member)
{
    return parse_names(option, value, add_port, member);
}

static char *
parse_file(const struct command_option *option, const char *value,
           void *member)
{
    char **file = member;

    if (!is_file_name(value)) {
        return option_error(option, value, "must be the name of a %s",
                            option->unit ? option->unit : "directory");
    }
    free(*file);
    *file = xstrdup(value);
    return NULL;
}

/* A filter may be a text of several lines.  White space of all kinds is the
 * same to libpcap (scanner.l, 1.10.3), and a space can be shown. */
static char *
parse_filter(const struct command_option *option, const char *value,
             void *member)
{
    char **filter = member;
    char *copy = xstrdup(value);

    for (char *c = copy; *c; c++) {
        *c = strchr("\t\n\r", *c) ? ' ' : *c;
    }
    if (has_controls(copy) || !printable_is_utf8(copy)) {
        free(copy);
        return option_error(option, value,
                            "must be UTF-8, without control characters");
    }
    free(*filter);
    *filter = copy;
    return NULL;
}

/* Calls 'add' for each of the names in 'value', which are separated by commas,
 * up to the first error, which is returned. */
static char *
parse_names(const struct command_option *option, const char *value,
            add_name_func *add, void *member)
{
    char *copy = xstrdup(value);
    char *rest = copy;
    char *error = NULL;

    while (rest && !error) {
        const char *name = strsep(&rest, ",");

        error = (*name
                 ? add(option, name, member)
                 : option_error(option, value, "a name is empty (names "
                                "are separated by single commas)"));
    }
    free(copy);
    return error;
}

static char *
add_bit(const struct command_option *option, const char *name, void *member)
{
    uint32_t *bits = member;
    int number = find_name(option, name);

    if (number < 0) {
        return names_error(option, name, option->kind->unknown, ", ", ")");
    }

    /* So far it may be all, by default. */
    *bits = (*bits == UINT32_MAX ? 0 : *bits) | 1u << number;
    return NULL;
}

static char *
add_port(const struct command_option *option, const char *name, void *member)
{
    struct port_names *ports = member;

    if (strlen(name) > OPTION_PORT_LEN_MAX || !printable_is(name)) {
        return option_error(option, name, "the name of a port must be 1 "
                            "to %d printable characters",
                            OPTION_PORT_LEN_MAX);
    }

    port_names_add(ports, name);
    if (port_names_count(ports) > OPTION_PORTS_MAX) {
        return option_error(option, name, "there must be no more than "
                            "%d ports (leave out --%s for all)",
                            OPTION_PORTS_MAX, option->name);
    }
    if (sset_count(&ports->patterns) > PORT_NAMES_PATTERNS_MAX) {
        return option_error(option, name, "there must be no more than %d "
                            "names with * or ?", PORT_NAMES_PATTERNS_MAX);
    }
    return NULL;
}

/* Showing. */

static struct json *
choice_to_json(const struct command_option *option, const void *member)
{
    const unsigned int *choice = member;

    return json_string_create(option->kind->get_name(*choice));
}

static struct json *
choice_if_to_json(const struct command_option *option, const void *member)
{
    const unsigned int *choice = member;

    return (*choice
            ? json_string_create(option->kind->get_name(*choice - 1))
            : json_null_create());
}

static struct json *
string_to_json(const struct command_option *option OVS_UNUSED,
               const void *member)
{
    const char *target = *(char *const *) member;

    return target ? json_string_create(target) : json_null_create();
}

static struct json *
bits_to_json(const struct command_option *option, const void *member)
{
    const uint32_t *bits = member;
    struct json *array;
    const char *name;

    if (*bits == UINT32_MAX) {
        return json_null_create();
    }
    array = json_array_create_empty();
    for (int i = 0; (name = option->kind->get_name(i)); i++) {
        if (*bits & 1u << i) {
            json_array_add(array, json_string_create(name));
        }
    }
    return array;
}

static struct json *
ports_to_json(const struct command_option *option OVS_UNUSED,
              const void *member)
{
    return port_names_to_json(member);
}

/* Life. */

static void
init_bits(const struct command_option *option OVS_UNUSED, void *member)
{
    uint32_t *bits = member;

    *bits = UINT32_MAX;
}

static void
clone_string(void *dst, const void *src)
{
    *(char **) dst = nullable_xstrdup(*(char *const *) src);
}

static void
destroy_string(void *member)
{
    free(*(char **) member);
}

static void
init_ports(const struct command_option *option OVS_UNUSED, void *member)
{
    port_names_init(member);
}

static void
clone_ports(void *dst, const void *src)
{
    port_names_clone(dst, src);
}

static void
destroy_ports(void *member)
{
    port_names_destroy(member);
}

/* Checks. */

/* Returns the number of 'name' among those of the kind of 'option', or -1. */
static int
find_name(const struct command_option *option, const char *name)
{
    const char *known;

    for (int i = 0; (known = option->kind->get_name(i)); i++) {
        if (!strcmp(known, name)) {
            return i;
        }
    }
    return -1;
}

/* Returns an error about 'value' that lists the names that there are. */
static char *
names_error(const struct command_option *option, const char *value,
            const char *before, const char *separator, const char *after)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    char *error;

    option_put_names(option, separator, &names);
    error = option_error(option, value, "%s%s%s", before,
                         ds_cstr(&names), after);
    ds_destroy(&names);
    return error;
}

/* Returns true if 's' has control characters below a space, which
 * printable_is_utf8() allows. */
static bool
has_controls(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char) *s < ' ') {
            return true;
        }
    }
    return false;
}

/* Returns true if 's' can be the name of a file.  Names with control
 * characters, or that are not UTF-8, are possible but always a mistake, and
 * could not be shown. */
static bool
is_file_name(const char *s)
{
    return strlen(s) < PATH_MAX && !has_controls(s) && printable_is_utf8(s);
}
