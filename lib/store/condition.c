/* SPDX-License-Identifier: Apache-2.0 */

/* Conditions on upcalls and passes: how they are parsed, and which records
 * meet them.
 *
 * The conditions of --trigger are looked at for each upcall that is recorded,
 * so what an upcall is for a key is found out once for conditions on this key
 * that follow each other.  "make bench-userspace" measures what one costs. */

#include <config.h>
#include "store/condition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "record/record.h"
#include "store/record-keys.h"
#include "util.h"

#define NO_PUT "no-put"
#define DROP "drop"

/* What a condition is about. */
enum condition_kind {
    CONDITION_STAGE,            /* 'stage' took longer than 'ns'. */
    CONDITION_KEY,              /* 'key' is 'value'. */
    CONDITION_DROP,             /* The packet was dropped. */
};

struct condition {
    char *text;                 /* As conditions_parse() takes it. */
    char *value_text;           /* What 'value' refers to, or NULL. */
    enum condition_kind kind;
    bool negated;               /* Has it a '!'? */
    enum upcall_stage stage;
    bool or_equal;              /* '>=' instead of '>'. */
    uint64_t ns;
    const struct record_key *key;
    struct record_value value;
};

/* What is known of the upcall that is looked at. */
struct subject {
    const void *rec;            /* Of an upcall or a pass. */
    const struct port_map *map;

    const struct record_key *key;       /* Of which 'value' is, or NULL. */
    bool has_value;             /* Has the upcall one? */
    struct record_value value;  /* Undefined if not. */
};

static char *error_at(size_t pos, const char *what, size_t len,
                      const char *format, ...) OVS_PRINTF_FORMAT(4, 5);

/* Sets 'c' to no condition, which no upcall meets.  The caller must destroy it
 * with conditions_destroy(). */
void
conditions_init(struct conditions *c)
{
    *c = (struct conditions) CONDITIONS_INITIALIZER;
}

/* Frees what 'c' refers to. */
void
conditions_destroy(struct conditions *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->conditions[i].text);
        free(c->conditions[i].value_text);
    }
    free(c->conditions);
}

/* Returns true if 'c' has a condition of the given text. */
static bool
has_text(const struct conditions *c, const char *text)
{
    for (size_t i = 0; i < c->n; i++) {
        if (!strcmp(c->conditions[i].text, text)) {
            return true;
        }
    }
    return false;
}

/* Adds 'condition', whose texts it takes over, to 'c', unless it is there. */
static void
add(struct conditions *c, const struct condition *condition)
{
    if (has_text(c, condition->text)) {
        free(condition->text);
        free(condition->value_text);
        return;
    }
    if (c->n == c->allocated) {
        c->conditions = x2nrealloc(c->conditions, &c->allocated,
                                   sizeof *c->conditions);
    }
    c->conditions[c->n++] = *condition;
}

/* Returns the text of the condition of 'c' with 'number', from 0 on, or NULL
 * if there are no more. */
const char *
conditions_text(const struct conditions *c, size_t number)
{
    return number < c->n ? c->conditions[number].text : NULL;
}

/* Parsing. */

/* Returns the length of the word at the start of 's': what names of stages,
 * keys, outcomes and classes consist of. */
static size_t
word_len(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");
}

/* Appends the names that 'get_name' returns. */
static void
put_names(const char *(*get_name)(int), struct ds *ds)
{
    const char *name;

    for (int i = 0; (name = get_name(i)); i++) {
        ds_put_format(ds, "%s%s", i ? ", " : "", name);
    }
}

static void
put_keys(struct ds *ds)
{
    const struct record_key *key = NULL;

    while ((key = record_key_next(key))) {
        ds_put_format(ds, "%s%s", key == record_key_next(NULL) ? "" : ", ",
                      record_key_name(key));
    }
}

/* Returns an error, which the caller must free, about the 'len' characters at
 * 'what', the first of which is at 'pos', from 0 on, of what is parsed. */
static char *
error_at(size_t pos, const char *what, size_t len, const char *format, ...)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    va_list args;

    ds_put_format(&error, "character %"PRIuSIZE": ", pos + 1);
    if (len) {
        ds_put_char(&error, '"');
        printable_put_start(&error, what, len);
        ds_put_cstr(&error, "\" ");
    }
    va_start(args, format);
    ds_put_format_valist(&error, format, args);
    va_end(args);
    return ds_steal_cstr(&error);
}

static char *
stage_error(size_t pos, const char *word, size_t len)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    char *error;

    put_names(upcall_stage_name, &names);
    error = error_at(pos, word, len, "is no stage (stages: %s)",
                     ds_cstr(&names));
    ds_destroy(&names);
    return error;
}

static char *
key_error(size_t pos, const char *word, size_t len)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    char *error;

    put_keys(&names);
    error = error_at(pos, word, len, "is no key (keys: %s)", ds_cstr(&names));
    ds_destroy(&names);
    return error;
}

static char *
value_error(size_t pos, const char *value, const struct record_key *key)
{
    struct ds allowed = DS_EMPTY_INITIALIZER;
    char *error;

    record_key_put_allowed(key, &allowed);
    error = error_at(pos, value, strlen(value), "%s %s: must be %s",
                     *value ? "is no value of" : "there must be a value of",
                     record_key_name(key), ds_cstr(&allowed));
    ds_destroy(&allowed);
    return error;
}

static char *
word_error(size_t pos, const char *word)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    char *error;

    put_names(upcall_outcome_name, &names);
    ds_put_cstr(&names, ", ");
    put_names(upcall_class_name, &names);
    ds_put_format(&names, ", %s, %s, " DROP, pass_lookup_name(PASS_HIT),
                  pass_lookup_name(PASS_NONE));
    error = error_at(pos, word, strlen(word),
                     "%s STAGE>TIME, KEY=VALUE, " NO_PUT " or one of %s, with "
                     "! before it for all others",
                     *word ? "is no condition: must be"
                     : "there must be a condition:", ds_cstr(&names));
    ds_destroy(&names);
    return error;
}

/* Parses 's', of which 'len' characters are the stage, then '>' or '>=' and a
 * time. */
static char *
parse_stage(size_t pos, const char *s, size_t len, struct condition *c)
{
    char *word = xmemdup0(s, len);
    int stage = upcall_stage_from_name(word);
    const char *time;

    c->kind = CONDITION_STAGE;
    c->stage = stage;
    c->or_equal = s[len + 1] == '=';
    time = &s[len + 1 + c->or_equal];
    free(word);
    if (stage < 0) {
        return stage_error(pos, s, len);
    } else if (!duration_parse(time, &c->ns)) {
        return error_at(pos + (time - s), time, strlen(time),
                        "%s a number and " DURATION_UNITS ", such as 5ms",
                        *time ? "is no time: must be"
                        : "there must be a time:");
    }
    return NULL;
}

/* Makes 'c' that 'key' is 'value', which is at 'pos'.  Returns NULL, or an
 * error if it cannot be. */
static char *
parse_value(size_t pos, const char *value, const struct record_key *key,
            struct condition *c)
{
    c->kind = CONDITION_KEY;
    c->key = key;
    c->value_text = xstrdup(value);
    if (!record_key_parse(key, c->value_text, &c->value)) {
        free(c->value_text);
        return value_error(pos, value, key);
    }
    return NULL;
}

/* Parses 's', of which 'len' characters are the key, then '=' and a value. */
static char *
parse_key(size_t pos, const char *s, size_t len, struct condition *c)
{
    char *word = xmemdup0(s, len);
    const struct record_key *key = record_key_find(word);

    free(word);
    return (key ? parse_value(pos + len + 1, &s[len + 1], key, c)
            : key_error(pos, s, len));
}

/* Parses 's', which is a word. */
static char *
parse_word(size_t pos, const char *s, struct condition *c)
{
    if (!strcmp(s, NO_PUT)) {
        return parse_value(pos, upcall_put_name(UPCALL_PUT_NONE),
                           record_key_find("put"), c);
    } else if (upcall_outcome_from_name(s) >= 0) {
        return parse_value(pos, s, record_key_find("outcome"), c);
    } else if (upcall_class_from_name(s) >= 0) {
        return parse_value(pos, s, record_key_find("class"), c);
    } else if (!strcmp(s, pass_lookup_name(PASS_HIT))
               || !strcmp(s, pass_lookup_name(PASS_NONE))) {
        return parse_value(pos, s, record_key_find("lookup"), c);
    } else if (!strcmp(s, DROP)) {
        c->kind = CONDITION_DROP;
        return NULL;
    } else if (upcall_stage_from_name(s) >= 0) {
        return error_at(pos, s, strlen(s), "is a stage and needs a time, such "
                        "as %s>5ms", s);
    } else if (record_key_find(s)) {
        return error_at(pos, s, strlen(s), "is a key and needs a value: "
                        "%s=VALUE", s);
    } else {
        return word_error(pos, s);
    }
}

/* Returns 's', of which 'c' was made, with its time as short as it can be. */
static char *
make_text(const struct condition *c, const char *s)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, c->negated ? "!" : "");
    if (c->kind == CONDITION_STAGE) {
        ds_put_format(&text, "%s%s", upcall_stage_name(c->stage),
                      c->or_equal ? ">=" : ">");
        duration_put_exact(&text, c->ns);
    } else {
        ds_put_cstr(&text, s);
    }
    return ds_steal_cstr(&text);
}

/* Makes '*c' of 's', a single condition that begins at 'pos'.  Returns NULL,
 * or an error. */
static char *
parse_condition(size_t pos, const char *s, struct condition *c)
{
    size_t len;
    char *error;

    memset(c, 0, sizeof *c);
    c->negated = s[0] == '!';
    s += c->negated;
    pos += c->negated;
    len = word_len(s);
    error = (len && s[len] == '>' ? parse_stage(pos, s, len, c)
             : len && s[len] == '=' ? parse_key(pos, s, len, c)
             : s[len] ? word_error(pos, s)
             : parse_word(pos, s, c));
    if (!error) {
        c->text = make_text(c, s);
    }
    return error;
}

/* Makes '*c' that 'key' is 'value', which is at 'pos'.  Returns NULL, or an
 * error. */
static char *
parse_value_alone(size_t pos, const char *value, const struct record_key *key,
                  struct condition *c)
{
    char *error;

    memset(c, 0, sizeof *c);
    error = parse_value(pos, value, key, c);
    if (!error) {
        c->text = xasprintf("%s=%s", record_key_name(key), value);
    }
    return error;
}

/* Adds to 'c' what is between the commas in 'text': conditions if 'key' is
 * NULL, else its values.  Returns NULL, or the first error. */
static char *
parse_list(struct conditions *c, const char *text,
           const struct record_key *key)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    char *error = NULL;

    while (rest && !error) {
        const char *part = strsep(&rest, ",");
        struct condition condition;

        error = (c->n >= CONDITIONS_MAX
                 ? error_at(part - copy, part, strlen(part), "is one too "
                            "many: there may be %d", CONDITIONS_MAX)
                 : key ? parse_value_alone(part - copy, part, key, &condition)
                 : parse_condition(part - copy, part, &condition));
        if (!error) {
            add(c, &condition);
        }
    }
    free(copy);
    return error;
}

/* Adds the conditions in 'text', which are separated by commas, to 'c'.
 * Returns NULL if successful.  Otherwise returns one line, which the caller
 * must free, that says which character is wrong, from 1 on, and what is
 * allowed there; then those before are in 'c'. */
char *
conditions_parse(struct conditions *c, const char *text)
{
    return parse_list(c, text, NULL);
}

/* Adds to 'c' that the key called 'key', which must be one, is one of
 * 'values', which are separated by commas.  Returns NULL, or an error as
 * conditions_parse() does. */
char *
conditions_parse_values(struct conditions *c, const char *key,
                        const char *values)
{
    return parse_list(c, values, record_key_find(key));
}

/* Matching. */

/* Stores in '*ns' how long 'stage' of 'record' took.  Returns false if that is
 * not known, or it has no such stage. */
static bool
get_stage(const void *record, enum upcall_stage stage, uint64_t *ns)
{
    if (record_is_pass(record)) {
        *ns = pass_get_total(record);
        return stage == UPCALL_STAGE_TOTAL;
    }
    return upcall_get_stage(record, stage, ns);
}

static bool
stage_took(const void *record, const struct condition *c)
{
    uint64_t ns;

    return (get_stage(record, c->stage, &ns)
            && (ns > c->ns || (c->or_equal && ns == c->ns)));
}

static bool
key_is(struct subject *s, const struct condition *c)
{
    if (s->key != c->key) {
        s->key = c->key;
        s->has_value = record_key_get(c->key, s->rec, s->map, &s->value);
    }
    return s->has_value && record_key_is(c->key, &s->value, &c->value);
}

/* Returns true if 'record' is that of a pass whose packet was dropped. */
static bool
is_dropped(const void *record)
{
    struct packet_drop drop;
    struct pass p;
    char *error;

    if (!record_is_pass(record)) {
        return false;
    } else if (!pass_parse(record, pass_record_size(record), &p, &error)) {
        free(error);
        return false;
    }
    return pass_get_drop(&p, NULL, &drop);
}

static bool
is_met(struct subject *s, const struct condition *c)
{
    return (c->kind == CONDITION_STAGE ? stage_took(s->rec, c)
            : c->kind == CONDITION_DROP ? is_dropped(s->rec)
            : key_is(s, c));
}

/* Returns true if the upcall or pass of 'rec', which must be one that
 * upcall_parse() or pass_parse() accepts, meets one of the conditions 'c'.
 * Names of ports are those that 'map' has for the time of the record. */
bool
conditions_match(const struct conditions *c, const void *rec,
                 const struct port_map *map)
{
    struct subject s;

    s.rec = rec;
    s.map = map;
    s.key = NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (is_met(&s, &c->conditions[i]) != c->conditions[i].negated) {
            return true;
        }
    }
    return false;
}

/* Makes 'dst', which need not be initialized, a copy of 'src'. */
void
conditions_clone(struct conditions *dst, const struct conditions *src)
{
    conditions_init(dst);
    for (size_t i = 0; i < src->n; i++) {
        struct condition c;
        char *error = parse_condition(0, src->conditions[i].text, &c);

        ovs_assert(!error);
        add(dst, &c);
    }
}
