/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "reply.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "unixctl.h"
#include "util.h"

/* Initializes 'a' for a command that was called with 'argv', and takes --json
 * out. */
void
args_init(struct args *a, struct unixctl_conn *conn, int argc,
          const char *argv[])
{
    a->json = upcall_unixctl_wants_json(conn);
    a->n = 0;
    a->args = &a->array[1];
    a->array[0] = argv[0];
    ovs_assert(argc <= ARGS_MAX + 1);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            a->json = true;
        } else {
            a->args[a->n++] = argv[i];
        }
    }
}

static void
args_skip(struct args *a, int n)
{
    a->n -= n;
    a->args += n;
}

/* Returns true if the next argument is an option. */
bool
args_is_option(const struct args *a)
{
    return a->n && a->args[0][0] == '-';
}

/* Takes the next argument if it is 'name', such as "--events".  Returns true
 * if so. */
bool
args_take_flag(struct args *a, const char *name)
{
    if (a->n && !strcmp(a->args[0], name)) {
        args_skip(a, 1);
        return true;
    }
    return false;
}

/* Takes the value of option 'name', given as NAME=VALUE or NAME VALUE, if it
 * is next.  Returns NULL if it is not. */
static const char *
take_value(struct args *a, const char *name, char **errorp)
{
    size_t len = strlen(name);
    const char *arg = a->n ? a->args[0] : "";
    const char *value;

    if (strncmp(arg, name, len) || (arg[len] && arg[len] != '=')) {
        return NULL;
    }
    if (arg[len] == '=') {
        value = arg + len + 1;
        args_skip(a, 1);
    } else if (a->n > 1) {
        value = a->args[1];
        args_skip(a, 2);
    } else {
        *errorp = xasprintf("%s needs a value: %s=VALUE", name, name);
        return NULL;
    }
    return value;
}

/* Takes option 'name' with any value, if it is next.  Returns true and stores
 * the value in '*valuep' if so.  Otherwise returns false, and if there is no
 * value stores an error message in '*errorp'. */
bool
args_take_string(struct args *a, const char *name, const char **valuep,
                 char **errorp)
{
    const char *value = take_value(a, name, errorp);

    if (value) {
        *valuep = value;
    }
    return value != NULL;
}

/* Takes option 'name' with a number from 'min' to 'max', if it is next.
 * Returns true and stores the number in '*valuep' if so.  Otherwise returns
 * false, and if the value is wrong stores an error message in '*errorp'. */
bool
args_take_uint(struct args *a, const char *name, uint64_t min, uint64_t max,
               uint64_t *valuep, char **errorp)
{
    const char *value = take_value(a, name, errorp);
    unsigned long long int number;

    if (!value) {
        return false;
    }
    if (!isdigit((unsigned char) value[0])
        || !str_to_ullong(value, 10, &number)
        || number < min || number > max) {
        *errorp = xasprintf("%s: must be a number from %"PRIu64" to %"PRIu64,
                            name, min, max);
        return false;
    }
    *valuep = number;
    return true;
}

/* Appends 'arg', or the start of it, to 'ds', for an error message. */
void
args_put_printable(const char *arg, struct ds *ds)
{
    for (int i = 0; arg[i] && i < 64; i++) {
        ds_put_char(ds, isprint((unsigned char) arg[i]) ? arg[i] : '?');
    }
}

/* Returns the error message for the next argument, which the command does not
 * know.  'usage' says what it knows.  The caller frees it. */
char *
args_unexpected(const struct args *a, const char *usage)
{
    struct ds error = DS_EMPTY_INITIALIZER;

    ds_put_format(&error, "%s '", args_is_option(a) ? "unknown option"
                                  : "unexpected argument");
    args_put_printable(a->args[0], &error);
    ds_put_format(&error, "': %s", usage);
    return ds_steal_cstr(&error);
}

/* Replies with 'json', which it takes the ownership of. */
void
reply_json(struct unixctl_conn *conn, struct json *json)
{
    upcall_unixctl_reply_json(conn, json);
}

/* Replies with 'text', which it frees. */
void
reply_text(struct unixctl_conn *conn, struct ds *text)
{
    unixctl_command_reply(conn, ds_cstr(text));
    ds_destroy(text);
}

/* Replies with 'error', which it frees. */
void
reply_error(struct unixctl_conn *conn, char *error)
{
    unixctl_command_reply_error(conn, error);
    free(error);
}
