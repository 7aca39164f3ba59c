/* SPDX-License-Identifier: Apache-2.0 */

/* The options of upcall-trace/start.
 *
 * START_OPTIONS below has an entry for each option.  Everything that has to do
 * with an option comes from there: its default, how it is parsed and checked,
 * what errors say, the help, and how its value is shown.  A new option needs
 * an entry there and a member of 'struct start_options'.  Only a new kind of
 * value needs code: see option-kind.c and option-names.c. */

#include <config.h>
#include "store/start-options.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/option-kind.h"
#include "base/user-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define SIZE_UNIT "bytes (suffixes: K, M, G)"
#define MEMBER(NAME) offsetof(struct start_options, NAME)

/* The options. */
static const struct command_option START_OPTIONS[] = {
    { "track", "TIER", "kernel", "full",
      "how much is seen, by USDT too or not",
      NULL, 0, 0, NULL, &option_kind_track, MEMBER(track) },
    { "snaplen", "BYTES", "128", "128", "packet bytes kept",
      NULL, 0, 9216, "bytes", &option_kind_number, MEMBER(snaplen) },
    { "buffer", "SIZE", "8M", "8M", "buffer between kernel and daemon",
      NULL, 4 * KIB, 1 * GIB, SIZE_UNIT, &option_kind_pow2, MEMBER(buffer) },
    { "history", "SIZE", "32M", "32M", "memory for finished upcalls",
      NULL, 64 * KIB, 16 * GIB, SIZE_UNIT, &option_kind_size,
      MEMBER(history) },
    { "duration", "SECONDS", NULL, "60", "stop after this time",
      NULL, 1, 365 * 24 * 60 * 60, "seconds", &option_kind_number,
      MEMBER(duration) },
    { "stop-after", "COUNT", NULL, "1000", "stop after so many upcalls",
      NULL, 1, INT64_MAX, "upcalls", &option_kind_number, MEMBER(stop_after) },
    { "target", "PIDFILE|PID", NULL, "ovs-vswitchd.pid",
      "which ovs-vswitchd (default ovs-vswitchd.pid)",
      NULL, 0, 0, NULL, &option_kind_target, MEMBER(target) },
    { "class", "NAME,...", NULL, "miss",
      "only upcalls of these classes (default all):",
      NULL, 0, 0, NULL, &option_kind_class, MEMBER(classes) },
    { "port", "NAME,...", NULL, "eth0",
      "only upcalls from these ports, as tap* (default all)",
      NULL, 0, 0, NULL, &option_kind_port, MEMBER(ports) },
    { "enrich", NULL, NULL, NULL,
      "ask ovs-vswitchd which OpenFlow rules flows have",
      NULL, 0, 0, NULL, &option_kind_flag, MEMBER(enrich) },
    { "enrich-rate", "N", "20", "20", "requests a second, with --enrich",
      "enrich", 1, 1000, "requests per second", &option_kind_number,
      MEMBER(enrich_rate) },
    { "trigger", "COND,...", NULL, "total>5ms",
      "write what was around a slow or lost one to a file",
      NULL, 0, 0, NULL, &option_kind_condition, MEMBER(trigger) },
    { "trigger-window", "N", "1000", "1000", "how many before and after it",
      "trigger", 1, 10000, "upcalls", &option_kind_number,
      MEMBER(trigger_window) },
    { "trigger-dir", "DIR", NULL, "/var/tmp",
      "directory for files (default OVS's for logs)", "trigger", 0, 0, NULL,
      &option_kind_file, MEMBER(trigger_dir) },
};

#define FOR_EACH_OPTION(OPTION)                               \
    for (const struct command_option *OPTION = START_OPTIONS; \
         OPTION < &START_OPTIONS[ARRAY_SIZE(START_OPTIONS)]; OPTION++)

/* Column in which texts start in start_options_help(). */
#define HELP_COLUMN 23

static char *parse_argument(struct start_options *, const char *argument,
                            const char *next, bool *next_used);
static const struct command_option *option_find(const char *name, size_t len);
static char *option_parse(const struct command_option *, const char *value,
                          struct start_options *);
static bool option_is_set(const struct command_option *,
                          const struct start_options *);
static char *complete_options(struct start_options *);
static struct json *option_to_json(const struct command_option *,
                                   const struct start_options *);
static void option_format(const struct command_option *,
                          const struct json *value, struct ds *);
static void option_help(const struct command_option *, struct ds *);
static void put_argument(const struct command_option *, struct ds *);
static void put_limits(const struct command_option *, struct ds *);

static char *argument_error(const char *what, const char *argument,
                            size_t len);
static void put_list(struct ds *, const struct json *array);
static void put_quoted(struct ds *, const char *);

/* Initializes 'options' with the defaults.  The caller must destroy it with
 * start_options_destroy(). */
void
start_options_init(struct start_options *options)
{
    memset(options, 0, sizeof *options);
    options->classes = UINT32_MAX;
    conditions_init(&options->trigger);
    port_names_init(&options->ports);

    FOR_EACH_OPTION (option) {
        if (option->default_ && !option->only_with) {
            char *error = option_parse(option, option->default_, options);
            ovs_assert(!error);
        }
    }
}

/* Initializes 'dst' with a copy of 'src'.  The caller must destroy it with
 * start_options_destroy(). */
void
start_options_clone(struct start_options *dst, const struct start_options *src)
{
    *dst = *src;
    dst->target = nullable_xstrdup(src->target);
    dst->trigger_dir = nullable_xstrdup(src->trigger_dir);
    port_names_clone(&dst->ports, &src->ports);
}

/* Frees what 'options' refers to, but not 'options' itself.  Does nothing if
 * 'options' is NULL. */
void
start_options_destroy(struct start_options *options)
{
    if (options) {
        free(options->target);
        free(options->trigger_dir);
        port_names_destroy(&options->ports);
    }
}

/* Changes 'options', which must have been initialized, as 'argv[1]' up to
 * 'argv[argc - 1]' say.  As in a handler of a unixctl command, 'argv[0]' is
 * the name of the command.  A value follows its option as "--name=VALUE" or as
 * the next argument.  If an option is repeated then the last one counts,
 * except that --class, --port and --trigger add up.
 *
 * Returns NULL if successful, otherwise one line, which the caller must free,
 * that says what is wrong and what would be right.  In this case the arguments
 * before the wrong one have changed 'options', which must still be
 * destroyed. */
char *
start_options_parse(struct start_options *options, int argc,
                    const char *argv[])
{
    char *error = NULL;

    for (int i = 1; i < argc && !error; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        bool next_used = false;

        error = parse_argument(options, argv[i], next, &next_used);
        i += next_used;
    }
    return error ? error : complete_options(options);
}

/* Returns 'options' as a JSON object with a member for each option, by its
 * name without dashes, which is null (or false, if it takes no value) if the
 * option has not been given and has no default.  The caller must free it with
 * json_destroy(). */
struct json *
start_options_to_json(const struct start_options *options)
{
    struct json *json = json_object_create();

    FOR_EACH_OPTION (option) {
        json_object_put(json, option->name, option_to_json(option, options));
    }
    return json;
}

/* Appends 'options' to 'ds' on one line, without a new-line, as they could be
 * given in a shell: "--track=kernel --snaplen=128 --buffer=8M --history=32M".
 * Options that are null or false in start_options_to_json() are left out. */
void
start_options_format(const struct start_options *options, struct ds *ds)
{
    const char *separator = "";

    FOR_EACH_OPTION (option) {
        if (option_is_set(option, options)) {
            struct json *value = option_to_json(option, options);

            ds_put_cstr(ds, separator);
            option_format(option, value, ds);
            separator = " ";
            json_destroy(value);
        }
    }
}

/* Appends an explanation of all options to 'ds', in lines of at most 79
 * columns. */
void
start_options_help(struct ds *ds)
{
    FOR_EACH_OPTION (option) {
        option_help(option, ds);
    }
}

/* Returns the name of 'track', an enum upcall_track, or NULL. */
const char *
start_track_name(int track)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [UPCALL_TRACK_##ENUM] = NAME,
        UPCALL_TRACKS
#undef X
    };

    return track >= 0 && track < UPCALL_N_TRACKS ? names[track] : NULL;
}

/* One option. */

/* Parses 'argument' into 'options', with 'next', the argument that follows it
 * or an empty string, as its value if it has none itself: then '*next_used'
 * is set to true.  Returns an error or NULL. */
static char *
parse_argument(struct start_options *options, const char *argument,
               const char *next, bool *next_used)
{
    size_t len = strcspn(argument, "=");
    const struct command_option *option = option_find(argument, len);

    if (!option) {
        return argument_error(argument[0] == '-' && argument[1]
                              ? "unknown option" : "unexpected argument",
                              argument, len);
    } else if (option->kind->is_flag) {
        return (argument[len]
                ? xasprintf("--%s takes no value", option->name)
                : option_parse(option, "", options));
    } else if (argument[len]) {
        return option_parse(option, argument + len + 1, options);
    } else if (strncmp(next, "--", 2)) {
        *next_used = true;
        return option_parse(option, next, options);
    } else {
        return option_parse(option, "", options);
    }
}

/* Returns the option that the 'len' characters at 'argument' name, with its
 * dashes, or NULL. */
static const struct command_option *
option_find(const char *argument, size_t len)
{
    FOR_EACH_OPTION (option) {
        if (len == strlen(option->name) + 2 && !strncmp(argument, "--", 2)
            && !memcmp(argument + 2, option->name, len - 2)) {
            return option;
        }
    }
    return NULL;
}

static char *
option_parse(const struct command_option *option, const char *value,
             struct start_options *options)
{
    if (!*value && !option->kind->is_flag) {
        return xasprintf("--%s needs a value, such as --%s=%s",
                         option->name, option->name, option->example);
    }
    return option->kind->parse(option, value,
                               (char *) options + option->offset);
}

/* Returns true if 'option' has a value, or as a flag was given. */
static bool
option_is_set(const struct command_option *option,
              const struct start_options *options)
{
    struct json *value = option_to_json(option, options);
    bool set = value->type != JSON_NULL && value->type != JSON_FALSE;

    json_destroy(value);
    return set;
}

/* Sets the defaults of options that make sense only with flags that were
 * given.  Returns an error if one was given without its flag, else NULL. */
static char *
complete_options(struct start_options *options)
{
    FOR_EACH_OPTION (option) {
        if (option->only_with) {
            char *flag = xasprintf("--%s", option->only_with);
            bool wanted = option_is_set(option_find(flag, strlen(flag)),
                                        options);
            bool set = option_is_set(option, options);
            char *error = NULL;

            if (set && !wanted) {
                error = xasprintf("--%s has no effect without %s",
                                  option->name, flag);
            } else if (wanted && !set && option->default_) {
                error = option_parse(option, option->default_, options);
            }
            free(flag);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

static struct json *
option_to_json(const struct command_option *option,
               const struct start_options *options)
{
    return option->kind->to_json(option,
                                 (const char *) options + option->offset);
}

/* Appends 'option' with 'value', which must not be null, to 'ds'. */
static void
option_format(const struct command_option *option, const struct json *value,
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

static void
option_help(const struct command_option *option, struct ds *ds)
{
    struct ds argument = DS_EMPTY_INITIALIZER;

    ds_put_format(&argument, "  --%s%s", option->name,
                  option->kind->is_flag ? "" : "=");
    put_argument(option, &argument);
    ds_put_format(ds, "%-*s%s", HELP_COLUMN, ds_cstr(&argument),
                  option->help);
    ds_destroy(&argument);
    put_limits(option, ds);
    if (option->arg && option->kind->get_name) {
        ds_put_char(ds, '\n');
        ds_put_char_multiple(ds, ' ', HELP_COLUMN);
        option_put_names(option, " ", ds);
    }
    ds_put_char(ds, '\n');
}

/* Appends what the help calls the value of 'option'. */
static void
put_argument(const struct command_option *option, struct ds *ds)
{
    if (option->arg) {
        ds_put_cstr(ds, option->arg);
    } else if (option->kind->get_name) {
        option_put_names(option, "|", ds);
    }
}

/* Appends limits and default of 'option', if it has any. */
static void
put_limits(const struct command_option *option, struct ds *ds)
{
    const char *separator = " (";

    if (option->max) {
        ds_put_cstr(ds, separator);
        option_put_range(option, ds);
        separator = ", ";
    }
    if (option->default_) {
        ds_put_format(ds, "%sdefault %s", separator, option->default_);
    }
    ds_put_cstr(ds, option->max || option->default_ ? ")" : "");
}

/* Texts. */

/* Returns the error 'what' about the 'len' characters at 'argument', with the
 * options that there are. */
static char *
argument_error(const char *what, const char *argument, size_t len)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    const char *separator = "";

    ds_put_format(&error, "%s '", what);
    user_text_put_escaped(&error, argument, len);
    ds_put_cstr(&error, "' (options: ");
    FOR_EACH_OPTION (option) {
        ds_put_format(&error, "%s--%s", separator, option->name);
        separator = ", ";
    }
    ds_put_char(&error, ')');
    return ds_steal_cstr(&error);
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
