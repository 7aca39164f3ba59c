/* SPDX-License-Identifier: Apache-2.0 */

/* What there is to say about commands, from their tables: help, usage, text of
 * the manual page, names for completion, and all that in JSON. */

#include <config.h>
#include "base/command.h"

#include <ctype.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* Width of a terminal, and the column in which texts of options start. */
#define WIDTH 79
#define HELP_COLUMN 23

/* The column in which what a command does starts in a list of commands. */
#define SUMMARY_COLUMN 11

/* Options that the usage names one by one. */
#define USAGE_OPTIONS_MAX 3

static bool has_many_options(const struct command *);
static void put_arg(const struct command *, const char *before,
                    const char *after, struct ds *);
static void put_option(const struct command_option *, struct ds *);
static void put_option_completion(const struct command_option *,
                                  const char *command, struct ds *);
static void describe(const struct command_option *, struct ds *);
static void put_limits(const struct command_option *, struct ds *);
static void put_option_help(const struct command_option *, struct ds *);
static struct json *option_to_json(const struct command_option *);
static struct json *string_or_null(const char *);

static void put_option_man(const struct command_option *, struct ds *);
static void put_name_man(const struct command_option *, struct ds *);
static void put_text_man(const char *, struct ds *);
static const char *put_bold_man(const char *, size_t len, struct ds *);
static void put_char_man(char, struct ds *);

static void put_wrapped(struct ds *, const char *text, size_t column,
                        size_t indent);

/* Appends the arguments of 'command' to 'ds', as list-commands shows them:
 * "[--last=N] [--json] [--help] [UFID]...".  Many options are shown as
 * "[OPTION]...", since the help has them. */
void
command_put_usage(const struct command *command, struct ds *ds)
{
    if (has_many_options(command)) {
        ds_put_cstr(ds, "[OPTION]... ");
    } else {
        FOR_EACH_COMMAND_OPTION (option, command) {
            ds_put_char(ds, '[');
            put_option(option, ds);
            ds_put_cstr(ds, "] ");
        }
    }
    FOR_EACH_COMMAND_OPTION (option, &command_common) {
        ds_put_format(ds, "[--%s] ", option->name);
    }
    if (command->arg) {
        put_arg(command, "", "", ds);
    }
    ds_chomp(ds, ' ');
}

/* Returns true if the usage does not name the options of 'command' one by
 * one. */
static bool
has_many_options(const struct command *command)
{
    return command->n_options > USAGE_OPTIONS_MAX || command->also;
}

/* Appends the argument of 'command', which has one, with its name between
 * 'before' and 'after': in brackets if it may be left out, with dots if it may
 * be repeated. */
static void
put_arg(const struct command *command, const char *before, const char *after,
        struct ds *ds)
{
    ds_put_format(ds, command->one_arg ? "%s%s%s" : "[%s%s%s]", before,
                  command->arg, after);
    if (!command->one_arg && !strchr(command->arg, ' ')) {
        ds_put_cstr(ds, "...");
    }
}

/* Appends the help of 'command' to 'ds', in lines of at most 79 columns.
 * 'prefix' is what a user types before the name: COMMAND_PREFIX on the control
 * socket. */
void
command_put_help(const struct command *command, const char *prefix,
                 struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "usage: %s%s ", prefix, command->name);
    command_put_usage(command, &text);
    put_wrapped(ds, ds_cstr(&text), 0, 7);
    ds_put_char(ds, '\n');
    put_wrapped(ds, command->summary, 0, 0);
    if (command->arg) {
        put_wrapped(ds, command->arg_help, 0, 0);
    }
    ds_put_cstr(ds, "\nOptions:\n");
    command_put_options_help(command, ds);
    command_put_options_help(&command_common, ds);
    if (command->also) {
        ds_put_format(ds, "\nOptions of %s, which it takes, too:\n",
                      command->also->name);
        command_put_options_help(command->also, ds);
    }
    ds_destroy(&text);
}

/* Appends an explanation of the options that only 'command' takes to 'ds', in
 * lines of at most 79 columns. */
void
command_put_options_help(const struct command *command, struct ds *ds)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        put_option_help(option, ds);
    }
}

/* Appends a line about 'command' to 'ds': its name, and what it does, up to
 * where that goes into details. */
void
command_put_summary(const struct command *command, struct ds *ds)
{
    size_t length = strcspn(command->summary, ",.");

    ds_put_format(ds, "  %-*s%.*s\n", SUMMARY_COLUMN - 2, command->name,
                  (int) length, command->summary);
}

/* Appends the entry of 'command' in the manual page to 'ds': usage, what it
 * does, and the options that only it takes.  'prefix' is that of
 * command_put_help(). */
void
command_put_man(const struct command *command, const char *prefix,
                struct ds *ds)
{
    ds_put_cstr(ds, ".IP \"\\fB");
    put_text_man(prefix, ds);
    put_text_man(command->name, ds);
    ds_put_cstr(ds, "\\fR");
    if (has_many_options(command)) {
        ds_put_cstr(ds, " [\\fIOPTION\\fR]...");
    } else {
        FOR_EACH_COMMAND_OPTION (option, command) {
            ds_put_cstr(ds, " [");
            put_name_man(option, ds);
            ds_put_char(ds, ']');
        }
    }
    if (command->arg) {
        ds_put_char(ds, ' ');
        put_arg(command, "\\fI", "\\fR", ds);
    }
    ds_put_cstr(ds, "\"\n");
    put_text_man(command->summary, ds);
    ds_put_char(ds, '\n');
    if (command->arg) {
        put_text_man(command->arg_help, ds);
        ds_put_char(ds, '\n');
    }
    if (command->n_options) {
        ds_put_cstr(ds, ".RS\n");
        command_put_options_man(command, ds);
        ds_put_cstr(ds, ".RE\n");
    }
}

/* Appends the options that only 'command' takes to 'ds', for the manual
 * page. */
void
command_put_options_man(const struct command *command, struct ds *ds)
{
    FOR_EACH_COMMAND_OPTION (option, command) {
        put_option_man(option, ds);
    }
}

/* Appends what can be completed after 'command' to 'ds': a line with its name
 * and what the help calls its arguments, and a line for each option that only
 * it takes.  That has the command; the option, with "=" if a value follows,
 * and what the help calls that; and the names that the value may consist of.
 * There are two lines for an option that need not have a value, and for one
 * that has a letter, too. */
void
command_put_completion(const struct command *command, struct ds *ds)
{
    ds_put_cstr(ds, command->name);
    if (command->arg) {
        ds_put_format(ds, " %s", command->arg);
    }
    ds_put_char(ds, '\n');
    FOR_EACH_COMMAND_OPTION (option, command) {
        put_option_completion(option, command->name, ds);
    }
    if (command->also) {
        FOR_EACH_COMMAND_OPTION (option, command->also) {
            put_option_completion(option, command->name, ds);
        }
    }
}

/* Returns the reply to --help as JSON, which the caller must free. */
struct json *
command_to_json(const struct command *command)
{
    struct json *json = json_object_create();
    struct json *options = json_array_create_empty();

    FOR_EACH_COMMAND_OPTION (option, command) {
        json_array_add(options, option_to_json(option));
    }
    FOR_EACH_COMMAND_OPTION (option, &command_common) {
        json_array_add(options, option_to_json(option));
    }
    json_object_put_format(json, "command", "%s%s", COMMAND_PREFIX,
                           command->name);
    json_object_put_string(json, "summary", command->summary);
    json_object_put(json, "argument", string_or_null(command->arg));
    json_object_put(json, "options", options);
    return json;
}

/* One option. */

/* Appends what there is behind the name of 'option'. */
static void
put_completion_value(const struct command_option *option, struct ds *ds)
{
    if (!option->kind->is_flag) {
        ds_put_format(ds, "= %s", option->arg);
    }
    if (option->kind->get_name) {
        ds_put_char(ds, ' ');
        option_put_names(option, " ", ds);
    }
    ds_put_char(ds, '\n');
}

/* Appends the lines of command_put_completion() about 'option' of
 * 'command'. */
static void
put_option_completion(const struct command_option *option,
                      const char *command, struct ds *ds)
{
    if (option->implied) {
        ds_put_format(ds, "%s --%s\n", command, option->name);
    }
    ds_put_format(ds, "%s --%s", command, option->name);
    put_completion_value(option, ds);
    if (option->letter) {
        ds_put_format(ds, "%s -%c", command, option->letter);
        put_completion_value(option, ds);
    }
}

/* Appends 'option' as a user writes it: "--last=N". */
static void
put_option(const struct command_option *option, struct ds *ds)
{
    ds_put_format(ds, "--%s", option->name);
    if (!option->kind->is_flag) {
        ds_put_format(ds, option->implied ? "[=%s]" : "=%s", option->arg);
    }
}

/* Appends what 'option' does, and its limits and default. */
static void
describe(const struct command_option *option, struct ds *ds)
{
    struct ds limits = DS_EMPTY_INITIALIZER;

    ds_put_cstr(ds, option->help);
    put_limits(option, &limits);
    if (limits.length) {
        ds_put_format(ds, " (%s)", ds_cstr(&limits));
    }
    ds_destroy(&limits);
}

/* Appends names, limits and default of 'option', as far as it has any. */
static void
put_limits(const struct command_option *option, struct ds *ds)
{
    const char *default_ = (option->default_help
                            ? option->default_help : option->default_);

    if (option->kind->get_name) {
        option_put_names(option, ", ", ds);
    } else if (option->max && option->max < OPTION_ANY_NUMBER) {
        option_put_range(option, ds);
    }
    if (default_) {
        ds_put_format(ds, "%sdefault %s", ds->length ? "; " : "", default_);
    }
}

/* Appends the lines of the help about 'option'. */
static void
put_option_help(const struct command_option *option, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    size_t len;

    ds_put_cstr(&text, "  ");
    if (option->letter) {
        ds_put_format(&text, "-%c, ", option->letter);
    }
    put_option(option, &text);
    len = text.length;
    ds_put_buffer(ds, ds_cstr(&text), len);
    if (len < HELP_COLUMN) {
        ds_put_char_multiple(ds, ' ', HELP_COLUMN - len);
    } else {
        ds_put_char(ds, '\n');
        ds_put_char_multiple(ds, ' ', HELP_COLUMN);
    }
    ds_clear(&text);
    describe(option, &text);
    put_wrapped(ds, ds_cstr(&text), HELP_COLUMN, HELP_COLUMN);
    ds_destroy(&text);
}

static struct json *
option_to_json(const struct command_option *option)
{
    struct json *json = json_object_create();
    struct json *names = NULL;
    bool is_flag = option->kind->is_flag;
    const char *name;

    if (option->kind->get_name) {
        names = json_array_create_empty();
        for (int i = 0; (name = option->kind->get_name(i)); i++) {
            json_array_add(names, json_string_create(name));
        }
    }
    json_object_put_string(json, "name", option->name);
    json_object_put(json, "value",
                    string_or_null(is_flag ? NULL : option->arg));
    json_object_put(json, "names", names ? names : json_null_create());
    json_object_put(json, "min", option->max
                    ? json_integer_create(option->min) : json_null_create());
    json_object_put(json, "max", option->max
                    ? json_integer_create(option->max) : json_null_create());
    json_object_put(json, "implied", string_or_null(option->implied));
    json_object_put(json, "default", string_or_null(option->default_));
    json_object_put_string(json, "help", option->help);
    return json;
}

static struct json *
string_or_null(const char *s)
{
    return s ? json_string_create(s) : json_null_create();
}

/* The manual page. */

static void
put_option_man(const struct command_option *option, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(ds, ".IP \"");
    if (option->letter) {
        ds_put_format(ds, "\\fB\\-%c\\fR, ", option->letter);
    }
    put_name_man(option, ds);
    ds_put_cstr(ds, "\"\n");
    describe(option, &text);
    ds_put_char(&text, '.');
    ds_cstr(&text)[0] = toupper((unsigned char) ds_cstr(&text)[0]);
    put_text_man(ds_cstr(&text), ds);
    ds_put_char(ds, '\n');
    if (option->details) {
        put_text_man(option->details, ds);
        ds_put_char(ds, '\n');
    }
    ds_destroy(&text);
}

/* Appends 'option' as a user writes it, its name bold, its value italic. */
static void
put_name_man(const struct command_option *option, struct ds *ds)
{
    ds_put_cstr(ds, "\\fB\\-\\-");
    put_text_man(option->name, ds);
    if (!option->kind->is_flag) {
        ds_put_format(ds, option->implied ? "[=\\fI%s\\fB]" : "=\\fI%s",
                      option->arg);
    }
    ds_put_cstr(ds, "\\fR");
}

/* Appends 'text', in which options are printed bold, and so is what is between
 * single quotes.  A quote behind a letter is an apostrophe.  Each sentence
 * begins on a line of its own. */
static void
put_text_man(const char *text, struct ds *ds)
{
    bool is_word = false;

    while (*text) {
        if (!is_word && !strncmp(text, "--", 2)) {
            text = put_bold_man(text, strspn(text, "-abcdefghijklmnopqrstuv"
                                             "wxyz"), ds);
        } else if (!is_word && *text == '\'' && strchr(text + 1, '\'')) {
            text = put_bold_man(text + 1, strcspn(text + 1, "'"), ds) + 1;
        } else if (!strncmp(text, ".  ", 3)) {
            ds_put_cstr(ds, ".\n");
            text += 3;
            is_word = false;
        } else {
            is_word = isalnum((unsigned char) *text);
            put_char_man(*text++, ds);
        }
    }
}

/* Appends the 'len' characters at 'text' in bold.  Returns what is behind
 * them. */
static const char *
put_bold_man(const char *text, size_t len, struct ds *ds)
{
    ds_put_cstr(ds, "\\fB");
    for (size_t i = 0; i < len; i++) {
        put_char_man(text[i], ds);
    }
    ds_put_cstr(ds, "\\fR");
    return text + len;
}

/* Appends 'c' so that roff prints it as it is. */
static void
put_char_man(char c, struct ds *ds)
{
    if (c == '-') {
        ds_put_cstr(ds, "\\-");
    } else if (c == '\\') {
        ds_put_cstr(ds, "\\e");
    } else if (c == '\'') {
        ds_put_cstr(ds, "\\(aq");
    } else if (c == '"') {
        ds_put_cstr(ds, "\\(dq");
    } else {
        ds_put_char(ds, c);
    }
}

/* Text. */

/* Appends 'text' and a new-line to 'ds', whose last line is 'column' columns
 * long, and breaks lines between words so that they are no longer than WIDTH.
 * All lines but the first begin with 'indent' spaces. */
static void
put_wrapped(struct ds *ds, const char *text, size_t column, size_t indent)
{
    bool is_first = true;

    while (*text) {
        size_t spaces = strspn(text, " ");
        size_t len = strcspn(text + spaces, " ");

        if (!is_first && column + spaces + len > WIDTH) {
            ds_put_char(ds, '\n');
            ds_put_char_multiple(ds, ' ', indent);
            column = indent;
            spaces = 0;
        }
        text += strspn(text, " ");
        ds_put_char_multiple(ds, ' ', spaces);
        ds_put_buffer(ds, text, len);
        column += spaces + len;
        text += len;
        is_first = false;
    }
    ds_put_char(ds, '\n');
}
