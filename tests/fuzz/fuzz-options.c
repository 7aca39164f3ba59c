/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/commands.h"
#include "store/condition.h"
#include "unit/build-record.h"
#include "util.h"

#define MAX_ARGS 16

/* Frees 'error', which may be NULL.  Fails unless it has one line. */
static void
check_error(char *error)
{
    if (error) {
        ovs_assert(*error && !strchr(error, '\n'));
        fuzz_check_printable(error);
        free(error);
    }
}

/* Has 'command' parse 'argv', and shows what it has understood. */
static void
use_command(const struct command *command, int argc, const char *argv[])
{
    void *values = xzalloc(MAX(command->size, 1));
    void *copy = xzalloc(MAX(command->size, 1));
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct command_line line;
    struct json *json;
    char *error;

    command_init(command, values);
    error = command_parse(command, argc, argv, values, &line);
    if (!error) {
        command_clone(command, copy, values);
        command_values_format(command, copy, &ds);
        fuzz_check_utf8(ds_cstr(&ds));
        ds_clear(&ds);
        json = command_values_to_json(command, copy);
        json_to_ds(json, 0, &ds);
        fuzz_check_utf8(ds_cstr(&ds));
        json_destroy(json);
        command_destroy(command, copy);
    }
    check_error(error);
    command_line_destroy(&line);
    command_destroy(command, values);
    ds_destroy(&ds);
    free(copy);
    free(values);
}

/* Returns the record of a ping, which lives as long as the program. */
static const struct upcall_record *
get_record(void)
{
    static void *record;

    if (!record) {
        struct build b;

        build_executed(&b);
        record = build_get(&b, NULL);
        build_uninit(&b);
    }
    return record;
}

/* If 'value' is a condition, looks whether the upcall of a ping meets it.
 * Fails unless it is a condition in the words in which it is shown, too. */
static void
use_condition(const char *value)
{
    struct conditions conditions, copy;
    const char *text;
    char *error;

    conditions_init(&conditions);
    conditions_init(&copy);
    error = conditions_parse(&conditions, value);
    if (!error) {
        conditions_match(&conditions, get_record(), NULL);
        for (size_t i = 0; (text = conditions_text(&conditions, i)); i++) {
            fuzz_check_printable(text);
            error = conditions_parse(&copy, text);
            if (error) {
                ovs_fatal(0, "%s: %s", text, error);
            }
        }
    }
    check_error(error);
    conditions_destroy(&conditions);
    conditions_destroy(&copy);
}

/* Takes arguments, a line for each. */
void
fuzz_options(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    const char *argv[1 + MAX_ARGS] = { "command" };
    const struct command *command;
    char *save = NULL;
    int argc = 1;

    for (char *line = strtok_r(text, "\n", &save);
         line && argc < ARRAY_SIZE(argv); line = strtok_r(NULL, "\n", &save)) {
        const char *value = strchr(line, '=');

        use_condition(value ? value + 1 : line);
        argv[argc++] = line;
    }
    for (size_t i = 0; (command = command_get(i)); i++) {
        use_command(command, argc, argv);
    }
    free(text);
}
