/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "unixctl.h"

/* Returns an error about 'arg', an argument that is no option: 'why' says what
 * is wrong with it.  The caller frees it. */
char *
reply_bad_argument(const char *arg, const char *why)
{
    struct ds error = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&error, "unexpected argument '");
    printable_put_start(&error, arg, strlen(arg));
    ds_put_format(&error, "': %s", why);
    return ds_steal_cstr(&error);
}

/* Replies with 'json', which it takes the ownership of. */
void
reply_json(struct unixctl_conn *conn, struct json *json)
{
    upcall_unixctl_reply_json(conn, json);
}

/* Replies with 'json', which has to be valid JSON and which it frees. */
void
reply_json_text(struct unixctl_conn *conn, struct ds *json)
{
    if (!upcall_unixctl_wants_json(conn)) {
        ds_put_char(json, '\n');       /* See upcall_unixctl_reply_error(). */
    }
    upcall_unixctl_reply_json_text(conn, ds_steal_cstr(json));
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
    upcall_unixctl_reply_error(conn, error);
    free(error);
}
