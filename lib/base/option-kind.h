/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_OPTION_KIND_H
#define LIB_OPTION_KIND_H 1

/* The kinds of values that options have: how each is parsed and checked, and
 * how it is shown.  Only start-options.c and selection.c, which have the
 * tables of the options of upcall-trace/start and upcall-trace/show, use
 * this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"

struct command_option;
struct ds;
struct json;

/* Limits of the list of ports, and of each of its names. */
#define OPTION_PORTS_MAX 1024
#define OPTION_PORT_LEN_MAX 64

/* Largest process id (PID_MAX_LIMIT of the kernel). */
#define OPTION_PID_MAX 4194304

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
extern const struct option_kind option_kind_track;  /* An enum. */
extern const struct option_kind option_kind_target; /* char * */
extern const struct option_kind option_kind_class;  /* uint32_t */
extern const struct option_kind option_kind_outcome; /* uint32_t */
extern const struct option_kind option_kind_port;   /* struct port_names */
extern const struct option_kind option_kind_condition;
                                        /* struct conditions */
extern const struct option_kind option_kind_file;   /* char * */

/* An option. */
struct command_option {
    const char *name;           /* Without "--". */
    const char *arg;            /* What the help calls the value; NULL if it
                                 * is one of the names of 'kind'. */
    const char *default_;       /* Value if it is not given, or NULL. */
    const char *example;        /* A value that makes sense. */
    const char *help;           /* What it does. */
    const char *only_with;      /* A flag without which it makes no sense, and
                                 * has no default; or NULL. */

    /* For a number.  If 'min' is not 0 then a value of 0 means that the option
     * has not been given. */
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
