/* SPDX-License-Identifier: Apache-2.0 */

/* Those values of options that choose records in files.
 *
 * The text that is parsed here comes from a user, so errors show it with
 * option_error() only. */

#include <config.h>
#include "store/file-options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/user-text.h"
#include "bpf/pass-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* What the id of a pass begins with. */
#define PASS_PREFIX 'p'

static char *parse_ids(const struct command_option *, const char *, void *);
static char *parse_moment(const struct command_option *, const char *,
                          void *);
static struct json *ids_to_json(const struct command_option *, const void *);
static struct json *moment_to_json(const struct command_option *,
                                   const void *);

/* Ids; those of a repeated option, too. */
const struct option_kind option_kind_ids = {
    .parse = parse_ids,
    .to_json = ids_to_json,
};

/* A point in time. */
const struct option_kind option_kind_moment = {
    .parse = parse_moment,
    .to_json = moment_to_json,
};

/* Stores the first word of the record whose id is 's' in '*word'.  Returns
 * false if it is no id. */
static bool
parse_id(const char *s, uint64_t *word)
{
    bool is_pass = s[0] == PASS_PREFIX;
    uint64_t id;

    if (!user_text_to_number(s + is_pass, &id) || id & PASS_RECORD) {
        return false;
    }
    *word = id | (is_pass ? PASS_RECORD : 0);
    return true;
}

/* Appends the id of the record with the first 'word'. */
void
record_id_put(struct ds *ds, uint64_t word)
{
    uint64_t id = word & ~PASS_RECORD;

    if (word & PASS_RECORD) {
        ds_put_char(ds, PASS_PREFIX);
    }
    ds_put_format(ds, "%"PRIu64, id);
}

static char *
parse_ids(const struct command_option *option, const char *value,
          void *member)
{
    struct record_ids *ids = member;
    char *copy = xstrdup(value);
    char *rest = copy;
    char *error = NULL;

    while (rest && !error) {
        const char *id = strsep(&rest, ",");

        if (ids->n >= RECORD_IDS_MAX) {
            error = xasprintf("--%s takes %d ids at most", option->name,
                              RECORD_IDS_MAX);
        } else if (!parse_id(id, &ids->words[ids->n++])) {
            error = option_error(option, id, "is no id: those of upcalls are "
                                 "numbers, those of passes such as p18");
        }
    }
    free(copy);
    return error;
}

static struct json *
ids_to_json(const struct command_option *option OVS_UNUSED,
            const void *member)
{
    const struct record_ids *ids = member;
    struct json *array;

    if (!ids->n) {
        return json_null_create();
    }
    array = json_array_create_empty();
    for (size_t i = 0; i < ids->n; i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;

        record_id_put(&ds, ids->words[i]);
        json_array_add(array, json_string_create_nocopy(ds_steal_cstr(&ds)));
    }
    return array;
}

static char *
parse_moment(const struct command_option *option, const char *value,
             void *member)
{
    return (moment_parse(value, member) ? NULL
            : option_error(option, value, "must be " MOMENT_FORMS));
}

/* Appends 'ns' since a midnight. */
static void
put_time(struct ds *ds, int64_t ns)
{
    int64_t s = ns / (int64_t) NS_PER_SECOND;

    ds_put_format(ds, "%02"PRId64":%02"PRId64":%02"PRId64".%09"PRId64,
                  s / 3600, s / 60 % 60, s % 60,
                  ns % (int64_t) NS_PER_SECOND);
}

/* Appends 'ns' since the epoch. */
static void
put_date(struct ds *ds, int64_t ns)
{
    int64_t day = 24 * 3600 * (int64_t) NS_PER_SECOND;
    time_t t = ns / (int64_t) NS_PER_SECOND;
    struct tm tm;

    gmtime_r(&t, &tm);
    ds_put_format(ds, "%04d-%02d-%02dT", tm.tm_year + 1900, tm.tm_mon + 1,
                  tm.tm_mday);
    put_time(ds, ns % day);
    ds_put_char(ds, 'Z');
}

static struct json *
moment_to_json(const struct command_option *option OVS_UNUSED,
               const void *member)
{
    const struct moment *m = member;
    struct ds ds = DS_EMPTY_INITIALIZER;

    switch (m->kind) {
    case MOMENT_FROM_START:
        duration_put_exact(&ds, m->ns);
        break;
    case MOMENT_OF_DAY:
        put_time(&ds, m->ns);
        break;
    case MOMENT_DATE:
        put_date(&ds, m->ns);
        break;
    case MOMENT_NONE:
    default:
        return json_null_create();
    }
    return json_string_create_nocopy(ds_steal_cstr(&ds));
}
