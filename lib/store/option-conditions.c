/* SPDX-License-Identifier: Apache-2.0 */

/* Those values of options that are conditions on upcalls.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * option_error() only. */

#include <config.h>
#include "store/option-names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "store/condition.h"
#include "store/selection.h"
#include "util.h"

static char *parse_conditions(const struct command_option *, const char *,
                              void *);
static char *parse_key_values(const struct command_option *, const char *,
                              void *);
static char *parse_pass_outcomes(const struct command_option *, const char *,
                                 void *);
static char *parse_min_latency(const struct command_option *, const char *,
                               void *);
static char *parse_where(const struct command_option *, const char *, void *);

static struct json *conditions_to_json(const struct command_option *,
                                       const void *);
static struct json *where_to_json(const struct command_option *,
                                  const void *);
static void put_number(struct ds *, uint64_t);
static const char *pass_outcome_option_name(int);

static void clone_conditions(void *dst, const void *src);
static void destroy_conditions(void *);
static void clone_where(void *dst, const void *src);
static void destroy_where(void *);

/* What kinds that are conditions have in common.  If all bytes of them are 0,
 * there is none. */
#define CONDITIONS_KIND                         \
    .to_json = conditions_to_json,              \
    .type = "[string]|null",                    \
    .clone = clone_conditions,                  \
    .destroy = destroy_conditions

/* Conditions of which one has to be met; those of a repeated option, too. */
const struct option_kind option_kind_conditions = {
    .parse = parse_conditions,
    CONDITIONS_KIND,
};

/* Values that the key, which is called as the option is, may have. */
const struct option_kind option_kind_key = {
    .parse = parse_key_values,
    CONDITIONS_KIND,
};

/* The same for keys whose values have names. */
const struct option_kind option_kind_key_class = {
    .parse = parse_key_values,
    .get_name = upcall_class_name,
    CONDITIONS_KIND,
};
const struct option_kind option_kind_key_outcome = {
    .parse = parse_key_values,
    .get_name = upcall_outcome_name,
    CONDITIONS_KIND,
};

/* What came of passes, in the words of statistics. */
const struct option_kind option_kind_pass_outcome = {
    .parse = parse_pass_outcomes,
    .get_name = pass_outcome_option_name,
    CONDITIONS_KIND,
};

/* The least time that an upcall took, in us. */
const struct option_kind option_kind_min_latency = {
    .parse = parse_min_latency,
    .put_number = put_number,
    CONDITIONS_KIND,
};

/* Conditions of which one has to be met, and one of each repeated option. */
const struct option_kind option_kind_where = {
    .parse = parse_where,
    .to_json = where_to_json,
    .type = "[string]|null",
    .clone = clone_where,
    .destroy = destroy_where,
};

/* The outcomes of passes, and the conditions that they are. */
static const struct {
    const char *name, *condition;
} pass_outcomes[] = {
    { "hit", "lookup=hit" },
    { "miss", "lookup=miss" },
    { "execute", "lookup=execute" },
    { "drop", "drop" },
};

/* Returns the outcome of passes with 'number', from 0 on, or NULL. */
static const char *
pass_outcome_option_name(int number)
{
    return (number >= 0 && number < ARRAY_SIZE(pass_outcomes)
            ? pass_outcomes[number].name : NULL);
}

/* Returns 'error', about 'value' of 'option', with these in front, or NULL if
 * there is none.  Frees it. */
static char *
complete_error(const struct command_option *option, const char *value,
               char *error)
{
    char *whole = error ? option_error(option, value, "%s", error) : NULL;

    free(error);
    return whole;
}

static char *
parse_conditions(const struct command_option *option, const char *value,
                 void *member)
{
    return complete_error(option, value, conditions_parse(member, value));
}

static char *
parse_key_values(const struct command_option *option, const char *value,
                 void *member)
{
    return complete_error(option, value,
                          conditions_parse_values(member, option->name,
                                                  value));
}

/* Adds the outcome of passes called 'name' to the conditions 'member'.
 * Returns NULL, or an error. */
static char *
add_pass_outcome(const struct command_option *option, const char *name,
                 void *member)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    char *error;

    for (size_t i = 0; i < ARRAY_SIZE(pass_outcomes); i++) {
        if (!strcmp(name, pass_outcomes[i].name)) {
            return conditions_parse(member, pass_outcomes[i].condition);
        }
    }
    option_put_names(option, ", ", &names);
    error = option_error(option, name, "is no outcome of passes: must be one "
                         "of %s", ds_cstr(&names));
    ds_destroy(&names);
    return error;
}

static char *
parse_pass_outcomes(const struct command_option *option, const char *value,
                    void *member)
{
    char *copy = xstrdup(value);
    char *rest = copy;
    char *error = NULL;

    while (rest && !error) {
        error = add_pass_outcome(option, strsep(&rest, ","), member);
    }
    free(copy);
    return error;
}

/* As with other numbers, the last one counts. */
static char *
parse_min_latency(const struct command_option *option, const char *value,
                  void *member)
{
    uint64_t us;
    char *error = option_kind_number.parse(option, value, &us);

    if (!error) {
        char *condition = xasprintf("total>=%"PRIu64"us", us);

        conditions_destroy(member);
        conditions_init(member);
        error = complete_error(option, value,
                               conditions_parse(member, condition));
        free(condition);
    }
    return error;
}

static char *
parse_where(const struct command_option *option, const char *value,
            void *member)
{
    struct where *where = member;

    if (where->n >= WHERE_MAX) {
        return xasprintf("--%s may be given %d times at most", option->name,
                         WHERE_MAX);
    }
    conditions_init(&where->all[where->n]);
    return parse_conditions(option, value, &where->all[where->n++]);
}

static struct json *
conditions_to_json(const struct command_option *option OVS_UNUSED,
                   const void *member)
{
    struct json *array;
    const char *text;

    if (!conditions_text(member, 0)) {
        return json_null_create();
    }
    array = json_array_create_empty();
    for (size_t i = 0; (text = conditions_text(member, i)); i++) {
        json_array_add(array, json_string_create(text));
    }
    return array;
}

/* Returns an array with the conditions of each time that the option was
 * given. */
static struct json *
where_to_json(const struct command_option *option OVS_UNUSED,
              const void *member)
{
    const struct where *where = member;
    struct json *array;

    if (!where->n) {
        return json_null_create();
    }
    array = json_array_create_empty();
    for (size_t i = 0; i < where->n; i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        const char *text;

        for (size_t j = 0; (text = conditions_text(&where->all[i], j)); j++) {
            ds_put_format(&ds, "%s%s", j ? "," : "", text);
        }
        json_array_add(array, json_string_create_nocopy(ds_steal_cstr(&ds)));
    }
    return array;
}

static void
put_number(struct ds *ds, uint64_t number)
{
    option_kind_number.put_number(ds, number);
}

/* Life. */

static void
clone_conditions(void *dst, const void *src)
{
    conditions_clone(dst, src);
}

static void
destroy_conditions(void *member)
{
    conditions_destroy(member);
}

static void
clone_where(void *dst_, const void *src_)
{
    const struct where *src = src_;
    struct where *dst = dst_;

    for (size_t i = 0; i < src->n; i++) {
        conditions_clone(&dst->all[i], &src->all[i]);
    }
}

static void
destroy_where(void *member)
{
    struct where *where = member;

    for (size_t i = 0; i < where->n; i++) {
        conditions_destroy(&where->all[i]);
    }
}
