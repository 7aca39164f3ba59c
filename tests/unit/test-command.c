/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/base/command.c, lib/base/command-show.c, and the tables of
 * lib/store/commands.c.  Kinds of options are tested by
 * test-start-options.c. */

#include <config.h>
#include "store/commands.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "store/program-commands.h"
#include "util.h"

Suite *command_suite(void);

/* A command that has every sort of option. */

struct values {
    bool flag;
    uint64_t number;
    uint64_t rate;
    uint64_t any;
    uint64_t size;
};

static const struct command_option table[] = {
    { .name = "flag", .help = "it's set", .details = "See 'FLAGS', or --rate.",
      .kind = &option_kind_flag, .offset = offsetof(struct values, flag) },
    { .name = "number", .arg = "N", .default_ = "7", .example = "8",
      .help = "how many", .max = 9, .unit = "of them",
      .details = "A sentence.  Another \\ \"one\".",
      .kind = &option_kind_number,
      .offset = offsetof(struct values, number) },
    { .name = "rate", .arg = "N", .default_ = "3", .example = "5",
      .help = "how often", .only_with = "flag", .min = 1, .max = 5,
      .unit = "times", .kind = &option_kind_number,
      .offset = offsetof(struct values, rate) },
    { .name = "any", .arg = "N", .example = "5", .help = "as many as you like",
      .max = INT64_MAX, .unit = "pieces", .kind = &option_kind_number,
      .offset = offsetof(struct values, any) },
    { .name = "a-very-long-size", .arg = "SIZE", .default_help = "none",
      .example = "1K", .help = "a text that does not fit into the rest of a "
      "line, so that it has to be wrapped", .min = 1, .max = 4096,
      .unit = "bytes", .kind = &option_kind_size,
      .offset = offsetof(struct values, size) },
};
static const struct command test = {
    .name = "test",
    .summary = "Tests something.  It's good.",
    .arg = "ID",
    .arg_help = "With IDs, more of it.",
    COMMAND_OPTIONS(table, struct values),
};

/* A command that takes nothing. */
static const struct command empty = {
    .name = "empty",
    .summary = "Does nothing.",
};

static struct values values;
static struct command_line line;

/* Parses 'args', which are separated by '|' unless it is NULL, as those of
 * 'command'.  Returns NULL or the error.  What was parsed has to be freed with
 * unparse(). */
static char *
parse(const struct command *command, const char *args)
{
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    char *copy = nullable_xstrdup(args);
    char *rest = copy;
    char *error;

    svec_add(&argv, command->name);
    while (rest) {
        svec_add(&argv, strsep(&rest, "|"));
    }
    svec_terminate(&argv);
    command_init(command, &values);
    error = command_parse(command, argv.n, (const char **) argv.names,
                          &values, &line);
    svec_destroy(&argv);
    free(copy);
    return error;
}

static void
unparse(const struct command *command)
{
    command_destroy(command, &values);
    command_line_destroy(&line);
}

/* Fails unless 'args' of 'command' lead to the error 'expected'. */
static void
check_error(const struct command *command, const char *args,
            const char *expected)
{
    char *error = parse(command, args);

    ck_assert_pstr_eq(error, expected);
    unparse(command);
    free(error);
}

/* Fails unless 'args' of 'test' are shown as 'expected'. */
static void
check_values(const char *args, const char *expected)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ck_assert_pstr_eq(parse(&test, args), NULL);
    command_values_format(&test, &values, &text);
    ck_assert_str_eq(ds_cstr(&text), expected);
    ds_destroy(&text);
    unparse(&test);
}

START_TEST(test_values)
{
    check_values(NULL, "--number=7");
    check_values("--number=0", "--number=0");
    check_values("--number|0|--any|0", "--number=0 --any=0");
    check_values("--number=1|x|--number=2|y", "--number=2");
    check_values("--flag", "--flag --number=7 --rate=3");
    check_values("--rate|1|--flag", "--flag --number=7 --rate=1");
    check_values("--a-very-long-size=1k",
                 "--number=7 --a-very-long-size=1K");
}
END_TEST

START_TEST(test_json)
{
    struct json *json;
    char *text;

    ck_assert_pstr_eq(parse(&test, "--flag|--any=4"), NULL);
    json = command_values_to_json(&test, &values);
    text = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(text, "{\"a-very-long-size\":null,\"any\":4,"
                     "\"flag\":true,\"number\":7,\"rate\":3}");
    free(text);
    json_destroy(json);
    unparse(&test);
    ck_assert_uint_eq(OPTION_UNSET, UINT64_MAX);
    ck_assert_pstr_eq(parse(&test, NULL), NULL);
    ck_assert_uint_eq(values.any, OPTION_UNSET);
    ck_assert_uint_eq(values.size, 0);
    unparse(&test);
}
END_TEST

/* What is no option, and the options that all commands have. */
START_TEST(test_line)
{
    ck_assert_pstr_eq(parse(&test, "a|--json|--number=1|-|b=c||--flag"), NULL);
    ck_assert(line.json && !line.help);
    ck_assert_uint_eq(line.args.n, 4);
    ck_assert_str_eq(line.args.names[0], "a");
    ck_assert_str_eq(line.args.names[1], "-");
    ck_assert_str_eq(line.args.names[2], "b=c");
    ck_assert_str_eq(line.args.names[3], "");
    ck_assert(values.flag);
    unparse(&test);

    ck_assert_pstr_eq(parse(&empty, "--help|--help"), NULL);
    ck_assert(!line.json && line.help);
    ck_assert_uint_eq(line.args.n, 0);
    unparse(&empty);
}
END_TEST

#define KNOWN "(options: --flag, --number, --rate, --any, "     \
              "--a-very-long-size, --json, --help)"

START_TEST(test_errors)
{
    check_error(&test, "--nix", "unknown option '--nix' " KNOWN);
    check_error(&test, "--nix=3", "unknown option '--nix' " KNOWN);
    check_error(&test, "-n", "unknown option '-n' " KNOWN);
    check_error(&test, "--", "unknown option '--' " KNOWN);
    check_error(&test, "--=", "unknown option '--' " KNOWN);
    check_error(&test, "--\x1b[1m", "unknown option '--\\033[1m' " KNOWN);
    check_error(&test, "--number2=2", "unknown option '--number2' " KNOWN);
    check_error(&test, "--json=yes", "--json takes no value");
    check_error(&test, "--flag=", "--flag takes no value");
    check_error(&test, "--number", "--number needs a value, such as "
                "--number=8");
    check_error(&test, "--number=", "--number needs a value, such as "
                "--number=8");
    check_error(&test, "--number|--json", "--number needs a value, such as "
                "--number=8");
    check_error(&test, "--number|-1", "--number=-1: must be 0 to 9 of them");
    check_error(&test, "--rate=2", "--rate has no effect without --flag");
    check_error(&test, "--any=18446744073709551615", "--any="
                "18446744073709551615: must be 0 to 9223372036854775807 "
                "pieces");
    check_error(&test, "x|--number=x|--nix", "--number=x: must be 0 to 9 of "
                "them");

    check_error(&empty, "--nix", "unknown option '--nix' (options: --json, "
                "--help)");
    check_error(&empty, "x", "unexpected argument 'x' (options: --json, "
                "--help)");
    check_error(&empty, "--json|", "unexpected argument '' (options: --json, "
                "--help)");
}
END_TEST

/* Pieces that are put together at random. */
static const char *const pieces[] = {
    "--json", "--help", "--last=", "--class=", "--target=", "--", "-", "=",
    "json", "help", "rate", "miss", ",", "1", "9", "0", "K",
    "\033", "\xff", "%n", "\n", " ", "'", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
};

/* Fails unless 's' is one line that can be shown on a terminal, and is no
 * request of roff. */
static void
check_showable(const char *s)
{
    ck_assert(*s && *s != '.' && !strstr(s, ".  ."));
    for (; *s; s++) {
        ck_assert(*s >= ' ' && *s <= '~');
    }
}

/* Whatever is given to a command, errors are one line. */
START_TEST(test_random)
{
    const struct command *command = command_get(_i);
    void *options = xmalloc(command->size);
    int n_good = 0;

    random_set_seed(20261127);
    for (int i = 0; i < 2000; i++) {
        struct ds args = DS_EMPTY_INITIALIZER;
        const char *argv[3] = { command->name };
        char *error;

        for (int j = random_range(4); j >= 0; j--) {
            ds_put_cstr(&args, pieces[random_range(ARRAY_SIZE(pieces))]);
        }
        argv[1] = ds_cstr(&args);
        argv[2] = pieces[random_range(ARRAY_SIZE(pieces))];
        command_init(command, options);
        error = command_parse(command, random_range(2) + 2, argv, options,
                              &line);
        if (error) {
            check_showable(error);
        } else {
            n_good++;
        }
        free(error);
        command_line_destroy(&line);
        command_destroy(command, options);
        ds_destroy(&args);
    }
    ck_assert_int_ge(n_good, 1);
    free(options);
}
END_TEST

/* Fails unless 'ds' is 'expected', and frees it. */
static void
check_ds(struct ds *ds, const char *expected)
{
    ck_assert_str_eq(ds_cstr(ds), expected);
    ds_destroy(ds);
}

START_TEST(test_usage)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    command_put_usage(&test, &ds);
    check_ds(&ds, "[OPTION]... [--json] [--help] [ID]...");
    ds_init(&ds);
    command_put_usage(&empty, &ds);
    check_ds(&ds, "[--json] [--help]");
    ds_init(&ds);
    command_put_usage(&command_read, &ds);
    check_ds(&ds, "[--after=SEQ] [--max=N] [--wait=MS] [--json] [--help]");
    ds_init(&ds);
    command_put_usage(&program_forward, &ds);
    check_ds(&ds, "[--queue=SIZE] [--host=NAME] [--system-id=ID] [--json] "
             "[--help] METHOD");
    ds_init(&ds);
    command_put_usage(&program_receive, &ds);
    check_ds(&ds, "[OPTION]... [--json] [--help] METHOD");
}
END_TEST

START_TEST(test_help)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    command_put_help(&test, COMMAND_PREFIX, &ds);
    check_ds(&ds, "\
usage: upcall-trace/test [OPTION]... [--json] [--help] [ID]...\n\
\n\
Tests something.  It's good.\n\
With IDs, more of it.\n\
\n\
Options:\n\
  --flag               it's set\n\
  --number=N           how many (0 to 9; default 7)\n\
  --rate=N             how often (1 to 5; default 3)\n\
  --any=N              as many as you like\n\
  --a-very-long-size=SIZE\n\
                       a text that does not fit into the rest of a line, so\n\
                       that it has to be wrapped (1 to 4K; default none)\n\
  --json               reply in JSON\n\
  --help               reply with the help of the command instead\n");
}
END_TEST

START_TEST(test_man)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    command_put_man(&test, COMMAND_PREFIX, &ds);
    check_ds(&ds, "\
.IP \"\\fBupcall\\-trace/test\\fR [\\fIOPTION\\fR]... [\\fIID\\fR]...\"\n\
Tests something.\n\
It\\(aqs good.\n\
With IDs, more of it.\n\
.RS\n\
.IP \"\\fB\\-\\-flag\\fR\"\n\
It\\(aqs set.\n\
See \\fBFLAGS\\fR, or \\fB\\-\\-rate\\fR.\n\
.IP \"\\fB\\-\\-number=\\fIN\\fR\"\n\
How many (0 to 9; default 7).\n\
A sentence.\n\
Another \\e \\(dqone\\(dq.\n\
.IP \"\\fB\\-\\-rate=\\fIN\\fR\"\n\
How often (1 to 5; default 3).\n\
.IP \"\\fB\\-\\-any=\\fIN\\fR\"\n\
As many as you like.\n\
.IP \"\\fB\\-\\-a\\-very\\-long\\-size=\\fISIZE\\fR\"\n\
A text that does not fit into the rest of a line, so that it has to be \
wrapped (1 to 4K; default none).\n\
.RE\n");
    ds_init(&ds);
    command_put_man(&empty, COMMAND_PREFIX, &ds);
    check_ds(&ds, "\
.IP \"\\fBupcall\\-trace/empty\\fR\"\n\
Does nothing.\n");
    ds_init(&ds);
    command_put_man(&command_stats, COMMAND_PREFIX, &ds);
    ck_assert(!strncmp(ds_cstr(&ds), "\
.IP \"\\fBupcall\\-trace/stats\\fR [\\fB\\-\\-stage=\\fINAME\\fR] \
[\\fB\\-\\-reset\\fR]\"\n", 70));
    ds_destroy(&ds);
}
END_TEST

START_TEST(test_completion)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    command_put_completion(&command_stats, &ds);
    check_ds(&ds, "\
stats\n\
stats --stage= NAME queue translate handle install execute total\n\
stats --reset\n");
}
END_TEST

START_TEST(test_help_json)
{
    struct json *json = command_to_json(&command_metrics);
    char *text = json_to_string(json, JSSF_SORT);

    ck_assert_str_eq(text, "{\"argument\":null,\"command\":"
                     "\"upcall-trace/metrics\",\"options\":["
                     "{\"default\":null,\"help\":\"in the text format of "
                     "OpenMetrics, not of Prometheus\",\"implied\":null,"
                     "\"max\":null,"
                     "\"min\":null,\"name\":\"openmetrics\",\"names\":null,"
                     "\"value\":null},"
                     "{\"default\":null,\"help\":\"reply in JSON\","
                     "\"implied\":null,\"max\":null,\"min\":null,"
                     "\"name\":\"json\","
                     "\"names\":null,\"value\":null},"
                     "{\"default\":null,\"help\":\"reply with the help of "
                     "the command instead\",\"implied\":null,"
                     "\"max\":null,\"min\":null,"
                     "\"name\":\"help\","
                     "\"names\":null,\"value\":null}],\"summary\":"
                     "\"Prints statistics, and how the trace stands, for "
                     "Prometheus.\"}");
    free(text);
    json_destroy(json);
}
END_TEST

/* Fails unless 'option' of 'command' is fit to be shown, and its default and
 * example are values that it takes. */
static void
check_option(const struct command_option *option, const struct command *c)
{
    char *argument = xasprintf("--%s=%s", option->name,
                               option->example ? option->example : "");
    const char *argv[] = { c->name, argument };
    void *options = xmalloc(c->size);
    char *error;

    ck_assert_str_ne(option->name, "json");
    ck_assert_str_ne(option->name, "help");
    check_showable(option->help);
    ck_assert(option->help[strlen(option->help) - 1] != '.');
    ck_assert_int_eq(option->kind->is_flag, !option->arg);
    ck_assert_int_eq(option->kind->is_flag, !option->example);
    ck_assert(!option->kind->put_number == !option->max);
    ck_assert(!option->max == !option->unit);
    if (option->details) {
        check_showable(option->details);
        ck_assert(option->details[strlen(option->details) - 1] == '.');
    }
    if (!option->kind->is_flag && !option->only_with) {
        command_init(c, options);
        error = command_parse(c, 2, argv, options, NULL);
        ck_assert_pstr_eq(error, NULL);
        command_destroy(c, options);
    }
    free(options);
    free(argument);
}

/* The tables make sense, and no line of a help is longer than 79 columns. */
START_TEST(test_table)
{
    const struct command *command = command_get(_i);
    struct ds help = DS_EMPTY_INITIALIZER;

    ck_assert_ptr_eq(command_from_name(command->name), command);
    if (_i) {
        ck_assert_int_gt(strcmp(command->name, command_get(_i - 1)->name), 0);
    }
    check_showable(command->summary);
    ck_assert_int_eq(!command->arg, !command->arg_help);
    FOR_EACH_COMMAND_OPTION (option, command) {
        check_option(option, command);
    }

    command_put_help(command, COMMAND_PREFIX, &help);
    for (const char *s = ds_cstr(&help); *s; ) {
        size_t len = strcspn(s, "\n");

        ck_assert_uint_le(len, 79);
        ck_assert(!len || s[len - 1] != ' ');
        s += len + 1;
    }
    ds_destroy(&help);
}
END_TEST

START_TEST(test_get)
{
    ck_assert_ptr_null(command_get(13));
    ck_assert_ptr_null(command_from_name("sho"));
    ck_assert_ptr_null(command_from_name(""));
}
END_TEST

/* Returns the tests of commands. */
Suite *
command_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *tc = tcase_create("command");

    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_line);
    tcase_add_test(tc, test_errors);
    tcase_add_loop_test(tc, test_random, 0, 12);
    tcase_add_test(tc, test_usage);
    tcase_add_test(tc, test_help);
    tcase_add_test(tc, test_man);
    tcase_add_test(tc, test_completion);
    tcase_add_test(tc, test_help_json);
    tcase_add_loop_test(tc, test_table, 0, 13);
    tcase_add_test(tc, test_get);
    suite_add_tcase(suite, tc);
    return suite;
}
