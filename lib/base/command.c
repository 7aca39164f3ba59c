/* SPDX-License-Identifier: Apache-2.0 */

/* Parses the arguments of commands, and shows what was parsed.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * printable_put_start() only. */

#include <config.h>
#include "base/command.h"

#include <string.h>

#include "base/compat.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

static char *parse_argument(const struct command *, const char *argument,
                            const char *next, bool *next_used,
                            void *values, struct command_line *);
static char *parse_option(const struct command_option *, const char *argument,
                          const char *next, bool *next_used, void *values);
static char *parse_other(const struct command *, const char *argument,
                         struct command_line *);
static char *complete(const struct command *, void *values);

static const struct command_option *find_option(const struct command *,
                                                const char *name, size_t len);
static void *get_member(const struct command_option *, const void *values);
static char *set_value(const struct command_option *, const char *value,
                       void *values);
static struct json *value_to_json(const struct command_option *,
                                  const void *values);
static bool has_value(const struct command_option *, const void *values);
static void format_value(const struct command_option *,
                         const struct json *value, struct ds *);

static char *argument_error(const struct command *, const char *what,
                            const char *argument, size_t len,
                            const struct command_line *);
static void put_names(const struct command *, const char *separator,
                      struct ds *);
static void put_list(struct ds *, const struct json *array);
static void put_quoted(struct ds *, const char *);

static const struct command_option common_options[] = {
    { .name = "json", .help = "reply in JSON", .kind = &option_kind_flag,
      .offset = offsetof(struct command_line, json) },
    { .name = "help", .help = "reply with the help of the command instead",
      .kind = &option_kind_flag,
      .offset = offsetof(struct command_line, help) },
};
const struct command command_common = {
    COMMAND_OPTIONS(common_options, struct command_line),
};

/* Initializes 'values', the structure of the options of 'command', with the
 * defaults.  The caller must destroy it with command_destroy(). */
void
command_init(const struct command *command, void *values)
{
    if (command->size) {
        memset(values, 0, command->size);
    }
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (option->kind->init) {
            option->kind->init(option, get_member(option, values));
        }
        if (option->default_ && !option->only_with) {
            char *error = set_value(option, option->default_, values);
            ovs_assert(!error);
        }
    }
}

/* Initializes 'dst' with a copy of 'src', values of options of 'command'.  The
 * caller must destroy it with command_destroy(). */
void
command_clone(const struct command *command, void *dst, const void *src)
{
    memcpy(dst, src, command->size);
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (option->kind->clone) {
            option->kind->clone(get_member(option, dst),
                                get_member(option, src));
        }
    }
}

/* Frees what 'values', of options of 'command', refer to, but not 'values'
 * itself.  Does nothing if 'values' is NULL. */
void
command_destroy(const struct command *command, void *values)
{
    if (!values) {
        return;
    }
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (option->kind->destroy) {
            option->kind->destroy(get_member(option, values));
        }
    }
}

/* Returns the option of 'command' that is called 'name', which is without the
 * dashes, or NULL. */
const struct command_option *
command_option(const struct command *command, const char *name)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (!strcmp(option->name, name)) {
            return option;
        }
    }
    return NULL;
}

/* Frees what 'line' refers to. */
void
command_line_destroy(struct command_line *line)
{
    svec_destroy(&line->args);
}

/* Parses 'argv[1]' up to 'argv[argc - 1]', arguments of 'command', into
 * 'values', which must have been initialized with command_init(), and 'line',
 * which is initialized here.  As in a handler of a unixctl command, 'argv[0]'
 * is the name of the command.  If 'line' is NULL then only the command's own
 * options are allowed.
 *
 * A value follows its option as "--name=VALUE" or as the next argument.  If an
 * option is repeated then the last one counts, except that lists of names add
 * up.
 *
 * Returns NULL if successful, otherwise one line, which the caller must free,
 * that says what is wrong and what would be right.  In this case the arguments
 * before the wrong one have changed 'values' and 'line', which must still be
 * destroyed. */
char *
command_parse(const struct command *command, int argc, const char *argv[],
              void *values, struct command_line *line)
{
    char *error = NULL;

    if (line) {
        memset(line, 0, sizeof *line);
        svec_init(&line->args);
    }
    for (int i = 1; i < argc && !error; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        bool next_used = false;

        error = parse_argument(command, argv[i], next, &next_used, values,
                               line);
        i += next_used;
    }
    return error ? error : complete(command, values);
}

/* Returns true if 'option', which may be NULL, takes the argument that follows
 * 'argument' as its value. */
static bool
takes_next(const struct command_option *option, const char *argument)
{
    return (option && !option->kind->is_flag && !option->implied
            && !strchr(argument, '='));
}

/* Adds those of 'argv[1]' up to 'argv[argc - 1]' that are options of
 * 'command', or of all, with their values, to 'own', behind 'argv[0]'; other
 * options, of 'command->also' or wrong ones, likewise to 'also'; and what is
 * no option to 'others'.  The caller destroys them. */
void
command_split(const struct command *command, int argc, char *argv[],
              struct svec *own, struct svec *also, struct svec *others)
{
    svec_add(own, argv[0]);
    for (int i = 1; i < argc; i++) {
        size_t len = strcspn(argv[i], "=");
        const struct command_option *option;
        struct svec *args = own;

        option = find_option(command, argv[i], len);
        option = option ? option : find_option(&command_common, argv[i], len);
        if (!option) {
            option = find_option(command->also, argv[i], len);
            args = argv[i][0] == '-' ? also : others;
        }
        svec_add(args, argv[i]);
        if (takes_next(option, argv[i]) && i + 1 < argc) {
            svec_add(args, argv[++i]);
        }
    }
    svec_terminate(own);
    svec_terminate(also);
    svec_terminate(others);
}

/* Returns 'values', of options of 'command', as a JSON object with a member
 * for each option, by its name in JSON, which is null (or false, if it
 * takes no value) if the option has not been given and has no default.  The
 * caller must free it with json_destroy(). */
struct json *
command_values_to_json(const struct command *command, const void *values)
{
    struct json *json = json_object_create();

    FOR_EACH_COMMAND_OPTION (option, command) {
        json_object_put(json, option->json_name ? option->json_name
                        : option->name, value_to_json(option, values));
    }
    return json;
}

/* Appends 'values', of options of 'command', to 'ds' on one line, without a
 * new-line, as they could be given in a shell: "--track=kernel --snaplen=128".
 * Options that are null or false in command_values_to_json() are left out. */
void
command_values_format(const struct command *command, const void *values,
                      struct ds *ds)
{
    const char *separator = "";

    FOR_EACH_COMMAND_OPTION (option, command) {
        if (has_value(option, values)) {
            struct json *value = value_to_json(option, values);

            ds_put_cstr(ds, separator);
            format_value(option, value, ds);
            separator = " ";
            json_destroy(value);
        }
    }
}

/* Parsing. */

/* Parses 'argument' into 'values' or 'line', with 'next', the argument that
 * follows it or an empty string, as its value if it has none itself: then
 * '*next_used' is set to true.  Returns an error or NULL. */
static char *
parse_argument(const struct command *command, const char *argument,
               const char *next, bool *next_used, void *values,
               struct command_line *line)
{
    size_t len = strcspn(argument, "=");
    const struct command_option *option;

    option = find_option(command, argument, len);
    if (option) {
        return parse_option(option, argument, next, next_used, values);
    }
    option = line ? find_option(&command_common, argument, len) : NULL;
    if (option) {
        return parse_option(option, argument, next, next_used, line);
    }
    return (argument[0] == '-' && argument[1]
            ? argument_error(command, "unknown option", argument, len, line)
            : parse_other(command, argument, line));
}

/* Parses 'argument', which names 'option', into 'values'.  Otherwise as
 * parse_argument(). */
static char *
parse_option(const struct command_option *option, const char *argument,
             const char *next, bool *next_used, void *values)
{
    size_t len = strcspn(argument, "=");

    if (option->kind->is_flag) {
        return (argument[len]
                ? xasprintf("--%s takes no value", option->name)
                : set_value(option, "", values));
    } else if (argument[len]) {
        return set_value(option, argument + len + 1, values);
    } else if (option->implied) {
        return set_value(option, option->implied, values);
    }
    *next_used = strncmp(next, "--", 2) != 0;
    return set_value(option, *next_used ? next : "", values);
}

/* Adds 'argument', which is no option, to 'line'.  Returns an error or
 * NULL. */
static char *
parse_other(const struct command *command, const char *argument,
            struct command_line *line)
{
    if (!command->arg || !line) {
        return argument_error(command, "unexpected argument", argument,
                              strlen(argument), line);
    }
    svec_add(&line->args, argument);
    return NULL;
}

/* Sets the defaults of options that make sense only with other options that
 * were given.  Returns an error if one was given without the other, else
 * NULL. */
static char *
complete(const struct command *command, void *values)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (option->only_with) {
            bool wanted = has_value(command_option(command, option->only_with),
                                    values);
            bool given = has_value(option, values);
            char *error = NULL;

            if (given && !wanted) {
                error = xasprintf("--%s has no effect without --%s",
                                  option->name, option->only_with);
            } else if (wanted && !given && option->default_) {
                error = set_value(option, option->default_, values);
            }
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* One option. */

/* Returns the option of 'command' that the 'len' characters at 'argument'
 * name, with its dashes, or NULL. */
static const struct command_option *
find_option(const struct command *command, const char *argument, size_t len)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        if (len == strlen(option->name) + 2 && !strncmp(argument, "--", 2)
            && !memcmp(argument + 2, option->name, len - 2)) {
            return option;
        } else if (option->letter && len == 2 && argument[0] == '-'
                   && argument[1] == option->letter && !argument[2]) {
            return option;
        }
    }
    return NULL;
}

static void *
get_member(const struct command_option *option, const void *values)
{
    return CONST_CAST(char *, (const char *) values + option->offset);
}

static char *
set_value(const struct command_option *option, const char *value, void *values)
{
    if (!*value && !option->kind->is_flag) {
        return xasprintf("--%s needs a value, such as --%s=%s",
                         option->name, option->name, option->example);
    }
    return option->kind->parse(option, value, get_member(option, values));
}

static struct json *
value_to_json(const struct command_option *option, const void *values)
{
    return option->kind->to_json(option, get_member(option, values));
}

/* Returns true if 'option' has a value, or as a flag was given. */
static bool
has_value(const struct command_option *option, const void *values)
{
    struct json *value = value_to_json(option, values);
    bool has = value->type != JSON_NULL && value->type != JSON_FALSE;

    json_destroy(value);
    return has;
}

/* Appends 'option' with 'value', which must not be null, to 'ds'. */
static void
format_value(const struct command_option *option, const struct json *value,
             struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "--%s%s", option->name,
                  option->kind->is_flag ? "" : "=");
    if (option->kind->is_flag) {
        /* It has no value. */
    } else if (value->type == JSON_INTEGER) {
        option->kind->put_number(&text, json_integer(value));
    } else if (value->type == JSON_STRING) {
        ds_put_cstr(&text, json_string(value));
    } else {
        put_list(&text, value);
    }
    put_quoted(ds, ds_cstr(&text));
    ds_destroy(&text);
}

/* Texts. */

/* Returns the error 'what' about the 'len' characters at 'argument', with the
 * options that 'command' takes. */
static char *
argument_error(const struct command *command, const char *what,
               const char *argument, size_t len,
               const struct command_line *line)
{
    struct ds error = DS_EMPTY_INITIALIZER;

    ds_put_format(&error, "%s '", what);
    printable_put_start(&error, argument, len);
    ds_put_cstr(&error, "' (options: ");
    put_names(command, "", &error);
    if (line) {
        put_names(&command_common, command->n_options ? ", " : "", &error);
    }
    ds_put_char(&error, ')');
    return ds_steal_cstr(&error);
}

/* Appends the options of 'command' to 'ds', 'separator' before the first. */
static void
put_names(const struct command *command, const char *separator, struct ds *ds)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        ds_put_format(ds, "%s--%s", separator, option->name);
        separator = ", ";
    }
}

/* Appends the strings in 'array' to 'ds', separated by commas. */
static void
put_list(struct ds *ds, const struct json *array)
{
    for (size_t i = 0; i < upcall_json_array_size(array); i++) {
        ds_put_format(ds, "%s%s", i ? "," : "",
                      json_string(upcall_json_array_at(array, i)));
    }
}

/* Appends 's' to 'ds', in quotes if it means something else in a shell. */
static void
put_quoted(struct ds *ds, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_=+.,:/@%";

    if (!s[strspn(s, plain)]) {
        ds_put_cstr(ds, s);
        return;
    }

    ds_put_char(ds, '\'');
    for (; *s; s++) {
        if (*s == '\'') {
            ds_put_cstr(ds, "'\\''");
        } else {
            ds_put_char(ds, *s);
        }
    }
    ds_put_char(ds, '\'');
}
