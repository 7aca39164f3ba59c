/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_OPTION_KIND_H
#define LIB_OPTION_KIND_H 1

/* Options of commands, and the kinds of values that they have: how each is
 * parsed and checked, and how it is shown.  Kinds that need more than 'base'
 * are in store/option-names.h.  Options are put together to commands with
 * base/command.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"

struct command_option;
struct ds;
struct json;

/* What a number that may be 0 has in it if it was not given. */
#define OPTION_UNSET UINT64_MAX

/* From here on, a greatest value is no limit that users need to know. */
#define OPTION_ANY_NUMBER (INT64_MAX / 1000)

/* A kind of value. */
struct option_kind {
    /* Sets 'member', at the option's 'offset' in some structure, from 'value',
     * which is not empty.  Returns NULL if successful, otherwise an error that
     * the caller must free. */
    char *(*parse)(const struct command_option *, const char *value,
                   void *member);

    /* Returns the value of 'member', which the caller must free.  It is null,
     * a boolean, an integer, a string or an array of strings. */
    struct json *(*to_json)(const struct command_option *, const void *member);

    /* What 'to_json' returns, see base/json-schema.h; the names there are
     * those of 'get_name'. */
    const char *type;

    /* Initializes 'member', whose bytes are 0, to a value that was not given.
     * NULL if it is that already. */
    void (*init)(const struct command_option *, void *member);

    /* Initializes 'dst', which has the same bytes as 'src', with a copy of
     * 'src'; frees what 'member' refers to.  NULL if there is nothing to
     * do. */
    void (*clone)(void *dst, const void *src);
    void (*destroy)(void *member);

    /* Appends a number as a user would write it; NULL if it is no number. */
    void (*put_number)(struct ds *, uint64_t);

    /* Returns the name with 'number', from 0 on, of those that the value may
     * consist of, NULL if there are no more.  NULL if the value may be
     * anything. */
    const char *(*get_name)(int number);

    /* How an error about a name that 'get_name' does not return begins, for
     * lists of names. */
    const char *unknown;

    /* Has the option no value?  Then 'parse' gets an empty one. */
    bool is_flag;
};

extern const struct option_kind option_kind_flag;   /* bool */
extern const struct option_kind option_kind_number; /* uint64_t */
extern const struct option_kind option_kind_size;   /* uint64_t */
extern const struct option_kind option_kind_pow2;   /* uint64_t */

/* An option. */
struct command_option {
    const char *name;           /* Without "--". */
    char letter;                /* As in "-o", or 0. */
    const char *arg;            /* What the help calls the value; NULL if there
                                 * is none. */
    const char *implied;        /* Value if it is given without one, or NULL
                                 * if it must have one. */
    const char *default_;       /* Value if it is not given, or NULL. */
    const char *default_help;   /* What the help says instead; or NULL. */
    const char *json_name;      /* What its value is called in JSON, if not
                                 * 'name': a time that is not in ns has its
                                 * unit there. */
    const char *example;        /* A value that makes sense; NULL if there is
                                 * none. */
    const char *help;           /* What it does: no sentence, and in lower
                                 * case. */
    const char *details;        /* Sentences for the manual page only, or NULL.
                                 * What is 'quoted' is printed bold. */
    const char *only_with;      /* An option without which it makes no sense,
                                 * and has no default; or NULL. */

    /* For a number.  If 'min' is not 0 then a value of 0 means that the option
     * has not been given, otherwise OPTION_UNSET does. */
    uint64_t min;               /* Least value. */
    uint64_t max;               /* Greatest value; 0 if it is no number. */
    const char *unit;           /* Of the limits. */

    const struct option_kind *kind;
    size_t offset;              /* Of the member, such as in struct
                                 * start_options. */
};

void option_put_range(const struct command_option *, struct ds *);
void option_put_names(const struct command_option *, const char *separator,
                      struct ds *);
char *option_error(const struct command_option *, const char *value,
                   const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

#endif /* lib/base/option-kind.h */
