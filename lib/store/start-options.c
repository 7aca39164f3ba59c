/* SPDX-License-Identifier: Apache-2.0 */

/* The options of upcall-trace/start.  Their table is in commands.c. */

#include <config.h>
#include "store/start-options.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/printable.h"
#include "store/commands.h"
#include "util.h"

/* Initializes 'options' with the defaults.  The caller must destroy it with
 * start_options_destroy(). */
void
start_options_init(struct start_options *options)
{
    command_init(&command_start, options);
}

/* Initializes 'dst' with a copy of 'src'.  The caller must destroy it with
 * start_options_destroy(). */
void
start_options_clone(struct start_options *dst, const struct start_options *src)
{
    command_clone(&command_start, dst, src);
}

/* Frees what 'options' refers to, but not 'options' itself.  Does nothing if
 * 'options' is NULL. */
void
start_options_destroy(struct start_options *options)
{
    command_destroy(&command_start, options);
}

/* Changes 'options', which must have been initialized, as command_parse()
 * does, from options of upcall-trace/start alone. */
char *
start_options_parse(struct start_options *options, int argc,
                    const char *argv[])
{
    return command_parse(&command_start, argc, argv, options, NULL);
}

/* Returns what command_values_to_json() does for 'options'. */
struct json *
start_options_to_json(const struct start_options *options)
{
    return command_values_to_json(&command_start, options);
}

/* Appends 'options' to 'ds' as command_values_format() does:
 * "--track=kernel --snaplen=128 --buffer=8M --history=32M". */
void
start_options_format(const struct start_options *options, struct ds *ds)
{
    command_values_format(&command_start, options, ds);
}

/* Appends an explanation of all options to 'ds', in lines of at most 79
 * columns. */
void
start_options_help(struct ds *ds)
{
    command_put_options_help(&command_start, ds);
}

/* Returns the error of 'options' with a filter that cannot be used, because of
 * 'message', which it frees.  The caller frees the error. */
char *
start_options_filter_error(const struct start_options *options, char *message)
{
    char *printable = (printable_is(message) ? xstrdup(message)
                       : printable_copy(message, strlen(message)));
    char *error = option_error(command_option(&command_start, "filter"),
                               options->filter, "%s (see pcap-filter(7))",
                               printable);

    free(printable);
    free(message);
    return error;
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

/* Returns the name of what --datapath can be with 'number', from 0 on, so of
 * an enum upcall_datapath less 1, or NULL. */
const char *
start_datapath_name(int number)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [UPCALL_DATAPATH_##ENUM - 1] = NAME,
        UPCALL_DATAPATHS
#undef X
    };

    return number >= 0 && number < ARRAY_SIZE(names) ? names[number] : NULL;
}
